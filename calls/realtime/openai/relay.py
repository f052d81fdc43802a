"""``OpenAIRelay``: the Realtime protocol between the agent's code and the provider. Pure.

Messages pass as they came. It reads them for what the session needs to know, withholds function calls and the words of
stopped responses, and speaks to the provider with event ids of its own. See ``door`` for what the client may see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from calls.events import (
    CallEvent,
    PlaybackReported,
    PlaybackState,
)
from calls.heard import speech_ms
from calls.playhead import Played
from calls.realtime.base import Out, RelaySettings
from calls.realtime.openai import listening
from calls.realtime.openai.book import AgentTurn, Response
from calls.realtime.openai.correcting import Corrector
from calls.realtime.openai.door import Entry, Passed
from calls.realtime.openai.listening import Client, entry_of
from calls.realtime.openai.messages import OURS
from calls.realtime.openai.names import (
    AUDIO_DELTA,
    CALL_ARGUMENTS,
    CONTENT_DELTAS,
    ITEM_EVENTS,
    WORD_ENDS,
    Body,
    body_of,
    bytes_per_ms,
    is_call,
    item_id_of,
    kind_of,
    object_at,
    response_id_of,
    text_at,
)
from calls.realtime.openai.playing import Playing
from calls.realtime.openai.speaking import Speaking
from calls.realtime.openai.tools import Tools
from calls.realtime.openai.wires import Wires
from judging.core.types import Json

UNCHECKED = "The call was not run: it could not be checked. Tell the caller that it is not done, and ask them again."


class OpenAIRelay:
    """See ``calls.realtime.base.Relay`` for what each method is for."""

    def __init__(self, settings: RelaySettings) -> None:
        self._wires = Wires(settings)
        self._tools = Tools(self._wires)
        self._corrector = Corrector(self._wires)
        self._speaking = Speaking(self._wires)
        self._playing = Playing(self._wires)
        self._client = Client(self._wires, self._tools, self._corrector, self._playing)
        self._errors_count = 0
        self._unheard_count = 0

    # --- in ----------------------------------------------------------------------------------------------------------

    def from_client(self, text: str, *, now_ms: float) -> None:
        self._client.said(text, now_ms=now_ms)

    def from_upstream(self, text: str, *, now_ms: float) -> None:
        body = body_of(text)
        if body is None:
            self._wires.door.put(Entry(text))
            return
        kind = kind_of(body)
        if self._is_ours(kind, body, now_ms=now_ms):
            return
        response = self._note(kind, body, now_ms=now_ms)
        entry = entry_of(text, kind, body, response or self._response_of(body))
        if kind in CONTENT_DELTAS:
            self._speaking.content(entry, body, now_ms=now_ms)
        self._wires.door.put(entry)
        if kind == "session.created":
            self._wires.to_upstream += self._wires.session.first_update(self._wires.messages)

    def _is_ours(self, kind: str, body: Body, *, now_ms: float) -> bool:
        """Whether the message answers one that the client never sent; then it is handled here."""
        if kind == "session.updated" and self._wires.session.is_ours():
            self._wires.session.take(object_at(body, "session"))
            return True
        event_id = text_at(body, "error", "event_id")
        if kind != "error" or not event_id.startswith(OURS):
            return False
        self._errors_count += 1
        purpose = self._wires.purpose_of(event_id) or ""
        code = text_at(body, "error", "code")
        if purpose == "say":
            self._corrector.refused(event_id, code, now_ms=now_ms)
        elif purpose == "go_on":
            self._tools.went_on()
        elif purpose.startswith("cancel:"):
            self._over(self._wires.book.response(purpose.removeprefix("cancel:")), "cancelled", now_ms=now_ms)
        return True

    def told(self, message: Mapping[str, Json], *, now_ms: float) -> None:
        kind = message.get("type")
        if kind == "verdict":
            self._speaking.judged(message)
        elif kind == "tool.decision":
            self._tools.decided(message, now_ms=now_ms)
        elif kind == "intervention":
            self._intervene(message, now_ms=now_ms)
        elif kind == "intervention.correction":
            self._corrector.correction(message, now_ms=now_ms)

    def gate_failed(self, gate_id: str, *, now_ms: float) -> None:
        self._tools.failed(gate_id, UNCHECKED, now_ms=now_ms)

    # --- what the provider says --------------------------------------------------------------------------------------

    def _response_of(self, body: Body) -> Response | None:
        response_id = response_id_of(body)
        known = self._wires.book.responses.get(response_id)
        return known or self._wires.book.response_of(item_id_of(body))

    def _note(self, kind: str, body: Body, *, now_ms: float) -> Response | None:
        if kind in ITEM_EVENTS:
            self._note_item(kind, body)
        elif kind in CALL_ARGUMENTS:
            call = {**body, "id": item_id_of(body)}
            self._tools.seen(call, self._of(body), is_end=kind.endswith(".done"))
        elif kind == "response.created":
            return self._created(body)
        elif kind == "response.done":
            return self._done(body, now_ms=now_ms)
        elif kind in WORD_ENDS:
            self._speaking.words_end(body)
        elif kind in ("session.created", "session.updated"):
            self._wires.session.take(object_at(body, "session"))
        elif kind == "input_audio_buffer.speech_started":
            self._caller_spoke(now_ms=now_ms)
        else:
            self._unheard_count += listening.caller(self._wires, kind, body, now_ms=now_ms)
        return None

    def _of(self, body: Body) -> Response:
        return self._wires.book.response(response_id_of(body))

    def _created(self, body: Body) -> Response:
        told = object_at(body, "response")
        response = self._of(body)
        response.is_beside = self._client.is_beside(told)
        response.bytes_per_ms = bytes_per_ms(object_at(told, "audio", "output").get("format"))
        if response.is_beside:
            return response
        self._wires.active.add(response.id)
        response.intervention_id = self._corrector.response_created(body)
        if response.intervention_id:
            self._corrector.speaks(response)
        else:
            self._tools.went_on()
        return response

    def _note_item(self, kind: str, body: Body) -> None:
        item = object_at(body, "item")
        if self._tools.is_answer(item):
            self._wires.door.hide(text_at(item, "id"))
        elif is_call(item) and not self._tools.is_clients(item):
            known = self._wires.book.response_of(text_at(item, "id"))
            response = self._of(body) if response_id_of(body) else known or self._latest()
            self._tools.seen(item, response, is_end=kind == "response.output_item.done")
        elif response_id_of(body) and text_at(item, "id"):
            self._wires.book.item(text_at(item, "id"), response_id_of(body))
            if kind == "response.output_item.done":
                self._speaking.finish(self._of(body), text_at(item, "id"))

    def _latest(self) -> Response:
        """The response that an item belongs to which does not say it."""
        active = [self._wires.book.response(response_id) for response_id in self._wires.active]
        return active[-1] if active else self._wires.book.response("")

    def _done(self, body: Body, *, now_ms: float) -> Response:
        response = self._of(body)
        self._speaking.finish(response)
        self._tools.response_done(response, body, now_ms=now_ms)
        self._over(response, text_at(body, "response", "status"), now_ms=now_ms)
        for gone in self._wires.book.trim():
            self._wires.door.forget(gone.id, gone.item_ids)
            self._speaking.forget(gone)
        return response

    def _over(self, response: Response, status: str, *, now_ms: float) -> None:
        response.is_over = True
        self._wires.active.discard(response.id)
        self._corrector.response_done(response, status, now_ms=now_ms)

    def _caller_spoke(self, *, now_ms: float) -> None:
        if self._wires.session.is_interruptible:
            self._playing.spoken_over(now_ms=now_ms)
            self._corrector.caller_spoke()

    # --- what the session says ---------------------------------------------------------------------------------------

    def _intervene(self, message: Mapping[str, Json], *, now_ms: float) -> None:
        turn = self._wires.book.turns.get(str(message.get("turn_id")))
        if turn is None:
            return  # a turn that a supervise socket told of: not in this stream
        response = self._wires.book.response(turn.response_id)
        if response.intervention_id:
            # What Mirror had it say: corrected again it would never end.
            intervention_id = str(message.get("intervention_id"))
            self._wires.feed.put_first(PlaybackReported(PlaybackState.CLEARED, 0, intervention_id=intervention_id))
            return
        cut_ms = self._stop(turn, response, now_ms=now_ms)
        self._corrector.start(message, response, turn, cut_ms, now_ms=now_ms)

    def _stop(self, turn: AgentTurn, response: Response, *, now_ms: float) -> int | None:
        """Keep the rest of it from the client; return how much of the turn's audio was played, None of text."""
        response.is_stopped = True
        self._wires.door.stop(response.id)
        self._tools.stopped(response)
        is_playing = self._wires.playhead.queued_until_ms > now_ms
        played = {one.turn_id: one for one in self._playing.cleared(now_ms=now_ms)}
        for other in response.turns.values():
            if other.turn_id not in played:
                self._playing.report(self._unplayed(other), PlaybackState.CLEARED)
        self._speaking.finish(response)
        if is_playing:
            self._wires.tell_client(*self._wires.messages.interruption(now_ms))
        heard = played.get(turn.turn_id)
        return (round(heard.played_ms) if heard is not None else 0) if turn.is_audio else None

    def _unplayed(self, turn: AgentTurn) -> Played:
        """Of text, what was passed on was read; audio that was never in the queue was not heard."""
        said = "" if turn.is_audio else self._wires.door.said(turn.item_id, turn.index)
        return Played(turn.turn_id, speech_ms(said), max(speech_ms(turn.text), 1.0))

    # --- out ---------------------------------------------------------------------------------------------------------

    def events(self, *, now_ms: float) -> list[CallEvent]:
        return self._wires.feed.take(now_ms=now_ms)

    def take(self, *, now_ms: float) -> Out:
        self._client.release(now_ms=now_ms)
        passed = self._wires.door.flush(now_ms=now_ms)
        for one in passed:
            self._passed(one, now_ms=now_ms)
        asked, self._wires.to_upstream = self._wires.to_upstream, []
        return Out([one.text for one in passed], asked)

    def _passed(self, one: Passed, *, now_ms: float) -> None:
        if one.entry.kind != AUDIO_DELTA or not one.entry.audio_ms:
            return
        turn = self._wires.book.turns.get(one.entry.turn_id)
        if turn is not None:
            turn.relayed_ms += one.entry.audio_ms
            self._playing.sent(turn.turn_id, one.entry.audio_ms, now_ms=now_ms)
            self._corrector.audio_passed(self._wires.book.response(turn.response_id))

    def playing(self, *, now_ms: float) -> Sequence[PlaybackReported]:
        return self._playing.reports(now_ms=now_ms)

    # --- time and the end --------------------------------------------------------------------------------------------

    @property
    def next_due_ms(self) -> float | None:
        wires = self._wires
        parts = (wires.door, wires.feed, self._tools, self._corrector, self._playing)
        return min((part.next_due_ms for part in parts if part.next_due_ms is not None), default=None)

    def tick(self, *, now_ms: float) -> None:
        self._tools.tick(now_ms=now_ms)
        self._corrector.tick(now_ms=now_ms)
        self._playing.tick(now_ms=now_ms)

    def upstream_gone(self, detail: str, *, now_ms: float) -> None:
        door = self._wires.door
        door.drain()
        for response_id in door.unended():
            door.put(Entry(self._wires.messages.failed_response(response_id, "upstream_lost", detail)))
        self._wires.tell_client(self._wires.messages.error("upstream_lost", detail))

    def ended(self, *, now_ms: float) -> None:
        for turn in list(self._wires.book.turns.values()):
            self._speaking.finish_turn(turn)
        self._playing.settle(now_ms=now_ms)
        self._wires.feed.stop_waiting()

    @property
    def withheld_bytes(self) -> int:
        return self._wires.door.waiting_bytes

    @property
    def facts(self) -> Mapping[str, Json]:
        session = self._wires.session
        return {
            "session_id": session.id,
            "model": session.model,
            "is_transcribed": session.is_transcribed,
            "unheard_turns": self._unheard_count,
            "errors_swallowed": self._errors_count,
        }
