"""G.711 mu-law at 8 kHz: 8 bytes a millisecond. The standard library's ``audioop`` is gone since Python 3.13.

Source: ITU-T G.711, table 2a.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

BYTES_PER_MS: Final = 8
FRAME_MS: Final = 20
FRAME_BYTES: Final = BYTES_PER_MS * FRAME_MS
SILENCE: Final = b"\xff"
SILENT_FRAME: Final = SILENCE * FRAME_BYTES

_BIAS: Final = 0x84
_CLIP: Final = 32_635


def _decode(code: int) -> int:
    code = ~code & 0xFF
    magnitude = ((((code & 0x0F) << 3) + _BIAS) << ((code >> 4) & 0x07)) - _BIAS
    return -magnitude if code & 0x80 else magnitude


_LINEAR: Final = tuple(_decode(code) for code in range(256))
_MAGNITUDE: Final = tuple(abs(sample) for sample in _LINEAR)


def encode_sample(sample: int) -> int:
    """Return the mu-law code of a signed 16-bit sample; what is louder is clipped."""
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample), _CLIP) + _BIAS
    exponent = max(magnitude.bit_length() - 8, 0)
    return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0F)) & 0xFF


def encode(samples: Iterable[int]) -> bytes:
    return bytes(encode_sample(sample) for sample in samples)


def decode(audio: bytes) -> list[int]:
    return [_LINEAR[code] for code in audio]


def loudness(audio: bytes) -> int:
    """Return the mean magnitude of the audio, 0 (silence, also of no audio) to 32124."""
    if not audio:
        return 0
    return sum(map(_MAGNITUDE.__getitem__, audio)) // len(audio)


def length_ms(audio: bytes) -> int:
    return len(audio) // BYTES_PER_MS


def frames(audio: bytes) -> list[bytes]:
    """Cut audio into 20 ms frames, the last one filled up with silence."""
    starts = range(0, len(audio), FRAME_BYTES)
    return [audio[start : start + FRAME_BYTES].ljust(FRAME_BYTES, SILENCE) for start in starts]
