"""How the protocol's messages are read: names of both versions, ids, lengths of audio. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

Body: TypeAlias = dict[str, Any]

# Beta name -> GA name. Older Azure and self-hosted servers still speak the beta.
_GA_NAMES: Final[Mapping[str, str]] = {
    "response.audio.delta": "response.output_audio.delta",
    "response.audio.done": "response.output_audio.done",
    "response.audio_transcript.delta": "response.output_audio_transcript.delta",
    "response.audio_transcript.done": "response.output_audio_transcript.done",
    "response.text.delta": "response.output_text.delta",
    "response.text.done": "response.output_text.done",
    "conversation.item.created": "conversation.item.added",
}
AUDIO_DELTA: Final = "response.output_audio.delta"
WORD_DELTAS: Final = frozenset({"response.output_audio_transcript.delta", "response.output_text.delta"})
WORD_ENDS: Final = frozenset({"response.output_audio_transcript.done", "response.output_text.done"})
CONTENT_DELTAS: Final = WORD_DELTAS | {AUDIO_DELTA}
CALL_ARGUMENTS: Final = frozenset({"response.function_call_arguments.delta", "response.function_call_arguments.done"})
ITEM_EVENTS: Final = frozenset(
    {
        "response.output_item.added",
        "response.output_item.done",
        "conversation.item.added",
        "conversation.item.done",
    }
)
# Bytes a millisecond of the formats there are; 16-bit at 24 kHz, G.711 at 8 kHz.
_BYTES_PER_MS: Final[Mapping[str, float]] = {
    "audio/pcm": 48.0,
    "audio/pcmu": 8.0,
    "audio/pcma": 8.0,
    "pcm16": 48.0,
    "g711_ulaw": 8.0,
    "g711_alaw": 8.0,
}
DEFAULT_BYTES_PER_MS: Final = 48.0
MAX_ID_CHARACTERS: Final = 128
# The bulk of what a client sends. Quotes inside a JSON text are escaped, so this is never part of somebody's words.
APPEND_MARK: Final = '"input_audio_buffer.append"'


def body_of(text: str) -> Body | None:
    """Return the message, None where it is none of the protocol's: not JSON, no object, no type."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) and isinstance(body.get("type"), str) else None


def kind_of(body: Body) -> str:
    """The message's GA name."""
    kind: str = body["type"]
    return _GA_NAMES.get(kind, kind)


def text_at(body: Any, *path: str) -> str:
    """The text at the end of the path, "" where there is none."""
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return body if isinstance(body, str) else ""


def object_at(body: Any, *path: str) -> Body:
    """As ``text_at``, for an object."""
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return body if isinstance(body, dict) else {}


def items_of(response: Body) -> list[Body]:
    """The items that a response lists."""
    listed = response.get("output")
    return [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []


def parts_of(item: Body) -> list[Body]:
    listed = item.get("content")
    return [part for part in listed if isinstance(part, dict)] if isinstance(listed, list) else []


def content_index(body: Body) -> int:
    index = body.get("content_index", 0)
    return index if isinstance(index, int) and not isinstance(index, bool) and 0 <= index < 1_000 else 0


def is_call(item: Body) -> bool:
    return item.get("type") == "function_call"


def item_id_of(body: Body) -> str:
    """The item that the message is about."""
    return text_at(body, "item_id") or text_at(body, "item", "id")


def response_id_of(body: Body) -> str:
    return text_at(body, "response_id") or text_at(body, "response", "id")


def bytes_per_ms(audio_format: Any) -> float | None:
    """Of a session's or response's output format, in the notation of either version; None where it is not told."""
    name = audio_format.get("type") if isinstance(audio_format, dict) else audio_format
    if not isinstance(name, str) or name not in _BYTES_PER_MS:
        return None
    rate = audio_format.get("rate") if isinstance(audio_format, dict) else None
    if name == "audio/pcm" and isinstance(rate, int) and not isinstance(rate, bool) and 8_000 <= rate <= 48_000:
        return rate * 2 / 1000
    return _BYTES_PER_MS[name]


def base64_length(payload: str) -> int:
    """The number of bytes behind base64 text, without decoding it."""
    return max(0, len(payload) * 3 // 4 - payload[-2:].count("="))
