"""The one way request code gets a report or a problem. Inside ``tenant_context(actor.tenant_id)`` only."""

from __future__ import annotations

from uuid import UUID

from reports.errors import ProblemNotFound, ReportNotFound
from reports.models import Problem, Report
from tenants.access import Actor


def access_report(actor: Actor, report_id: UUID, *, lock: bool = False) -> Report:
    """Absent and another tenant's are the same ``ReportNotFound``. ``lock`` holds the row until the context ends."""
    reports = Report.objects.filter(tenant_id=actor.tenant_id, id=report_id)
    report: Report | None = (reports.select_for_update() if lock else reports).first()
    if report is None:
        raise ReportNotFound
    return report


def access_problem(actor: Actor, problem_id: UUID, *, lock: bool = False) -> Problem:
    """Absent and another tenant's are the same ``ProblemNotFound``. ``lock`` holds the row until the context ends."""
    problems = Problem.objects.filter(tenant_id=actor.tenant_id, id=problem_id)
    problem: Problem | None = (problems.select_for_update() if lock else problems).first()
    if problem is None:
        raise ProblemNotFound
    return problem
