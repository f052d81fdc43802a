"""What spoken audio goes through before a stream may carry it. Pure; numpy and soxr do the arithmetic.

The rate changes, silence at both ends goes, the level becomes that of the telephone, whole 20 ms frames remain.
Samples are ``float32`` between -1 and 1; levels are dB below full scale (dBov), a full-scale square wave being 0.
"""

from __future__ import annotations

import math
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from calls.wire.media import MediaFormat

Samples: TypeAlias = NDArray[np.float32]

FRAME_MS: Final = 20
# Telephone networks are lined up for active speech at -26 dBov (ITU-T P.830); synthetic voices that agents send come
# at -24 to -19 (the demo's recordings: -21). A correction that is much softer than what it corrects is not understood.
SPEECH_DBOV: Final = -23.0
# Less than this is not worth a second quantisation of what is mu-law already; few hear a difference of 1 dB.
LEVEL_TOLERANCE_DB: Final = 1.0
# Whoever needs more than this did not speak: it would be noise made loud.
_MOST_GAIN_DB: Final = 30.0
_PEAK: Final = 0.89  # -1 dBov
# A frame speaks when it is this close to the loudest one, and above what a quiet line hisses.
_BELOW_LOUDEST_DB: Final = 35.0
_HISS_DBOV: Final = -60.0
# The onset of a soft consonant and the end of a vowel lie below that.
_LEAD_FRAMES, _TAIL_FRAMES = 1, 2

_BIAS: Final = 0x84
_CLIP: Final = 32_635
_FULL: Final = 32_768.0


def _decode_table() -> Samples:
    """The value of each mu-law code. Source: ITU-T G.711, table 2a, in 16 bits."""
    code = ~np.arange(256) & 0xFF
    magnitude = (((code & 0x0F) << 3) + _BIAS << ((code >> 4) & 0x07)) - _BIAS
    return (np.where(code & 0x80, -magnitude, magnitude) / _FULL).astype(np.float32)


_ULAW: Final = _decode_table()


def ulaw_decode(data: bytes) -> Samples:
    return _ULAW[np.frombuffer(data, np.uint8)]


def ulaw_encode(samples: Samples) -> bytes:
    linear = _whole(samples).astype(np.int32)
    magnitude = np.minimum(np.abs(linear), _CLIP) + _BIAS
    # The number of the highest bit, 7 to 14: exact, the magnitudes are far below where floats round.
    exponent = np.frexp(magnitude.astype(np.float64))[1] - 8
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    code = np.where(linear < 0, 0x80, 0) | (exponent << 4) | mantissa
    encoded: bytes = (~code & 0xFF).astype(np.uint8).tobytes()
    return encoded


def linear_decode(data: bytes) -> Samples:
    """Little-endian 16-bit; half a sample at the end is left out."""
    whole = np.frombuffer(data[: len(data) // 2 * 2], "<i2")
    return (whole / np.float32(_FULL)).astype(np.float32)


def linear_encode(samples: Samples) -> bytes:
    return _whole(samples).astype("<i2").tobytes()


def _whole(samples: Samples) -> NDArray[np.float64]:
    return np.clip(np.rint(samples.astype(np.float64) * _FULL), -_FULL, _FULL - 1)


def decode(data: bytes, media_format: MediaFormat) -> Samples:
    return linear_decode(data) if media_format.is_linear else ulaw_decode(data)


def encode(samples: Samples, media_format: MediaFormat) -> bytes:
    return linear_encode(samples) if media_format.is_linear else ulaw_encode(samples)


def resampled(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """Same sound at another rate; what the new rate cannot carry is filtered out, not folded back."""
    if from_hz == to_hz or not samples.size:
        return samples
    import soxr  # not above: most processes never speak, and those that do load it with their first line

    return np.asarray(soxr.resample(samples, from_hz, to_hz, quality="HQ"), np.float32)


def level_dbov(samples: Samples) -> float:
    """Return the level of all of it; ``-inf`` for silence."""
    power = float(np.mean(np.square(samples, dtype=np.float64))) if samples.size else 0.0
    return 10.0 * math.log10(power) if power > 0 else -math.inf


def speech_level_dbov(samples: Samples, rate_hz: int) -> float:
    """Return the level of the frames in which somebody speaks, so that pauses do not count; ``-inf`` without any."""
    power = _frame_powers(samples, rate_hz)
    active = power[_speaking(power)]
    return 10.0 * math.log10(float(active.mean())) if active.size else -math.inf


def trimmed(samples: Samples, rate_hz: int) -> Samples:
    """Without the silence at both ends; nothing is left of what is silent."""
    speaking = np.flatnonzero(_speaking(_frame_powers(samples, rate_hz)))
    if not speaking.size:
        return samples[:0]
    frame = rate_hz * FRAME_MS // 1000
    first = max(0, int(speaking[0]) - _LEAD_FRAMES)
    return samples[first * frame : (int(speaking[-1]) + 1 + _TAIL_FRAMES) * frame]


def levelled(samples: Samples, rate_hz: int) -> Samples:
    """As loud as speech on a telephone; the very same samples where they are within a decibel of it.

    The gain stops where the loudest sample would clip.
    """
    gain_db = SPEECH_DBOV - speech_level_dbov(samples, rate_hz)
    if not math.isfinite(gain_db) or abs(gain_db) <= LEVEL_TOLERANCE_DB:
        return samples
    gain = min(10.0 ** (min(gain_db, _MOST_GAIN_DB) / 20.0), _PEAK / float(np.max(np.abs(samples))))
    return samples * np.float32(gain)


def framed(data: bytes, media_format: MediaFormat) -> bytes:
    """Whole 20 ms frames, the last one filled up with silence."""
    size = int(media_format.bytes_per_ms * FRAME_MS)
    silence = b"\0" if media_format.is_linear else b"\xff"
    return data + silence * (-len(data) % size)


def fitted(samples: Samples, rate_hz: int, media_format: MediaFormat) -> bytes:
    """Return what a stream of this format carries; empty for silence."""
    spoken = trimmed(resampled(samples, rate_hz, media_format.sample_rate), media_format.sample_rate)
    return framed(encode(levelled(spoken, media_format.sample_rate), media_format), media_format)


def _frame_powers(samples: Samples, rate_hz: int) -> NDArray[np.float64]:
    """Mean square of each frame, an incomplete last one included."""
    frame = rate_hz * FRAME_MS // 1000
    padded = np.pad(samples, (0, -len(samples) % frame)).reshape(-1, frame)
    powers: NDArray[np.float64] = np.mean(np.square(padded, dtype=np.float64), axis=1)
    return powers


def _speaking(power: NDArray[np.float64]) -> NDArray[np.bool_]:
    if not power.size:
        return np.zeros(0, bool)
    least = max(float(power.max()) * 10.0 ** (-_BELOW_LOUDEST_DB / 10.0), 10.0 ** (_HISS_DBOV / 10.0))
    speaking: NDArray[np.bool_] = power > least
    return speaking
