"""When the process that carries calls looks for reference cycles: seldom, and all at once only in a quiet moment.

Python looks through every object it knows whenever enough new ones have come. With hundreds of calls that is a pause of
several hundred milliseconds a second, felt by every caller, and it finds nothing: what a live call holds is in use, and
what a turn leaves behind is freed without it. So old objects are only looked through once calls have ended.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

# Young objects: each look takes a millisecond at most.
_YOUNG, _YOUNG_ROUNDS, _NEVER = 2_000, 10, 1_000_000
# What ended calls leave behind is some hundred kilobytes each.
MOST_ENDED = 500
LOOK_EVERY_S = 15.0
IDLE_EVERY_S = 60.0
LATEST_AFTER_S = 1_800.0


def garbage_settle() -> None:
    """Once, when all code is loaded: what is there now stays, and old objects are not looked through by themselves."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _YOUNG_ROUNDS, _NEVER)


class Garbage:
    """``look`` is called every ``LOOK_EVERY_S``; it looks through everything where that is due."""

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, collect: Callable[[], object] = gc.collect
    ) -> None:
        self._clock, self._collect = clock, collect
        self._ended_count = 0
        self._looked_s = clock()

    def look(self, *, live_count: int, ended_count: int) -> bool:
        """Whether it did. ``ended_count``: how many calls have ended since the process began."""
        since_s = self._clock() - self._looked_s
        is_idle = live_count == 0 and since_s >= IDLE_EVERY_S
        if not (is_idle or ended_count - self._ended_count >= MOST_ENDED or since_s >= LATEST_AFTER_S):
            return False
        self._collect()
        self._ended_count, self._looked_s = ended_count, self._clock()
        return True
