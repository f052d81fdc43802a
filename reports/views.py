"""Console pages of reports and problems."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from calls.pages import ConsoleRequest, console_page, page_of
from reports.diff_rows import change_read
from reports.models import Problem, Report
from reports.trend import trend_of
from tenants.errors import NotFound

STATUSES_OPEN = (Problem.Status.OPEN, Problem.Status.REGRESSED)
# A problem's page lists its newest reports; all of them are in the list of reports.
REPORTS_SHOWN = 20


@require_safe
@console_page("reports:read")
def report_list(request: ConsoleRequest) -> HttpResponse:
    status = request.GET.get("status", "")
    reports = Report.objects.select_related("call", "agent", "problem")
    if status in Report.Status.values:
        reports = reports.filter(status=status)
    page = page_of(reports, by="created_at", cursor=request.GET.get("cursor", ""))
    return render(
        request, "reports/report_list.html", {"page": page, "status": status, "statuses": Report.Status.choices}
    )


@require_safe
@console_page("reports:read")
def report_detail(request: ConsoleRequest, report_id: UUID) -> HttpResponse:
    report = Report.objects.filter(id=report_id).select_related("call", "agent", "problem").first()
    if report is None:
        raise NotFound("There is no such report.")
    return render(
        request, "reports/report_detail.html", {"report": report, "change": change_read(report.suggested_diff)}
    )


@require_safe
@console_page("reports:read")
def problem_list(request: ConsoleRequest) -> HttpResponse:
    status = request.GET.get("status", "unsolved")
    problems = Problem.objects.select_related("agent")
    if status == "unsolved":
        problems = problems.filter(status__in=STATUSES_OPEN)
    elif status in Problem.Status.values:
        problems = problems.filter(status=status)
    page = page_of(problems, by="last_seen_at", cursor=request.GET.get("cursor", ""))
    trends = trend_of([problem.id for problem in page.items])
    context = {
        "page": page,
        "rows": [(problem, trends[problem.id]) for problem in page.items],
        "status": status,
        "statuses": [("unsolved", "Unsolved"), *Problem.Status.choices, ("all", "All")],
    }
    return render(request, "reports/problem_list.html", context)


@require_safe
@console_page("reports:read")
def problem_detail(request: ConsoleRequest, problem_id: UUID) -> HttpResponse:
    problem = Problem.objects.filter(id=problem_id).select_related("agent").first()
    if problem is None:
        raise NotFound("There is no such problem.")
    reports = list(problem.reports.select_related("call").order_by("-created_at")[:REPORTS_SHOWN])
    context = {"problem": problem, "reports": reports, "trend": trend_of([problem.id])[problem.id]}
    return render(request, "reports/problem_detail.html", context)
