"""A session as JSON and back, so that another process can go on with the call. Pure.

Reviews that were under way are started again by ``restore``: a paused judge cannot be carried over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
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

VERSION = 2


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
        "next_index": session.book.next_index,
        "follows_intervention": session.follows_intervention,
        "revision": session.revision,
        "turn_rows": dict(session.book.row_of),
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


def restore(session: CallSession, kept: Mapping[str, Any], *, now_ms: float) -> list[Effect]:
    """Fill a fresh session from what ``dumps`` wrote; return what must be done first.

    The returned effects start the unfinished reviews again and set the running intervention's timer.

    Raises:
        ValueError: the snapshot is of another version; the session is unchanged.
    """
    if kept.get("version") != VERSION:
        raise ValueError(f"snapshot version {kept.get('version')!r} is not {VERSION}")
    for fields in kept["turns"]:
        turn = rows.turn_from_row(fields)
        session.book.enter(turn)
        if turn.turn_id:
            session.book.by_id[turn.turn_id] = turn
    session.state = State(kept["state"])
    session.last_seq, session.desk.n, session.book.next_index = kept["last_seq"], kept["n"], kept["next_index"]
    session.follows_intervention = kept["follows_intervention"]
    session.book.row_of = dict(kept["turn_rows"])
    session.gates.restore(kept["gates"])
    session.streamed = _restore_streamed(kept["streamed"]) if kept["streamed"] else None
    session.reviews.count = kept["reviews_count"]
    _restore_interventions(session, kept["interventions"])
    return session.go_on([_unfinished(one) for one in kept["reviews"]], now_ms=now_ms)


def catch_up(session: CallSession, recorded: Recorded) -> None:
    """Bring a restored (or fresh) session up to what is recorded: the database may be ahead of the last snapshot.

    Turns that were recorded later are entered as they were said; they were judged already. Deltas of a turn that was
    not complete, and gate decisions, come back with the snapshot only.
    """
    for n, fields in sorted(recorded.turns.items()):
        if n > session.desk.n:
            turn = rows.turn_from_row(fields)
            session.book.enter(turn)
            session.book.next_index = max(session.book.next_index, turn.index + 1)
            if turn.turn_id:
                session.book.by_id[turn.turn_id] = turn
                session.book.row_of[turn.turn_id] = n
    session.desk.n = max(session.desk.n, recorded.last_n)
    session.last_seq = max(session.last_seq, recorded.last_seq)
    session.interventions.count = max(session.interventions.count, recorded.interventions_count)


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
