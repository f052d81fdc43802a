"""Mu-law, the ear that finds speech in it, the recogniser, and the voice."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.simulate import g711
from calls.simulate.listening import Endpointer, Recogniser, SpeechEnded, SpeechStarted, Spot, Spotter
from calls.simulate.outbox import Outbox
from calls.simulate.plivo_signature import signature
from calls.simulate.voice import AudioLibrary, hum, recording_name, words_of

SPEECH = b"".join(hum(word) for word in ("one", "pizza", "with", "mushrooms", "and", "onions"))
OTHER = b"".join(hum(word) for word in ("completely", "different", "words", "are", "here"))


@given(st.integers(-32_000, 32_000))
def test_mu_law_keeps_a_sample_within_its_step(sample):
    (back,) = g711.decode(g711.encode([sample]))
    assert abs(back - sample) <= max(abs(sample) // 16, 8)


def test_every_code_survives_decoding_and_encoding():
    codes = bytes(code for code in range(256) if code != 0x7F)  # 0x7F is a second zero
    assert g711.encode(g711.decode(codes)) == codes


@pytest.mark.parametrize(("audio", "expected"), [(b"", 0), (g711.SILENCE * 160, 0), (b"\x80" * 160, 32_124)])
def test_loudness(audio, expected):
    assert g711.loudness(audio) == expected


def listen(audio):
    ear = Endpointer()
    return [heard for frame in g711.frames(audio) if (heard := ear.feed(frame))]


def test_hears_one_line_between_silences():
    pause = g711.SILENT_FRAME * 30
    started, ended = listen(pause + SPEECH + pause)
    assert started == SpeechStarted()
    assert isinstance(ended, SpeechEnded)
    assert SPEECH[:2000] in ended.audio


def test_a_short_pause_does_not_end_a_line():
    short, long = g711.SILENT_FRAME * 12, g711.SILENT_FRAME * 25
    assert len(listen(SPEECH + short + SPEECH + long)) == 2


def test_a_click_is_no_speech():
    assert listen(g711.SILENT_FRAME * 5 + b"\x80" * 160 + g711.SILENT_FRAME * 30) == []


def test_recognises_each_line_once_and_in_order():
    ear = Recogniser({"c1": OTHER, "c2": SPEECH, "c3": SPEECH})
    heard = g711.SILENT_FRAME + SPEECH + g711.SILENT_FRAME
    assert [ear.recognise(heard) for _ in range(3)] == ["c2", "c3", None]


def test_does_not_recognise_damaged_audio():
    middle = len(SPEECH) // 2
    damaged = SPEECH[:middle] + SPEECH[middle + 160 :]
    assert Recogniser({"c1": SPEECH}).recognise(damaged) is None


def test_names_audio_that_comes_in_pieces():
    spotter = Spotter({"a1": OTHER, "a2": SPEECH})
    pieces = [SPEECH[:320], SPEECH[320:480], g711.SILENT_FRAME, OTHER[:800]]
    assert [spotter.spot(piece) for piece in pieces] == [Spot("a2", 0), Spot("a2", 320), None, Spot("a1", 0)]


@pytest.fixture
def library(tmp_path):
    (tmp_path / recording_name("Hello there.", "agent")).write_bytes(b"\x01" * 80)
    (tmp_path / "words.ulaw").write_bytes(b"\x02" * 8 + b"\x03" * 8)
    (tmp_path / "words.json").write_text(json.dumps({"no": [0, 8], "ham": [8, 8]}))
    return AudioLibrary(tmp_path)


def test_says_a_known_line_from_its_recording(library):
    assert library.say(" Hello   there. ", "agent").audio == b"\x01" * 80
    assert library.recorded("Hello there.", "caller") is None


def test_joins_an_unforeseen_line_from_words(library):
    speech = library.say("No ham?", "agent")
    assert speech.source == "joined"
    assert speech.audio.replace(g711.SILENCE, b"") == b"\x02" * 8 + b"\x03" * 8


def test_hums_a_word_nobody_recorded(library):
    speech = library.say("No pepperoni?", "agent")
    assert speech.source == "hummed"
    assert hum("pepperoni") in speech.audio


def test_splits_numbers_into_digits():
    assert words_of("It\u2019s 189, ok?") == ["it's", "1", "8", "9", ",", "ok", "?"]


def test_keeps_a_message_until_it_is_acknowledged():
    outbox = Outbox()
    first, second = outbox.add({"type": "a"}), outbox.add({"type": "b"})
    outbox.ack(1)
    outbox.ack(7)
    assert (first, outbox.pending()) == ({"type": "a", "seq": 1}, [second])


@pytest.mark.parametrize(
    ("url", "form", "expected"),
    [
        (
            "https://app.example.com/plivo/answer/",
            {"CallUUID": "abc-1", "To": "14155550199", "From": "14155550100"},
            "8gqUSBjmUifBiNRneCBdL1xZNKTIYjuDq0NuMO4c4EI=",
        ),
        (
            "https://app.example.com/plivo/answer/?tenant=7&b=2%201",
            {"CallUUID": "abc-1", "From": "14155550100"},
            "2+Vfzmwm0ej9Nifzg0kxjLHYWqSXk4kk96O4zPTLKpc=",
        ),
        ("https://app.example.com/plivo/answer/", {}, "27C3oVhtFQDob8PAUfSrGgHLZDtTE3IBS+Z3CvM8nk0="),
    ],
)
def test_signs_as_plivo_does(url, form, expected):
    assert signature(url, form, auth_token="my_auth_token", nonce="12345678901234567890") == expected
