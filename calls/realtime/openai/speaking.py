"""What the agent says: words as they come, to be judged, and audio with the time it takes to play. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from calls.events import AgentDeltaReceived, AgentTurnFinished
from calls.realtime.openai.book import AgentTurn, Response
from calls.realtime.openai.door import Entry
from calls.realtime.openai.names import (
    AUDIO_DELTA,
    WORD_DELTAS,
    Body,
    base64_length,
    content_index,
    item_id_of,
    response_id_of,
    text_at,
)
from calls.realtime.openai.wires import Wires
from calls.wire.supervise import storable
from judging.core.types import Json


class Speaking:
    """Also knows what is judged: in ``hold`` mode that is what may leave."""

    def __init__(self, wires: Wires) -> None:
        self._wires = wires
        self._judged: set[str] = set()  # turns whose last word was judged

    def _of(self, body: Body) -> Response:
        return self._wires.book.response(response_id_of(body))

    def _turn(self, body: Body) -> AgentTurn:
        response = self._of(body)
        item_id = item_id_of(body) or response.id
        self._wires.book.item(item_id, response.id)
        return self._wires.book.turn(item_id, content_index(body), response.id)

    def content(self, entry: Entry, body: Body, *, now_ms: float) -> None:
        turn, response = self._turn(body), self._of(body)
        delta = text_at(body, "delta")
        entry.turn_id = turn.turn_id
        if entry.kind == AUDIO_DELTA:
            turn.is_audio = True
            rate = response.bytes_per_ms or self._wires.session.bytes_per_ms
            entry.audio_ms = base64_length(delta) / rate
        elif entry.kind in WORD_DELTAS:
            turn.is_audio |= "transcript" in entry.kind
            self._say(turn, response, delta)
        budget_ms = self._wires.settings.hold_budget_ms
        is_judged = response.is_beside and not turn.is_audio
        if (
            budget_ms is not None
            and not response.intervention_id
            and not is_judged
            and turn.turn_id not in self._judged
        ):
            entry.until_ms, entry.position = now_ms + budget_ms, len(turn.text)

    def _say(self, turn: AgentTurn, response: Response, delta: str) -> None:
        if turn.is_finished or response.is_stopped or not delta:
            return
        if response.is_beside and not turn.is_audio:
            return  # for the client's own use: the caller hears nothing of it
        turn.text += delta
        if self._wires.settings.hold_budget_ms is not None:
            turn.count_sentences(delta)
        self._wires.tell(AgentDeltaReceived(turn.turn_id, storable(delta)))

    def words_end(self, body: Body) -> None:
        """A part's words are complete: what came in no delta is told, too."""
        turn, response = self._turn(body), self._of(body)
        turn.is_audio |= "transcript" in body
        full = text_at(body, "transcript") or text_at(body, "text")
        if full.startswith(turn.text):
            self._say(turn, response, full[len(turn.text) :])
        self.finish_turn(turn)

    def finish(self, response: Response, item_id: str | None = None) -> None:
        for turn in response.turns.values():
            if item_id is None or turn.item_id == item_id:
                self.finish_turn(turn)

    def finish_turn(self, turn: AgentTurn) -> None:
        if not turn.is_finished and turn.text:
            turn.is_finished = True
            self._wires.tell(AgentTurnFinished(turn.turn_id))

    def judged(self, message: Mapping[str, Json]) -> None:
        """A verdict that lets the turn, or the turn so far, pass."""
        turn_id = str(message.get("turn_id"))
        if message.get("decision") == "intervene" and not message.get("suppressed"):
            return
        turn = self._wires.book.turns.get(turn_id)
        if message.get("final"):
            self._judged.add(turn_id)
            self._wires.door.judged(turn_id)
        elif turn is not None:
            # Verdicts may come out of order: one on a longer piece vouches for the shorter ones, never the other way.
            self._wires.door.judged(turn_id, up_to=turn.judged())

    def forget(self, response: Response) -> None:
        self._judged -= set(response.turns)
