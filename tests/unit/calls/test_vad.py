"""Whether the caller speaks: made audio of voices, noisy lines and echoes."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.simulate.g711 import encode
from calls.vad import SILENCE_DB, SpeechDetector, level_db
from calls.wire.media import MediaFormat

RATE = 8000
MULAW, L16 = MediaFormat(), MediaFormat("audio/x-l16", RATE)
Signal = Callable[[float], float]  # a sample of full scale 1.0 at so many seconds


def db(decibels: float) -> float:
    return math.pow(10.0, decibels / 20.0)


def voice(level_db: float, *, pitch_hz: float = 120.0) -> Signal:
    """A buzz with harmonics in syllables of a fifth of a second, as loud as told on the average of a syllable."""

    def at(seconds: float) -> float:
        syllable = math.sqrt(max(0.0, math.sin(2 * math.pi * 2.5 * seconds)))
        buzz = sum(math.sin(2 * math.pi * pitch_hz * n * seconds) / n for n in range(1, 12))
        return db(level_db) * syllable * buzz

    return at


def noise(level_db: float, seed: int = 1) -> Signal:
    chance = Random(seed)
    return lambda _: db(level_db) * chance.gauss(0, 1)


def hum(level_db: float) -> Signal:
    return lambda seconds: db(level_db) * math.sqrt(2) * math.sin(2 * math.pi * 50 * seconds)


def clicks(level_db: float) -> Signal:
    """One loud frame twice a second."""
    return lambda seconds: db(level_db) if seconds % 0.5 < 0.02 else 0.0


def mixed(*signals: Signal) -> Signal:
    return lambda seconds: sum(signal(seconds) for signal in signals)


def frames(signal: Signal, seconds: float, media_format: MediaFormat = MULAW) -> Iterator[bytes]:
    for start in range(0, int(seconds * RATE), 160):
        samples = array("h", (round(max(-1.0, min(1.0, signal((start + i) / RATE))) * 32767) for i in range(160)))
        yield samples.tobytes() if media_format.is_linear else encode(samples)


def heard_after(
    signal: Signal, seconds: float = 3.0, *, ours: Signal | None = None, line: Signal | None = None, rate=MULAW
) -> float | None:
    """After how many seconds a caller is heard. ``line`` is what the caller's side sounded like before."""
    detector = SpeechDetector()
    for sampled in frames(line or noise(-65, 3), 3.0, rate):
        detector.sample(level_db(sampled, rate) or SILENCE_DB)
    echoed = frames(ours, seconds, rate) if ours is not None else None
    for number, frame in enumerate(frames(signal, seconds, rate)):
        if echoed is not None:
            detector.spoken(level_db(next(echoed), rate) or SILENCE_DB)
        if detector.feed(level_db(frame, rate) or SILENCE_DB):
            return (number + 1) * 0.02
    return None


@pytest.mark.parametrize("rate", [MULAW, L16], ids=["mulaw", "l16"])
@pytest.mark.parametrize("level", [-35, -25, -15])
@pytest.mark.parametrize("pitch_hz", [110.0, 210.0])
def test_a_voice_is_heard_within_a_syllable(level, pitch_hz, rate):
    after = heard_after(mixed(voice(level, pitch_hz=pitch_hz), noise(-60)), rate=rate)
    assert after is not None
    assert after <= 0.25


@pytest.mark.parametrize("level", [-25, -20])
def test_a_voice_is_heard_over_a_noisy_line(level):
    line = noise(-40)
    after = heard_after(mixed(voice(level), noise(-40, 5)), line=line)
    assert after is not None
    assert after <= 0.65


def test_a_voice_is_heard_over_mirrors_own():
    ours = voice(-20, pitch_hz=180)
    echo = voice(-45, pitch_hz=180)
    after = heard_after(mixed(voice(-22), echo), ours=ours)
    assert after is not None
    assert after <= 0.65


@pytest.mark.parametrize(
    ("sound", "line"),
    [
        (noise(-70), None),
        (noise(-50), noise(-50, 7)),
        (noise(-35), noise(-35, 7)),
        (noise(-25), noise(-25, 7)),
        (hum(-35), hum(-35)),
        (mixed(hum(-40), noise(-45)), mixed(hum(-40), noise(-45, 7))),
        (clicks(-6), None),
        (lambda _: 0.0, lambda _: 0.0),
    ],
    ids=["quiet", "hiss", "street", "machine", "hum", "hum and hiss", "clicks", "digital silence"],
)
def test_a_noisy_line_is_no_voice(sound, line):
    assert heard_after(sound, 20.0, line=line) is None


@pytest.mark.parametrize("loss", [12, 20, 30])
@pytest.mark.parametrize("late_s", [0.02, 0.1, 0.3])
def test_the_echo_of_mirrors_own_voice_is_no_caller(loss, late_s):
    ours = voice(-18, pitch_hz=180)
    echo = mixed(lambda seconds: ours(seconds - late_s) * db(-loss) if seconds > late_s else 0.0, noise(-60))
    assert heard_after(echo, 10.0, ours=ours) is None


def test_what_was_loud_before_mirror_fell_silent_does_not_count():
    detector = SpeechDetector()
    for _ in range(5):
        detector.feed(-20.0)
    detector.reset()
    assert [detector.feed(-20.0) for _ in range(5)] == [False] * 5


@given(st.binary(max_size=400), st.sampled_from([MULAW, L16]))
def test_any_audio_has_a_level(audio, rate):
    level = level_db(audio, rate)
    assert level is not None
    assert SILENCE_DB <= level <= 0.0


@pytest.mark.parametrize("level", [-40, -20, -3])
def test_the_level_is_that_of_the_samples(level):
    tone = lambda seconds: db(level) * math.sqrt(2) * math.sin(2 * math.pi * 400 * seconds)  # noqa: E731
    for rate in (MULAW, L16):
        assert level_db(b"".join(frames(tone, 1.0, rate)), rate) == pytest.approx(level, abs=0.5)


def test_audio_that_cannot_be_read_has_none():
    assert level_db(b"x", MediaFormat("audio/OPUS", 8000)) is None
