"""Writing reports and moving problems. A report, its problem's change and their events are one transaction."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest, Least
from django.utils.timezone import now

from calls.models import Call
from reports.access import access_problem, access_report
from reports.builder import ANALYSIS_VERSION, FailureReport, build, redactor_for
from reports.errors import ReportClosed
from reports.failures import SEVERITIES
from reports.models import CallAnalysis, Problem, Report
from reports.outbox import outbox_add
from reports.prose import Complete, reword
from reports.records import call_facts_get
from reports.signals import report_written
from tenants.access import Actor
from tenants.scope import tenant_context
from tenants.services import audit_write

logger = logging.getLogger(__name__)

CLAIM_LEASE: Final = timedelta(minutes=6)  # longer than a task may run (CELERY_TASK_TIME_LIMIT)
MAX_ATTEMPTS: Final = 5
SWEEP_WINDOW: Final = timedelta(days=7)
_SWEEP_LIMIT: Final = 500


@dataclass(frozen=True, slots=True)
class Joined:
    """The problem a report belongs to now, and whether this report opened it or brought it back."""

    problem_id: UUID
    is_opened: bool
    is_regressed: bool


def report_write(
    *, tenant_id: UUID, call_id: UUID, complete: Complete | None = None, at: datetime | None = None
) -> UUID | None:
    """Look at an ended call once and write its report if something failed.

    Returns the report's id, also when it was there already; None when nothing failed, the call has not ended, or
    another worker is at it. ``complete`` may word the report; it runs outside of any transaction.
    """
    at = at or now()
    with tenant_context(tenant_id):
        facts = call_facts_get(call_id)
        if facts is None or not _analysis_claim(call_id, at):
            return _report_id(call_id)
    report = build(facts)
    if report is not None and complete is not None:
        report = reword(report, facts, redactor_for(facts), complete)
    with tenant_context(tenant_id):
        outcome = CallAnalysis.Outcome.REPORTED if report else CallAnalysis.Outcome.CLEAN
        if not _analyses(call_id).filter(claimed_at=at).update(outcome=outcome):
            return _report_id(call_id)  # our claim ran out and another worker took over
        return None if report is None else _report_store(tenant_id, call_id, report, at)


def _analyses(call_id: UUID) -> QuerySet[CallAnalysis]:
    return CallAnalysis.objects.filter(
        call_id=call_id, analysis_version=ANALYSIS_VERSION, outcome=CallAnalysis.Outcome.PENDING
    )


def _analysis_claim(call_id: UUID, at: datetime) -> bool:
    """Take the call for this worker. False where it was decided, or another worker has a claim that still holds."""
    row = CallAnalysis(call_id=call_id, analysis_version=ANALYSIS_VERSION)
    CallAnalysis.objects.bulk_create([row], ignore_conflicts=True)
    free = Q(claimed_at=None) | Q(claimed_at__lt=at - CLAIM_LEASE)
    taken: int = _analyses(call_id).filter(free).update(claimed_at=at, attempt_count=F("attempt_count") + 1)
    return taken == 1


def _report_id(call_id: UUID) -> UUID | None:
    reports = Report.objects.filter(call_id=call_id, analysis_version=ANALYSIS_VERSION)
    found: UUID | None = reports.values_list("id", flat=True).first()
    return found


def _report_store(tenant_id: UUID, call_id: UUID, built: FailureReport, at: datetime) -> UUID:
    call = Call.objects.select_related("agent").get(id=call_id)
    joined = _problem_join(call, built, at)
    report: Report = Report.objects.create(
        call=call,
        agent=call.agent,
        problem_id=joined.problem_id,
        analysis_version=ANALYSIS_VERSION,
        pattern=built.pattern,
        severity=built.severity,
        severity_reason=built.severity_reason,
        summary=built.summary,
        root_cause=built.root_cause,
        evidence=[asdict(one) for one in built.evidence],
        others=[asdict(one) for one in built.others],
        proposed_fix=built.proposed_fix,
        confidence=built.confidence,
        source=built.source,
        is_shadow=built.is_shadow,
    )
    _events_add(call, report, joined)
    report_written.send(
        sender=Report,
        tenant_id=tenant_id,
        report_id=report.id,
        problem_id=joined.problem_id,
        is_shadow=report.is_shadow,
    )
    facts = {"tenant_id": tenant_id, "call_id": call_id, "report_id": report.id, "problem_id": joined.problem_id}
    logger.info("Report written", extra={"action": "report_write", **facts})
    return report.id


def _problem_join(call: Call, built: FailureReport, at: datetime) -> Joined:
    """Count the report into its problem, making it when it is new. Concurrent reports meet in one row."""
    seen_at = call.ended_at or at
    problem_id = _problem_ensure(call, built, seen_at)
    same = Problem.objects.filter(agent_id=call.agent_id, fingerprint=built.fingerprint)
    same.update(
        report_count=F("report_count") + 1,
        first_seen_at=Least(F("first_seen_at"), seen_at),
        last_seen_at=Greatest(F("last_seen_at"), seen_at),
    )
    # The row is locked now: whoever comes next waits, so exactly one report sees each change of state.
    same.filter(severity__in=SEVERITIES[SEVERITIES.index(built.severity) + 1 :]).update(severity=built.severity)
    back = same.filter(status=Problem.Status.FIXED, fixed_at__lt=call.started_at)
    is_regressed = not built.is_shadow and back.update(status=Problem.Status.REGRESSED) == 1
    found_id: UUID = same.values_list("id", flat=True).get()
    return Joined(found_id, is_opened=found_id == problem_id, is_regressed=is_regressed)


def _problem_ensure(call: Call, built: FailureReport, seen_at: datetime) -> UUID:
    """Insert the problem unless it is there; return the id it has if this insert was the one."""
    problem = Problem(
        id=uuid4(),
        agent_id=call.agent_id,
        fingerprint=built.fingerprint,
        title=built.title,
        pattern=built.pattern,
        severity=built.severity,
        check_name=built.cause.check,
        policy_key=built.cause.policy_key,
        policy_text=built.cause.policy_text,
        tool_name=built.cause.tool[:128],
        argument=built.cause.argument[:200],
        cause_status=built.cause.status,
        first_seen_at=seen_at,
        last_seen_at=seen_at,
    )
    Problem.objects.bulk_create([problem], ignore_conflicts=True)
    return problem.id


def _events_add(call: Call, report: Report, joined: Joined) -> None:
    problem = {"problem_id": str(joined.problem_id), "agent": call.agent.slug, "pattern": report.pattern}
    outbox_add(
        event_type="report.created",
        dedupe_key=f"report.created:{report.id}",
        data={
            **problem,
            "report_id": str(report.id),
            "id": str(call.id),
            "call_id": call.external_id,
            "severity": report.severity,
            "summary": report.summary,
            "root_cause": report.root_cause,
            "proposed_fix": report.proposed_fix,
            "confidence": report.confidence,
            "source": report.source,
            "is_shadow": report.is_shadow,
        },
    )
    told = {**problem, "severity": report.severity, "report_id": str(report.id)}
    if joined.is_opened:
        outbox_add(event_type="problem.opened", dedupe_key=f"problem.opened:{joined.problem_id}", data=told)
    if joined.is_regressed:
        outbox_add(
            event_type="problem.regressed", dedupe_key=f"problem.regressed:{joined.problem_id}:{report.id}", data=told
        )


def reports_due(*, tenant_id: UUID, at: datetime | None = None) -> list[UUID]:
    """Return calls that ended without a decision: their task was lost, or its worker died.

    A call that was tried ``MAX_ATTEMPTS`` times is given up.
    """
    at = at or now()
    with tenant_context(tenant_id):
        stale = CallAnalysis.objects.filter(
            Q(claimed_at=None) | Q(claimed_at__lt=at - CLAIM_LEASE),
            analysis_version=ANALYSIS_VERSION,
            outcome=CallAnalysis.Outcome.PENDING,
        )
        given_up = stale.filter(attempt_count__gte=MAX_ATTEMPTS).update(outcome=CallAnalysis.Outcome.FAILED)
        if given_up:
            extra = {"action": "report_give_up", "tenant_id": tenant_id, "call_count": given_up}
            logger.error("Calls could not be analysed", extra=extra)
        known = CallAnalysis.objects.filter(analysis_version=ANALYSIS_VERSION)
        calls = Call.objects.filter(status=Call.Status.ENDED, ended_at__gt=at - SWEEP_WINDOW).order_by("ended_at")
        waiting = calls.filter(Q(id__in=stale.values("call_id")) | ~Q(id__in=known.values("call_id")))
        return list(waiting.values_list("id", flat=True)[:_SWEEP_LIMIT])


def report_dismiss(*, actor: Actor, report_id: UUID) -> Report:
    """Put a report aside. Raises: ReportNotFound; ReportClosed: its fix was applied already."""
    with tenant_context(actor.tenant_id):
        report = access_report(actor, report_id, lock=True)
        if report.status == Report.Status.APPLIED:
            raise ReportClosed("The fix of this report has been applied.")
        if report.status != Report.Status.DISMISSED:
            report.status = Report.Status.DISMISSED
            report.save(update_fields=["status"])
            audit_write(actor=actor, action="report.dismissed", row=report)
    return report


def problem_ignore(*, actor: Actor, problem_id: UUID) -> Problem:
    """Stop proposing fixes for a problem; reports still join it. Raises: ProblemNotFound."""
    return _problem_move(actor, problem_id, Problem.Status.IGNORED, "problem.ignored")


def problem_reopen(*, actor: Actor, problem_id: UUID) -> Problem:
    """Take an ignored or fixed problem up again. Raises: ProblemNotFound."""
    return _problem_move(actor, problem_id, Problem.Status.OPEN, "problem.reopened")


def _problem_move(actor: Actor, problem_id: UUID, status: Problem.Status, action: str) -> Problem:
    with tenant_context(actor.tenant_id):
        problem = access_problem(actor, problem_id, lock=True)
        if problem.status != status:
            problem.status = status
            problem.save(update_fields=["status"])
            audit_write(actor=actor, action=action, row=problem)
    return problem


def problem_fix(*, problem_id: UUID, at: datetime) -> bool:
    """Mark a problem fixed since ``at``; True the first time. Inside ``tenant_context``."""
    open_now = Problem.objects.filter(id=problem_id).exclude(status=Problem.Status.FIXED)
    if not open_now.update(status=Problem.Status.FIXED, fixed_at=at):
        return False
    problem = Problem.objects.select_related("agent").get(id=problem_id)
    outbox_add(
        event_type="problem.fixed",
        dedupe_key=f"problem.fixed:{problem_id}:{at.isoformat()}",
        data={"problem_id": str(problem_id), "agent": problem.agent.slug, "pattern": problem.pattern},
    )
    return True
