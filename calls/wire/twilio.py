"""Twilio's media streams. Pure. After a clear all pending marks come back. Source: Twilio, "Media Streams messages"."""

from __future__ import annotations

import base64
import json
from typing import Any

from calls.wire.dialect import (
    CLEAR,
    OTHER,
    STOP,
    AgentSaid,
    CarrierSaid,
    Dialect,
    Dtmf,
    Mark,
    Start,
    text_of,
)
from calls.wire.media import MediaFormat


def start_of(body: dict[str, Any]) -> Start | None:
    """The stream's ``start``; None where it lacks the ids a call needs. Twilio carries mu-law at 8 kHz only."""
    start = body.get("start")
    if not isinstance(start, dict):
        return None
    call_id = text_of(start.get("callSid"))
    stream_id = text_of(start.get("streamSid")) or text_of(body.get("streamSid"))
    if not call_id or not stream_id:
        return None
    told = start.get("customParameters")
    extra = {str(key): str(value) for key, value in told.items()} if isinstance(told, dict) else {}
    return Start(call_id, stream_id, text_of(start.get("accountSid"), 64), MediaFormat(), extra)


def mark_name(body: dict[str, Any]) -> str:
    """The name of a ``mark``, as Twilio and Telnyx write it; "" where it has none."""
    mark = body.get("mark")
    name = mark.get("name") if isinstance(mark, dict) else None
    return name if isinstance(name, str) else ""


def dtmf_digit(body: dict[str, Any]) -> str:
    told = body.get("dtmf")
    return text_of(told.get("digit")) if isinstance(told, dict) else ""


class Twilio(Dialect):
    name = "twilio"
    audio_event = "media"
    returns_marks = True

    def _carrier_said(self, body: dict[str, Any]) -> CarrierSaid:
        match body["event"]:
            case "start":
                return self._start_of(body) or OTHER
            case "mark" if name := mark_name(body):
                return self._acked(name)
            case "dtmf" if digit := dtmf_digit(body):
                return Dtmf(digit)
            case "stop":
                return STOP
        return OTHER

    def _start_of(self, body: dict[str, Any]) -> Start | None:
        return start_of(body)

    def _agent_said(self, body: dict[str, Any]) -> AgentSaid:
        match body["event"]:
            case "mark" if name := mark_name(body):
                return Mark(name)
            case "clear":
                return CLEAR
        return OTHER

    def play(self, audio: bytes) -> str:
        return self._message("media", media={"payload": base64.b64encode(audio).decode()})

    def mark(self, name: str) -> str:
        return self._message("mark", mark={"name": name})

    def clear(self) -> str:
        return self._message("clear")

    def _message(self, event: str, **fields: Any) -> str:
        return json.dumps({"event": event, "streamSid": self.start.stream_id, **fields})
