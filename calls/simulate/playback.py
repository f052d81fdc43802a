"""What a carrier's playback queue does, without a clock of its own.

Audio plays in the order it came, at 8 bytes a millisecond. A checkpoint is a marker in that order: it is reached only
when everything before it has played out. Clearing throws away the rest, markers included, and those are never reached.
Every method takes the moment it happens at; moments must not run backwards.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from calls.simulate.g711 import BYTES_PER_MS


class ClockWentBack(ValueError):
    """A method was called with a moment before the last one. Nothing has changed."""


@dataclass(frozen=True, slots=True)
class Played:
    """A stretch of audio the caller heard. Stretches of one label that touch are reported as one per ``advance``."""

    label: str
    start_ms: int
    byte_count: int


@dataclass(frozen=True, slots=True)
class Reached:
    """All audio before this checkpoint was heard; the carrier must now send ``playedStream``."""

    name: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Cleared:
    """What a clear threw away."""

    byte_count: int
    checkpoints: tuple[str, ...]


@dataclass(slots=True)
class _Audio:
    label: str
    byte_count: int


@dataclass(slots=True)
class _Mark:
    name: str


class PlaybackQueue:
    def __init__(self, *, now_ms: int = 0) -> None:
        self._items: deque[_Audio | _Mark] = deque()
        # Position in bytes since moment 0, so that no rounding is ever carried along.
        self._cursor = now_ms * BYTES_PER_MS
        self._idle_since_ms = now_ms

    @property
    def is_playing(self) -> bool:
        return any(isinstance(item, _Audio) for item in self._items)

    @property
    def queued_bytes(self) -> int:
        return sum(item.byte_count for item in self._items if isinstance(item, _Audio))

    def quiet_ms(self, now_ms: int) -> int:
        """Return for how long nothing has played; 0 while something does."""
        return 0 if self.is_playing else max(now_ms - self._idle_since_ms, 0)

    def play(self, byte_count: int, label: str, *, now_ms: int) -> list[Played | Reached]:
        """Queue audio. Returns what has been heard up to now."""
        heard = self.advance(now_ms)
        if byte_count > 0:
            self._items.append(_Audio(label, byte_count))
        return heard

    def checkpoint(self, name: str, *, now_ms: int) -> list[Played | Reached]:
        """Queue a marker; it is reached at once when nothing is queued before it."""
        heard = self.advance(now_ms)
        self._items.append(_Mark(name))
        return heard + self.advance(now_ms)

    def clear(self, *, now_ms: int) -> tuple[list[Played | Reached], Cleared]:
        """Empty the queue. Returns what was heard before, and what was thrown away."""
        heard = self.advance(now_ms)
        marks = tuple(item.name for item in self._items if isinstance(item, _Mark))
        cleared = Cleared(self.queued_bytes, marks)
        if self.is_playing:
            self._idle_since_ms = now_ms
        self._items.clear()
        return heard, cleared

    def advance(self, now_ms: int) -> list[Played | Reached]:
        """Play up to this moment.

        Raises:
            ClockWentBack: ``now_ms`` lies before an earlier call's; nothing has changed.
        """
        until = now_ms * BYTES_PER_MS
        if until < self._cursor:
            raise ClockWentBack(f"{now_ms} ms is before {self._cursor / BYTES_PER_MS} ms")
        heard: list[Played | Reached] = []
        while self._items and (self._cursor < until or isinstance(self._items[0], _Mark)):
            heard.append(self._step(until))
        self._cursor = until
        return _joined(heard)

    def _step(self, until: int) -> Played | Reached:
        item = self._items[0]
        at_ms = self._cursor // BYTES_PER_MS
        if isinstance(item, _Mark):
            self._items.popleft()
            return Reached(item.name, at_ms)
        taken = min(item.byte_count, until - self._cursor)
        item.byte_count -= taken
        self._cursor += taken
        if item.byte_count == 0:
            self._items.popleft()
            self._idle_since_ms = self._cursor // BYTES_PER_MS
        return Played(item.label, at_ms, taken)


def _joined(heard: list[Played | Reached]) -> list[Played | Reached]:
    joined: list[Played | Reached] = []
    for event in heard:
        last = joined[-1] if joined else None
        if isinstance(event, Played) and isinstance(last, Played) and last.label == event.label:
            joined[-1] = Played(last.label, last.start_ms, last.byte_count + event.byte_count)
        else:
            joined.append(event)
    return joined
