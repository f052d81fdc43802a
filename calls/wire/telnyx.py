"""Telnyx' media streams: as Twilio's, in snake case and without a stream's id on the way out. Pure.

Source: developers.telnyx.com, "Stream call media over websocket".
"""

from __future__ import annotations

import json
from typing import Any, Final

from calls.wire.dialect import Start, text_of
from calls.wire.media import MediaFormat
from calls.wire.twilio import Twilio

_ENCODINGS: Final = {"PCMU": "audio/x-mulaw", "PCMA": "audio/x-alaw", "L16": "audio/x-l16", "G722": "audio/G722"}
# Of these the bytes do not tell the length: a message is taken for one packet.
_PACKED: Final = frozenset({"OPUS", "AMR-WB"})
_PACKET_MS = 20.0
_RATES: Final = (8000, 16000)


def start_of(body: dict[str, Any]) -> Start | None:
    """The stream's ``start``; None where it lacks the ids a call needs."""
    start = body.get("start")
    if not isinstance(start, dict):
        return None
    call_id, stream_id = text_of(start.get("call_control_id")), text_of(body.get("stream_id"))
    if not call_id or not stream_id:
        return None
    told = start.get("custom_parameters")
    extra = {str(key): str(value) for key, value in told.items()} if isinstance(told, dict) else {}
    return Start(call_id, stream_id, text_of(start.get("user_id"), 64), _format(start.get("media_format")), extra)


def _format(told: Any) -> MediaFormat:
    told = told if isinstance(told, dict) else {}
    encoding = text_of(told.get("encoding")).upper() or "PCMU"
    try:
        rate = int(told.get("sample_rate", 8000))
    except (TypeError, ValueError, OverflowError):
        rate = 8000
    # G.722 counts 8,000 a second on the wire whatever it samples.
    rate = rate if rate in _RATES and encoding not in ("PCMU", "PCMA", "G722") else 8000
    return MediaFormat(_ENCODINGS.get(encoding, f"audio/{encoding}"), rate)


class Telnyx(Twilio):
    name = "telnyx"

    def _start_of(self, body: dict[str, Any]) -> Start | None:
        return start_of(body)

    def length_ms(self, size: int) -> float:
        encoding = self.start.media_format.encoding.rpartition("/")[2]
        if encoding in _PACKED:
            return _PACKET_MS if size else 0.0
        return super().length_ms(size)

    def _message(self, event: str, **fields: Any) -> str:
        return json.dumps({"event": event, **fields})
