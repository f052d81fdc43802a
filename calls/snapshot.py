"""A session as JSON and back, so that another process can go on with the call. Pure.

Reviews that were under way are started again by ``restore``: a paused judge cannot be carried over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calls import rows
from calls.events import Effect
from calls.intervention import Intervention
from calls.reviews import ReviewKind
from calls.session import CallSession, Note, Streamed
from calls.transitions import State
from judging.core import SentenceSplitter

VERSION = 2


def take(session: CallSession) -> dict[str, Any]:
    """Return the whole state, JSON-able."""
    note, streamed, running = session.note, session.streamed, session.intervention
    return {
        "version": VERSION,
        "state": session.state.value,
        "last_seq": session.last_seq,
        "n": session.n,
        "next_index": session.next_index,
        "generation": session.generation,
        "cooldown_until_ms": session.cooldown_until_ms,
        "interventions_count": session.interventions_count,
        "reviews_count": session.reviews_count,
        "follows_intervention": session.follows_intervention,
        "revision": session.revision,
        "turns": [rows.turn(turn) for turn in session.conversation.turns],
        "turn_ids": dict(session.turn_ids),
        "gates": session.gates.snapshot(),
        "note": [note.intervention_id, note.text, note.turns_left] if note else None,
        "streamed": _streamed(streamed) if streamed else None,
        "intervention": running.snapshot() if running else None,
        "reviews": [
            {
                "turn": rows.turn(review.turn),
                "kind": review.kind.value,
                "is_final": review.is_final,
                "gate_id": review.gate_id,
                "has_intervened": review.has_intervened,
            }
            for review in session.reviews.values()
        ],
    }


def _streamed(streamed: Streamed) -> dict[str, Any]:
    return {
        "turn_id": streamed.turn_id,
        "index": streamed.index,
        "text": streamed.splitter.text,
        "has_intervened": streamed.has_intervened,
    }


def restore(session: CallSession, kept: Mapping[str, Any], *, now_ms: float) -> list[Effect]:
    """Fill a fresh session from ``take``'s result; return what must be done first.

    The returned effects start the unfinished reviews again and set the running intervention's timer.

    Raises:
        ValueError: the snapshot is of another version; the session is unchanged.
    """
    if kept.get("version") != VERSION:
        raise ValueError(f"snapshot version {kept.get('version')!r} is not {VERSION}")
    for fields in kept["turns"]:
        turn = rows.turn_from_row(fields)
        session.conversation.add(turn)
        if turn.turn_id:
            session.turns[turn.turn_id] = turn
    session.state = State(kept["state"])
    session.last_seq, session.n, session.next_index = kept["last_seq"], kept["n"], kept["next_index"]
    session.generation, session.cooldown_until_ms = kept["generation"], kept["cooldown_until_ms"]
    session.interventions_count, session.reviews_count = kept["interventions_count"], kept["reviews_count"]
    session.follows_intervention = kept["follows_intervention"]
    session.turn_ids = dict(kept["turn_ids"])
    session.gates.restore(kept["gates"])
    session.note = Note(*kept["note"]) if kept["note"] else None
    session.streamed = _restore_streamed(kept["streamed"]) if kept["streamed"] else None
    session.intervention = Intervention.restore(kept["intervention"]) if kept["intervention"] else None
    return session.go_on(
        [
            (
                rows.turn_from_row(one["turn"]),
                ReviewKind(one["kind"]),
                one["is_final"],
                one["gate_id"],
                one["has_intervened"],
            )
            for one in kept["reviews"]
        ],
        now_ms=now_ms,
    )


def _restore_streamed(kept: Mapping[str, Any]) -> Streamed:
    splitter = SentenceSplitter()
    splitter.feed(kept["text"])
    return Streamed(kept["turn_id"], kept["index"], splitter, kept["has_intervened"])
