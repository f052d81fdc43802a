"""Messages of Mirror's own, to either side. Pure."""

from __future__ import annotations

import json
from itertools import count

from calls.realtime.openai.names import Body
from judging.core.types import Json

# Errors about messages with this in front are ours to handle: the client never sent them.
OURS = "evt_mirror_"
TAG = "mirror_intervention"
_MAX_TAG = 500  # of 512 characters that a value of metadata may have

_SAY = (
    "What you were just saying was stopped because it was wrong. Say now, in your own voice, exactly the following "
    "words and nothing else:\n{text}"
)
_SAY_BUFFER = "You were just stopped. Say now, in your own voice, exactly these words and nothing else:\n{text}"


class Messages:
    """Makes them; each has an ``event_id`` of its own."""

    def __init__(self) -> None:
        self._numbers = count(1)

    # --- to the provider -------------------------------------------------------------------------------------------

    def cancel(self, response_id: str) -> tuple[str, str]:
        return self._made({"type": "response.cancel", "response_id": response_id})

    def truncate(self, item_id: str, index: int, audio_end_ms: int) -> tuple[str, str]:
        return self._made(
            {
                "type": "conversation.item.truncate",
                "item_id": item_id,
                "content_index": index,
                "audio_end_ms": audio_end_ms,
            }
        )

    def delete(self, item_id: str) -> tuple[str, str]:
        return self._made({"type": "conversation.item.delete", "item_id": item_id})

    def call_output(self, call_id: str, output: str, item_id: str) -> tuple[str, str]:
        item: Body = {"id": item_id, "type": "function_call_output", "call_id": call_id, "output": output}
        return self._made({"type": "conversation.item.create", "item": item})

    def go_on(self) -> tuple[str, str]:
        """The model answers what it was told."""
        return self._made({"type": "response.create"})

    def say(self, intervention_id: str, text: str, *, persona: str, note: str) -> tuple[str, str]:
        """``persona`` are the session's own instructions, which those of one response replace."""
        asked = (_SAY if note else _SAY_BUFFER).format(text=text)
        told = "\n\n".join(part for part in (persona, note, asked) if part)
        response: Body = {
            "instructions": told,
            "tool_choice": "none",
            "metadata": {TAG: intervention_id[:_MAX_TAG]},
        }
        return self._made({"type": "response.create", "response": response})

    def update(self, session: Body) -> str:
        return self._made({"type": "session.update", "session": session})[1]

    # --- to the client ---------------------------------------------------------------------------------------------

    def interruption(self, now_ms: float) -> list[str]:
        """What every client stops its playback for: as if the caller had spoken for a moment."""
        at_ms, item_id = round(now_ms), f"item_{next(self._numbers)}_mirror"
        started = {"type": "input_audio_buffer.speech_started", "audio_start_ms": at_ms, "item_id": item_id}
        stopped = {"type": "input_audio_buffer.speech_stopped", "audio_end_ms": at_ms, "item_id": item_id}
        return [self._made(started)[1], self._made(stopped)[1]]

    def error(self, code: str, message: str) -> str:
        return self._made({"type": "error", "error": error_of(code, message)})[1]

    def failed_response(self, response_id: str, code: str, message: str) -> str:
        details: Body = {"type": "failed", "error": {"type": "server_error", "code": code, "message": message}}
        response: Body = {
            "object": "realtime.response",
            "id": response_id,
            "status": "failed",
            "status_details": details,
            "output": [],
            "usage": None,
        }
        return self._made({"type": "response.done", "response": response})[1]

    def _made(self, body: Body) -> tuple[str, str]:
        event_id = f"{OURS}{next(self._numbers)}"
        return event_id, json.dumps({"event_id": event_id, **body}, ensure_ascii=False)


def error_of(code: str, message: str) -> dict[str, Json]:
    return {"type": "server_error", "code": code, "message": message, "param": None, "event_id": None}
