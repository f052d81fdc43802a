"""Whether the caller speaks, from the loudness of their audio. Pure.

It only has to tell a voice from a quiet or noisy line while Mirror itself speaks, so it compares each frame with three
things: the line's own noise, what is hardly audible, and the echo that Mirror's voice may leave on the line.
"""

from __future__ import annotations

import math
from array import array
from collections import deque
from sys import byteorder

from calls.wire.media import MediaFormat

SILENCE_DB = -90.0
# Source: measured in tests/unit/calls/test_vad.py on made audio; nominal speech on a line has -30 to -15 dB.
_ABOVE_NOISE_DB = 9.0
_LEAST_DB = -42.0
# An echo comes back at least this much weaker: 20 dB and more over handsets, about 12 over loudspeakers.
_ECHO_LOSS_DB = 10.0
# Frames of 20 ms: so many of the last ones must be loud. A click is one or two.
_LOUD_OF, _WINDOW = 6, 8
# Of so many samples of the line's level the lower ones are noise: people pause.
_NOISE_SAMPLES, _NOISE_SHARE = 50, 0.2
# What a line is taken for as long as little of it was heard.
_USUAL_NOISE_DB, _SUPPOSED = -60.0, 5
# An echo may come back so late.
_ECHO_FRAMES = 25


def _mulaw_squares() -> tuple[float, ...]:
    """Source: ITU-T G.711. The square of each code's sample, full scale 1.0."""
    squares = []
    for code in range(256):
        bits = ~code & 0xFF
        sample = (((bits & 0x0F) << 3) + 0x84 << ((bits & 0x70) >> 4)) - 0x84
        squares.append((sample / 32768.0) ** 2)
    return tuple(squares)


_MULAW = _mulaw_squares()


def level_db(audio: bytes, media_format: MediaFormat) -> float | None:
    """Loudness of a piece of audio against full scale; None where its encoding cannot be read."""
    if media_format.is_linear:
        samples = array("h", audio[: len(audio) // 2 * 2])
        if byteorder == "big":
            samples.byteswap()
        power, count = sum(sample * sample for sample in samples) / 32768.0**2, len(samples)
    elif media_format.encoding == "audio/x-mulaw":
        power, count = sum(map(_MULAW.__getitem__, audio)), len(audio)
    else:
        return None
    mean = power / count if count else 0.0
    return max(SILENCE_DB, 10.0 * math.log10(mean)) if mean > 0 else SILENCE_DB


class SpeechDetector:
    """One caller. ``sample`` now and then while nobody needs to know, ``feed`` each frame while somebody does."""

    def __init__(self) -> None:
        self._levels = deque([_USUAL_NOISE_DB] * _SUPPOSED, maxlen=_NOISE_SAMPLES)
        self._loud: deque[bool] = deque(maxlen=_WINDOW)
        self._ours: deque[float] = deque(maxlen=_ECHO_FRAMES)

    def sample(self, level: float) -> None:
        """A level of the caller's line, speech or not: the lower ones are its noise."""
        self._levels.append(level)

    def spoken(self, level: float) -> None:
        """Mirror's own voice went out at this level."""
        self._ours.append(level)

    def feed(self, level: float) -> bool:
        """Take the caller's next frame; whether they are speaking."""
        self._loud.append(level > self.threshold_db)
        self._levels.append(level)
        return sum(self._loud) >= _LOUD_OF

    @property
    def threshold_db(self) -> float:
        echo = max(self._ours, default=SILENCE_DB) - _ECHO_LOSS_DB
        return max(_LEAST_DB, self._noise_db + _ABOVE_NOISE_DB, echo)

    @property
    def _noise_db(self) -> float:
        return sorted(self._levels)[int(len(self._levels) * _NOISE_SHARE)]

    def reset(self) -> None:
        """Mirror is silent: what was loud is over, the line's noise stays known."""
        self._loud.clear()
        self._ours.clear()
