"""The XML that Plivo is answered with."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from calls.simulate.answer_xml import Stream, parse_answer
from calls.wire.media import FORMATS
from calls.wire.plivo_xml import AnswerXml, FallbackXml, hangup_xml


def read(xml):
    return ElementTree.fromstring(xml.encode())  # noqa: S314  (our own XML)


def test_the_answer_is_a_stream_that_keeps_the_call_and_what_follows_it():
    xml = AnswerXml("wss://m.example/ws/?a=1&b=2", 'https://m.example/s/?x=1&y="2"', "https://m.example/after/?<z>")
    stream, redirect = read(xml.render())
    assert (stream.tag, stream.text) == ("Stream", "wss://m.example/ws/?a=1&b=2")
    assert stream.attrib == {
        "bidirectional": "true",
        "keepCallAlive": "true",
        "contentType": "audio/x-mulaw;rate=8000",
        "statusCallbackUrl": 'https://m.example/s/?x=1&y="2"',
        "statusCallbackMethod": "POST",
        "streamTimeout": "14400",
    }
    assert (redirect.tag, redirect.text) == ("Redirect", "https://m.example/after/?<z>")


@pytest.mark.parametrize("name", FORMATS)
def test_the_format_is_always_told(name):
    xml = AnswerXml("wss://m/", "https://m/s", "https://m/a", media_format=FORMATS[name], extra_headers={"a": "1"})
    told = read(xml.render())[0].attrib
    assert told["contentType"] in {"audio/x-mulaw;rate=8000", "audio/x-l16;rate=8000", "audio/x-l16;rate=16000"}
    assert told["extraHeaders"] == "a=1"


def test_a_carrier_can_carry_the_answer_out():
    xml = AnswerXml("wss://m.example/x/", "https://m.example/s/", "https://m.example/a/").render()
    first = parse_answer(xml.encode(), base_url="https://m.example/")[0]
    assert isinstance(first, Stream)
    assert (first.is_bidirectional, first.keep_call_alive) == (True, True)


@pytest.mark.parametrize(
    ("target", "then"),
    [
        ("", ["Hangup"]),
        ("+14155550100", ["Dial", "Number"]),
        ("sip:a@b.example", ["Dial", "User"]),
        ("https://b.example/?a=1&b=2", ["Redirect"]),
    ],
)
def test_the_fallback_is_a_sentence_and_what_follows(target, then):
    spoken, *followed = read(FallbackXml("We're <sorry> & so on", target).render())
    assert (spoken.tag, spoken.text) == ("Speak", "We're <sorry> & so on")
    assert [element.tag for element in followed[0].iter()] == then
    assert "".join(followed[0].itertext()) == target


def test_a_fallback_without_a_sentence_goes_on_at_once():
    assert [element.tag for element in read(FallbackXml("", "+14155550100").render())] == ["Dial"]


def test_an_orderly_end_is_hung_up():
    assert [element.tag for element in read(hangup_xml())] == ["Hangup"]
