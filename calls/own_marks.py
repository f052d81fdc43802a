"""Our own marks behind the agent's audio: when one is due, and which of those that come back are ours. Pure."""

from __future__ import annotations

import secrets

# After the first piece of audio, then a little later in case that one is lost, then at this distance. Each tells
# within a fraction of a second how late the carrier plays; more of them would only be traffic.
_DUE_AFTER_MS = (0.0, 250.0, 500.0)
# Audio that pauses for so long is the end of a turn, or of what the agent has for now.
IDLE_MS = 120.0


class OwnMarks:
    """Names nobody can guess: an agent's own marks are never taken for ours."""

    def __init__(self) -> None:
        self._prefix = f"m{secrets.token_hex(8)}-"
        self._count = 0
        self._step = 0
        self._since_ms = 0.0
        self.is_audio_unmarked = False

    def is_ours(self, name: str) -> bool:
        return name.startswith(self._prefix)

    def next_name(self) -> str:
        """A mark is put behind all audio so far."""
        self._count += 1
        self._since_ms, self.is_audio_unmarked = 0.0, False
        return f"{self._prefix}{self._count}"

    def is_due(self, length_ms: float, *, begins: bool) -> bool:
        """Audio went out; ``begins``: playback begins with it. Whether a mark should follow it."""
        if begins:
            self._step, self._since_ms = 0, 0.0
        self._since_ms += length_ms
        self.is_audio_unmarked = True
        if self._since_ms < _DUE_AFTER_MS[self._step]:
            return False
        self._step = min(self._step + 1, len(_DUE_AFTER_MS) - 1)
        return True
