from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.voice.recording import NoRecording, recording_read, wav_read
from calls.voice.samples import linear_encode, ulaw_encode
from calls.wire.media import MediaFormat
from tests.unit.voice.cast import babble, wav

PCM_24K = MediaFormat("audio/x-l16", 24_000)
ULAW = MediaFormat()
SPOKEN = babble()
RAW = linear_encode(SPOKEN)
LIST = b"LIST" + (5).to_bytes(4, "little") + b"INFOx\0"  # an odd chunk is followed by one byte


def test_raw_samples_are_what_was_asked_for():
    found = recording_read(RAW, PCM_24K, content_type="audio/pcm")
    assert (found.rate_hz, found.length_ms, linear_encode(found.samples)) == (24_000, 1000.0, RAW)


def test_half_a_sample_at_the_end_is_left_out():
    assert linear_encode(recording_read(RAW + b"\x01", PCM_24K).samples) == RAW


def test_raw_mu_law_is_one_byte_a_sample():
    found = recording_read(ulaw_encode(babble(8000)), ULAW, content_type="audio/basic")
    assert (found.rate_hz, found.length_ms) == (8000, 1000.0)


@pytest.mark.parametrize("told_size", [None, 0, 0xFFFFFFFF, 0x7FFFF000, 100_000_000])
@pytest.mark.parametrize("extra", [b"", LIST])
def test_a_wav_file_is_read_by_its_own_header(told_size: int | None, extra: bytes):
    found = recording_read(wav(babble(16_000), 16_000, told_size=told_size, extra=extra), PCM_24K)
    assert (found.rate_hz, linear_encode(found.samples)) == (16_000, linear_encode(babble(16_000)))


def test_the_header_of_a_wav_file_is_no_sound():
    assert len(recording_read(wav(SPOKEN, 24_000), PCM_24K).samples) == len(SPOKEN)


def test_two_channels_are_mixed():
    both = np.repeat(SPOKEN, 2)
    both[1::2] = 0
    found = wav_read(wav(both, 24_000, channels=2))
    assert np.allclose(found.samples, SPOKEN / 2, atol=1e-4)


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (b'{"error": {"message": "no such voice"}}' * 200, "application/json"),
        (b'{"error": {"message": "no such voice"}}' * 200, "audio/pcm"),
        (b"<html>we are sorry</html>" * 500, "text/html"),
        (RAW, "text/html; charset=utf-8"),
        (RAW, "audio/mpeg"),
        (b"ID3\x04" + RAW, "audio/pcm"),
        (b"\xff\xfb\x90\x64" + RAW, ""),
        (b"OggS" + RAW, "audio/pcm"),
        (b"fLaC" + RAW, "application/octet-stream"),
        (b"", "audio/pcm"),
        (RAW[:400], "audio/pcm"),
        (RAW * 130, "audio/pcm"),
    ],
)
def test_what_is_no_sentence_is_refused(data: bytes, content_type: str):
    with pytest.raises(NoRecording):
        recording_read(data, PCM_24K, content_type=content_type)


@pytest.mark.parametrize(
    "data",
    [
        b"RIFF\0\0\0\0WAVE",
        b"RIFX\0\0\0\0WAVE" + wav(SPOKEN, 24_000)[12:],
        b"RIFF" + b"\0" * 2000,
        wav(SPOKEN, 24_000).replace(b"fmt ", b"fmz "),
        wav(SPOKEN, 24_000)[:20] + b"\x03\x00" + wav(SPOKEN, 24_000)[22:],  # floats
        wav(SPOKEN, 24_000, channels=6),
        wav(SPOKEN, 1),
    ],
)
def test_a_wav_file_of_another_kind_is_refused(data: bytes):
    with pytest.raises(NoRecording):
        recording_read(data, PCM_24K)


@given(st.binary(max_size=300), st.integers(0, 60))
def test_a_damaged_wav_file_is_read_or_refused(noise: bytes, at: int):
    data = wav(SPOKEN[:3000], 24_000)
    damaged = data[:at] + noise + data[at + len(noise) :]
    try:
        found = recording_read(damaged, PCM_24K)
    except NoRecording:
        return
    assert found.length_ms > 0


@given(st.binary(max_size=5000))
def test_any_bytes_are_read_or_refused(data: bytes):
    for asked in (PCM_24K, ULAW):
        try:
            recording_read(data, asked)
        except NoRecording:
            continue
