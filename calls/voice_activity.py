"""Whether a party speaks, from the loudness of its audio. Pure.

Made to notice that a caller talks over Mirror, fast and cheaply: 20 ms frames, no model. What is not much louder than
the line has been so far (noise, a faint echo of Mirror's own words) is no speech.
"""

from __future__ import annotations

import array
import sys
from typing import Final

from calls.wire.media import MediaFormat

FRAME_MS: Final = 20
# About -36 dBFS. Speech on a telephone line lies at -30 to -10, comfort noise below -50.
_LEAST_LEVEL: Final = 500.0
_ABOVE_NOISE: Final = 4.0
_FRAMES_NEEDED: Final = 2  # one loud frame is a click
_NOISE_SHARE: Final = 0.05


def _mulaw_level(byte: int) -> int:
    """The magnitude that G.711 gives a mu-law byte."""
    inverted = ~byte & 0xFF
    return (((inverted & 0x0F) << 3) + 0x84 << ((inverted & 0x70) >> 4)) - 0x84


_MULAW_LEVELS: Final = tuple(_mulaw_level(byte) for byte in range(256))


class VoiceActivity:
    """Feed it audio as it comes; it keeps what does not fill a frame yet."""

    def __init__(self, media_format: MediaFormat) -> None:
        self._is_linear = media_format.is_linear
        self._frame_bytes = round(media_format.bytes_per_ms * FRAME_MS)
        self._rest = b""
        self._noise = 0.0
        self._loud_count = 0

    def heard(self, audio: bytes) -> bool:
        """Whether speech was under way at the end of any frame in it."""
        self._rest += audio
        spoke = False
        while len(self._rest) >= self._frame_bytes:
            frame, self._rest = self._rest[: self._frame_bytes], self._rest[self._frame_bytes :]
            spoke |= self._take(self._level(frame))
        return spoke

    def _level(self, frame: bytes) -> float:
        if not self._is_linear:
            return sum(map(_MULAW_LEVELS.__getitem__, frame)) / len(frame)
        samples = array.array("h", frame)
        if sys.byteorder == "big":  # the wire is little-endian
            samples.byteswap()
        return sum(map(abs, samples)) / len(samples)

    def _take(self, level: float) -> bool:
        if level < max(_LEAST_LEVEL, self._noise * _ABOVE_NOISE):
            self._noise += (level - self._noise) * _NOISE_SHARE
            self._loud_count = 0
        else:
            self._loud_count += 1
        return self._loud_count >= _FRAMES_NEEDED
