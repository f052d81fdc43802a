"""Reading what a provider sent as audio, whatever it says it is. Pure.

Raw samples are what was asked for. Servers that send a WAV file all the same are understood, because its header as
sound would be a click; everything else that is no sound is refused, because a caller would hear it as noise.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

import numpy as np

from calls.voice.samples import Samples, linear_decode, ulaw_decode
from calls.wire.media import MediaFormat

LINEAR: Final = "audio/x-l16"
ULAW: Final = "audio/x-mulaw"

LEAST_MS: Final = 60.0
MOST_MS: Final = 120_000.0

_COMPRESSED: Final = (
    b"ID3",
    b"OggS",
    b"fLaC",
    b"\xff\xfb",
    b"\xff\xf3",
    b"\xff\xf2",
    b"FORM",
    b".snd",
    b"\x1aE\xdf\xa3",
)
_COMPRESSED_TYPES: Final = ("mpeg", "mp3", "ogg", "opus", "flac", "aac", "mp4", "webm")
_WAV_PCM, _WAV_ULAW, _WAV_EXTENSIBLE = 1, 7, 0xFFFE


class NoRecording(ValueError):
    """What came is no audio that can be played; the message says why and quotes none of it."""


@dataclass(frozen=True, slots=True)
class Recording:
    samples: Samples
    rate_hz: int

    @property
    def length_ms(self) -> float:
        return len(self.samples) / self.rate_hz * 1000.0


def recording_read(data: bytes, asked: MediaFormat, *, content_type: str = "") -> Recording:
    """Return the audio of an answer to a request for raw samples of the format ``asked``.

    Raises:
        NoRecording: text, a compressed file, a WAV of an unknown kind, or a length that no sentence has.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind and not kind.startswith("audio/") and kind not in {"application/octet-stream", "binary/octet-stream"}:
        raise NoRecording("the content type is not that of audio")
    if data.startswith(_COMPRESSED) or kind.removeprefix("audio/").removeprefix("x-") in _COMPRESSED_TYPES:
        raise NoRecording("the audio is compressed")
    found = wav_read(data) if data[:4] in {b"RIFF", b"RIFX"} else _raw(data, asked)
    if not LEAST_MS <= found.length_ms <= MOST_MS:
        raise NoRecording(f"the audio lasts {found.length_ms:.0f} ms")
    return found


def _raw(data: bytes, asked: MediaFormat) -> Recording:
    # Sound always has bytes outside of ASCII's letters: silence alone is 0x00 or 0xff.
    if data[:64].isascii() and data[:64].decode("ascii").isprintable():
        raise NoRecording("the answer is text")
    samples = linear_decode(data) if asked.is_linear else ulaw_decode(data)
    return Recording(samples, asked.sample_rate)


def wav_read(data: bytes) -> Recording:
    """Read a WAV file, also one written to a pipe, whose header tells no length. Raises: NoRecording."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise NoRecording("the WAV header is damaged")
    at, form = 12, None
    while at + 8 <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        body = data[at + 8 : at + 8 + size]
        if name == b"fmt ":
            form = body
        if name == b"data":
            # Zero and the largest numbers stand for "until the end".
            return _wav_samples(body or data[at + 8 :], form)
        at += 8 + size + size % 2
    raise NoRecording("the WAV file has no samples")


def _wav_samples(data: bytes, form: bytes | None) -> Recording:
    if form is None or len(form) < 16:
        raise NoRecording("the WAV file does not say what it holds")
    code, channels, rate_hz, _, _, bits = struct.unpack("<HHIIHH", form[:16])
    if code == _WAV_EXTENSIBLE and len(form) >= 26:
        code = int.from_bytes(form[24:26], "little")
    if not 1 <= channels <= 2 or not 4_000 <= rate_hz <= 192_000:
        raise NoRecording("the WAV file has an unusual form")
    if (code, bits) == (_WAV_PCM, 16):
        samples = linear_decode(data)
    elif (code, bits) == (_WAV_ULAW, 8):
        samples = ulaw_decode(data)
    else:
        raise NoRecording("the WAV file has an unusual encoding")
    if channels == 2:
        samples = samples[: len(samples) // 2 * 2].reshape(-1, 2).mean(axis=1, dtype=np.float32)
    return Recording(samples, rate_hz)
