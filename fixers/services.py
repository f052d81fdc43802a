"""Proposing fixes and deciding on them. Opening and watching their pull requests is in ``fixers.delivery``.

The code host is asked outside of any transaction; each step before and after it is one.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

from django.db.models import Max, QuerySet

from fixers.access import access_fix
from fixers.errors import FixError
from fixers.events import fix_event_add
from fixers.hosts.base import branch_name
from fixers.hosts.registry import HostFor, HostTarget, code_host_for, host_target
from fixers.models import Fix, Repository
from fixers.planner import FixPlan, plan
from fixers.proposals import Proposal, prompt_of, propose
from fixers.pull_request import pull_request_body, pull_request_title
from fixers.refusals import FixClosed
from fixers.signals import fix_approved, fix_wanted
from fixers.wording import reword
from reports.access import access_problem
from reports.grouping import Cause
from reports.models import Problem, Report
from reports.prose import Complete
from tenants.access import Actor
from tenants.scope import tenant_context
from tenants.services import audit_write

logger = logging.getLogger(__name__)

_OPEN_PROBLEMS: Final = (Problem.Status.OPEN, Problem.Status.REGRESSED)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A problem that needs a fix, read while in the tenant's context."""

    problem: Problem
    repository: Repository
    target: HostTarget
    round_number: int
    confidence: float
    cause: Cause

    def plan(self, wording: str = "") -> FixPlan:
        return plan(self.cause, fingerprint=self.problem.fingerprint, attempt=self.round_number, wording=wording)


@dataclass(frozen=True, slots=True)
class _Draft:
    """What came of asking the host: a preview, or why there is none."""

    plan: FixPlan | None = None
    proposal: Proposal | None = None
    source: str = "rules"
    failure: str = ""


def fix_propose(
    *, tenant_id: UUID, problem_id: UUID, hosts: HostFor = code_host_for, complete: Complete | None = None
) -> UUID | None:
    """Propose a fix for an open problem, one per round. ``complete`` may word its rule.

    Returns the fix's id, also when it was there already (then it may be approved by itself, as calls have come in);
    None when the problem is not open, was only seen in trial, or its agent has no repository. What cannot be patched
    becomes a failed fix that says why.

    Raises:
        HostUnavailable: try again later; nothing was stored.
    """
    with tenant_context(tenant_id):
        wanted = _wanted(problem_id)
        if isinstance(wanted, Fix):
            _reports_fill(wanted)
            _approve_by_itself(wanted)
            return wanted.id
        if wanted is None:
            return None
    try:
        draft = _ask_host(wanted, hosts, complete)
    except FixError as error:
        if error.is_retryable:
            raise
        draft = _Draft(failure=str(error))
    with tenant_context(tenant_id):
        return _fix_store(wanted, draft)


def _wanted(problem_id: UUID) -> _Wanted | Fix | None:
    """Return what to propose, the fix that is there already, or None where none is wanted."""
    problem = Problem.objects.select_related("agent").filter(id=problem_id, status__in=_OPEN_PROBLEMS).first()
    if problem is None:
        return None
    round_number = 1 + Fix.objects.filter(problem=problem, status=Fix.Status.MERGED).count()
    known: Fix | None = Fix.objects.select_related("repository").filter(problem=problem, round=round_number).first()
    if known is not None:
        return known
    repository = Repository.objects.select_related("credential").filter(agent=problem.agent).first()
    confidence = _enforced_reports(problem.id).aggregate(most=Max("confidence"))["most"]
    if repository is None or confidence is None:
        return None
    return _Wanted(
        problem=problem,
        repository=repository,
        target=host_target(repository),
        round_number=round_number,
        confidence=confidence,
        cause=cause_of(problem),
    )


def cause_of(problem: Problem) -> Cause:
    return Cause(
        check=problem.check_name,
        policy_key=problem.policy_key,
        policy_text=problem.policy_text,
        tool=problem.tool_name,
        argument=problem.argument,
        status=problem.cause_status,
    )


def _enforced_reports(problem_id: UUID) -> QuerySet[Report]:
    return Report.objects.filter(problem_id=problem_id, is_shadow=False)


def _ask_host(wanted: _Wanted, hosts: HostFor, complete: Complete | None) -> _Draft:
    repository = wanted.repository
    with hosts(wanted.target) as host:
        base = host.base_read(repository.path)
    wording = ""
    if complete is not None:
        prompt = prompt_of(base, embedding=repository.embedding)
        wording = reword(wanted.cause, prompt, complete, attempt=wanted.round_number)
    planned = wanted.plan(wording)
    proposal = propose(base, path=repository.path, embedding=repository.embedding, plan=planned)
    return _Draft(planned, proposal, source="model" if wording else "rules")


def _fix_store(wanted: _Wanted, draft: _Draft) -> UUID:
    """Insert the fix unless another worker has, and tell it once."""
    fix = _fix_made(wanted, draft)
    Fix.objects.bulk_create([fix], ignore_conflicts=True)
    kept: Fix = Fix.objects.select_related("repository").get(problem=wanted.problem, round=wanted.round_number)
    if kept.id != fix.id:
        return kept.id
    if draft.failure:
        reports_move(kept.problem_id, Report.Status.FAILED)
        fix_event_add("fix.failed", kept)
    else:
        fix_event_add("fix.proposed", kept)
        _reports_fill(kept)
        _approve_by_itself(kept)
    facts = {"fix_id": kept.id, "problem_id": kept.problem_id, "fix_status": kept.status}
    logger.info("Fix proposed", extra={"action": "fix_propose", "tenant_id": kept.tenant_id, **facts})
    return kept.id


def _fix_made(wanted: _Wanted, draft: _Draft) -> Fix:
    problem, fix_id = wanted.problem, uuid4()
    reports = _enforced_reports(problem.id).select_related("call").order_by("-confidence", "created_at")[:3]
    planned, path = draft.plan or FixPlan(key="", rule=""), wanted.repository.path
    body = pull_request_body(
        problem=problem, reports=list(reports), rule=planned.rule, path=path, fix_id=fix_id, source=draft.source
    )
    return Fix(
        id=fix_id,
        problem=problem,
        repository=wanted.repository,
        round=wanted.round_number,
        status=Fix.Status.FAILED if draft.failure else Fix.Status.PROPOSED,
        branch=branch_name(problem.id, round_number=wanted.round_number),
        title=pull_request_title(problem),
        body=body,
        path=path,
        rule_key=planned.key,
        rule_text=planned.rule,
        source=draft.source,
        confidence=wanted.confidence,
        failure=draft.failure,
        **proposal_fields(draft.proposal),
    )


def proposal_fields(proposal: Proposal | None) -> dict[str, Any]:
    """Return the columns that hold a preview, empty ones where there is none."""
    if proposal is None:
        return {"base_commit": "", "base_sha256": "", "new_text": "", "diff": ""}
    return {
        "base_commit": proposal.base_commit,
        "base_sha256": proposal.base_sha256,
        "encoding": proposal.encoding,
        "new_text": proposal.new_text,
        "diff": proposal.diff,
    }


def _reports_fill(fix: Fix) -> None:
    """Show the change on the problem's reports that do not show one yet."""
    if fix.diff:
        unfilled = Report.objects.filter(problem_id=fix.problem_id, suggested_diff="")
        unfilled.update(proposed_file=fix.path, suggested_diff=fix.diff)
    if fix.status == Fix.Status.OPEN:
        # A call that failed once more while the pull request waits.
        reports_move(fix.problem_id, Report.Status.APPLIED)


def reports_move(problem_id: UUID, status: Report.Status) -> None:
    """A report follows its problem's fix: applied when the pull request is open, failed or dismissed with it."""
    moving = Report.objects.filter(problem_id=problem_id).exclude(status__in=[Report.Status.DISMISSED, status])
    moving.update(status=status)


def _approve_by_itself(fix: Fix) -> None:
    """Approve where the repository's owner said so: confident enough, and seen often enough."""
    repository = fix.repository
    is_sure = repository.is_auto_open and fix.confidence >= repository.auto_open_confidence
    if not is_sure or _enforced_reports(fix.problem_id).count() < repository.auto_open_occurrences:
        return
    if Fix.objects.filter(id=fix.id, status=Fix.Status.PROPOSED).update(status=Fix.Status.APPROVED):
        fix_approved.send(sender=Fix, tenant_id=fix.tenant_id, fix_id=fix.id)


def fix_approve(*, actor: Actor, fix_id: UUID) -> Fix:
    """Let the previewed change be opened as a pull request. Safe to run again.

    Raises:
        FixNotFound, ScopeMissing.
        FixClosed: the fix is failed, dismissed, merged or closed.
    """
    actor.require("fixes:write")
    with tenant_context(actor.tenant_id):
        fix = access_fix(actor, fix_id, lock=True)
        if fix.status in (Fix.Status.APPROVED, Fix.Status.OPENING, Fix.Status.OPEN):
            return fix
        if fix.status != Fix.Status.PROPOSED:
            raise FixClosed(f"A fix that is {fix.status} cannot be approved.")
        fix.status, fix.failure = Fix.Status.APPROVED, ""
        fix.approved_by_id = actor.user_id
        fix.save(update_fields=["status", "failure", "approved_by", "updated_at"])
        audit_write(actor=actor, action="fix.approved", row=fix)
        fix_approved.send(sender=Fix, tenant_id=actor.tenant_id, fix_id=fix.id)
    return fix


def fix_dismiss(*, actor: Actor, fix_id: UUID) -> Fix:
    """Put a fix aside; its problem gets no other one in this round. Safe to run again.

    Raises:
        FixNotFound, ScopeMissing.
        FixClosed: its pull request is there, or just being opened: close it at the code host.
    """
    actor.require("fixes:write")
    with tenant_context(actor.tenant_id):
        fix = access_fix(actor, fix_id, lock=True)
        if fix.status == Fix.Status.DISMISSED:
            return fix
        if fix.status not in (Fix.Status.PROPOSED, Fix.Status.APPROVED, Fix.Status.FAILED):
            raise FixClosed(f"A fix that is {fix.status} cannot be dismissed.")
        fix.status = Fix.Status.DISMISSED
        fix.save(update_fields=["status", "updated_at"])
        reports_move(fix.problem_id, Report.Status.DISMISSED)
        audit_write(actor=actor, action="fix.dismissed", row=fix)
    return fix


def fix_retry(*, actor: Actor, fix_id: UUID) -> None:
    """Try a failed fix again: open the previewed change, or propose anew where there never was one.

    Raises:
        FixNotFound, ScopeMissing.
        FixClosed: the fix has not failed.
    """
    actor.require("fixes:write")
    with tenant_context(actor.tenant_id):
        fix = access_fix(actor, fix_id, lock=True)
        if fix.status != Fix.Status.FAILED:
            raise FixClosed(f"A fix that is {fix.status} cannot be retried.")
        audit_write(actor=actor, action="fix.retried", row=fix)
        Report.objects.filter(problem_id=fix.problem_id, status=Report.Status.FAILED).update(
            status=Report.Status.PENDING
        )
        if fix.new_text:
            # The tries start over: a person has looked at it.
            fix.status, fix.failure, fix.attempt_count = Fix.Status.APPROVED, "", 0
            fix.save(update_fields=["status", "failure", "attempt_count", "updated_at"])
            fix_approved.send(sender=Fix, tenant_id=actor.tenant_id, fix_id=fix.id)
        else:
            problem = access_problem(actor, fix.problem_id)
            fix.delete()
            fix_wanted.send(sender=Fix, tenant_id=actor.tenant_id, problem_id=problem.id)
