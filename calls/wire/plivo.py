"""Plivo's stream protocol: bytes of the wire to small values and back. Pure.

Unknown events are never an error: they are relayed to the agent as they came. Field quirks (numbers as text,
``stop`` that may or may not come, three notations of ``extra_headers``) end here.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from calls.wire.dialect import (
    CLEAR,
    CLEARED,
    OTHER,
    STOP,
    AgentSaid,
    CarrierSaid,
    Dialect,
    Dtmf,
    Mark,
    Start,
    event_of,
    text_of,
)
from calls.wire.media import MediaFormat

__all__ = [
    "SUBPROTOCOL",
    "Plivo",
    "Start",
    "event_of",
    "extra_headers",
    "start_of",
]

SUBPROTOCOL = "audio.plivo.com"


def start_of(body: dict[str, Any]) -> Start | None:
    """The stream's ``start``; None when it lacks the ids a call needs."""
    start = body.get("start")
    if not isinstance(start, dict) or not start.get("callId") or not start.get("streamId"):
        return None
    told = start.get("mediaFormat")
    told = told if isinstance(told, dict) else {}
    return Start(
        call_id=str(start["callId"])[:128],
        stream_id=str(start["streamId"])[:128],
        account_id=str(start.get("accountId", ""))[:64],
        media_format=MediaFormat(str(told.get("encoding", "audio/x-mulaw")), _rate(told.get("sampleRate"))),
        extra_headers=extra_headers(body.get("extra_headers", start.get("extra_headers"))),
    )


def _rate(told: Any) -> int:
    try:
        rate = int(told)
    except (TypeError, ValueError, OverflowError):
        return 8000
    return rate if rate in (8000, 16000) else 8000


def extra_headers(told: Any) -> dict[str, str]:
    """Read all three notations: a JSON object, ``k=v;k2=v2`` and ``k=v,k2=v2``."""
    if isinstance(told, dict):
        return {str(key): str(value) for key, value in told.items()}
    if not isinstance(told, str) or not told.strip():
        return {}
    if told.lstrip().startswith("{"):
        try:
            return extra_headers(json.loads(told))
        except (ValueError, RecursionError):
            return {}
    pairs = told.split(";" if ";" in told else ",")
    return {key.strip(): value.strip() for key, _, value in (pair.partition("=") for pair in pairs) if key.strip()}


class Plivo(Dialect):
    """Marks are checkpoints; after a clear they are never acknowledged."""

    name = "plivo"
    audio_event = "playAudio"

    def _carrier_said(self, body: dict[str, Any]) -> CarrierSaid:
        match body["event"]:
            case "start":
                return start_of(body) or OTHER
            case "playedStream" | "played" if isinstance(body.get("name"), str):
                return self._acked(body["name"])
            case "clearedAudio":
                return CLEARED
            case "dtmf" if isinstance(body.get("dtmf"), dict):
                return Dtmf(text_of(body["dtmf"].get("digit")))
            case "stop":
                return STOP
        return OTHER

    def _agent_said(self, body: dict[str, Any]) -> AgentSaid:
        match body["event"]:
            case "checkpoint" if isinstance(body.get("name"), str):
                return Mark(body["name"])
            case "clearAudio":
                return CLEAR
        return OTHER

    def play(self, audio: bytes) -> str:
        told = self.start.media_format
        media = {
            "contentType": told.encoding,
            "sampleRate": told.sample_rate,
            "payload": base64.b64encode(audio).decode(),
        }
        return json.dumps({"event": "playAudio", "media": media})

    def mark(self, name: str) -> str:
        return json.dumps({"event": "checkpoint", "streamId": self.start.stream_id, "name": name})

    def clear(self) -> str:
        return json.dumps({"event": "clearAudio", "streamId": self.start.stream_id})

    def cleared(self) -> str | None:
        return json.dumps({"event": "clearedAudio", "streamId": self.start.stream_id})
