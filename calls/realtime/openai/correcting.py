"""A stopped response and what is said in its place, in the agent's own voice. Pure.

In order: the response is cancelled, what was played of it is cut at the provider, and once nothing else is being said
the model gets the words to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from calls.events import NoteTaken, PlaybackReported, PlaybackState
from calls.realtime.openai.book import AgentTurn, Response
from calls.realtime.openai.messages import TAG
from calls.realtime.openai.names import Body, object_at, text_at
from calls.realtime.openai.wires import Wires
from judging.core.types import Json

# From the request for a response to its beginning; later than this it will not come.
BEGIN_WITHIN_MS = 10_000.0
# A response of the provider's own may be faster than the correction; then it is asked for again.
MAX_TRIES = 3
# How long after a stop a bare cancel of the client's still means the stopped response.
ECHO_MS = 500.0
_ACTIVE = "conversation_already_has_active_response"


@dataclass(slots=True)
class Correction:
    """``cut_ms``: what was heard of the stopped turn; None where it was text, or nothing is to be cut."""

    intervention_id: str
    response_id: str
    turn: AgentTurn
    note: str
    buffer: str
    text: str
    started_ms: float
    cut_ms: int | None = None
    is_cut: bool = False
    is_buffer_said: bool = False
    is_text_said: bool = False
    tries: int = 0


class Corrector:
    """One correction at a time, as the session has one intervention at a time."""

    def __init__(self, wires: Wires) -> None:
        self._wires = wires
        self.current: Correction | None = None
        self._asked_id = ""  # our request that no response has answered yet
        self._asked_until_ms = 0.0
        self._speaking: Response | None = None
        self._has_started = False
        self._ends_ms: float | None = None  # when what was said has played

    @property
    def is_busy(self) -> bool:
        """Whether a response of Mirror's own is under way or due: another one would have to be refused."""
        current = self.current
        return current is not None and (not current.is_text_said or bool(self._asked_id) or self._speaking is not None)

    def is_echo(self, *, now_ms: float) -> bool:
        """Whether a cancel that names no response means the one that was just stopped."""
        current = self.current
        if current is None:
            return False
        is_ending = current.response_id in self._wires.door.open
        return is_ending or now_ms < current.started_ms + ECHO_MS

    # --- what the session says ----------------------------------------------------------------------------------------

    def start(
        self, message: Mapping[str, Json], response: Response, turn: AgentTurn, cut_ms: int | None, *, now_ms: float
    ) -> None:
        """An ``intervention``; the response is stopped at the client already."""
        said = _spoken(message)
        self.current = Correction(
            intervention_id=str(message["intervention_id"]),
            response_id=response.id,
            turn=turn,
            note=str(message.get("system_note") or ""),
            buffer=said.get("buffer", ""),
            text=said.get("correction", ""),
            started_ms=now_ms,
            cut_ms=cut_ms,
        )
        self._ends_ms, self._speaking, self._asked_id = None, None, ""
        if not response.is_over:
            self._wires.ask(self._wires.messages.cancel(response.id), f"cancel:{response.id}")
        self.advance(now_ms=now_ms)

    def correction(self, message: Mapping[str, Json], *, now_ms: float) -> None:
        """An ``intervention.correction``: the words that were still being written."""
        current = self.current
        if current is not None and message.get("intervention_id") == current.intervention_id and not current.text:
            current.text = str(message.get("text") or "")
            current.note = str(message.get("system_note") or current.note)
            self.advance(now_ms=now_ms)

    # --- what the client says -----------------------------------------------------------------------------------------

    def client_cut(self, item_id: str, audio_end_ms: int) -> bool:
        """The client cuts an item. True where it is the stopped one, which Mirror cuts (or has cut) by itself."""
        current = self.current
        if current is None or current.turn.item_id != item_id:
            return False
        if not current.is_cut and current.cut_ms is not None:
            current.cut_ms = min(audio_end_ms, round(current.turn.relayed_ms))
        return True

    # --- what the provider says ---------------------------------------------------------------------------------------

    def response_created(self, body: Body) -> str:
        """Return the intervention that the new response speaks for, "" for a response of anybody else's."""
        current, told = self.current, object_at(body, "response")
        if not self._asked_id or current is None:
            return ""
        tag = text_at(told, "metadata", TAG)
        if tag != current.intervention_id and (tag or "metadata" in told):
            return ""
        return current.intervention_id

    def speaks(self, response: Response) -> None:
        """The response is ours and has begun."""
        self._asked_id, self._speaking, self._has_started = "", response, False

    def audio_passed(self, response: Response) -> None:
        """Some of the response's audio is on its way to the caller."""
        if response is self._speaking and not self._has_started:
            self._has_started = True
            self._report(PlaybackState.STARTED)

    def response_done(self, response: Response, status: str, *, now_ms: float) -> None:
        if response is self._speaking:
            self._speaking = None
            if status != "completed":
                self.give_up()
                return
            self._ends_ms = max(now_ms, self._wires.playhead.queued_until_ms)
        self.advance(now_ms=now_ms)

    def refused(self, event_id: str, code: str, *, now_ms: float) -> None:
        """The provider did not take our request."""
        current = self.current
        if current is None or event_id != self._asked_id:
            return
        self._asked_id = ""
        current.tries += 1
        if code != _ACTIVE or current.tries >= MAX_TRIES:
            self.give_up()
            return
        current.is_text_said, current.is_buffer_said = False, bool(current.text) and current.is_buffer_said
        if self._wires.active:
            return  # asked for again when that one is over
        self.advance(now_ms=now_ms)

    def caller_spoke(self) -> None:
        """The caller speaks over the correction: the provider stops it."""
        if self._speaking is not None or self._ends_ms is not None:
            self.give_up()

    def give_up(self) -> None:
        """Nothing more is said for this intervention."""
        if self.current is not None:
            self._report(PlaybackState.CLEARED)
        self.current, self._asked_id, self._speaking, self._ends_ms = None, "", None, None

    # --- on and on ----------------------------------------------------------------------------------------------------

    def advance(self, *, now_ms: float) -> None:
        """Say the next thing, if it is known and nobody else speaks."""
        current = self.current
        if current is None or self._wires.active or self._asked_id or self._speaking is not None:
            return
        self._cut(current)
        if current.text and not current.is_text_said:
            words = current.text if current.is_buffer_said else f"{current.buffer} {current.text}".strip()
            current.is_text_said = True
            self._say(current, words, note=current.note, now_ms=now_ms)
            self._wires.feed.put_first(NoteTaken(current.intervention_id))
        elif not current.text and current.buffer and not current.is_buffer_said:
            current.is_buffer_said = True
            self._say(current, current.buffer, note="", now_ms=now_ms)

    def _cut(self, current: Correction) -> None:
        """The model must not believe that the caller heard what was never played."""
        if current.is_cut:
            return
        current.is_cut = True
        if current.cut_ms is None:
            return
        item_id, messages = current.turn.item_id, self._wires.messages
        if current.cut_ms > 0:
            self._wires.ask(messages.truncate(item_id, current.turn.index, current.cut_ms), "cut")
        else:
            self._wires.ask(messages.delete(item_id), "cut")  # the provider cuts nothing at zero

    def _say(self, current: Correction, words: str, *, note: str, now_ms: float) -> None:
        made = self._wires.messages.say(
            current.intervention_id, words, persona=self._wires.session.instructions, note=note
        )
        self._asked_id = self._wires.ask(made, "say")
        self._asked_until_ms, self._ends_ms = now_ms + BEGIN_WITHIN_MS, None

    @property
    def next_due_ms(self) -> float | None:
        times = [self._asked_until_ms] if self._asked_id else []
        return min([*times, *([] if self._ends_ms is None else [self._ends_ms])], default=None)

    def tick(self, *, now_ms: float) -> None:
        current = self.current
        if self._asked_id and self._asked_until_ms <= now_ms:
            self.give_up()
        elif current is not None and self._ends_ms is not None and self._ends_ms <= now_ms:
            self._ends_ms = None
            if current.is_text_said:
                self._report(PlaybackState.FINISHED)
                self.current = None
            elif not current.text:
                self._report(PlaybackState.FINISHED)  # the buffer line; the correction is still being written

    def _report(self, state: PlaybackState) -> None:
        if self.current is not None:
            self._wires.feed.put_first(PlaybackReported(state, 0, intervention_id=self.current.intervention_id))


def _spoken(message: Mapping[str, Json]) -> dict[str, str]:
    """What the intervention has spoken, by part; nothing for what is still being written."""
    steps: Any = message.get("steps")
    found = [step for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []
    return {str(step.get("part")): str(step["text"]) for step in found if step.get("text")}
