"""What the caller really heard: from played milliseconds back to words.

Pure. Without a known play length, speech is taken to run at ``CHARACTERS_PER_S``.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

# Source: 150 to 160 spoken English words a minute at 5.7 characters a word and space; rounded.
CHARACTERS_PER_S = 15.0
# Speech engines breathe: an estimate never counts a word as unheard that was nearly done.
_MIN_SPEECH_MS = 300.0


def speech_ms(text: str) -> float:
    """Estimate how long a text takes to speak."""
    return max(_MIN_SPEECH_MS, len(text) / CHARACTERS_PER_S * 1000.0) if text.strip() else 0.0


def heard_text(text: str, played_ms: float, total_ms: float | None = None) -> str:
    """Return the part of ``text`` heard after ``played_ms``, cut at a word's end.

    A word counts as heard once half of it was played. ``total_ms`` is the play length of the whole text where known.
    """
    total = total_ms if total_ms else speech_ms(text)
    if not text or played_ms <= 0 or total <= 0:
        return ""
    if played_ms >= total:
        return text
    position = len(text) * played_ms / total
    end = 0
    for start, stop in _words(text):
        if (start + stop) / 2 > position:
            break
        end = stop
    return text[:end]


def _words(text: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    start: int | None = None
    for i, character in enumerate(text):
        if character.isspace():
            if start is not None:
                spans.append((start, i))
                start = None
        elif start is None:
            start = i
    if start is not None:
        spans.append((start, len(text)))
    return spans


@dataclass(slots=True)
class _Segment:
    turn_id: str
    start_ms: float
    end_ms: float


@dataclass(frozen=True, slots=True)
class Played:
    """How much of a turn's audio was played. ``total_ms`` is what the agent sent of it so far."""

    turn_id: str
    played_ms: float
    total_ms: float


class Playhead:
    """Models the carrier's playback queue: audio queues behind what is playing and plays at real speed.

    A checkpoint that comes back corrects the model, because the carrier's clock is the one the caller hears.
    """

    def __init__(self) -> None:
        self._segments: deque[_Segment] = deque()
        self._marks: dict[str, float] = {}

    @property
    def queued_until_ms(self) -> float:
        """The offset at which everything sent so far has played; 0.0 when nothing was sent."""
        return self._segments[-1].end_ms if self._segments else 0.0

    def send(self, turn_id: str, length_ms: float, *, now_ms: float) -> None:
        """Audio of a turn was put into the carrier's queue."""
        start = max(now_ms, self.queued_until_ms)
        last = self._segments[-1] if self._segments else None
        # Behind a checkpoint a new segment begins: only what comes after it can be late.
        is_marked = last is not None and last.end_ms in self._marks.values()
        if last is not None and last.turn_id == turn_id and start - last.end_ms < 1.0 and not is_marked:
            last.end_ms += length_ms
            return
        self._segments.append(_Segment(turn_id, start, start + length_ms))

    def mark(self, name: str) -> None:
        """A checkpoint was put behind everything sent so far."""
        self._marks[name] = self.queued_until_ms

    def marked(self, name: str, *, now_ms: float) -> bool:
        """The carrier says that it played up to the checkpoint; shift what is still queued. False: unknown name."""
        expected = self._marks.pop(name, None)
        if expected is None:
            return False
        late_ms = now_ms - expected
        for segment in self._segments:
            if segment.start_ms >= expected:
                segment.start_ms += late_ms
                segment.end_ms += late_ms
        self._marks = {other: at_ms + late_ms if at_ms >= expected else at_ms for other, at_ms in self._marks.items()}
        return True

    def played(self, turn_id: str, *, now_ms: float) -> Played:
        """How much of the turn has played by now."""
        played = total = 0.0
        for segment in self._segments:
            if segment.turn_id == turn_id:
                total += segment.end_ms - segment.start_ms
                played += max(0.0, min(now_ms, segment.end_ms) - segment.start_ms)
        return Played(turn_id, played, total)

    def playing(self, *, now_ms: float) -> list[Played]:
        """Return how far each turn with audio in the queue has played."""
        turns = dict.fromkeys(segment.turn_id for segment in self._segments if segment.turn_id)
        return [self.played(turn_id, now_ms=now_ms) for turn_id in turns]

    def clear(self, *, now_ms: float) -> list[Played]:
        """The queue was emptied: return what each turn with audio in it got played, and forget it all."""
        turns = dict.fromkeys(segment.turn_id for segment in self._segments)
        found = [self.played(turn_id, now_ms=now_ms) for turn_id in turns]
        self._segments.clear()
        self._marks.clear()
        return found

    def finished(self, *, now_ms: float) -> list[Played]:
        """Take out and return the turns whose audio played to the end and that another turn's audio follows."""
        done: list[Played] = []
        while len(self._segments) > 1 and self._segments[0].end_ms <= now_ms:
            turn_id = self._segments[0].turn_id
            if all(segment.turn_id == turn_id for segment in self._segments):
                break
            done.append(self.played(turn_id, now_ms=now_ms))
            while self._segments and self._segments[0].turn_id == turn_id:
                self._segments.popleft()
        return done
