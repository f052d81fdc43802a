"""What the agent's code says to the provider, and what the provider hears of the caller. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from calls.events import CustomerTurnCompleted, ToolResultReceived
from calls.realtime.openai.book import Response
from calls.realtime.openai.correcting import Corrector
from calls.realtime.openai.door import Entry
from calls.realtime.openai.names import (
    APPEND_MARK,
    CALL_ARGUMENTS,
    MAX_ID_CHARACTERS,
    Body,
    body_of,
    content_index,
    is_call,
    item_id_of,
    items_of,
    object_at,
    parts_of,
    response_id_of,
    text_at,
)
from calls.realtime.openai.playing import Playing
from calls.realtime.openai.tools import Tools
from calls.realtime.openai.wires import Wires
from calls.wire.supervise import storable, storable_json
from judging.core.types import Json

_MAX_TEXT = 8_000  # characters of one turn that the judge reads
_NO_NAME = "tool"


def entry_of(text: str, kind: str, body: Body, response: Response | None) -> Entry:
    """The message with the ids that decide when the client may see it."""
    item_id, response_id = item_id_of(body), response_id_of(body)
    previous = text_at(body, "previous_item_id")
    needs = {item_id, response_id, previous} - {""}
    makes: set[str] = set()
    if kind == "response.created":
        makes = {response_id}
    elif kind == "response.done":
        needs |= {text_at(item, "id") for item in items_of(object_at(body, "response"))} - {""}
    elif kind in ("response.output_item.added", "conversation.item.added", "input_audio_buffer.committed"):
        makes = {item_id} - {""}
    is_of_call = is_call(object_at(body, "item")) or kind in CALL_ARGUMENTS
    lane = item_id if is_of_call or response is None else response.id
    is_beside = response is not None and response.is_beside
    return Entry(text, kind, body, lane, frozenset(needs), frozenset(makes), is_beside=is_beside)


def caller(wires: Wires, kind: str, body: Body, *, now_ms: float) -> int:
    """Take in what the provider hears of the caller; return how many turns will stay unknown."""
    item_id = item_id_of(body)
    if kind == "input_audio_buffer.committed":
        if wires.session.is_transcribed:
            wires.feed.expect(item_id, now_ms=now_ms)
            return 0
        return 1
    if kind == "conversation.item.input_audio_transcription.completed":
        index, text = content_index(body), text_at(body, "transcript").strip()
        turn_id = (item_id if index == 0 else f"{item_id}.{index}")[:MAX_ID_CHARACTERS]
        wires.feed.heard(item_id, CustomerTurnCompleted(turn_id, storable(text[:_MAX_TEXT])) if text else None)
    elif kind == "conversation.item.input_audio_transcription.failed":
        wires.feed.heard(item_id, None)
        return 1
    return 0


class Client:
    """The client's messages. Most go on as they came; those that Mirror's own doing has answered do not."""

    def __init__(self, wires: Wires, tools: Tools, corrector: Corrector, playing: Playing) -> None:
        self._wires, self._tools, self._corrector, self._playing = wires, tools, corrector, playing
        self._waiting: list[str] = []  # requests for a response that would collide with one of Mirror's own
        self._beside_count = 0  # those asked for outside the conversation that have not begun
        self._texts_count = 0
        self._takers: Mapping[str, Callable[[Body, str, float], str | None]] = {
            "session.update": self._update,
            "response.create": self._create,
            "response.cancel": self._cancel,
            "conversation.item.create": self._put,
            "conversation.item.truncate": self._truncate,
        }

    def said(self, text: str, *, now_ms: float) -> None:
        body = None if APPEND_MARK in text else body_of(text)
        taker = self._takers.get(body["type"]) if body is not None else None
        passed = taker(body, text, now_ms) if taker is not None and body is not None else text
        if passed is not None:
            self._wires.to_upstream.append(passed)

    def is_beside(self, response: Body) -> bool:
        """Whether the response that begins is one that the client asked for outside the conversation."""
        if self._beside_count and "conversation_id" in response and response["conversation_id"] is None:
            self._beside_count -= 1
            return True
        return False

    def release(self, *, now_ms: float) -> None:
        """What waited for Mirror's own response to be over."""
        if self._waiting and not self._is_taken(now_ms):
            self._wires.to_upstream += self._waiting
            self._waiting = []

    def _is_taken(self, now_ms: float) -> bool:
        return self._corrector.is_busy or self._tools.is_going_on(now_ms=now_ms)

    # --- one message each; None: it does not go on -----------------------------------------------------------------

    def _update(self, body: Body, text: str, now_ms: float) -> str | None:
        return self._wires.session.from_client(body, text)

    def _create(self, body: Body, text: str, now_ms: float) -> str | None:
        if text_at(body, "response", "conversation") == "none":
            self._beside_count += 1
            return text
        if self._is_taken(now_ms):
            self._waiting.append(text)
            return None
        return text

    def _cancel(self, body: Body, text: str, now_ms: float) -> str | None:
        response_id = text_at(body, "response_id")
        if self._waiting and not response_id:
            self._waiting.clear()
        known = self._wires.book.responses.get(response_id)
        if known is not None and known.is_stopped:
            return None  # Mirror cancelled it
        if not response_id and self._corrector.is_echo(now_ms=now_ms):
            return None
        return None if self._tools.client_cancelled(response_id) else text

    def _put(self, body: Body, text: str, now_ms: float) -> str | None:
        item = object_at(body, "item")
        if is_call(item):
            self._tools.client_put(item)
        elif item.get("type") == "function_call_output":
            self._put_result(item)
        elif item.get("role") == "user":
            self._put_words(item)
        return text

    def _put_result(self, item: Body) -> None:
        call_id, output = text_at(item, "call_id"), text_at(item, "output")
        name = self._wires.book.names.get(call_id) or _NO_NAME
        result = _result_of(output)
        self._wires.tell(ToolResultReceived(call_id[:MAX_ID_CHARACTERS], name[:MAX_ID_CHARACTERS], result))

    def _put_words(self, item: Body) -> None:
        said = [text_at(part, "text") or text_at(part, "transcript") for part in parts_of(item)]
        text = " ".join(part.strip() for part in said if part.strip())
        if not text:
            return
        self._texts_count += 1
        turn_id = text_at(item, "id")[:MAX_ID_CHARACTERS] or f"client_text_{self._texts_count}"
        self._wires.tell(CustomerTurnCompleted(turn_id, storable(text[:_MAX_TEXT])))

    def _truncate(self, body: Body, text: str, now_ms: float) -> str | None:
        item_id, end_ms = text_at(body, "item_id"), body.get("audio_end_ms")
        if not isinstance(end_ms, int) or isinstance(end_ms, bool) or end_ms < 0:
            return text
        if self._corrector.client_cut(item_id, end_ms):
            return None
        index = content_index(body)
        turn = self._wires.book.turns.get(item_id if index == 0 else f"{item_id}.{index}")
        if turn is not None:
            self._playing.client_cut(turn.turn_id, end_ms, turn.relayed_ms, now_ms=now_ms)
        return text


def _result_of(output: str) -> Json:
    try:
        return storable_json(json.loads(output))
    except (ValueError, RecursionError):
        return storable(output)
