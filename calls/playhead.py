"""A model of the carrier's playback queue: how much of each turn the caller has heard. Pure.

Audio queues behind what is playing and plays at real speed; a mark that comes back corrects the model, because the
carrier's clock is the one the caller hears. How late the carrier began is not known before the first mark of ours comes
back: until then the model takes the middle of what is possible.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

# What an agent that sends in real time may leave between two frames; after a longer gap playback begins anew.
_GAP_MS = 60.0
# A carrier begins to play within twice this. The middle of what is possible is never further off than half of it.
_UNSURE_MS = 300.0
# What has played for so long is not moved any more, whatever still comes back.
_SETTLED_MS = 10_000.0


@dataclass(frozen=True, slots=True)
class Played:
    """How much of a turn's audio was played. ``total_ms`` is what was sent of it so far."""

    turn_id: str
    played_ms: float
    total_ms: float


@dataclass(slots=True, eq=False)
class _Run:
    """Audio of one turn without another's in between. ``played_ms`` is settled, the rest is in segments."""

    turn_id: str
    total_ms: float = 0.0
    played_ms: float = 0.0


@dataclass(slots=True, eq=False)
class _Segment:
    """Audio up to the next mark. It plays evenly from start to end, small gaps included."""

    run: _Run
    sent_ms: float
    start_ms: float
    end_ms: float
    audio_ms: float = 0.0

    def played(self, at_ms: float) -> float:
        span = self.end_ms - self.start_ms
        share = (at_ms - self.start_ms) / span if span > 0 else float(at_ms >= self.end_ms)
        return self.audio_ms * max(0.0, min(1.0, share))


@dataclass(slots=True, eq=False)
class _Mark:
    name: str
    at_ms: float
    after: _Segment | None  # None: nothing was queued before it
    playback: int


@dataclass(slots=True)
class Playhead:
    _runs: deque[_Run] = field(default_factory=deque)
    _segments: deque[_Segment] = field(default_factory=deque)
    _marks: deque[_Mark] = field(default_factory=deque)
    _until_ms: float | None = None
    _is_closed: bool = True  # a mark stands behind the last segment
    _playback: int = 0  # counts how often playback began
    _began_ms: float = 0.0
    _is_awaited: bool = False  # a mark of ours is out since then
    _is_sure: bool = False  # and one has come back

    @property
    def queued_until_ms(self) -> float:
        """The offset at which everything sent so far has played; 0.0 when nothing was sent."""
        return self._until_ms or 0.0

    def send(self, turn_id: str, length_ms: float, *, now_ms: float) -> bool:
        """Audio was put into the carrier's queue. Whether playback begins with it: nothing played any more."""
        until_ms = self._until_ms
        begins = until_ms is None or now_ms - until_ms > _GAP_MS
        if begins:
            self._began_ms, self._is_awaited, self._is_sure = now_ms, False, False
            self._playback += 1
        start_ms = now_ms if until_ms is None or until_ms < now_ms else until_ms
        last = self._segments[-1] if self._segments else None
        if last is None or begins or self._is_closed or last.run.turn_id != turn_id:
            last = self._segment(turn_id, now_ms, start_ms)
        last.end_ms = self._until_ms = start_ms + length_ms
        last.audio_ms += length_ms
        last.run.total_ms += length_ms
        return begins

    def _segment(self, turn_id: str, now_ms: float, start_ms: float) -> _Segment:
        if not self._runs or self._runs[-1].turn_id != turn_id:
            self._runs.append(_Run(turn_id))
        made = _Segment(self._runs[-1], now_ms, start_ms, start_ms)
        self._segments.append(made)
        self._is_closed = False
        return made

    def mark(self, name: str, *, now_ms: float | None = None, is_ours: bool = False) -> None:
        """A mark was put behind everything sent so far. One of ours is certain to come back, if only in good time."""
        self._is_closed = True
        self._marks.append(
            _Mark(name, self.queued_until_ms, self._segments[-1] if self._segments else None, self._playback)
        )
        self._is_awaited |= is_ours
        if now_ms is not None:
            self._settle(now_ms - _SETTLED_MS)

    def _settle(self, before_ms: float) -> None:
        while self._segments and self._segments[0].end_ms < before_ms:
            self._take_first()
        while self._marks and self._marks[0].at_ms < before_ms:
            self._marks.popleft()

    def _take_first(self) -> _Segment:
        first = self._segments.popleft()
        first.run.played_ms += first.audio_ms
        return first

    def marked(self, name: str, *, now_ms: float) -> bool:
        """The carrier says that it played up to the mark; shift what is still queued. False: unknown name."""
        place = next((i for i, mark in enumerate(self._marks) if mark.name == name), None)
        if place is None:
            return False
        mark = self._marks[place]
        for _ in range(place + 1):
            self._marks.popleft()
        self._is_sure |= mark.playback == self._playback
        if mark.after in self._segments:
            while self._take_first() is not mark.after:
                continue
            self._restart(now_ms)
        return True

    def _restart(self, now_ms: float) -> None:
        """What is first in the queue starts now."""
        at_ms = now_ms
        for segment in self._segments:
            span = segment.end_ms - segment.start_ms
            segment.start_ms = max(at_ms, segment.sent_ms)
            segment.end_ms = at_ms = segment.start_ms + span
        self._until_ms = at_ms

    def cancelled(self, name: str) -> None:
        """The mark came back because the queue was cleared: it says nothing."""
        self._marks = deque(mark for mark in self._marks if mark.name != name)

    def _at(self, now_ms: float) -> float:
        """The offset up to which the model trusts that audio has played."""
        if not self._is_awaited or self._is_sure:
            return now_ms
        return now_ms - min((now_ms - self._began_ms) / 2.0, _UNSURE_MS)

    def played(self, turn_id: str, *, now_ms: float) -> Played:
        """How much of the turn has played by now."""
        at_ms = self._at(now_ms)
        ours = [run for run in self._runs if run.turn_id == turn_id]
        played = sum(run.played_ms for run in ours)
        played += sum(segment.played(at_ms) for segment in self._segments if segment.run.turn_id == turn_id)
        return Played(turn_id, played, sum(run.total_ms for run in ours))

    def playing(self, *, now_ms: float) -> list[Played]:
        """Return how far each turn with audio in the queue has played."""
        turns = dict.fromkeys(run.turn_id for run in self._runs if run.turn_id)
        return [self.played(turn_id, now_ms=now_ms) for turn_id in turns]

    def clear(self, *, now_ms: float) -> list[Played]:
        """The queue was emptied: return what each turn with audio in it got played, and forget it all."""
        found = [self.played(turn_id, now_ms=now_ms) for turn_id in dict.fromkeys(run.turn_id for run in self._runs)]
        self._runs.clear()
        self._segments.clear()
        self._marks.clear()
        self._until_ms, self._is_closed = None, True
        return found

    def finished(self, *, now_ms: float) -> list[Played]:
        """Take out and return the turns whose audio played to the end and that another turn's audio follows."""
        done: list[Played] = []
        while len(self._runs) > 1 and self._has_played(self._runs[0], now_ms):
            run = self._runs.popleft()
            while self._segments and self._segments[0].run is run:
                self._take_first()
            done.append(Played(run.turn_id, run.played_ms, run.total_ms))
        return done

    def _has_played(self, run: _Run, now_ms: float) -> bool:
        at_ms = self._at(now_ms)
        for segment in self._segments:
            if segment.run is not run:
                return True
            if segment.end_ms > at_ms:
                return False
        return True
