"""A session as JSON and back, so that another process can go on with the call. Pure.

Reviews that were under way are started again by ``restore``: a paused judge cannot be carried over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from calls import rows
from calls.events import Effect
from calls.reviews import Review, ReviewKind
from calls.rows import Recorded
from calls.running import Intervention, Note
from calls.session import CallSession, Unfinished
from calls.streamed import Streamed
from calls.transitions import State
from judging.core import SentenceSplitter

VERSION = 3


def dumps(session: CallSession) -> str:
    """Return the whole state as JSON, for ``restore``."""
    # The turns are most of it and never change: they are encoded when they come, not with every snapshot.
    return f'{json.dumps(_rest(session))[:-1]}, "turns": [{", ".join(session.book.encoded)}]}}'


def _rest(session: CallSession) -> dict[str, Any]:
    ours, streamed = session.interventions, session.streamed
    return {
        "version": VERSION,
        "state": session.state.value,
        "last_seq": session.last_seq,
        "n": session.desk.n,
        "follows_intervention": session.follows_intervention,
        "revision": session.revision,
        "book": session.book.snapshot(),
        "gates": session.gates.snapshot(),
        "streamed": _streamed(streamed) if streamed else None,
        "interventions": {
            "count": ours.count,
            "generation": ours.generation,
            "cooldown_until_ms": ours.cooldown_until_ms,
            "note": [ours.note.intervention_id, ours.note.text, ours.note.turns_left] if ours.note else None,
            "running": ours.running.snapshot() if ours.running else None,
        },
        "reviews_count": session.reviews.count,
        "reviews": [_review(review) for review in session.reviews.open.values()],
    }


def _review(review: Review) -> dict[str, Any]:
    return {
        "turn": rows.turn(review.turn),
        "kind": review.kind.value,
        "is_final": review.is_final,
        "gate_id": review.gate_id,
        "has_intervened": review.has_intervened,
    }


def _streamed(streamed: Streamed) -> dict[str, Any]:
    return {
        "turn_id": streamed.turn_id,
        "index": streamed.index,
        "text": streamed.splitter.text,
        "has_intervened": streamed.has_intervened,
    }


def restore(
    session: CallSession, kept: Mapping[str, Any] | None, *, now_ms: float, recorded: Recorded | None = None
) -> list[Effect]:
    """Fill a fresh session from what ``dumps`` wrote, then from the record; return what must be done first.

    The record may be ahead of the snapshot, and is all there is when ``kept`` is None. The returned effects start the
    unfinished reviews again, ask the tool gate what it left undecided, and set the running intervention's timer.

    Raises:
        ValueError: the snapshot is of another version; the session is unchanged.
    """
    unfinished: list[Unfinished] = []
    if kept is not None:
        unfinished = _fill(session, kept)
    if recorded is not None:
        catch_up(session, recorded)
        unfinished = [left for one in unfinished if (left := _left(one, session, recorded)) is not None]
    return session.go_on(unfinished, recorded.requests if recorded is not None else (), now_ms=now_ms)


def _fill(session: CallSession, kept: Mapping[str, Any]) -> list[Unfinished]:
    if kept.get("version") != VERSION:
        raise ValueError(f"snapshot version {kept.get('version')!r} is not {VERSION}")
    session.book.restore(kept["book"], map(rows.turn_from_row, kept["turns"]))
    session.state = State(kept["state"])
    session.last_seq, session.desk.n = kept["last_seq"], kept["n"]
    session.follows_intervention = kept["follows_intervention"]
    session.gates.restore(kept["gates"])
    session.streamed = _restore_streamed(kept["streamed"]) if kept["streamed"] else None
    session.reviews.count = kept["reviews_count"]
    _restore_interventions(session, kept["interventions"])
    return [_unfinished(one) for one in kept["reviews"]]


def _left(one: Unfinished, session: CallSession, recorded: Recorded) -> Unfinished | None:
    """What is left to do of a review that was under way when the snapshot was taken."""
    is_decided = bool(one.gate_id) and session.gates.decided(one.gate_id) is not None
    gate_id = "" if is_decided else one.gate_id
    is_complete = one.turn.turn_id in session.book.row_of and not one.is_final
    is_judged = one.kind is ReviewKind.SPEECH and (one.turn.index in recorded.judged or is_complete)
    if is_judged or one.kind is ReviewKind.GATE:
        return replace(one, kind=ReviewKind.GATE, gate_id=gate_id) if gate_id else None
    return replace(one, gate_id=gate_id)


def catch_up(session: CallSession, recorded: Recorded) -> None:
    """Bring a restored (or fresh) session up to what is recorded: the database may be ahead of the last snapshot.

    Turns that were recorded later are entered as they were heard; they were judged already. Calls that the gate allowed
    count as made. Deltas of a turn that was not complete come back with the snapshot only.
    """
    for n in sorted({*recorded.turns, *recorded.decisions}):
        if n <= session.desk.n:
            continue
        if n in recorded.turns:
            _enter_turn(session, n, recorded.turns[n])
        else:
            _enter_decision(session, recorded.decisions[n]["gate_id"], recorded)
    for tool_call_id, result in recorded.results:
        session.gates.take_result(tool_call_id, result)
    session.desk.n = max(session.desk.n, recorded.last_n)
    session.last_seq = max(session.last_seq, recorded.last_seq)
    session.interventions.count = max(session.interventions.count, recorded.interventions_count)


def _enter_turn(session: CallSession, n: int, fields: Mapping[str, Any]) -> None:
    turn = rows.turn_from_row(fields)
    session.book.enter_recorded(replace(turn, tool_calls=()), fields)
    if turn.turn_id:
        session.book.row_of[turn.turn_id] = n
    # Of a turn with gated calls, the decision says which were made.
    if turn.tool_calls and not any(session.settings.judge.is_gated(call.name) for call in turn.tool_calls):
        session.book.enter_calls(turn.tool_calls)


def _enter_decision(session: CallSession, gate_id: str, recorded: Recorded) -> None:
    if session.gates.decided(gate_id) is not None:
        return
    ours = _newest_of(gate_id, recorded)
    decision = session.gates.take_recorded(gate_id, ours)
    session.book.next_index = max(session.book.next_index, (ours[0]["turn_index"] or 0) + 1)
    if decision is not None and (calls := rows.made_calls(decision)):
        session.book.enter_calls(calls)


def _newest_of(gate_id: str, recorded: Recorded) -> list[Mapping[str, Any]]:
    """The rows of the gate's last decision: two processes may each have made one, and a lost one is made again."""
    found: list[Mapping[str, Any]] = []
    last_n = 0
    for n, fields in sorted(recorded.decisions.items()):
        if fields["gate_id"] == gate_id:
            found = [*found, fields] if n == last_n + 1 else [fields]
            last_n = n
    return found


def _restore_interventions(session: CallSession, kept: Mapping[str, Any]) -> None:
    ours = session.interventions
    ours.count, ours.generation = kept["count"], kept["generation"]
    ours.cooldown_until_ms = kept["cooldown_until_ms"]
    ours.note = Note(*kept["note"]) if kept["note"] else None
    ours.running = Intervention.restore(kept["running"]) if kept["running"] else None


def _unfinished(kept: Mapping[str, Any]) -> Unfinished:
    return Unfinished(
        rows.turn_from_row(kept["turn"]),
        ReviewKind(kept["kind"]),
        kept["is_final"],
        kept["gate_id"],
        kept["has_intervened"],
    )


def _restore_streamed(kept: Mapping[str, Any]) -> Streamed:
    splitter = SentenceSplitter()
    splitter.feed(kept["text"])
    return Streamed(kept["turn_id"], kept["index"], splitter, kept["has_intervened"])
