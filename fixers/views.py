"""Console pages of fixes, and what a member may do to one."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from calls.pages import ConsoleRequest, console_page, page_of
from fixers.diff_rows import diff_rows
from fixers.models import Fix
from tenants.errors import NotFound

STEPS = ("proposed", "approved", "open", "merged")


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
    rows = diff_rows(fix.diff)
    context = {
        "fix": fix,
        "rows": rows,
        "added": sum(1 for row in rows if row.kind == "add"),
        "removed": sum(1 for row in rows if row.kind == "remove"),
        "can_write": request.actor.is_allowed("fixes:write"),
    }
    return render(request, "fixers/fix_detail.html", context)
