"""What is written about calls: opening, the recorder's batches, the end, one-use tokens."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db.models import Exists, Max, OuterRef
from django.utils.timezone import now

from calls.errors import MessageRefused
from calls.events import (
    AgentTurnCompleted,
    AgentTurnFinished,
    Amend,
    Record,
    ToolGateRequested,
    ToolResultReceived,
)
from calls.gate import token_hash
from calls.inserting import Row, rows_insert
from calls.models import (
    Call,
    CallRow,
    InterventionRecord,
    MessageRecord,
    StreamEvent,
    ToolDecisionRecord,
    TurnRecord,
    VerdictRecord,
)
from calls.rows import Recorded
from calls.signals import call_ended
from calls.wire.supervise import CallStart, parse_body
from tenants.scope import tenant_context

TABLES: Mapping[str, type[CallRow]] = {
    "message": MessageRecord,
    "turn": TurnRecord,
    "verdict": VerdictRecord,
    "tool_decision": ToolDecisionRecord,
    "intervention": InterventionRecord,
}
PURGED_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class OpenedCall:
    """A call's row when a client opened or resumed it. ``last_seq`` and ``last_n`` are what is durably recorded."""

    call_id: UUID
    is_new: bool
    is_ended: bool
    started_at: datetime
    transport: str
    last_seq: int = 0
    last_n: int = 0


def call_id_for(tenant_id: UUID, external_id: str) -> UUID:
    """The same call has the same id in every process; without the tenant's random id it cannot be guessed."""
    return uuid5(tenant_id, external_id)


def call_open(*, tenant_id: UUID, agent_id: UUID, start: CallStart, transport: str, revision: int) -> OpenedCall:
    """Create the call, or find it when it is known. Safe under concurrency: the insert names the winner."""
    call_id = call_id_for(tenant_id, start.call_id)
    with tenant_context(tenant_id):
        row = Call(
            id=call_id,
            agent_id=agent_id,
            external_id=start.call_id,
            transport=transport,
            direction=start.direction,
            from_number=start.from_number,
            to_number=start.to_number,
            metadata=dict(start.metadata),
            policy_revision=revision,
            started_at=now(),
            last_seen_at=now(),
        )
        Call.objects.bulk_create([row], ignore_conflicts=True)
        kept = Call.objects.get(id=call_id)
        is_new = kept.started_at == row.started_at
        if is_new:
            return OpenedCall(call_id, True, False, kept.started_at, kept.transport)
        last_seq = MessageRecord.objects.filter(call_id=call_id).aggregate(last=Max("seq"))["last"] or 0
        last_n = max(
            model.objects.filter(call_id=call_id).aggregate(last=Max("n"))["last"] or 0 for model in TABLES.values()
        )
    return OpenedCall(
        call_id, False, kept.status == Call.Status.ENDED, kept.started_at, kept.transport, last_seq, last_n
    )


def call_stream_note(*, tenant_id: UUID, call_id: UUID, facts: Mapping[str, Any]) -> None:
    """Keep what is known of the call's stream beside its other metadata: ``{"realtime": {"session_id": ...}}``."""
    with tenant_context(tenant_id):
        call = Call.objects.select_for_update().get(id=call_id)
        call.metadata = {**call.metadata, "realtime": dict(facts)}
        call.save(update_fields=["metadata"])


# Another process may still be writing rows of a call that this one takes over: its numbers are left alone. Nobody
# writes a row a millisecond for long, so the milliseconds since the call's start are beyond all numbers before.
TAKEOVER_GAP = 1_000


def call_recorded(*, tenant_id: UUID, opened: OpenedCall) -> Recorded:
    """Return what is recorded of a call, for a session that goes on with it."""
    call_id = opened.call_id
    with tenant_context(tenant_id):
        messages = MessageRecord.objects.filter(call_id=call_id, type__in=_GATE_MESSAGES).order_by("seq")
        told = list(messages.values_list("payload", flat=True))
        last_n = max(
            model.objects.filter(call_id=call_id).aggregate(last=Max("n"))["last"] or 0 for model in TABLES.values()
        )
        last_seq = MessageRecord.objects.filter(call_id=call_id).aggregate(last=Max("seq"))["last"] or 0
        return Recorded(
            last_seq=max(opened.last_seq, last_seq),
            last_n=max(last_n + TAKEOVER_GAP, round((now() - opened.started_at).total_seconds() * 1000)),
            turns=_rows_by_n(TurnRecord, call_id, _TURN_FIELDS),
            interventions_count=InterventionRecord.objects.filter(call_id=call_id).count(),
            decisions=_rows_by_n(ToolDecisionRecord, call_id, _DECISION_FIELDS),
            requests=tuple(filter(None, map(_request_of, told))),
            results=tuple(filter(None, map(_result_of, told))),
            judged=frozenset(
                VerdictRecord.objects.filter(call_id=call_id, is_final=True).values_list("turn_index", flat=True)
            ),
        )


_GATE_MESSAGES = ("tool.gate", "agent.turn", "agent.done", "tool.result")
_TURN_FIELDS = (
    "n", "offset_ms", "index", "turn_id", "role", "text", "tool_calls", "tool_name", "result", "heard_text",
)  # fmt: skip
_DECISION_FIELDS = (
    "n", "gate_id", "tool_call_id", "turn_index", "name", "arguments", "arguments_hash", "decision", "check_name",
    "reason", "evidence", "instruction", "token_hash",
)  # fmt: skip


def _rows_by_n(model: type[CallRow], call_id: UUID, fields: tuple[str, ...]) -> dict[int, dict[str, Any]]:
    return {row.pop("n"): row for row in model.objects.filter(call_id=call_id).values(*fields)}


def _request_of(payload: Mapping[str, Any]) -> ToolGateRequested | None:
    """The request to the tool gate that a client's message was; None for none, or where no words are kept."""
    match _content_of(payload):
        case ToolGateRequested() as request:
            return request
        case (AgentTurnCompleted() | AgentTurnFinished()) as turn if turn.tool_calls:
            return ToolGateRequested(turn.turn_id, turn.tool_calls, turn.turn_id)
    return None


def _result_of(payload: Mapping[str, Any]) -> tuple[str, Any] | None:
    content = _content_of(payload)
    return (content.tool_call_id, content.result) if isinstance(content, ToolResultReceived) else None


def _content_of(payload: Mapping[str, Any]) -> object:
    try:
        return parse_body(dict(payload)).content
    except MessageRefused:
        return None


@dataclass(frozen=True, slots=True)
class Ended:
    """The call's last entry in a batch."""

    reason: str
    at: datetime


Entry = Record | Amend | Ended


def rows_write(*, tenant_id: UUID, entries: Mapping[UUID, Sequence[Entry]]) -> frozenset[tuple[UUID, int]]:
    """Write one tenant's batch in one transaction; writing it again changes nothing.

    ``entries`` maps call ids to what their sessions recorded, in order. Returns call and ``n`` of each commit token
    whose row does not stand, because another process took its number.
    """
    with tenant_context(tenant_id):
        made = _rows_by_table(entries)
        for model, rows in made.items():
            rows_insert(model, rows)
        missing = _missing_tokens(made.get(ToolDecisionRecord, ()))
        for call_id, listed in entries.items():
            for entry in listed:
                if isinstance(entry, Amend):
                    TABLES[entry.table].objects.filter(call_id=call_id, n=entry.n).update(**entry.fields)
            _raise_risk(call_id, listed)
        for call_id, listed in entries.items():
            for ended in (entry for entry in listed if isinstance(entry, Ended)):
                _end(tenant_id, call_id, ended)
    return missing


def _missing_tokens(rows: Iterable[Row]) -> frozenset[tuple[UUID, int]]:
    """A token that was handed out must be there to be redeemed."""
    hashes = {row["token_hash"]: (UUID(row["call_id"]), row["n"]) for row in rows if row["token_hash"]}
    if not hashes:
        return frozenset()
    kept = set(ToolDecisionRecord.objects.filter(token_hash__in=hashes).values_list("token_hash", flat=True))
    return frozenset(where for token, where in hashes.items() if token not in kept)


def _rows_by_table(entries: Mapping[UUID, Sequence[Entry]]) -> dict[type[CallRow], list[Row]]:
    rows: dict[type[CallRow], list[Row]] = defaultdict(list)
    for call_id, listed in entries.items():
        call = str(call_id)
        for entry in listed:
            if isinstance(entry, Record):
                row = {"call_id": call, "n": entry.n, "offset_ms": entry.offset_ms, **_stored(entry.fields)}
                rows[TABLES[entry.table]].append(row)
    return rows


def _stored(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """A commit token is stored as its hash only."""
    if "token" not in fields:
        return fields
    token = fields["token"]
    kept = {name: value for name, value in fields.items() if name != "token"}
    return {**kept, "token_hash": token_hash(token) if token else ""}


def _raise_risk(call_id: UUID, listed: Iterable[Entry]) -> None:
    """Most batches raise no risk, and that the call is alive is told by ``calls_seen``: then nothing is written."""
    risk = max((_risk(entry) for entry in listed if isinstance(entry, Record)), default=0.0)
    if risk > 0.0:
        Call.objects.filter(id=call_id, risk__lt=risk).update(risk=risk)


def _risk(entry: Record) -> float:
    return float(entry.fields["score"]) if entry.table == "verdict" else 0.0


def _end(tenant_id: UUID, call_id: UUID, ended: Ended) -> bool:
    """The conditional update names the one who ended the call; only that one tells others."""
    live = Call.objects.filter(id=call_id, status=Call.Status.LIVE)
    if live.update(status=Call.Status.ENDED, ended_at=ended.at, end_reason=ended.reason) != 1:
        return False
    call_ended.send(sender=Call, tenant_id=tenant_id, call_id=call_id)
    return True


def call_carried(*, tenant_id: UUID, external_id: str, is_carried: bool) -> None:
    """A stream of the carrier's joins a call that a supervise socket opened, or leaves it.

    A carried call lives where its stream is connected, so that a socket elsewhere is sent there.
    """
    transports = (Call.Transport.SUPERVISE, Call.Transport.PLIVO)
    before, after = transports if is_carried else reversed(transports)
    with tenant_context(tenant_id):
        live = Call.objects.filter(id=call_id_for(tenant_id, external_id), status=Call.Status.LIVE, transport=before)
        live.update(transport=after)


def calls_seen(*, tenant_id: UUID, call_ids: Sequence[UUID]) -> None:
    """The connections of these calls are alive: keeps the sweeper away."""
    with tenant_context(tenant_id):
        Call.objects.filter(id__in=call_ids, status=Call.Status.LIVE).update(last_seen_at=now())


def calls_sweep(*, tenant_id: UUID, away_s: float) -> int:
    """End live calls whose connection has stayed away; return how many."""
    with tenant_context(tenant_id):
        gone = Call.objects.filter(status=Call.Status.LIVE, last_seen_at__lt=now() - timedelta(seconds=away_s))
        ids = list(gone.values_list("id", flat=True)[:500])
        return sum(_end(tenant_id, call_id, Ended("connection_lost", now())) for call_id in ids)


def calls_purge(*, tenant_id: UUID, agent_id: UUID, retention_days: int) -> int:
    """Delete the agent's calls that ended longer ago than it keeps them, with all their rows and reports; how many.

    Problems and fixes stay: they hold no caller's words. A few hundred at a time, so that no transaction grows long.
    """
    before = now() - timedelta(days=retention_days)
    deleted = 0
    while True:
        with tenant_context(tenant_id):
            old = Call.objects.filter(agent_id=agent_id, status=Call.Status.ENDED, ended_at__lt=before)
            ids = list(old.values_list("id", flat=True)[:PURGED_AT_ONCE])
            Call.objects.filter(id__in=ids).delete()
        deleted += len(ids)
        if len(ids) < PURGED_AT_ONCE:
            break
    with tenant_context(tenant_id):
        # Of streams that never became a call.
        old_events = StreamEvent.objects.filter(agent_id=agent_id, created_at__lt=before)
        old_events.exclude(Exists(Call.objects.filter(id=OuterRef("call_id")))).delete()
    return deleted


def commit_token_redeem(*, tenant_id: UUID, token: str, name: str, arguments_hash: str) -> ToolDecisionRecord | None:
    """Redeem a commit token for exactly this call, once; None where it is unknown, used, or for another call."""
    with tenant_context(tenant_id):
        unused = ToolDecisionRecord.objects.filter(
            token_hash=token_hash(token), name=name, arguments_hash=arguments_hash, redeemed_at=None
        )
        # The conditional update names the winner. Two rows have one token where two processes decided the same request.
        if unused.update(redeemed_at=now()) == 0:
            return None
        return ToolDecisionRecord.objects.filter(token_hash=token_hash(token)).order_by("n").first()
