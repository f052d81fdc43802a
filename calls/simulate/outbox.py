"""Messages that stay ours until the other side says it has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Outbox:
    """Numbers messages 1, 2, 3 ... and keeps each until it is acknowledged, so that a new connection can resend."""

    _last_seq: int = field(default=0, init=False)
    _unacked: dict[int, dict[str, Any]] = field(default_factory=dict, init=False)

    def add(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Return the message with its ``seq``, ready to send."""
        self._last_seq += 1
        numbered = {**message, "seq": self._last_seq}
        self._unacked[self._last_seq] = numbered
        return numbered

    def ack(self, seq: int) -> None:
        """Forget one message; an unknown or repeated ``seq`` changes nothing."""
        self._unacked.pop(seq, None)

    def pending(self) -> list[dict[str, Any]]:
        """What to send again after a reconnect, in order."""
        return list(self._unacked.values())
