"""Console pages of fixes, and what a member may do to one."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from calls.pages import ConsoleRequest, console_page, page_of
from reports.diff_rows import change_read
from fixers.models import Fix
from tenants.errors import NotFound

# The way a fix goes, and how far each status has come. The last three statuses leave the way where they stand.
WAY = ("proposed", "approved", "open", "merged")
PLACE = {"proposed": 0, "approved": 1, "opening": 1, "open": 2, "merged": 3, "dismissed": 1, "failed": 2, "closed": 3}
OFF_THE_WAY = ("dismissed", "failed", "closed")


@require_safe
@console_page("fixes:read")
def fix_list(request: ConsoleRequest) -> HttpResponse:
    status = request.GET.get("status", "")
    fixes = Fix.objects.select_related("problem", "problem__agent", "repository")
    if status in Fix.Status.values:
        fixes = fixes.filter(status=status)
    page = page_of(fixes, by="created_at", cursor=request.GET.get("cursor", ""))
    return render(request, "fixers/fix_list.html", {"page": page, "status": status, "statuses": Fix.Status.choices})


@require_safe
@console_page("fixes:read")
def fix_detail(request: ConsoleRequest, fix_id: UUID) -> HttpResponse:
    fix = Fix.objects.filter(id=fix_id).select_related("problem", "problem__agent", "repository", "approved_by").first()
    if fix is None:
        raise NotFound("There is no such fix.")
    context = {
        "fix": fix,
        "change": change_read(fix.diff),
        "steps": steps_of(fix.status),
        "link": fix.url if fix.url.startswith(("https://", "http://")) else "",
        "can_write": request.actor.is_allowed("fixes:write"),
    }
    return render(request, "fixers/fix_detail.html", context)


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
