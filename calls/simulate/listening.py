"""Hear speech in mu-law audio: when it starts and ends, and which recorded line it was.

A live agent has a recogniser here. This one compares what arrived with the recordings it knows, so the words it
reports were really carried by the audio: audio that was lost or altered on the way is not recognised.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from calls.simulate.g711 import FRAME_BYTES, SILENCE, length_ms, loudness

LOUD: Final = 300  # of 32124; the recordings speak at 2000 and more, silence is 0
START_MS: Final = 60
END_MS: Final = 400  # pauses inside the recordings are cut to 240
NEEDLE_BYTES: Final = 2400
_BEFORE: Final = 10  # messages kept from before the start was sure


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    pass


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """Speech, with a little before and the silence after that told its end."""

    audio: bytes


Heard: TypeAlias = SpeechStarted | SpeechEnded


@dataclass(slots=True)
class Endpointer:
    """Finds where speech starts and ends, by loudness. Its time is that of the audio, whatever the pace it comes at."""

    _before: deque[bytes] = field(default_factory=lambda: deque(maxlen=_BEFORE), init=False)
    _speech: bytearray = field(default_factory=bytearray, init=False)
    _is_speaking: bool = field(default=False, init=False)
    _loud_ms: int = field(default=0, init=False)
    _quiet_ms: int = field(default=0, init=False)

    def feed(self, audio: bytes) -> Heard | None:
        """Take the next stretch of audio, at most some tens of milliseconds. Returns what it settles."""
        is_loud = loudness(audio) >= LOUD
        self._loud_ms = self._loud_ms + length_ms(audio) if is_loud else 0
        self._quiet_ms = 0 if is_loud else self._quiet_ms + length_ms(audio)
        if self._is_speaking:
            return self._speaking(audio)
        self._before.append(audio)
        if self._loud_ms < START_MS:
            return None
        self._is_speaking = True
        self._speech = bytearray(b"".join(self._before))
        self._before.clear()
        return SpeechStarted()

    def _speaking(self, audio: bytes) -> Heard | None:
        self._speech += audio
        if self._quiet_ms < END_MS:
            return None
        self._is_speaking = False
        return SpeechEnded(bytes(self._speech))


@dataclass(slots=True)
class Recogniser:
    """Knows lines by their recordings; gives each of them out once, in the order they were given."""

    lines: Mapping[str, bytes]
    _used: set[str] = field(default_factory=set, init=False)

    def recognise(self, audio: bytes) -> str | None:
        """Return the key of the first unused line that the audio holds; None when it holds none."""
        for key, recording in self.lines.items():
            if key not in self._used and _needle(recording) in audio:
                self._used.add(key)
                return key
        return None


def _needle(recording: bytes) -> bytes:
    middle = len(recording) // 2
    return recording[max(middle - NEEDLE_BYTES // 2, 0) : middle + NEEDLE_BYTES // 2]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a stretch of audio lies in a known line."""

    key: str
    offset: int


@dataclass(slots=True)
class Spotter:
    """Names audio that arrives in pieces: each piece is looked for right after the last one, then in every line."""

    lines: Mapping[str, bytes]
    _next: Spot | None = field(default=None, init=False)

    def spot(self, audio: bytes) -> Spot | None:
        """Return where this piece lies, None when it is of no known line."""
        found = self._follows(audio) or self._anywhere(audio)
        self._next = Spot(found.key, found.offset + len(audio)) if found else None
        return found

    def _follows(self, audio: bytes) -> Spot | None:
        last = self._next
        if last is None or not self.lines[last.key].startswith(audio, last.offset):
            return None
        return last

    def _anywhere(self, audio: bytes) -> Spot | None:
        if len(audio) < FRAME_BYTES or audio.count(SILENCE) * 2 > len(audio):
            return None  # silence is everywhere
        places = ((key, recording.find(audio)) for key, recording in self.lines.items())
        return next((Spot(key, offset) for key, offset in places if offset >= 0), None)
