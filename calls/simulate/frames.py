"""Plivo's stream messages: built as the carrier sends them, read as the carrier gets them, and the same for an agent.

Source: Plivo's "Stream Event Protocol". ``callId`` is in ``start`` only; ``media.timestamp`` is a string.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from calls.wire.media import MediaFormat

MULAW: Final = "audio/x-mulaw"
RATE_HZ: Final = 8000
_DTMF: Final = re.compile(r"[0-9A-D*#]+")


class FrameRefused(ValueError):
    """A message Plivo would not understand. The stream goes on without it."""


@dataclass(frozen=True, slots=True)
class PlayAudio:
    audio: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    name: str


@dataclass(frozen=True, slots=True)
class ClearAudio:
    pass


@dataclass(frozen=True, slots=True)
class SendDtmf:
    digits: str


ToCarrier: TypeAlias = PlayAudio | Checkpoint | ClearAudio | SendDtmf


def read_from_server(text: str | bytes) -> ToCarrier:
    """Return what the server wants of the carrier.

    Raises:
        FrameRefused: not JSON, an unknown event, a format that was not negotiated, or a broken payload.
    """
    message = read_json(text)
    match message.get("event"):
        case "playAudio":
            return _play_audio(message.get("media"))
        case "checkpoint" if message.get("name"):
            return Checkpoint(str(message["name"]))
        case "clearAudio":
            return ClearAudio()
        case "sendDTMF" if _DTMF.fullmatch(str(message.get("dtmf", ""))):
            return SendDtmf(str(message["dtmf"]))
    raise FrameRefused(f"not a message Plivo knows: {str(text)[:120]}")


def _play_audio(media: Any) -> PlayAudio:
    if not isinstance(media, Mapping):
        raise FrameRefused("playAudio without media")
    if media.get("contentType") != MULAW or str(media.get("sampleRate")) != str(RATE_HZ):
        raise FrameRefused(
            f"negotiated {MULAW} at {RATE_HZ}, got {media.get('contentType')!r} {media.get('sampleRate')!r}"
        )
    return PlayAudio(decode_payload(media.get("payload")))


def decode_payload(payload: Any) -> bytes:
    try:
        return base64.b64decode(payload, validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise FrameRefused("the payload is not base64") from error


def read_json(text: str | bytes) -> dict[str, Any]:
    """Return the message as an object.

    Raises:
        FrameRefused: not JSON, or not an object.
    """
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FrameRefused(f"not JSON: {str(text)[:120]}") from error
    if not isinstance(message, dict):
        raise FrameRefused("a message is an object")
    return message


def play_audio(audio: bytes) -> str:
    payload = base64.b64encode(audio).decode()
    return _dumps({"event": "playAudio", "media": {"contentType": MULAW, "sampleRate": RATE_HZ, "payload": payload}})


def checkpoint(stream_id: str, name: str) -> str:
    return _dumps({"event": "checkpoint", "streamId": stream_id, "name": name})


def clear_audio(stream_id: str) -> str:
    return _dumps({"event": "clearAudio", "streamId": stream_id})


def mirror(message: Mapping[str, Any]) -> str:
    """Wrap a supervise message for the stream's socket."""
    return _dumps({"event": "mirror", "message": message})


def _dumps(message: Mapping[str, Any]) -> str:
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False)


@dataclass(slots=True)
class CarrierFrames:
    """The carrier's outgoing messages of one stream: counts sequence numbers and chunks as Plivo does."""

    call_id: str
    stream_id: str
    account_id: str
    extra_headers: str = ""
    _sequence: int = field(default=0, init=False)
    _chunk: int = field(default=0, init=False)

    def start(self, media_format: MediaFormat | None = None) -> str:
        told = media_format or MediaFormat(MULAW, RATE_HZ)
        detail = {
            "callId": self.call_id,
            "streamId": self.stream_id,
            "accountId": self.account_id,
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": told.encoding, "sampleRate": told.sample_rate},
        }
        return self._message("start", start=detail, with_stream=False)

    def media(self, audio: bytes, *, timestamp_ms: int) -> str:
        self._chunk += 1
        payload = base64.b64encode(audio).decode()
        media = {"track": "inbound", "timestamp": str(timestamp_ms), "chunk": self._chunk, "payload": payload}
        return self._message("media", media=media)

    def dtmf(self, digit: str, *, timestamp_ms: int) -> str:
        return self._message("dtmf", dtmf={"track": "inbound", "digit": digit, "timestamp": str(timestamp_ms)})

    def played_stream(self, name: str) -> str:
        return self._message("playedStream", name=name)

    def cleared_audio(self) -> str:
        return self._message("clearedAudio")

    def _message(self, event: str, *, with_stream: bool = True, **fields: Any) -> str:
        self._sequence += 1
        message: dict[str, Any] = {"event": event, "sequenceNumber": self._sequence}
        if with_stream:
            message["streamId"] = self.stream_id
        return _dumps({**message, **fields, "extra_headers": self.extra_headers})


def parse_extra_headers(text: Any) -> dict[str, str]:
    """Read ``extra_headers``, seen as JSON, with semicolons and with commas in Plivo's own material."""
    if not isinstance(text, str):
        return {}
    if text.lstrip().startswith("{"):
        try:
            return {str(key): str(value) for key, value in json.loads(text).items()}
        except ValueError:
            return {}
    pairs = (pair.partition("=") for pair in text.replace(",", ";").split(";"))
    return {key.strip(): value.strip() for key, is_pair, value in pairs if is_pair}
