"""Where the parts of a session put what must be done: one list of effects, one count of rows. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from calls.events import Amend, Effect, Record
from judging.core import Json


class Desk:
    """``now_ms`` is the time of the event in hand. ``n`` counts the call's recorded rows from 1."""

    def __init__(self) -> None:
        self.now_ms = 0.0
        self.n = 0
        self._effects: list[Effect] = []

    def open(self, now_ms: float) -> list[Effect]:
        """Begin with the next event; the returned list fills up while it is handled."""
        self.now_ms, self._effects = now_ms, []
        return self._effects

    def do(self, effect: Effect) -> None:
        self._effects.append(effect)

    def record(self, table: str, fields: Mapping[str, Json]) -> int:
        """Return the row's ``n``."""
        self.n += 1
        self.do(Record(table, self.n, max(0, round(self.now_ms)), fields))
        return self.n

    def amend(self, table: str, n: int, fields: Mapping[str, Json]) -> None:
        self.do(Amend(table, n, fields))
