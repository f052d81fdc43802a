"""Which carrier's protocol a stream speaks, told by its ``start``. Pure.

Vobiz speaks Plivo's protocol word for word, so it needs no dialect of its own.
"""

from __future__ import annotations

from calls.wire import plivo, telnyx, twilio
from calls.wire.dialect import Dialect, event_of
from calls.wire.plivo import Plivo
from calls.wire.telnyx import Telnyx
from calls.wire.twilio import Twilio

# Greetings before ``start`` (``connected``); a peer that sends more of them is no carrier.
MAX_GREETINGS = 8


def is_start(text: str) -> bool:
    """Whether the message means to open a stream, in whatever protocol."""
    body = event_of(text)
    return body is not None and body["event"] == "start"


def dialect_of(text: str) -> Dialect | None:
    """The dialect of the stream that this ``start`` opens; None where it lacks the ids of every protocol."""
    body = event_of(text)
    if body is None:
        return None
    if (start := twilio.start_of(body)) is not None:
        return Twilio(start)
    if (start := telnyx.start_of(body)) is not None:
        return Telnyx(start)
    return Plivo(start) if (start := plivo.start_of(body)) is not None else None
