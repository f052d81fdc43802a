"""From an approved fix to its pull request, and from there to merged or closed.

``fix_open`` may be killed at any point and run again: the fix's claim lets one worker at a time at the host, and every
write there is "create, unless it is there", told as our own by the fix's id in the commit.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import F, Q
from django.utils.timezone import now

from fixers.errors import BranchTaken, FileMissing, FixError, HostRefused
from fixers.events import fix_event_add
from fixers.hosts.base import BranchState, Change, CodeHost, PullState
from fixers.hosts.registry import HostFor, HostTarget, code_host_for, host_target
from fixers.models import Fix, Repository
from fixers.patch import changed_lines
from fixers.planner import FixPlan
from fixers.proposals import Proposal, holds_rule, propose, sha256
from fixers.pull_request import commit_message
from fixers.services import proposal_fields, reports_move
from reports.models import Report
from reports.services import problem_fix
from tenants.scope import tenant_context

logger = logging.getLogger(__name__)

CLAIM_LEASE: Final = timedelta(minutes=6)  # longer than a task may run (CELERY_TASK_TIME_LIMIT)
MAX_ATTEMPTS: Final = 20

_STATUS: Final = {
    PullState.OPEN: Fix.Status.OPEN,
    PullState.MERGED: Fix.Status.MERGED,
    PullState.CLOSED: Fix.Status.CLOSED,
}


@dataclass(frozen=True, slots=True)
class _Claim:
    """A fix that this worker, and no other, brings to the host; ``at`` is the claim's name."""

    fix: Fix
    repository: Repository
    target: HostTarget
    at: datetime


@dataclass(frozen=True, slots=True)
class _Done:
    """Where the fix stands after the host was asked. ``proposal``: what is committed, or to be looked at again."""

    status: Fix.Status
    commit: str = ""
    url: str = ""
    proposal: Proposal | None = None
    failure: str = ""


def fix_open(*, tenant_id: UUID, fix_id: UUID, hosts: HostFor = code_host_for, at: datetime | None = None) -> bool:
    """Commit an approved fix on its branch and open its pull request. Safe to run again, at any point.

    False where there is nothing to do: not approved, another worker is at it, or too many fixes are open.

    Raises:
        HostUnavailable: try again later; the fix is approved still.
    """
    at = at or now()
    with tenant_context(tenant_id):
        claim = _claim(fix_id, at)
    if claim is None:
        return False
    try:
        with hosts(claim.target) as host:
            done = _deliver(host, claim)
    except FixError as error:
        with tenant_context(tenant_id):
            _finish(claim, _failed(claim, error))
        if error.is_retryable:
            raise
        return False
    with tenant_context(tenant_id):
        _finish(claim, done)
    return True


def _claim(fix_id: UUID, at: datetime) -> _Claim | None:
    fix = Fix.objects.select_related("problem").filter(id=fix_id).first()
    if fix is None:
        return None
    # Holding the repository's row makes workers count one after the other: the cap is kept exactly.
    repository = (
        Repository.objects.select_for_update(of=("self",)).select_related("credential").get(id=fix.repository_id)
    )
    under_way = Fix.objects.filter(repository=repository, status__in=[Fix.Status.OPEN, Fix.Status.OPENING])
    open_count = under_way.exclude(id=fix_id).count()
    if open_count >= repository.max_open:
        waiting = f"waits: {open_count} fixes of this repository are open, and {repository.max_open} may be"
        Fix.objects.filter(id=fix_id, status=Fix.Status.APPROVED).update(failure=waiting)
        return None
    free = Q(status=Fix.Status.APPROVED) | Q(status=Fix.Status.OPENING, claimed_at__lt=at - CLAIM_LEASE)
    taken = Fix.objects.filter(free, id=fix_id).update(
        status=Fix.Status.OPENING, claimed_at=at, attempt_count=F("attempt_count") + 1, failure="", updated_at=at
    )
    if not taken:
        return None
    fix.refresh_from_db()
    return _Claim(fix, repository, host_target(repository), at)


def _deliver(host: CodeHost, claim: _Claim) -> _Done:
    fix = claim.fix
    proposal: Proposal | None = None
    state = host.branch_get(fix.branch, fix_id=fix.id)
    if state is None:
        base = host.base_read(fix.path)
        if holds_rule(base, embedding=claim.repository.embedding, key=fix.rule_key):
            return _Done(Fix.Status.MERGED)
        proposal = _previewed(fix)
        if sha256(base.content) != fix.base_sha256:
            plan = FixPlan(fix.rule_key, fix.rule_text)
            proposal = propose(base, path=fix.path, embedding=claim.repository.embedding, plan=plan)
            # Where a person approved, the person's preview stands; nobody looked at one that approved itself.
            is_looked_at = fix.approved_by_id is not None or not claim.repository.is_auto_open
            if is_looked_at and changed_lines(proposal.diff) != changed_lines(fix.diff):
                told = "the file changed since the preview, and the change with it: please look at it again"
                return _Done(Fix.Status.PROPOSED, proposal=proposal, failure=told)
        state = _commit(host, fix, proposal, base.commit)
    if not state.own_commit:
        raise HostRefused(f"the branch {fix.branch} holds somebody else's commits only; it is left alone")
    pull = host.pull_request_get(fix.branch)
    if pull is None:
        pull = host.pull_request_open(branch=fix.branch, title=fix.title, body=fix.body)
    return _Done(_STATUS[pull.state], commit=state.own_commit, url=pull.url, proposal=proposal)


def _previewed(fix: Fix) -> Proposal:
    return Proposal(
        base_commit=fix.base_commit,
        base_sha256=fix.base_sha256,
        path=fix.path,
        encoding=fix.encoding,
        new_text=fix.new_text,
        diff=fix.diff,
    )


def _commit(host: CodeHost, fix: Fix, proposal: Proposal, base_commit: str) -> BranchState:
    change = Change(
        branch=fix.branch,
        base_commit=base_commit,
        path=fix.path,
        content=proposal.content,
        message=commit_message(fix.title, fix.rule_text),
        fix_id=fix.id,
    )
    try:
        commit = host.commit_create(change)
    except BranchTaken:
        # An earlier worker of ours that was thought dead, or a person: the commits there tell.
        state = host.branch_get(fix.branch, fix_id=fix.id)
        if state is None:
            raise
        return state
    return BranchState(commit, commit)


def _failed(claim: _Claim, error: FixError) -> _Done:
    is_over = claim.fix.attempt_count >= MAX_ATTEMPTS
    if error.is_retryable and not is_over:
        return _Done(Fix.Status.APPROVED, failure=f"will be tried again: {error}")
    return _Done(Fix.Status.FAILED, failure=f"{error} (given up after {MAX_ATTEMPTS} tries)" if is_over else str(error))


def _finish(claim: _Claim, done: _Done) -> None:
    """Store where the fix stands, unless the claim ran out and another worker has taken over."""
    at = now()
    fields: dict[str, Any] = {"status": done.status, "failure": done.failure, "claimed_at": None, "updated_at": at}
    if done.commit:
        fields |= {"commit": done.commit, "url": done.url, "opened_at": at}
    if done.proposal is not None:
        fields |= proposal_fields(done.proposal)
    fix = claim.fix
    if not Fix.objects.filter(id=fix.id, status=Fix.Status.OPENING, claimed_at=claim.at).update(**fields):
        return
    fix.refresh_from_db()
    if done.commit:
        fix_event_add("fix.pr_opened", fix)
        reports_move(fix.problem_id, Report.Status.APPLIED)
    if done.status in (Fix.Status.MERGED, Fix.Status.CLOSED):
        _settled(fix, at)
    if done.status == Fix.Status.FAILED:
        fix_event_add("fix.failed", fix, attempt=claim.at.isoformat())
        reports_move(fix.problem_id, Report.Status.FAILED)
    _log("fix_open", fix)


def fix_sync(*, tenant_id: UUID, fix_id: UUID, hosts: HostFor = code_host_for) -> bool:
    """Ask the host what became of an open fix; True when it was merged or closed since.

    Merged moves the problem to fixed, also where the commit was squashed and only its rule tells. A pull request that
    was closed by hand means stay away: the problem gets no other fix in this round.

    Raises:
        HostError: the fix is left as it is.
    """
    with tenant_context(tenant_id):
        open_fixes = Fix.objects.select_related("repository__credential")
        fix = open_fixes.filter(id=fix_id, status=Fix.Status.OPEN).first()
        if fix is None:
            return False
        target = host_target(fix.repository)
    with hosts(target) as host:
        state = _state(host, fix)
    if state is PullState.OPEN:
        return False
    with tenant_context(tenant_id):
        at = now()
        moved = Fix.objects.filter(id=fix.id, status=Fix.Status.OPEN).update(status=_STATUS[state], updated_at=at)
        if moved:
            fix.refresh_from_db()
            _settled(fix, at)
            _log("fix_sync", fix)
    return bool(moved)


def _state(host: CodeHost, fix: Fix) -> PullState:
    pull = host.pull_request_get(fix.branch)
    if pull is not None and pull.state is PullState.MERGED:
        return PullState.MERGED
    try:
        is_in_base = holds_rule(host.base_read(fix.path), embedding=fix.repository.embedding, key=fix.rule_key)
    except FileMissing:
        is_in_base = False
    if is_in_base:
        return PullState.MERGED
    return PullState.OPEN if pull is None else pull.state


def _settled(fix: Fix, at: datetime) -> None:
    if fix.status == Fix.Status.MERGED:
        fix_event_add("fix.pr_merged", fix)
        problem_fix(problem_id=fix.problem_id, at=at)
    else:
        fix_event_add("fix.pr_closed", fix)


def _log(action: str, fix: Fix) -> None:
    facts = {"fix_id": fix.id, "problem_id": fix.problem_id, "fix_status": fix.status}
    level = logging.WARNING if fix.status == Fix.Status.FAILED else logging.INFO
    logger.log(level, "Fix moved", extra={"action": action, "tenant_id": fix.tenant_id, **facts})
