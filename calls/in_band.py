"""Supervise messages that an agent sends on its own stream: taken in as if they came over a socket of their own."""

from __future__ import annotations

from collections.abc import Callable

from calls.errors import IllegalEvent, MessageRefused
from calls.runtime import CallRuntime
from calls.wire import supervise
from judging.core import Json


def in_band_receive(
    runtime: CallRuntime, message: Json, *, is_too_large: bool, send: Callable[[dict[str, Json]], None]
) -> None:
    """Take a message in and answer it; one that cannot be used is answered with ``error``, never with a close."""
    try:
        if is_too_large:
            raise MessageRefused("message_too_large", f"a message may have {supervise.MAX_MESSAGE_BYTES} bytes")
        _take(runtime, supervise.parse_body(message), send)
    except MessageRefused as refused:
        send(supervise.error(refused.code, refused.detail, seq=refused.seq, is_retryable=refused.is_retryable))
    except IllegalEvent as illegal:
        seq_told = message.get("seq") if isinstance(message, dict) else None
        send(supervise.error(illegal.code, illegal.detail, seq=seq_told))


def _take(runtime: CallRuntime, incoming: supervise.Incoming, send: Callable[[dict[str, Json]], None]) -> None:
    content, seq = incoming.content, incoming.message.seq

    def ack() -> None:
        send(supervise.ack(seq))

    if isinstance(content, supervise.CallStart):
        raise MessageRefused("not_here", "in a stream the carrier's start opens the call", seq=seq)
    if isinstance(content, supervise.Ping):
        send(supervise.pong())
        runtime.note_message(incoming.message, ack)
    else:
        runtime.receive(content, message=incoming.message, on_durable=ack)
