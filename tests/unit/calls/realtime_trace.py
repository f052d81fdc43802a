"""A client's own idea of the Realtime protocol, written apart from the relay: it fails at the first illegal message."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Body = dict[str, Any]

GA = {
    "response.audio.delta": "response.output_audio.delta",
    "response.audio.done": "response.output_audio.done",
    "response.audio_transcript.delta": "response.output_audio_transcript.delta",
    "response.audio_transcript.done": "response.output_audio_transcript.done",
    "response.text.delta": "response.output_text.delta",
    "response.text.done": "response.output_text.done",
    "conversation.item.created": "conversation.item.added",
}
ENDS = {"completed", "cancelled", "failed", "incomplete"}


@dataclass
class ItemSeen:
    kind: str
    response_id: str = ""
    is_done: bool = False
    words: str = ""
    arguments: str = ""
    has_part: bool = False
    is_part_done: bool = False


def words_of(item: Body) -> str:
    return "".join(str(part.get("transcript", part.get("text"))) for part in item["content"])


@dataclass
class Trace:
    """``take`` each message in order. What was run and heard is kept: ``runnable`` calls, ``words`` per response."""

    items: dict[str, ItemSeen] = field(default_factory=dict)
    conversation: set[str] = field(default_factory=set)
    open: dict[str, list[str]] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)
    beside: set[str] = field(default_factory=set)
    event_ids: set[str] = field(default_factory=set)
    runnable: list[tuple[str, str]] = field(default_factory=list)
    errors: list[Body] = field(default_factory=list)

    def take(self, body: Body) -> None:
        kind = str(GA.get(body["type"]) or body["type"])
        assert body["event_id"] not in self.event_ids, f"event id twice: {body}"
        self.event_ids.add(body["event_id"])
        taker = getattr(self, "on_" + kind.replace(".", "_"), None)
        if taker is not None:
            taker(body)

    # --- responses ---

    def on_response_created(self, body: Body) -> None:
        response_id = body["response"]["id"]
        assert response_id not in self.open, "created twice"
        assert response_id not in self.ended, "created again"
        if body["response"]["conversation_id"] is None:
            self.beside.add(response_id)
        else:
            assert not set(self.open) - self.beside, "two responses of the conversation at once"
        self.open[response_id] = []

    def on_response_done(self, body: Body) -> None:
        told = body["response"]
        assert told["id"] in self.open, f"{told['id']} ends without having begun, or twice"
        assert told["status"] in ENDS
        listed = [item["id"] for item in told["output"]]
        assert listed == self.open.pop(told["id"]), "its items are not those that were shown"
        for item in told["output"]:
            seen = self.items[item["id"]]
            assert seen.is_done, "an item that never ended"
            if item["type"] == "message":
                assert words_of(item) == seen.words
        if told["status"] == "cancelled":
            assert told["status_details"]["reason"] in ("turn_detected", "client_cancelled")
        self.ended[told["id"]] = told["status"]

    def on_response_output_item_added(self, body: Body) -> None:
        item = body["item"]
        self.open[body["response_id"]].append(item["id"])
        assert item["id"] not in self.items
        self.items[item["id"]] = ItemSeen(item["type"], body["response_id"])

    def on_response_output_item_done(self, body: Body) -> None:
        item = body["item"]
        seen = self._running(body, item["id"])
        seen.is_done = True
        if item["type"] == "function_call":
            assert item["arguments"] == seen.arguments
            if item["status"] == "completed":
                self.runnable.append((item["name"], item["arguments"]))
        else:
            assert words_of(item) == seen.words

    # --- parts ---

    def on_response_content_part_added(self, body: Body) -> None:
        seen = self._running(body, body["item_id"])
        assert not seen.has_part
        seen.has_part = True

    def on_response_content_part_done(self, body: Body) -> None:
        seen = self._running(body, body["item_id"])
        assert seen.has_part
        assert not seen.is_part_done
        assert body["part"].get("transcript", body["part"].get("text")) == seen.words
        seen.is_part_done = True

    def on_response_output_audio_transcript_delta(self, body: Body) -> None:
        seen = self._running(body, body["item_id"])
        assert seen.has_part
        assert not seen.is_part_done
        seen.words += body["delta"]

    on_response_output_text_delta = on_response_output_audio_transcript_delta

    def on_response_output_audio_delta(self, body: Body) -> None:
        assert not self._running(body, body["item_id"]).is_part_done

    def on_response_output_audio_transcript_done(self, body: Body) -> None:
        assert body["transcript"] == self._running(body, body["item_id"]).words

    def on_response_output_text_done(self, body: Body) -> None:
        assert body["text"] == self._running(body, body["item_id"]).words

    def on_response_function_call_arguments_delta(self, body: Body) -> None:
        self._running(body, body["item_id"]).arguments += body["delta"]

    def on_response_function_call_arguments_done(self, body: Body) -> None:
        assert body["arguments"] == self._running(body, body["item_id"]).arguments

    def _running(self, body: Body, item_id: str) -> ItemSeen:
        assert body["response_id"] in self.open, f"a message of a response that is not open: {body}"
        seen = self.items[item_id]
        assert seen.response_id == body["response_id"]
        assert not seen.is_done, f"a message of an item that has ended: {body}"
        return seen

    # --- the conversation ---

    def on_conversation_item_added(self, body: Body) -> None:
        item_id = body["item"]["id"]
        assert item_id not in self.conversation, "added twice"
        self._known(body.get("previous_item_id"))
        self.conversation.add(item_id)

    def on_conversation_item_done(self, body: Body) -> None:
        assert body["item"]["id"] in self.conversation
        self._known(body.get("previous_item_id"))

    def on_conversation_item_truncated(self, body: Body) -> None:
        assert body["item_id"] in self.conversation

    def on_conversation_item_deleted(self, body: Body) -> None:
        assert body["item_id"] in self.conversation

    def on_conversation_item_input_audio_transcription_completed(self, body: Body) -> None:
        assert body["item_id"] in self.conversation

    def on_input_audio_buffer_committed(self, body: Body) -> None:
        self._known(body.get("previous_item_id"))

    def _known(self, previous: str | None) -> None:
        assert previous is None or previous in self.conversation, f"{previous} was never shown"

    def on_error(self, body: Body) -> None:
        assert not str(body["error"].get("event_id") or "").startswith("evt_mirror_"), "an error about our own message"
        self.errors.append(body)
