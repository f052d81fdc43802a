"""Whether a party speaks, from loudness alone."""

from __future__ import annotations

import math
import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.simulate import g711
from calls.voice_activity import _MULAW_LEVELS, VoiceActivity
from calls.wire.media import MediaFormat

FORMATS = [MediaFormat(), MediaFormat("audio/x-l16", 8000), MediaFormat("audio/x-l16", 16000)]


def tone(media_format, level, length_ms=20):
    """A tone of this mean level."""
    count = round(media_format.sample_rate * length_ms / 1000)
    peak = level * math.pi / 2
    samples = [round(peak * math.sin(2 * math.pi * 200 * n / media_format.sample_rate)) for n in range(count)]
    return struct.pack(f"<{count}h", *samples) if media_format.is_linear else g711.encode(samples)


@pytest.mark.parametrize("media_format", FORMATS)
def test_speech_is_noticed_within_two_frames(media_format):
    activity = VoiceActivity(media_format)
    assert not any(activity.heard(tone(media_format, 30)) for _ in range(50))
    loud = tone(media_format, 3000)
    assert [activity.heard(loud) for _ in range(3)] == [False, True, True]
    assert not activity.heard(tone(media_format, 30))


@pytest.mark.parametrize("media_format", FORMATS)
def test_a_click_or_a_faint_echo_is_no_speech(media_format):
    activity = VoiceActivity(media_format)
    for _ in range(20):
        assert not activity.heard(tone(media_format, 5000))
        assert not activity.heard(tone(media_format, 50))
        assert not activity.heard(tone(media_format, 300))


def test_a_noisy_line_needs_a_louder_voice():
    activity = VoiceActivity(MediaFormat())
    assert not any(activity.heard(tone(MediaFormat(), 450)) for _ in range(200))
    assert not any(activity.heard(tone(MediaFormat(), 1200)) for _ in range(2))
    assert any(activity.heard(tone(MediaFormat(), 4000)) for _ in range(2))


@given(st.lists(st.integers(0, 700), max_size=20))
def test_how_the_audio_is_cut_changes_nothing(cuts):
    audio = tone(MediaFormat(), 20, 200) + tone(MediaFormat(), 3000, 100) + tone(MediaFormat(), 20, 100)
    places = sorted({0, len(audio), *(min(cut * 5, len(audio)) for cut in cuts)})
    whole, cut_up = VoiceActivity(MediaFormat()), VoiceActivity(MediaFormat())
    found = [cut_up.heard(audio[start:end]) for start, end in pairwise(places)]  # all of them: each changes its state
    assert whole.heard(audio) is any(found)


def test_mulaw_has_the_levels_of_its_standard():
    assert (_MULAW_LEVELS[0xFF], _MULAW_LEVELS[0x7F], _MULAW_LEVELS[0x00], _MULAW_LEVELS[0x80]) == (0, 0, 32124, 32124)
