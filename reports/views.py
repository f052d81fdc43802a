"""Console pages of reports and problems."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from calls.pages import Action, ConsoleRequest, act, console_page, page_of
from reports import selectors, services
from reports.diff_rows import change_read
from reports.models import Problem, Report
from reports.trend import trend_of

WRITE = "reports:write"
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
    is_open = report.status in (Report.Status.PENDING, Report.Status.FAILED)
    context = {
        "report": report,
        "change": change_read(report.suggested_diff),
        "actions": [Action("Dismiss", reverse("console-report-dismiss", args=[report_id]))] if is_open else [],
        "can_write": request.actor.is_allowed(WRITE),
    }
    return render(request, "reports/report_detail.html", context)


@require_POST
@console_page(WRITE)
def report_dismiss(request: ConsoleRequest, report_id: UUID) -> HttpResponse:
    act(request, partial(services.report_dismiss, actor=request.actor, report_id=report_id), done="Report dismissed.")
    return redirect("console-report", report_id)


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
    context = {
        "problem": shown.problem,
        "reports": shown.reports,
        "trend": trend_of([problem_id])[problem_id],
        "actions": [_ignore_or_reopen(shown.problem)],
        "can_write": request.actor.is_allowed(WRITE),
    }
    return render(request, "reports/problem_detail.html", context)


@require_POST
@console_page(WRITE)
def problem_ignore(request: ConsoleRequest, problem_id: UUID) -> HttpResponse:
    done = "Problem ignored: no fix is proposed for it any more."
    act(request, partial(services.problem_ignore, actor=request.actor, problem_id=problem_id), done=done)
    return redirect("console-problem", problem_id)


@require_POST
@console_page(WRITE)
def problem_reopen(request: ConsoleRequest, problem_id: UUID) -> HttpResponse:
    act(request, partial(services.problem_reopen, actor=request.actor, problem_id=problem_id), done="Problem reopened.")
    return redirect("console-problem", problem_id)


def _ignore_or_reopen(problem: Problem) -> Action:
    if problem.status in STATUSES_OPEN:
        return Action("Ignore", reverse("console-problem-ignore", args=[problem.id]))
    return Action("Reopen", reverse("console-problem-reopen", args=[problem.id]))
