"""How much of something may come a second, with a burst on top. Pure: it is told the time."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Allowance:
    """What was not used is kept up to ``burst``. Taking never fails: who is overdrawn is to be made to wait."""

    per_s: float
    burst: float
    _left: float = field(init=False)
    _at_ms: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self._left = self.burst

    def take(self, *, now_ms: float) -> None:
        self._refill(now_ms)
        self._left -= 1.0

    def is_overdrawn(self, *, now_ms: float) -> bool:
        self._refill(now_ms)
        return self._left < 0.0

    def _refill(self, now_ms: float) -> None:
        passed_ms = max(0.0, now_ms - self._at_ms)
        self._left = min(self.burst, self._left + self.per_s * passed_ms / 1000.0)
        self._at_ms = max(self._at_ms, now_ms)
