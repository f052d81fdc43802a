"""Console pages of calls: the live desk, the list, and one call."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from calls import selectors
from calls.access import access_call
from calls.models import Call
from calls.pages import ConsoleRequest, console_page, page_of
from calls.selectors import CallFilter
from calls.transcript import TurnShown, transcript_since
from tenants.models import Agent

# Telephone numbers of callers are shown to those who work with calls, not to those who may only look.
NUMBERS_SCOPE = "calls:write"
DECISIONS = (
    ("intervene", "Intervened"),
    ("held", "Tool call held"),
    ("undecided", "Undecided"),
    ("clean", "Nothing found"),
)


@require_safe
@console_page("calls:read")
def live(request: ConsoleRequest) -> HttpResponse:
    return render(request, "calls/live.html", _live_context())


@require_safe
@console_page("calls:read")
def live_rows(request: ConsoleRequest) -> HttpResponse:
    """The desk alone, for a page that is already open."""
    return render(request, "calls/_live_desk.html", _live_context())


@require_safe
@console_page("calls:read")
def call_list(request: ConsoleRequest) -> HttpResponse:
    names = ("status", "agent", "decision")
    filters = CallFilter(**{name: request.GET.get(name, "") for name in names}, search=request.GET.get("q", "").strip())
    page = page_of(selectors.call_list(filters), by="started_at", cursor=request.GET.get("cursor", ""))
    context = {
        "page": page,
        "filters": filters,
        "is_filtered": filters != CallFilter(),
        "agents": list(Agent.objects.order_by("slug")),
        "statuses": Call.Status.choices,
        "decisions": DECISIONS,
    }
    return render(request, "calls/call_list.html", context)


@require_safe
@console_page("calls:read")
def call_detail(request: ConsoleRequest, call_id: UUID) -> HttpResponse:
    call = access_call(request.actor, call_id)
    transcript = selectors.call_transcript(call)
    return render(request, "calls/call_detail.html", _call_context(request, call, transcript, transcript))


@require_safe
@console_page("calls:read")
def call_rows(request: ConsoleRequest, call_id: UUID) -> HttpResponse:
    """The turns that changed after ``?after=n``, and the call's state."""
    call = access_call(request.actor, call_id)
    transcript = selectors.call_transcript(call)
    after = request.GET.get("after", "0")
    rows = transcript_since(transcript, int(after) if after.isascii() and after.isdigit() else 0)
    return render(request, "calls/_call_rows.html", _call_context(request, call, transcript, rows))


def number_masked(number: str) -> str:
    """Return the number with all but its last two digits hidden: enough to tell two callers apart on a page."""
    hidden = [character if not character.isdigit() else "•" for character in number]
    return "".join(hidden[:-2]) + number[-2:] if len(number) > 4 else "•" * len(number)


def _live_context() -> dict[str, Any]:
    calls = selectors.call_live_list()
    return {"calls": calls, "is_cut": len(calls) == selectors.LIVE_LIMIT}


def _call_context(
    request: ConsoleRequest, call: Call, transcript: list[TurnShown], rows: list[TurnShown]
) -> dict[str, Any]:
    is_shown = request.actor.is_allowed(NUMBERS_SCOPE)
    return {
        "call": call,
        "rows": rows,
        "last_n": max((entry.n for entry in transcript), default=0),
        "is_live": call.status == Call.Status.LIVE,
        "from_number": call.from_number if is_shown else number_masked(call.from_number),
        "to_number": call.to_number if is_shown else number_masked(call.to_number),
        "duration_ms": int(((call.ended_at or now()) - call.started_at).total_seconds() * 1000),
        "turn_count": sum(1 for entry in transcript if entry.turn and entry.role != "tool"),
        "stream_events": list(selectors.stream_event_list(call)),
        "flags": [entry for entry in transcript if entry.is_flagged],
    }
