from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.voice.samples import (
    LEVEL_TOLERANCE_DB,
    SPEECH_DBOV,
    decode,
    encode,
    fitted,
    framed,
    level_dbov,
    levelled,
    linear_decode,
    linear_encode,
    resampled,
    speech_level_dbov,
    trimmed,
    ulaw_decode,
    ulaw_encode,
)
from calls.wire.media import MediaFormat
from tests.unit.voice.cast import babble, loudest_hz, silence, tone

ULAW = MediaFormat()
L16_8K = MediaFormat("audio/x-l16", 8000)
L16_16K = MediaFormat("audio/x-l16", 16_000)
FORMATS = [ULAW, L16_8K, L16_16K]
PROVIDER_RATES = [16_000, 22_050, 24_000, 44_100, 48_000]

# Decoder output values by code, times 4 for 16 bits. Source: ITU-T G.711, table 2a (positive half).
ITU_TABLE = {0xFF: 0, 0xFE: 2, 0xEF: 33, 0xDF: 99, 0xCF: 231, 0xBF: 495, 0xAF: 1023, 0x9F: 2079, 0x8F: 4191, 0x80: 8031}


def linear(*values: int) -> np.ndarray:
    return np.array(values, np.float32) / np.float32(32_768)


@pytest.mark.parametrize(("code", "value"), ITU_TABLE.items())
def test_mu_law_has_the_values_of_the_standard(code: int, value: int):
    both = ulaw_decode(bytes([code, code & 0x7F])) * 32_768
    assert both.tolist() == [value * 4, -value * 4]


def test_every_mu_law_code_comes_back_as_itself():
    codes = bytes(range(256))
    again = ulaw_encode(ulaw_decode(codes))
    assert again == codes.replace(b"\x7f", b"\xff")  # there are two zeros; the positive one is sent


def test_mu_law_takes_the_nearest_value_within_its_step():
    every = np.arange(-32_768, 32_768).astype(np.float32) / np.float32(32_768)
    error = np.abs(ulaw_decode(ulaw_encode(every)) - every) * 32_768
    size = np.abs(every) * 32_768
    step = 2.0 ** np.clip(np.floor(np.log2(np.minimum(size, 32_635) + 132)) - 4, 3, None)
    within = size <= 32_635
    assert (error[within] <= step[within] / 2 + 1).all()


def test_what_is_too_loud_is_clipped_and_does_not_wrap():
    assert (
        linear_decode(linear_encode(linear(40_000, -40_000, 32_768))).tolist()
        == linear(32_767, -32_768, 32_767).tolist()
    )
    assert ulaw_encode(linear(40_000, -40_000)) == b"\x80\x00"


@given(st.binary(max_size=400))
def test_any_bytes_are_linear_samples_and_the_odd_one_is_left_out(data: bytes):
    assert linear_encode(linear_decode(data)) == data[: len(data) // 2 * 2]


@pytest.mark.parametrize("rate_hz", PROVIDER_RATES)
@pytest.mark.parametrize("media_format", FORMATS)
@pytest.mark.parametrize("hz", [300.0, 1000.0, 3200.0])
def test_a_tone_keeps_its_pitch_and_its_level(rate_hz: int, media_format: MediaFormat, hz: float):
    heard = decode(
        encode(resampled(tone(hz, rate_hz=rate_hz), rate_hz, media_format.sample_rate), media_format), media_format
    )
    assert abs(loudest_hz(heard, media_format.sample_rate) - hz) < 2
    assert abs(level_dbov(heard) - level_dbov(tone(hz, rate_hz=rate_hz))) < 1
    assert abs(len(heard) / media_format.sample_rate - 1.0) < 0.001


@pytest.mark.parametrize("rate_hz", PROVIDER_RATES)
@pytest.mark.parametrize("hz", [4300.0, 5000.0, 6500.0, 7600.0])
def test_what_8_khz_cannot_carry_is_not_folded_back(rate_hz: int, hz: float):
    heard = resampled(tone(hz, rate_hz=rate_hz), rate_hz, 8000)
    assert level_dbov(heard[400:-400]) < level_dbov(tone(hz, rate_hz=rate_hz)) - 60


def test_silence_at_both_ends_goes_and_pauses_stay():
    rate_hz = 8000
    spoken = np.concatenate([babble(rate_hz), silence(rate_hz, 0.4), babble(rate_hz)])
    padded = np.concatenate([silence(rate_hz, 1.0), spoken, silence(rate_hz, 2.0)])
    assert abs(len(trimmed(padded, rate_hz)) - len(spoken)) <= rate_hz * 0.1


def test_hiss_around_the_words_counts_as_silence():
    hiss = np.random.default_rng(1).normal(0, 0.0005, 8000).astype(np.float32)
    assert len(trimmed(np.concatenate([hiss, babble(8000), hiss]), 8000)) <= 8000 * 1.1
    assert not trimmed(hiss, 8000).size


@pytest.mark.parametrize("level", [0.015, 0.05, 0.2, 0.9])
def test_soft_and_loud_voices_become_as_loud_as_a_telephone(level: float):
    heard = levelled(babble(8000, level=level), 8000)
    assert abs(speech_level_dbov(heard, 8000) - SPEECH_DBOV) <= LEVEL_TOLERANCE_DB


def test_what_is_hardly_there_is_not_made_as_loud_as_a_voice():
    heard = levelled(babble(8000, level=0.002), 8000)
    assert speech_level_dbov(heard, 8000) < SPEECH_DBOV - 10


def test_pauses_do_not_make_a_voice_louder():
    spoken = babble(8000)
    paused = np.concatenate([spoken, silence(8000, 3.0), spoken])
    assert abs(speech_level_dbov(paused, 8000) - speech_level_dbov(spoken, 8000)) < 0.3


def test_a_click_keeps_a_soft_voice_from_clipping():
    clicking = babble(8000, level=0.02)
    clicking[4000] = 0.95
    assert float(np.max(np.abs(levelled(clicking, 8000)))) <= 0.95


def test_a_voice_of_the_right_level_is_left_as_it_is():
    right = levelled(babble(8000), 8000)
    assert levelled(right, 8000) is right


@given(st.binary(max_size=2000), st.sampled_from(FORMATS))
def test_frames_are_whole_and_begin_with_what_was_given(data: bytes, media_format: MediaFormat):
    made = framed(data, media_format)
    size = int(media_format.bytes_per_ms * 20)
    assert (len(made) % size, made[: len(data)], len(made) - len(data) < size) == (0, data, True)
    assert set(decode(made[(len(data) + 1) // 2 * 2 :], media_format).tolist()) <= {0.0}


@given(
    st.lists(st.floats(-1.5, 1.5, width=32), max_size=3000),
    st.sampled_from(PROVIDER_RATES),
    st.sampled_from(FORMATS),
)
def test_whatever_is_said_fits_the_stream(values: list[float], rate_hz: int, media_format: MediaFormat):
    made = fitted(np.array(values, np.float32), rate_hz, media_format)
    frames = len(made) / (media_format.bytes_per_ms * 20)
    assert frames == int(frames) <= len(values) / rate_hz * 50 + 2


def test_silence_is_nothing_to_say():
    assert (fitted(silence(24_000, 2.0), 24_000, ULAW), speech_level_dbov(silence(8000, 1), 8000)) == (b"", -math.inf)
