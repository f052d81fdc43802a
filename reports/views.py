"""Console pages of reports and problems."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from calls.pages import ConsoleRequest, console_page, page_of
from reports import selectors
from reports.diff_rows import change_read
from reports.models import Problem, Report
from reports.trend import trend_of

STATUSES_OPEN = (Problem.Status.OPEN, Problem.Status.REGRESSED)


@require_safe
@console_page("reports:read")
def report_list(request: ConsoleRequest) -> HttpResponse:
    status = request.GET.get("status", "")
    known = status if status in Report.Status.values else ""
    page = page_of(selectors.report_list(status=known), by="created_at", cursor=request.GET.get("cursor", ""))
    return render(
        request, "reports/report_list.html", {"page": page, "status": status, "statuses": Report.Status.choices}
    )


@require_safe
@console_page("reports:read")
def report_detail(request: ConsoleRequest, report_id: UUID) -> HttpResponse:
    report = selectors.report_get(request.actor, report_id)
    return render(request, "reports/report_detail.html", {"report": report, "change": change_read(report.suggested_diff)})


@require_safe
@console_page("reports:read")
def problem_list(request: ConsoleRequest) -> HttpResponse:
    status = request.GET.get("status", "unsolved")
    problems = selectors.problem_list(status=status if status in Problem.Status.values else "")
    if status == "unsolved":
        problems = problems.filter(status__in=STATUSES_OPEN)
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
    shown = selectors.problem_get(request.actor, problem_id)
    context = {"problem": shown.problem, "reports": shown.reports, "trend": trend_of([problem_id])[problem_id]}
    return render(request, "reports/problem_detail.html", context)
