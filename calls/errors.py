"""Errors of live calls.

CallError
├── IllegalEvent       our driver's or the client's fault: the event does not fit the call's state; nothing changed
├── MessageRefused     the client's fault: a wire message that cannot be used; answered with ``error``, never a close
├── StreamTokenRefused the carrier's (or an attacker's) fault: the stream token opens nothing
└── UpstreamLost       the tenant's agent cannot be reached or went away
"""

from __future__ import annotations


class CallError(Exception):
    """Base of all errors of live calls."""


class IllegalEvent(CallError):
    """The event is not legal in the call's state. The session is unchanged.

    ``code`` is what the client is told (``call_ended``, ``turn_exists``, ``not_started``).
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class MessageRefused(CallError):
    """A client message that cannot be used. ``seq`` is set where the message had a usable one."""

    def __init__(self, code: str, detail: str, *, seq: int | None = None, is_retryable: bool = False) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.seq = seq
        self.is_retryable = is_retryable


class StreamTokenRefused(CallError):
    """The token is malformed, unknown, used or expired."""


class UpstreamLost(CallError):
    """The agent's own stream could not be dialled or ended by itself."""
