"""Carriers' stream protocols, read and written."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.wire import peek
from calls.wire.dialect import (
    CLEAR,
    CLEARED,
    MEDIA,
    OTHER,
    STOP,
    Audio,
    Dialect,
    Dtmf,
    InBand,
    Mark,
    MarkAck,
    mirror_message,
)
from calls.wire.dialects import dialect_of, is_start
from calls.wire.media import MediaFormat

PLIVO: dict[str, Any] = {
    "event": "start",
    "sequenceNumber": 1,
    "start": {
        "callId": "call-1", "streamId": "stream-1", "accountId": "MA1", "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-l16", "sampleRate": "16000"},
    },
}  # fmt: skip
TWILIO: dict[str, Any] = {
    "event": "start",
    "sequenceNumber": "1",
    "streamSid": "MZ1",
    "start": {
        "accountSid": "AC1", "streamSid": "MZ1", "callSid": "CA1", "tracks": ["inbound"],
        "customParameters": {"payload": "odd"},
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
    },
}  # fmt: skip
TELNYX: dict[str, Any] = {
    "event": "start",
    "sequence_number": "1",
    "stream_id": "str-1",
    "start": {
        "user_id": "u1", "call_control_id": "v3:abc", "custom_parameters": {"a": 1},
        "media_format": {"encoding": "L16", "sample_rate": 16000, "channels": 1},
    },
}  # fmt: skip
STARTS = {"plivo": PLIVO, "twilio": TWILIO, "telnyx": TELNYX}


def dialect(name: str, **changes: Any) -> Dialect:
    body = STARTS[name]
    found = dialect_of(json.dumps({**body, "start": {**body["start"], **changes}}))
    assert found is not None
    return found


@pytest.fixture(params=sorted(STARTS))
def each(request: pytest.FixtureRequest) -> Dialect:
    return dialect(request.param)


# --- recognised by the start ---


@pytest.mark.parametrize(
    ("name", "ids", "media_format"),
    [
        ("plivo", ("call-1", "stream-1", "MA1"), MediaFormat("audio/x-l16", 16000)),
        ("twilio", ("CA1", "MZ1", "AC1"), MediaFormat()),
        ("telnyx", ("v3:abc", "str-1", "u1"), MediaFormat("audio/x-l16", 16000)),
    ],
)
def test_the_start_tells_whose_protocol_it_is(name, ids, media_format):
    found = dialect(name)
    start = found.start
    assert (found.name, (start.call_id, start.stream_id, start.account_id), start.media_format) == (
        name, ids, media_format,
    )  # fmt: skip


@pytest.mark.parametrize("text", ["", "x", "[]", '{"event":"start"}', '{"event":"start","start":{"callId":"c"}}'])
def test_a_start_without_the_ids_of_any_protocol_is_nobodys(text):
    assert dialect_of(text) is None


@pytest.mark.parametrize("start", [None, [], "x", {}, {"callSid": ["x"], "streamSid": {}}, {"callSid": True}])
def test_a_start_of_another_shape_is_nobodys(start):
    assert dialect_of(json.dumps({"event": "start", "start": start, "streamSid": "s", "stream_id": "s"})) is None


def test_a_greeting_is_no_start():
    assert not is_start('{"event":"connected","protocol":"Call","version":"1.0.0"}')
    assert is_start(json.dumps(TWILIO))


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ({"encoding": "PCMU", "sample_rate": 8000}, MediaFormat()),
        ({"encoding": "PCMA"}, MediaFormat("audio/x-alaw", 8000)),
        ({"encoding": "L16", "sample_rate": "8000"}, MediaFormat("audio/x-l16", 8000)),
        ({"encoding": "G722", "sample_rate": 16000}, MediaFormat("audio/G722", 8000)),
        ({"encoding": "OPUS", "sample_rate": 48000}, MediaFormat("audio/OPUS", 8000)),
        ({"sample_rate": "fast"}, MediaFormat()),
        (None, MediaFormat()),
        ("x", MediaFormat()),
    ],
)
def test_telnyx_names_its_encodings(told, read):
    assert dialect("telnyx", media_format=told).start.media_format == read


def test_of_packed_audio_a_message_is_a_packet():
    opus = dialect("telnyx", media_format={"encoding": "OPUS"})
    assert opus.from_agent(json.dumps({"event": "media", "media": {"payload": "AAAA"}})) == Audio(20.0)


# --- what is written is what is read ---


@given(st.binary(max_size=2000), st.sampled_from(sorted(STARTS)))
def test_the_length_of_audio_is_that_of_its_bytes(audio, name):
    found = dialect(name)
    expected = Audio(pytest.approx(len(audio) / found.start.media_format.bytes_per_ms))  # type: ignore[arg-type]
    assert found.from_agent(found.play(audio)) == expected
    assert found.from_agent(found.play(audio).replace('"event"', '"x": 1, "event"', 1)) == expected
    assert peek.payload(found.play(audio)) == audio


@pytest.mark.parametrize(
    ("media_format", "size"),
    [(("audio/x-mulaw", 8000), 160), (("audio/x-l16", 8000), 320), (("audio/x-l16", 16000), 640)],
)
def test_a_frame_is_20_ms(media_format, size):
    found = dialect("plivo", mediaFormat={"encoding": media_format[0], "sampleRate": media_format[1]})
    assert found.from_agent(found.play(bytes(size))) == Audio(20.0)


def test_marks_and_clears_are_read_as_they_are_written(each):
    assert each.from_agent(each.mark('a "b"')) == Mark('a "b"')
    assert each.from_agent(each.clear()) is CLEAR


def test_what_each_carrier_is_sent():
    written = {
        name: [json.loads(text) for text in (d.play(b"\xff"), d.mark("m"), d.clear())]
        for name in STARTS
        if (d := dialect(name))
    }
    assert written == {
        "plivo": [
            {"event": "playAudio", "media": {"contentType": "audio/x-l16", "sampleRate": 16000, "payload": "/w=="}},
            {"event": "checkpoint", "streamId": "stream-1", "name": "m"},
            {"event": "clearAudio", "streamId": "stream-1"},
        ],
        "twilio": [
            {"event": "media", "streamSid": "MZ1", "media": {"payload": "/w=="}},
            {"event": "mark", "streamSid": "MZ1", "mark": {"name": "m"}},
            {"event": "clear", "streamSid": "MZ1"},
        ],
        "telnyx": [
            {"event": "media", "media": {"payload": "/w=="}},
            {"event": "mark", "mark": {"name": "m"}},
            {"event": "clear"},
        ],
    }


def test_a_message_for_mirror_is_in_band_in_every_protocol(each):
    body = {"type": "ping", "seq": 1, "payload": "x"}
    assert each.from_agent(mirror_message(body)) == InBand(body)
    assert each.from_agent('{"event":"mirror"}') == InBand(None)


# --- what the carrier says ---


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("plivo", {"event": "playedStream", "name": "x"}, MarkAck("x")),
        ("plivo", {"event": "played", "name": "x"}, MarkAck("x")),
        ("plivo", {"event": "playedStream", "name": 3}, OTHER),
        ("plivo", {"event": "clearedAudio"}, CLEARED),
        ("plivo", {"event": "dtmf", "dtmf": {"digit": "5"}}, Dtmf("5")),
        ("plivo", {"event": "stop"}, STOP),
        ("plivo", {"event": "new"}, OTHER),
        ("twilio", {"event": "mark", "mark": {"name": "payload"}}, MarkAck("payload")),
        ("twilio", {"event": "mark", "mark": "x"}, OTHER),
        ("twilio", {"event": "dtmf", "dtmf": {"digit": "#"}}, Dtmf("#")),
        ("twilio", {"event": "dtmf"}, OTHER),
        ("twilio", {"event": "stop", "stop": {}}, STOP),
        ("telnyx", {"event": "mark", "mark": {"name": "x"}}, MarkAck("x")),
        ("telnyx", {"event": "error", "payload": {"code": 1}}, OTHER),
    ],
)
def test_what_the_carrier_says(name, body, said):
    assert dialect(name).from_carrier(json.dumps(body)) == said


@pytest.mark.parametrize(
    "text", ['{"event":"media","media":{}}', ' { "event" : "media" }', '{"seq":1,"event":"media","media":{}}']
)
def test_the_callers_audio_is_told_however_it_is_written(each, text):
    assert each.from_carrier(text) is MEDIA


def test_vobiz_speaks_as_plivo_does(each):
    vobiz = {**PLIVO, "start": {**PLIVO["start"], "accountId": "VA_1"}}
    found = dialect_of(json.dumps(vobiz))
    assert found is not None
    assert found.from_carrier('{"event":"playedStream","streamId":"s","name":"x"}') == MarkAck("x")


# --- marks that come back after a clear ---


@pytest.mark.parametrize("name", ["twilio", "telnyx"])
def test_marks_that_come_back_after_a_clear_are_cancelled(name):
    found = dialect(name)
    for mark in ("a", "b"):
        found.mark_sent(mark)
    assert found.from_carrier('{"event":"mark","mark":{"name":"a"}}') == MarkAck("a")
    found.clear_sent()
    found.mark_sent("b")
    assert found.from_carrier('{"event":"mark","mark":{"name":"b"}}') == MarkAck("b", is_cancelled=True)
    assert found.from_carrier('{"event":"mark","mark":{"name":"b"}}') == MarkAck("b")


def test_plivo_gives_no_mark_back_so_none_is_cancelled():
    found = dialect("plivo")
    found.mark_sent("a")
    found.clear_sent()
    assert found.from_carrier('{"event":"playedStream","name":"a"}') == MarkAck("a")


@given(st.lists(st.tuples(st.sampled_from(["sent", "clear", "back"]), st.sampled_from("ab")), max_size=40))
def test_a_mark_counts_as_played_only_if_no_clear_came_since_it_was_sent(steps):
    found = dialect("twilio")
    at_carrier: list[tuple[str, bool]] = []
    for step, name in steps:
        if step == "sent":
            found.mark_sent(name)
            at_carrier.append((name, False))
        elif step == "clear":
            found.clear_sent()
            at_carrier = [(mark, True) for mark, _ in at_carrier]
        elif at_carrier:
            mark, is_cancelled = at_carrier.pop(0)
            body = json.dumps({"event": "mark", "mark": {"name": mark}})
            assert found.from_carrier(body) == MarkAck(mark, is_cancelled)


# --- anything at all ---

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["media", "mark", "payload"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["event", "media", "payload", "mark", "name", "start", "dtmf", "callId", "streamId", "x"]),
        inner, max_size=4,
    ),
    max_leaves=10,
)  # fmt: skip


@given(ANYTHING, st.sampled_from(sorted(STARTS)))
def test_no_message_breaks_the_reading(body, name):
    found = dialect(name)
    for event in ("media", "playAudio", "mark", "checkpoint", "playedStream", "start", "dtmf", "clear", "mirror"):
        text = json.dumps({"event": event, **(body if isinstance(body, dict) else {"media": body, "mark": body})})
        found.from_carrier(text)
        said = found.from_agent(text)
        if isinstance(said, Audio):
            assert said.length_ms >= 0.0
        peek.payload(text)
        dialect_of(text)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(text):
    for name in STARTS:
        found = dialect(name)
        assert found.from_carrier(text) in (OTHER, MEDIA)
        found.from_agent(text)
        peek.payload(text)


@pytest.mark.parametrize(
    "text", ["[" * 50_000, '{"event":' * 5_000, '{"event":"playAudio","media":{"payload":"' + "x" * 999]
)
def test_deep_and_broken_messages_are_of_no_use(each, text):
    assert each.from_agent(text) in (OTHER, Audio(0.0))
    assert each.from_carrier(text) is OTHER


@pytest.mark.parametrize("size", [300_000, 2_000_000])
def test_what_is_far_too_long_is_not_parsed(each, size):
    padding = "x" * size
    assert each.from_agent(json.dumps({"event": "clear", "padding": padding})) is OTHER
    assert each.from_agent(mirror_message({"type": "ping", "padding": padding})) == InBand(None)
    assert each.from_carrier(json.dumps({"event": "mark", "mark": {"name": padding}})) is OTHER
    assert each.from_agent(each.play(bytes(size))) == each.from_agent(each.play(bytes(size)))


def test_a_slash_may_be_escaped(each):
    audio = b"\xff" * 160
    escaped = each.play(audio).replace("/", "\\/")
    assert each.from_agent(escaped) == each.from_agent(each.play(audio))
    assert len(base64.b64encode(audio)) > 0
