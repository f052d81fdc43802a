"""Sounds that tests know everything about."""

from __future__ import annotations

import struct

import numpy as np

from calls.voice.samples import Samples, linear_encode
from calls.wire.media import MediaFormat
from tests.fakes_http import Behaviour, Connection


def tone(hz: float, *, rate_hz: int, length_s: float = 1.0, level: float = 0.25) -> Samples:
    at = np.arange(int(rate_hz * length_s)) / rate_hz
    return (level * np.sin(2 * np.pi * hz * at)).astype(np.float32)


def silence(rate_hz: int, length_s: float) -> Samples:
    return np.zeros(int(rate_hz * length_s), np.float32)


def babble(rate_hz: int = 24_000, *, length_s: float = 1.0, level: float = 0.3) -> Samples:
    """Something like speech: a voice of several tones that swells and fades three times a second."""
    at = np.arange(int(rate_hz * length_s)) / rate_hz
    swell = 0.55 + 0.45 * np.sin(2 * np.pi * 3 * at)
    voice = sum(np.sin(2 * np.pi * hz * at) / number for number, hz in enumerate((180, 540, 1260, 2340), 1))
    return (level * swell * voice / 2).astype(np.float32)


def loudest_hz(samples: Samples, rate_hz: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum)) * rate_hz / len(samples)


def wav(
    samples: Samples, rate_hz: int, *, channels: int = 1, told_size: int | None = None, extra: bytes = b""
) -> bytes:
    """A file of 16-bit samples; ``told_size`` is the length its header claims, ``extra`` a chunk before the data."""
    data = linear_encode(samples)
    size = len(data) if told_size is None else told_size
    form = struct.pack("<HHIIHH", 1, channels, rate_hz, rate_hz * 2 * channels, 2 * channels, 16)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + extra + b"data" + struct.pack("<I", size) + data
    return b"RIFF" + struct.pack("<I", min(len(body), 2**32 - 1)) + body


def sends(body: bytes, *, content_type: str = "audio/pcm", status: int = 200) -> Behaviour:
    """A provider's answer: its bytes and what it says they are."""
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    return lambda connection: connection.send(head + body)


def drips_audio(connection: Connection) -> None:
    """Samples that never end, a few every 20 ms."""
    connection.send(b"HTTP/1.1 200 X\r\nContent-Type: audio/pcm\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not connection.stopped.wait(0.02):
        connection.send(b"4\r\n\x01\x20\x02\x30\r\n")


def floods_audio(connection: Connection) -> None:
    connection.send(b"HTTP/1.1 200 X\r\nContent-Type: audio/pcm\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not connection.stopped.is_set():
        connection.send(b"10000\r\n" + b"\x01\x20" * 32_768 + b"\r\n")


PCM = linear_encode(babble())
ULAW_FORMAT = MediaFormat()
L16_16K_FORMAT = MediaFormat("audio/x-l16", 16_000)
