"""Stream messages and answer XML as Plivo writes and reads them."""

import base64
import json

import pytest

from calls.simulate import frames
from calls.simulate.answer_xml import AnswerRefused, Hangup, Redirect, Speak, Stream, Unsupported, parse_answer


def test_start_carries_the_call_and_media_does_not():
    carrier = frames.CarrierFrames("call-1", "stream-1", "MA1", "userId=7")
    start, media = json.loads(carrier.start()), json.loads(carrier.media(b"\xff" * 160, timestamp_ms=20))
    assert start == {
        "event": "start",
        "sequenceNumber": 1,
        "start": {
            "callId": "call-1",
            "streamId": "stream-1",
            "accountId": "MA1",
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000},
        },
        "extra_headers": "userId=7",
    }
    assert media == {
        "event": "media",
        "sequenceNumber": 2,
        "streamId": "stream-1",
        "media": {"track": "inbound", "timestamp": "20", "chunk": 1, "payload": media["media"]["payload"]},
        "extra_headers": "userId=7",
    }
    assert base64.b64decode(media["media"]["payload"]) == b"\xff" * 160


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (frames.play_audio(b"abc"), frames.PlayAudio(b"abc")),
        (frames.play_audio(b"abc").replace("8000", '"8000"'), frames.PlayAudio(b"abc")),
        (frames.checkpoint("s", "buffer-1"), frames.Checkpoint("buffer-1")),
        (frames.clear_audio("s"), frames.ClearAudio()),
        ('{"event":"clearAudio"}', frames.ClearAudio()),
        ('{"event":"sendDTMF","dtmf":"12#"}', frames.SendDtmf("12#")),
    ],
)
def test_reads_what_a_server_may_send(text, expected):
    assert frames.read_from_server(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "[]",
        '{"event":"speak"}',
        '{"event":"checkpoint"}',
        '{"event":"sendDTMF","dtmf":"x"}',
        '{"event":"playAudio"}',
        '{"event":"playAudio","media":{"contentType":"audio/x-mulaw","sampleRate":8000,"payload":"%%"}}',
        '{"event":"playAudio","media":{"contentType":"audio/x-l16","sampleRate":8000,"payload":"AA=="}}',
        frames.mirror({"type": "verdict"}),
    ],
)
def test_refuses_what_plivo_would_not_understand(text):
    with pytest.raises(frames.FrameRefused):
        frames.read_from_server(text)


@pytest.mark.parametrize("text", ["a=1,b=2", "a=1;b=2", '{"a":"1","b":2}', " a = 1 ; b = 2 "])
def test_reads_extra_headers_in_every_notation_seen(text):
    assert frames.parse_extra_headers(text) == {"a": "1", "b": "2"}


@pytest.mark.parametrize("text", ["", None, "{broken", "loose words"])
def test_reads_no_extra_headers_from_anything_else(text):
    assert frames.parse_extra_headers(text) == {}


def test_reads_the_answer_in_order():
    xml = b"""<?xml version="1.0"?><Response>
      <Speak>Hello</Speak>
      <Stream bidirectional="true" keepCallAlive="true" contentType="audio/x-mulaw;rate=8000"
              statusCallbackUrl="http://h/status/">ws://h/ws/?a=1&amp;b=2
      </Stream><Redirect>/after/</Redirect><Dial/><Hangup/></Response>"""
    stream = Stream("ws://h/ws/?a=1&b=2", True, True, "audio/x-mulaw;rate=8000", "http://h/status/")
    assert parse_answer(xml, base_url="http://h/answer/") == (
        Speak("Hello"),
        stream,
        Redirect("http://h/after/"),
        Unsupported("Dial"),
        Hangup(),
    )


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"<Response>",
        b"<Other/>",
        b"<Response><Stream url='ws://h/'/></Response>",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><Response/>",
        b"<Response>" + b" " * 100_000 + b"</Response>",
    ],
)
def test_refuses_an_answer_plivo_would_not_carry_out(xml):
    with pytest.raises(AnswerRefused):
        parse_answer(xml, base_url="http://h/")
