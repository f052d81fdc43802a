"""Looking into a JSON message without parsing it: for audio, of which there are 50 messages a second each way. Pure.

Where the text is not as usual (other key order, escapes) the answer is "" or None, and the caller parses.
"""

from __future__ import annotations

import binascii
import re

_EVENT = re.compile(r'\s*\{\s*"event"\s*:\s*"([A-Za-z]+)"')


def event(text: str) -> str:
    """The message's event where that is its first field, else ""."""
    if text.startswith('{"event":"'):
        return text[10 : text.find('"', 10)]
    found = _EVENT.match(text)
    return found[1] if found is not None else ""


def _payload_span(text: str) -> tuple[int, int] | None:
    key = text.find('"payload"')
    start = text.find('"', key + 9) + 1
    end = text.find('"', start)
    if key < 0 or start == 0 or end < 0 or text[key + 9 : start - 1].strip() != ":":
        return None
    # JSON may write a slash as "\/": such text is not as long as what it says.
    return None if text.find("\\", start, end) >= 0 else (start, end)


def payload_size(text: str) -> int | None:
    """How many bytes the message's base64 payload holds; None where it has to be parsed to know."""
    span = _payload_span(text)
    if span is None:
        return None
    start, end = span
    padding = text.count("=", max(start, end - 2), end)
    return max(0, (end - start) * 3 // 4 - padding)


def decoded_size(payload: str) -> int:
    """How many bytes base64 text holds."""
    return max(0, len(payload) * 3 // 4 - payload[-2:].count("="))


def payload(text: str) -> bytes:
    """The message's audio; nothing where it holds none that can be read."""
    span = _payload_span(text)
    if span is None:
        return b""
    try:
        return binascii.a2b_base64(text[span[0] : span[1]])
    except (binascii.Error, ValueError):
        return b""
