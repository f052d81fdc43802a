"""Circuit breaker: a provider that keeps failing is left alone for a while. Pure: the clock is an argument.

closed --(failures in a row)--> open --(rest is over)--> one trial --success--> closed
                                                            \\--failure--> open, twice as long
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from threading import Lock

FAILURES_TO_OPEN = 5
FIRST_REST_S = 5.0
LONGEST_REST_S = 60.0
_KEPT = 4_096


@dataclass(slots=True)
class Breaker:
    """``now_s`` is any clock that never goes back, the same one in every call."""

    failures: int = 0
    rest_s: float = 0.0  # 0: closed
    open_until_s: float = 0.0
    trial_until_s: float = 0.0

    def allows(self, now_s: float) -> bool:
        """Whether to ask now. After a rest only one asker is let through; tell its outcome with ``record``."""
        if not self.rest_s:
            return True
        if now_s < self.open_until_s or now_s < self.trial_until_s:
            return False
        # A trial whose outcome is never told must not keep the circuit open for good.
        self.trial_until_s = now_s + self.rest_s
        return True

    def record(self, *, is_success: bool, now_s: float) -> None:
        if is_success:
            self.failures, self.rest_s, self.open_until_s, self.trial_until_s = 0, 0.0, 0.0, 0.0
            return
        self.failures += 1
        is_trial = self.trial_until_s > 0.0
        if self.rest_s and not is_trial:
            return  # asked before the circuit opened, answered after
        if is_trial or self.failures >= FAILURES_TO_OPEN:
            self.rest_s = min(LONGEST_REST_S, self.rest_s * 2 or FIRST_REST_S)
            self.open_until_s, self.trial_until_s = now_s + self.rest_s, 0.0

    def rest(self, rest_s: float, now_s: float) -> None:
        """The provider asked to be left alone."""
        self.rest_s = max(self.rest_s, min(LONGEST_REST_S, rest_s))
        self.open_until_s, self.trial_until_s = max(self.open_until_s, now_s + min(LONGEST_REST_S, rest_s)), 0.0


class Breakers:
    """One breaker per key, such as (tenant, provider, address): one tenant's bad key is not another's outage."""

    def __init__(self) -> None:
        self._breakers: OrderedDict[Hashable, Breaker] = OrderedDict()
        self._lock = Lock()

    def allows(self, key: Hashable, now_s: float) -> bool:
        with self._lock:
            return self._of(key).allows(now_s)

    def record(self, key: Hashable, *, is_success: bool, now_s: float) -> None:
        with self._lock:
            self._of(key).record(is_success=is_success, now_s=now_s)

    def rest(self, key: Hashable, rest_s: float, now_s: float) -> None:
        with self._lock:
            self._of(key).rest(rest_s, now_s)

    def _of(self, key: Hashable) -> Breaker:
        breaker = self._breakers.setdefault(key, Breaker())
        self._breakers.move_to_end(key)
        if len(self._breakers) > _KEPT:
            self._breakers.popitem(last=False)
        return breaker
