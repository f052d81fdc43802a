"""Delays as they are measured, and what is told of them."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Delays:
    """Percentiles in milliseconds."""

    count: int
    p50_ms: float
    p99_ms: float

    def minus(self, other: Delays) -> Delays:
        """What is added to ``other``, percentile by percentile; never less than nothing."""
        return Delays(self.count, max(0.0, self.p50_ms - other.p50_ms), max(0.0, self.p99_ms - other.p99_ms))

    def __str__(self) -> str:
        return f"p50 {self.p50_ms:.1f} ms, p99 {self.p99_ms:.1f} ms"


class Stopwatch:
    """Takes nanoseconds while it runs."""

    def __init__(self) -> None:
        self.is_running = False
        self._taken = array("q")

    def start(self) -> None:
        self._taken, self.is_running = array("q"), True

    def take(self, ns: int) -> None:
        if self.is_running:
            self._taken.append(ns)

    def stop(self) -> Delays:
        self.is_running = False
        return delays(self._taken)

    @staticmethod
    def merged(*watches: Stopwatch) -> Delays:
        """What all of them have taken so far, together."""
        return delays([ns for watch in watches for ns in watch._taken])


def delays(taken_ns: Sequence[int]) -> Delays:
    ordered = sorted(taken_ns)
    if not ordered:
        return Delays(0, float("nan"), float("nan"))
    p50, p99 = (ordered[min(len(ordered) - 1, int(len(ordered) * share))] / 1e6 for share in (0.5, 0.99))
    return Delays(len(ordered), p50, p99)
