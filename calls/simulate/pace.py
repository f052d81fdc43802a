"""A call's clock: milliseconds since the call began, in real time or faster."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class Pace:
    """``speed`` 1 is real time; 20 lets a call of 20 seconds take one."""

    speed: float = 1.0
    _began: float = field(default_factory=time.monotonic, init=False)

    def now_ms(self) -> int:
        return int((time.monotonic() - self._began) * 1000 * self.speed)

    async def until(self, at_ms: int) -> None:
        """Wait for a moment; return at once when it has passed."""
        wait_ms = at_ms - self.now_ms()
        if wait_ms > 0:
            await asyncio.sleep(wait_ms / 1000 / self.speed)

    async def wait(self, wait_ms: int) -> None:
        await asyncio.sleep(wait_ms / 1000 / self.speed)
