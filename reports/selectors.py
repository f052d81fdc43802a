"""Reading reports and problems for pages and lists. Inside ``tenant_context``; no query per row."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from reports.access import access_problem, access_report
from reports.models import Problem, Report
from tenants.access import Actor

_RECENT = 50


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """A problem with its newest reports (each with its call)."""

    problem: Problem
    reports: list[Report]


def report_list(
    *,
    agent_id: UUID | None = None,
    call_id: UUID | None = None,
    problem_id: UUID | None = None,
    status: str = "",
    severity: str = "",
) -> QuerySet[Report]:
    """Return reports, newest first, with agent, call and problem loaded."""
    given = {"agent_id": agent_id, "call_id": call_id, "problem_id": problem_id, "status": status, "severity": severity}
    wanted = {field: value for field, value in given.items() if value}
    return Report.objects.filter(**wanted).select_related("agent", "call", "problem")


def report_get(actor: Actor, report_id: UUID) -> Report:
    """Return one report with agent, call and problem loaded. Raises: ReportNotFound."""
    access_report(actor, report_id)
    report: Report = report_list().get(id=report_id)
    return report


def problem_list(*, agent_id: UUID | None = None, status: str = "", severity: str = "") -> QuerySet[Problem]:
    """Return problems, the one seen last first, with their agent loaded."""
    given = {"agent_id": agent_id, "status": status, "severity": severity}
    wanted = {field: value for field, value in given.items() if value}
    return Problem.objects.filter(**wanted).select_related("agent")


def problem_get(actor: Actor, problem_id: UUID) -> ProblemPage:
    """Return a problem and its newest reports. Raises: ProblemNotFound."""
    access_problem(actor, problem_id)
    problem: Problem = problem_list().get(id=problem_id)
    return ProblemPage(problem, list(report_list(problem_id=problem_id)[:_RECENT]))
