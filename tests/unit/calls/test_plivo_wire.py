"""Plivo's stream messages and answer XML, with their quirks."""

from __future__ import annotations

from typing import Any

import pytest

from calls.wire import plivo
from calls.wire.media import MediaFormat

START: dict[str, Any] = {
    "event": "start",
    "sequenceNumber": 1,
    "start": {
        "callId": "call-1",
        "streamId": "stream-1",
        "accountId": "MA1",
        "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000},
    },
    "extra_headers": "userId=12345;sessionId=abc",
}
MULAW, L16 = MediaFormat(), MediaFormat("audio/x-l16", 16000)


def start(**changes):
    found = plivo.start_of({**START, "start": {**START["start"], **changes}})
    assert found is not None
    return found


def test_the_start_names_call_stream_account_and_format():
    assert plivo.start_of(START) == plivo.Start(
        "call-1", "stream-1", "MA1", MULAW, {"userId": "12345", "sessionId": "abc"}
    )


@pytest.mark.parametrize(
    "body", [{}, {"start": None}, {"start": []}, {"start": {"callId": "c"}}, {"start": {"streamId": "s"}}]
)
def test_a_start_without_its_ids_is_none(body):
    assert plivo.start_of({"event": "start", **body}) is None


@pytest.mark.parametrize(
    ("told", "rate"),
    [(8000, 8000), ("16000", 16000), (16000.0, 16000), ("fast", 8000), (None, 8000), (44100, 8000), ([], 8000)],
)
def test_a_sample_rate_may_be_a_text(told, rate):
    assert start(mediaFormat={"encoding": "audio/x-l16", "sampleRate": told}).media_format.sample_rate == rate


@pytest.mark.parametrize("told", [float("inf"), float("nan"), "9" * 5000])
def test_a_rate_that_is_no_number_is_the_usual_one(told):
    assert start(mediaFormat={"sampleRate": told}).media_format.sample_rate == 8000


@pytest.mark.parametrize("told", [None, "x", [], {}])
def test_a_start_without_a_format_has_the_usual_one(told):
    assert start(mediaFormat=told).media_format == MULAW


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ('{"a": "1", "b": 2}', {"a": "1", "b": "2"}),
        ({"a": 1}, {"a": "1"}),
        ("a=1;b=2", {"a": "1", "b": "2"}),
        ("a=1,b=2", {"a": "1", "b": "2"}),
        (" a = 1 ; b = x=y ;; ", {"a": "1", "b": "x=y"}),
        ("a", {"a": ""}),
        ("=1", {}),
        ("{not json", {}),
        ("", {}),
        (None, {}),
        (3, {}),
        ([], {}),
        ('{"a":' * 5000, {}),
    ],
)
def test_extra_headers_have_three_notations(told, read):
    assert plivo.extra_headers(told) == read


def test_extra_headers_may_stand_inside_the_start():
    body = {key: value for key, value in START.items() if key != "extra_headers"}
    body["start"] = {**START["start"], "extra_headers": "a=1"}
    found = plivo.start_of(body)
    assert found is not None
    assert found.extra_headers == {"a": "1"}


@pytest.mark.parametrize("text", ["", "x", "[]", "3", "null", '{"event": 3}', '{"type": "x"}', "[" * 50_000])
def test_what_is_no_event_is_none(text):
    assert plivo.event_of(text) is None
