"""Console pages of fixes, and what a member may do to one."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from calls.pages import Action, ConsoleRequest, act, console_page, page_of
from fixers import selectors, services
from fixers.models import Fix
from reports.diff_rows import change_read

READ, WRITE = "fixes:read", "fixes:write"
# The way a fix goes, and how far each status has come. The last three statuses leave the way where they stand.
WAY = ("proposed", "approved", "open", "merged")
PLACE = {"proposed": 0, "approved": 1, "opening": 1, "open": 2, "merged": 3, "dismissed": 1, "failed": 1, "closed": 3}
OFF_THE_WAY = ("dismissed", "failed", "closed")
ACTIONS = {"approve": "Approve", "retry": "Try again", "dismiss": "Dismiss"}
ALLOWED = {"proposed": ("approve", "dismiss"), "approved": ("dismiss",), "failed": ("retry", "dismiss")}


@require_safe
@console_page(READ)
def fix_list(request: ConsoleRequest) -> HttpResponse:
    status = request.GET.get("status", "")
    fixes = selectors.fix_list(status=status if status in Fix.Status.values else "")
    page = page_of(fixes, by="created_at", cursor=request.GET.get("cursor", ""))
    return render(request, "fixers/fix_list.html", {"page": page, "status": status, "statuses": Fix.Status.choices})


@require_safe
@console_page(READ)
def fix_detail(request: ConsoleRequest, fix_id: UUID) -> HttpResponse:
    shown = selectors.fix_get(request.actor, fix_id)
    fix = shown.fix
    context = {
        "fix": fix,
        "reports": shown.reports,
        "change": change_read(fix.diff),
        "steps": steps_of(fix.status),
        "link": fix.url if fix.url.startswith(("https://", "http://")) else "",
        "actions": _actions(fix),
        "can_write": request.actor.is_allowed(WRITE),
    }
    return render(request, "fixers/fix_detail.html", context)


@require_POST
@console_page(WRITE)
def fix_approve(request: ConsoleRequest, fix_id: UUID) -> HttpResponse:
    done = "Approved. The pull request is being opened."
    act(request, partial(services.fix_approve, actor=request.actor, fix_id=fix_id), done=done)
    return redirect("console-fix", fix_id)


@require_POST
@console_page(WRITE)
def fix_dismiss(request: ConsoleRequest, fix_id: UUID) -> HttpResponse:
    act(request, partial(services.fix_dismiss, actor=request.actor, fix_id=fix_id), done="Fix dismissed.")
    return redirect("console-fix", fix_id)


@require_POST
@console_page(WRITE)
def fix_retry(request: ConsoleRequest, fix_id: UUID) -> HttpResponse:
    problem = selectors.fix_get(request.actor, fix_id).problem
    act(request, partial(services.fix_retry, actor=request.actor, fix_id=fix_id), done="Trying again.")
    # A fix that never had a change is proposed anew, under another id.
    is_kept = Fix.objects.filter(id=fix_id).exists()
    return redirect("console-fix", fix_id) if is_kept else redirect("console-problem", problem.id)


def steps_of(status: str) -> list[tuple[str, str]]:
    """Return ``[(label, state)]`` of the way, state being ``done``, ``now``, ``next`` or ``wrong``."""
    place = PLACE.get(status, 0)
    if status in OFF_THE_WAY:
        return [*((label, "done") for label in WAY[:place]), (status, "wrong")]
    # Merged is the end: nothing is left to wait for.
    states = [
        "done" if at < place or status == "merged" else "now" if at == place else "next" for at in range(len(WAY))
    ]
    return list(zip(WAY, states, strict=True))


def _actions(fix: Fix) -> list[Action]:
    allowed = ALLOWED.get(fix.status, ())
    return [
        Action(ACTIONS[name], reverse(f"console-fix-{name}", args=[fix.id]), is_primary=name != "dismiss")
        for name in allowed
    ]
