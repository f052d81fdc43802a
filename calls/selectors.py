"""What the console reads of calls. Everything here runs inside ``tenant_context``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import (
    Aggregate,
    Count,
    Exists,
    FloatField,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, TruncDate

from calls.models import Call, CallRow, InterventionRecord, StreamEvent, ToolDecisionRecord, TurnRecord, VerdictRecord
from calls.transcript import TurnShown, transcript_build

# More than a person can watch; the desk says so when it is cut.
LIVE_LIMIT = 200
# Turns with tool calls that are looked through for an agent's tools.
TURNS_SEEN = 500
HELD = ("confirm", "block")


class Percentile(Aggregate):
    """PostgreSQL's ``percentile_cont``: interpolated, NULL over no rows."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()

    def __init__(self, expression: Any, *, share: float, **extra: Any) -> None:
        super().__init__(expression, share=float(share), **extra)


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Empty fields filter nothing. ``decision``: ``intervene``, ``undecided``, ``held`` or ``clean``."""

    status: str = ""
    agent: str = ""
    decision: str = ""
    search: str = ""


@dataclass(frozen=True, slots=True)
class CallCounts:
    """Of calls that started since a moment. Latencies in ms, None without verdicts."""

    calls: int
    interventions: int
    held: int
    blocked: int
    verdicts: int
    undecided: int
    p50_ms: float | None
    p95_ms: float | None


def call_list(filters: CallFilter) -> QuerySet[Call]:
    """Return calls with ``turn_count``, ``intervention_count``, ``held_count`` and ``undecided_count``."""
    calls = Call.objects.select_related("agent")
    if filters.status:
        calls = calls.filter(status=filters.status)
    if filters.agent:
        calls = calls.filter(agent__slug=filters.agent)
    if filters.search:
        calls = calls.filter(_is_found(filters.search))
    return _with_counts(_decided(calls, filters.decision))


def call_live_list() -> list[Call]:
    """Return live calls, riskiest first, with the counts of ``call_list`` and ``last_text``, ``last_role``,
    ``last_decision``, ``last_score`` (None before the first)."""
    turns = TurnRecord.objects.filter(call=OuterRef("pk")).exclude(role="tool").order_by("-n")
    verdicts = VerdictRecord.objects.filter(call=OuterRef("pk")).order_by("-n")
    calls = Call.objects.filter(status=Call.Status.LIVE).select_related("agent")
    return list(
        _with_counts(calls)
        .annotate(
            last_text=Subquery(turns.values("text")[:1]),
            last_role=Subquery(turns.values("role")[:1]),
            last_decision=Subquery(verdicts.values("decision")[:1]),
            last_score=Subquery(verdicts.values("score")[:1]),
        )
        .order_by("-risk", "-started_at", "id")[:LIVE_LIMIT]
    )


def call_transcript(call: Call) -> list[TurnShown]:
    return transcript_build(
        TurnRecord.objects.filter(call=call),
        VerdictRecord.objects.filter(call=call),
        ToolDecisionRecord.objects.filter(call=call),
        InterventionRecord.objects.filter(call=call),
    )


def stream_event_list(call: Call) -> QuerySet[StreamEvent]:
    """What the carrier told of the call's streams, and each connection of them, oldest first."""
    return StreamEvent.objects.filter(call_id=call.id).order_by("created_at", "id")


def call_counts(since: datetime) -> CallCounts:
    of_calls = Q(call__started_at__gte=since)
    verdicts = VerdictRecord.objects.filter(of_calls)
    total_ms = Cast(KeyTextTransform("total", "latency_ms"), FloatField())
    judged = verdicts.aggregate(
        verdicts=Count("id"),
        undecided=Count("id", filter=Q(decision="undecided")),
        p50_ms=Percentile(total_ms, share=0.5),
        p95_ms=Percentile(total_ms, share=0.95),
    )
    gated = ToolDecisionRecord.objects.filter(of_calls).aggregate(
        held=Count("id", filter=Q(decision__in=HELD)), blocked=Count("id", filter=Q(decision="block"))
    )
    return CallCounts(
        calls=Call.objects.filter(started_at__gte=since).count(),
        interventions=InterventionRecord.objects.filter(of_calls).count(),
        **gated,
        **judged,
    )


def call_count_by_day(since: datetime) -> dict[Any, tuple[int, int]]:
    """Return ``{date: (calls, calls with an intervention)}`` in the current time zone; days without are absent."""
    rows = (
        Call.objects.filter(started_at__gte=since)
        .annotate(day=TruncDate("started_at"), is_caught=_has(InterventionRecord))
        .order_by()
        .values("day")
        .annotate(calls=Count("id"), caught=Count("id", filter=Q(is_caught=True)))
    )
    return {row["day"]: (row["calls"], row["caught"]) for row in rows}


def intervention_recent_list(limit: int = 6) -> list[InterventionRecord]:
    rows = InterventionRecord.objects.select_related("call", "call__agent")
    return list(rows.order_by("-call__started_at", "-n")[:limit])


def _with_counts(calls: QuerySet[Call]) -> QuerySet[Call]:
    return calls.annotate(
        turn_count=_count(TurnRecord, ~Q(role="tool")),
        intervention_count=_count(InterventionRecord),
        held_count=_count(ToolDecisionRecord, Q(decision__in=HELD)),
        undecided_count=_count(VerdictRecord, Q(decision="undecided")),
    )


def _count(model: type[CallRow], only: Q | None = None) -> Coalesce:
    rows = model.objects.filter(only or Q(), call=OuterRef("pk")).order_by()
    counted = rows.values("call").annotate(count=Count("id")).values("count")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _has(model: type[CallRow], **only: Any) -> Exists:
    return Exists(model.objects.filter(call=OuterRef("pk"), **only))


def _decided(calls: QuerySet[Call], decision: str) -> QuerySet[Call]:
    is_caught = _has(InterventionRecord) | _has(VerdictRecord, decision="intervene", is_final=True)
    is_held = _has(ToolDecisionRecord, decision__in=HELD)
    is_undecided = _has(VerdictRecord, decision="undecided")
    if decision == "clean":
        return calls.exclude(is_caught).exclude(is_held).exclude(is_undecided)
    wanted = {"intervene": is_caught, "held": is_held, "undecided": is_undecided}
    return calls.filter(wanted[decision]) if decision in wanted else calls


def _is_found(search: str) -> Q:
    try:
        return Q(id=UUID(search))
    except ValueError:
        return Q(external_id__icontains=search)


def tool_names_seen(agent_id: UUID) -> list[str]:
    """Return the tools that the agent's latest turns called, by name."""
    turns = TurnRecord.objects.filter(call__agent_id=agent_id).exclude(tool_calls=[])
    latest = turns.order_by("-call__started_at", "-n").values_list("tool_calls", flat=True)[:TURNS_SEEN]
    return sorted({call["name"] for calls in latest for call in calls})
