"""A realtime model that says what it is told to, as a protocol core: messages in, messages out, no sockets, no clock.

It keeps the Realtime protocol as its provider describes it: one response of the conversation at a time, items and
responses with ids, what is cancelled ends with its ``.done`` messages, errors for what cannot be done.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, TypeAlias

from calls.simulate.realtime_speech import Body, Reply, Running, Speech, last_id

_BETA_NAMES: Final = {
    "response.output_audio.delta": "response.audio.delta",
    "response.output_audio.done": "response.audio.done",
    "response.output_audio_transcript.delta": "response.audio_transcript.delta",
    "response.output_audio_transcript.done": "response.audio_transcript.done",
    "response.output_text.delta": "response.text.delta",
    "response.output_text.done": "response.text.done",
    "conversation.item.added": "conversation.item.created",
}


@dataclass(frozen=True, slots=True)
class Ask:
    """What a response is asked for. ``items`` is the conversation."""

    response: Body
    items: Sequence[Body]

    @property
    def instructions(self) -> str:
        return str(self.response.get("instructions") or "")


Answer: TypeAlias = Callable[[Ask], Reply]


class RealtimeModel:
    """One session. ``receive`` what the client sends, ``step`` while ``is_busy``; both return what it says."""

    def __init__(self, answer: Answer, *, is_beta: bool = False, is_text: bool = False) -> None:
        self._answer, self._is_beta, self._is_text = answer, is_beta, is_text
        self._numbers = count(1)
        self._running: deque[Running] = deque()
        self._unheard: deque[tuple[str, str]] = deque()  # item and words still to be written down
        self.items: list[Body] = []
        self.received: list[Body] = []
        self.session: Body = {
            "type": "realtime",
            "object": "realtime.session",
            "id": "sess_1",
            "model": "scripted",
            "instructions": "You are a friendly agent.",
            "output_modalities": ["text" if is_text else "audio"],
            "audio": {
                "input": {"transcription": None, "turn_detection": {"type": "server_vad", "interrupt_response": True}},
                "output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "tone"},
            },
        }
        self._speech = Speech(self, self.items, self.session, is_beta=is_beta, is_text=is_text)
        self._takers: dict[str, Callable[[Body], list[Body]]] = {
            "session.update": self._update,
            "input_audio_buffer.append": lambda body: [],
            "input_audio_buffer.clear": lambda body: [self.event("input_audio_buffer.cleared")],
            "input_audio_buffer.commit": lambda body: self._commit("..."),
            "conversation.item.create": self._create_item,
            "conversation.item.truncate": self._truncate,
            "conversation.item.delete": self._delete,
            "response.create": self._create_response,
            "response.cancel": self._cancel,
        }

    # --- in ----------------------------------------------------------------------------------------------------------

    def greet(self) -> list[Body]:
        return [self.event("session.created", session=json.loads(json.dumps(self.session)))]

    def receive(self, text: str) -> list[Body]:
        try:
            body = json.loads(text)
            taker = self._takers.get(body["type"])
        except (ValueError, KeyError, TypeError):
            return [self._error({}, "invalid_json", "the message is not JSON with a type")]
        self.received.append(body)
        if taker is None:
            return [self._error(body, "invalid_value", f"unknown type {body['type']!r}")]
        return taker(body)

    def caller_says(self, words: str, *, is_answered: bool = True) -> list[Body]:
        """The caller speaks and stops: voice detection cuts the agent off, and the model answers."""
        item_id = self.new_id("item")
        told = [self.event("input_audio_buffer.speech_started", audio_start_ms=0, item_id=item_id)]
        told += [
            event for one in list(self._running) if not one.is_beside for event in self._ended(one, "turn_detected")
        ]
        told += [self.event("input_audio_buffer.speech_stopped", audio_end_ms=0, item_id=item_id)]
        told += self._commit(words, item_id)
        return told + (self._create_response({"type": "response.create"}) if is_answered else [])

    def write_down(self) -> list[Body]:
        """The words of the caller's first turn that are not known yet."""
        if not self._unheard:
            return []
        item_id, words = self._unheard.popleft()
        kind = "conversation.item.input_audio_transcription.completed"
        return [self.event(kind, item_id=item_id, content_index=0, transcript=words, usage={"type": "duration"})]

    # --- on and on ---------------------------------------------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        return bool(self._running)

    @property
    def is_writing_down(self) -> bool:
        return bool(self._unheard)

    def step(self, number: int = 0) -> list[Body]:
        """The next few messages of a running response."""
        if not self._running:
            return []
        running = self._running[number % len(self._running)]
        told = next(running.steps, [])
        if not told or told[-1]["type"] == "response.done":
            self._running.remove(running)
        return told

    # --- messages of the client's ------------------------------------------------------------------------------------

    def _update(self, body: Body) -> list[Body]:
        _merge(self.session, body.get("session") or {})
        return [self.event("session.updated", session=json.loads(json.dumps(self.session)))]

    def _commit(self, words: str, item_id: str = "") -> list[Body]:
        item_id = item_id or self.new_id("item")
        previous = last_id(self.items)
        content = [{"type": "input_audio", "transcript": None}]
        item = {"id": item_id, "object": "realtime.item", "type": "message", "role": "user", "content": content}
        told = [self.event("input_audio_buffer.committed", item_id=item_id, previous_item_id=previous)]
        if self.session["audio"]["input"].get("transcription"):
            self._unheard.append((item_id, words))
        return told + self._added(item, previous)

    def _added(self, item: Body, previous: str | None) -> list[Body]:
        self.items.append(item)
        told = [self.event("conversation.item.added", previous_item_id=previous, item=dict(item))]
        if not self._is_beta:
            told.append(self.event("conversation.item.done", previous_item_id=previous, item=dict(item)))
        return told

    def _create_item(self, body: Body) -> list[Body]:
        item = dict(body.get("item") or {})
        if item.get("type") == "function_call_output" and not any(
            one.get("call_id") == item.get("call_id") for one in self.items if one["type"] == "function_call"
        ):
            return [self._error(body, "invalid_tool_call_id", "no such call")]
        item.setdefault("id", self.new_id("item"))
        return self._added({"object": "realtime.item", "status": "completed", **item}, last_id(self.items))

    def _truncate(self, body: Body) -> list[Body]:
        item_id, end_ms = body.get("item_id"), body.get("audio_end_ms", 0)
        if item_id not in self._speech.audio_ms:
            return [self._error(body, "unsupported_content_type", "Only model output audio can be truncated")]
        if end_ms > self._speech.audio_ms[item_id]:
            return [self._error(body, "invalid_value", f"audio is only {self._speech.audio_ms[item_id]} ms long")]
        self._speech.audio_ms[item_id] = end_ms
        told = {"item_id": item_id, "content_index": body.get("content_index", 0), "audio_end_ms": end_ms}
        return [self.event("conversation.item.truncated", **told)]

    def _delete(self, body: Body) -> list[Body]:
        found = [item for item in self.items if item["id"] == body.get("item_id")]
        if not found:
            return [self._error(body, "item_not_found", "no such item")]
        self.items.remove(found[0])
        return [self.event("conversation.item.deleted", item_id=body["item_id"])]

    def _create_response(self, body: Body) -> list[Body]:
        asked: Body = body.get("response") or {}
        is_beside = asked.get("conversation") == "none"
        if not is_beside and any(not one.is_beside for one in self._running):
            detail = "Conversation already has an active response in progress"
            return [self._error(body, "conversation_already_has_active_response", detail)]
        reply = self._answer(Ask(asked, self.items))
        response: Body = {
            "object": "realtime.response",
            "id": self.new_id("resp"),
            "status": "in_progress",
            "status_details": None,
            "output": [],
            "conversation_id": None if is_beside else "conv_1",
            "metadata": asked.get("metadata"),
            "usage": None,
        }
        running = Running(response, iter(()), is_beside)
        running.steps = self._speech.steps(running, reply)
        self._running.append(running)
        return [self.event("response.created", response=dict(response))]

    def _ended(self, running: Running, reason: str) -> list[Body]:
        self._running.remove(running)
        return self._speech.end(running, reason)

    def _cancel(self, body: Body) -> list[Body]:
        wanted = body.get("response_id")
        for one in list(self._running):
            if one.response["id"] == wanted or (wanted is None and not one.is_beside):
                return self._ended(one, "client_cancelled")
        return [self._error(body, "response_cancel_not_active", "Cancellation failed: no active response found")]

    # --- small things ------------------------------------------------------------------------------------------------

    def new_id(self, kind: str) -> str:
        return f"{kind}_{next(self._numbers)}"

    def event(self, kind: str, **fields: Any) -> Body:
        name = _BETA_NAMES.get(kind, kind) if self._is_beta else kind
        return {"type": name, "event_id": self.new_id("event"), **fields}

    def _error(self, about: Body, code: str, message: str) -> Body:
        told = {"type": "invalid_request_error", "code": code, "message": message, "param": None}
        return self.event("error", error={**told, "event_id": about.get("event_id")})


def _merge(kept: Body, given: Body) -> None:
    for name, value in given.items():
        if isinstance(value, dict) and isinstance(kept.get(name), dict):
            _merge(kept[name], value)
        else:
            kept[name] = value
