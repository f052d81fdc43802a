"""Plivo's 20 ms mu-law frames with the time of sending in them.

The time is written in digits, which are base64 letters: the first of the payload's 216. Whoever relays the message
sees an ordinary frame.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

FRAME_MS = 20
_STAMP = 20  # digits
_KEY = b'"payload":"'
# 160 bytes of mu-law. What they say is of no matter; that they are not silence may be.
_AUDIO = base64.b64encode(bytes((i * 37 + 11) % 256 for i in range(160))).decode()

Frame = Callable[[int], bytes]  # from how many came before, the next


def caller_frames(stream_id: str) -> Frame:
    """What the carrier sends of the caller's audio."""
    head = b'{"event":"media","sequenceNumber":%d,"streamId":"' + stream_id.encode() + b'","media":{"track":"inbound",'
    head += b'"timestamp":"%d","chunk":%d,"payload":"%020d'
    tail = _AUDIO[_STAMP:].encode() + b'"},"extra_headers":""}'

    def frame(count: int) -> bytes:
        return head % (count + 2, 1_705_312_200_000 + count * FRAME_MS, count + 1, time.perf_counter_ns()) + tail

    return frame


def agent_frames() -> Frame:
    """What the agent sends to be played."""
    head = b'{"event":"playAudio","media":{"contentType":"audio/x-mulaw","sampleRate":8000,"payload":"%020d'
    tail = _AUDIO[_STAMP:].encode() + b'"}}'
    return lambda count: head % time.perf_counter_ns() + tail


def sent_at_ns(text: bytes) -> int:
    """When the frame was sent; -1 where the message is no audio."""
    at = text.find(_KEY)
    if at < 0:
        return -1
    at += len(_KEY)
    return int(text[at : at + _STAMP])


def start(call_id: str, stream_id: str) -> bytes:
    told = {
        "callId": call_id, "streamId": stream_id, "accountId": "MABENCH", "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000},
    }  # fmt: skip
    return dumps({"event": "start", "sequenceNumber": 1, "start": told, "extra_headers": ""})


def in_band(message: dict[str, Any]) -> bytes:
    return dumps({"event": "mirror", "message": message})


def dumps(body: dict[str, Any]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()
