"""Console pages that look at several apps at once: the way in, the overview, setup, and the theme."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from calls import selectors
from calls.pages import ConsoleRequest, console_page
from mirror_saas.templatetags.console import THEME_COOKIE, THEMES
from reports.models import Problem
from tenants.models import Agent, ApiKey

THEME_MAX_AGE_S = 365 * 24 * 3600
WEEK_DAYS = 7
PROBLEMS_SHOWN = 6
OPEN = (Problem.Status.OPEN, Problem.Status.REGRESSED)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return redirect("console-overview")


@require_safe
@console_page("calls:read")
def overview(request: ConsoleRequest) -> HttpResponse:
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    week = midnight - timedelta(days=WEEK_DAYS - 1)
    problems = Problem.objects.filter(status__in=OPEN)
    context = {
        "today": selectors.call_counts(midnight),
        "week": selectors.call_counts(week),
        "bars": _week_bars(week),
        "open_count": problems.count(),
        "problems": list(problems.select_related("agent").order_by("-last_seen_at")[:PROBLEMS_SHOWN]),
        "interventions": selectors.intervention_recent_list(),
        "live": selectors.call_live_list()[:PROBLEMS_SHOWN],
    }
    return render(request, "mirror_saas/overview.html", context)


@require_safe
@console_page("agents:read")
def setup(request: ConsoleRequest) -> HttpResponse:
    base = settings.MIRROR_PUBLIC_URL or f"{request.scheme}://{request.get_host()}"
    can_see_keys = request.actor.is_allowed("keys:read")
    context = {
        "agents": list(Agent.objects.filter(is_active=True).order_by("slug")),
        "base": base,
        "socket_base": "ws" + base.removeprefix("http"),
        "is_local": request.get_host().split(":")[0] in {"localhost", "127.0.0.1", "[::1]"}
        and not settings.MIRROR_PUBLIC_URL,
        # The answer URL lets its holder start calls of this agent.
        "can_connect": request.actor.is_allowed("calls:write"),
        "can_see_keys": can_see_keys,
        "keys": list(ApiKey.objects.filter(revoked_at=None).order_by("created_at")) if can_see_keys else [],
    }
    return render(request, "mirror_saas/setup.html", context)


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember light or dark in a cookie, so that the next page's first byte has it; "" follows the system."""
    chosen, target = request.POST.get("theme", ""), request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    response = HttpResponseRedirect(target if is_ours else "/app/")
    if chosen in THEMES:
        response.set_cookie(
            THEME_COOKIE,
            chosen,
            max_age=THEME_MAX_AGE_S,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
        )
    else:
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
    return response


def _week_bars(week: Any) -> list[dict[str, Any]]:
    counted = selectors.call_count_by_day(week)
    days = [(week + timedelta(days=place)).date() for place in range(WEEK_DAYS)]
    found = [(day, *counted.get(day, (0, 0))) for day in days]
    return [{"label": f"{day:%a %-d %b}", "total": calls, "part": caught} for day, calls, caught in found]
