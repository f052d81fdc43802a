"""What one response of the scripted model says, message by message; also when it is cut off in the middle."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias

Body: TypeAlias = dict[str, Any]

_BYTES_PER_MS: Final = {"audio/pcm": 48, "audio/pcmu": 8, "audio/pcma": 8}
_REASONS: Final = {"cancelled": "turn_detected", "incomplete": "max_output_tokens"}
MS_PER_CHARACTER: Final = 60


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: str  # JSON text


@dataclass(frozen=True, slots=True)
class Reply:
    """What one response says and calls. ``pieces`` are its words as they are cut into deltas."""

    pieces: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    status: str = "completed"

    @property
    def text(self) -> str:
        return "".join(self.pieces)


@dataclass(slots=True)
class Running:
    response: Body
    steps: Iterator[list[Body]]
    is_beside: bool
    item: Body | None = None  # the one it is in the middle of
    said: str = ""
    has_part: bool = False
    items: list[Body] = field(default_factory=list)


class Numbered(Protocol):
    """Gives ids, and messages with an id of their own."""

    def new_id(self, kind: str) -> str: ...

    def event(self, kind: str, **fields: Any) -> Body: ...


class Speech:
    """Says replies. ``items`` is the conversation, which grows by what is said in it."""

    def __init__(self, numbered: Numbered, items: list[Body], session: Body, *, is_beta: bool, is_text: bool) -> None:
        self._numbered, self._items, self._session = numbered, items, session
        self._is_beta, self._is_text = is_beta, is_text
        self.audio_ms: dict[str, float] = {}

    def steps(self, running: Running, reply: Reply) -> Iterator[list[Body]]:
        index = 0
        if reply.pieces:
            yield self._open_item(running, self._message(), index)
            running.has_part = True
            yield [self._of_part(running, "response.content_part.added", part=self._part(""))]
            for piece in reply.pieces:
                yield self._words(running, piece)
            yield self._close_message(running, index, "completed")
            index += 1
        for call in reply.calls:
            yield from self._call_steps(running, call, index)
            index += 1
        yield self._done(running, reply.status, _REASONS.get(reply.status))

    def _call_steps(self, running: Running, call: Call, index: int) -> Iterator[list[Body]]:
        item: Body = {
            "id": self._numbered.new_id("item"),
            "object": "realtime.item",
            "type": "function_call",
            "status": "in_progress",
        }
        item |= {"name": call.name, "call_id": self._numbered.new_id("call"), "arguments": ""}
        yield self._open_item(running, item, index)
        about = {"response_id": running.response["id"], "item_id": item["id"], "call_id": item["call_id"]}
        half = len(call.arguments) // 2
        for piece in (call.arguments[:half], call.arguments[half:]):
            item["arguments"] += piece
            kind = "response.function_call_arguments.delta"
            yield [self._numbered.event(kind, **about, output_index=index, delta=piece)]
        yield self._close_call(running, item, index, "completed")

    def _open_item(self, running: Running, item: Body, index: int) -> list[Body]:
        running.item, running.said = item, ""
        running.items.append(item)
        rid = running.response["id"]
        told = [
            self._numbered.event("response.output_item.added", response_id=rid, output_index=index, item=dict(item))
        ]
        if not running.is_beside:
            told.append(
                self._numbered.event("conversation.item.added", previous_item_id=last_id(self._items), item=dict(item))
            )
            self._items.append(item)
        return told

    def _words(self, running: Running, piece: str) -> list[Body]:
        running.said += piece
        if self._is_text:
            return [self._of_part(running, "response.output_text.delta", delta=piece)]
        ms = len(piece) * MS_PER_CHARACTER
        item_id = str((running.item or {})["id"])
        self.audio_ms[item_id] = self.audio_ms.get(item_id, 0) + ms
        audio = base64.b64encode(bytes(ms * self._rate)).decode()
        return [
            self._of_part(running, "response.output_audio_transcript.delta", delta=piece),
            self._of_part(running, "response.output_audio.delta", delta=audio),
        ]

    @property
    def _rate(self) -> int:
        return _BYTES_PER_MS[self._session["audio"]["output"]["format"]["type"]]

    def _close_message(self, running: Running, index: int, status: str) -> list[Body]:
        item, said = running.item or {}, running.said
        running.item = None
        item |= {"status": status, "content": [self._part(said)]}
        place = {
            "response_id": running.response["id"],
            "item_id": item["id"],
            "output_index": index,
            "content_index": 0,
        }
        told: list[Body] = []
        if not running.has_part:
            item["content"] = []
            return self._item_done(running, item, index)
        running.has_part = False
        if self._is_text:
            told = [self._numbered.event("response.output_text.done", **place, text=said)]
        else:
            told = [
                self._numbered.event("response.output_audio.done", **place),
                self._numbered.event("response.output_audio_transcript.done", **place, transcript=said),
            ]
        told.append(self._numbered.event("response.content_part.done", **place, part=self._part(said)))
        return told + self._item_done(running, item, index)

    def _close_call(self, running: Running, item: Body, index: int, status: str) -> list[Body]:
        running.item = None
        item["status"] = status
        about = {name: item[name] for name in ("call_id", "name", "arguments")}
        place = {"response_id": running.response["id"], "item_id": item["id"], "output_index": index}
        told = [self._numbered.event("response.function_call_arguments.done", **place, **about)]
        return told + self._item_done(running, item, index)

    def _item_done(self, running: Running, item: Body, index: int) -> list[Body]:
        rid = running.response["id"]
        told = [self._numbered.event("response.output_item.done", response_id=rid, output_index=index, item=dict(item))]
        if not running.is_beside and not self._is_beta:
            told.append(self._numbered.event("conversation.item.done", previous_item_id=None, item=dict(item)))
        return told

    def _done(self, running: Running, status: str, reason: str | None) -> list[Body]:
        details = None if status == "completed" else {"type": status, "reason": reason}
        usage = {"total_tokens": 10, "input_tokens": 4, "output_tokens": 6}
        output = [dict(item) for item in running.items]
        told = {**running.response, "status": status, "status_details": details, "output": output, "usage": usage}
        return [self._numbered.event("response.done", response=told)]

    def end(self, running: Running, reason: str) -> list[Body]:
        """The response is cancelled in the middle: its ``.done`` messages come all the same."""
        told: list[Body] = []
        item = running.item
        if item is not None and item["type"] == "function_call":
            told = self._close_call(running, item, len(running.items) - 1, "incomplete")
        elif item is not None:
            told = self._close_message(running, len(running.items) - 1, "incomplete")
        return told + self._done(running, "cancelled", reason)

    def _message(self) -> Body:
        kind = {"object": "realtime.item", "type": "message", "status": "in_progress", "role": "assistant"}
        return {"id": self._numbered.new_id("item"), **kind, "content": []}

    def _part(self, said: str) -> Body:
        if self._is_text:
            return {"type": "text" if self._is_beta else "output_text", "text": said}
        return {"type": "audio" if self._is_beta else "output_audio", "transcript": said}

    def _of_part(self, running: Running, kind: str, **fields: Any) -> Body:
        place = {"response_id": running.response["id"], "item_id": (running.item or {})["id"]}
        return self._numbered.event(kind, **place, output_index=len(running.items) - 1, content_index=0, **fields)


def last_id(items: list[Body]) -> str | None:
    return items[-1]["id"] if items else None
