"""Plivo's REST against a server that misbehaves: what is sent, what is tried again, and what a person is told."""

from __future__ import annotations

import base64
import logging
import time

import pytest

from calls.carrier_accounts import CarrierAccount
from calls.carrier_errors import (
    CarrierBusy,
    CarrierCallGone,
    CarrierRefused,
    CarrierUnauthorized,
    CarrierUnavailable,
)
from calls.plivo_rest import Limiter, PlivoClient
from tests.fakes_http import FAULTS, answers, answers_raw, closes_at_once, hangs, serving

ACCOUNT = CarrierAccount("main", "MAMAIN00000000000001", "very-secret-token")
BASE = "/v1/Account/MAMAIN00000000000001/"


@pytest.fixture
def server():
    with serving() as fake:
        fake.otherwise = answers({"message": "ok", "api_id": "x"}, 202)
        yield fake


class Naps:
    """Sleeps no time and keeps how long it would have been."""

    def __init__(self):
        self.slept = []

    async def __call__(self, seconds):
        self.slept.append(seconds)


@pytest.fixture
def naps():
    return Naps()


def client(server, naps=None, **changes):
    told = {"limiter": Limiter(), "sleep": naps or Naps(), "jitter": lambda: 0.5, "deadline_s": 5.0, **changes}
    return PlivoClient(ACCOUNT, f"{server.url}/v1", **told)


async def do(server, act, naps=None, **changes):
    async with client(server, naps, **changes) as plivo:
        return await act(plivo)


CALL = "c/1"
ACTS = {
    "speak": (
        lambda p: p.speak(CALL, "Hi.", language="de-DE"), "POST", "Call/c%2F1/Speak/",
        {
            "text": "Hi.", "language": "de-DE", "voice": "WOMAN", "legs": "aleg", "loop": False, "mix": False,
        },
    ),
    "speak_stop": (lambda p: p.speak_stop(CALL), "DELETE", "Call/c%2F1/Speak/", None),
    "hang_up": (lambda p: p.hang_up(CALL), "DELETE", "Call/c%2F1/", None),
    "transfer": (
        lambda p: p.transfer(CALL, "https://x/"), "POST", "Call/c%2F1/",
        {"legs": "aleg", "aleg_url": "https://x/", "aleg_method": "POST"},
    ),
    "send_digits": (lambda p: p.send_digits(CALL, "12#"), "POST", "Call/c%2F1/DTMF/", {"digits": "12#", "leg": "aleg"}),
    "live_call": (lambda p: p.live_call(CALL), "GET", "Call/c%2F1/?status=live", None),
    "stream_start": (
        lambda p: p.stream_start(CALL, "wss://m/", content_type="audio/x-mulaw;rate=8000", status_url="https://m/s/"),
        "POST", "Call/c%2F1/Stream/",
        {
            "service_url": "wss://m/", "bidirectional": False, "audio_track": "both", "stream_timeout": 14_400,
            "content_type": "audio/x-mulaw;rate=8000", "status_callback_url": "https://m/s/",
            "status_callback_method": "POST",
        },
    ),
    "stream_stop": (lambda p: p.stream_stop(CALL, "s-1"), "DELETE", "Call/c%2F1/Stream/s-1/", None),
    "stream_stop_all": (lambda p: p.stream_stop(CALL), "DELETE", "Call/c%2F1/Stream/", None),
    "stream_list": (lambda p: p.stream_list(CALL), "GET", "Call/c%2F1/Stream/", None),
    "account": (lambda p: p.account_read(), "GET", "", None),
}  # fmt: skip


@pytest.mark.parametrize("name", ACTS)
async def test_each_act_is_the_request_that_plivo_documents(server, name):
    act, method, path, body = ACTS[name]
    await do(server, act)
    (got,) = server.received
    assert (got.method, got.path, got.body) == (method, BASE + path, body)
    user, _, token = base64.b64decode(got.headers["authorization"].removeprefix("Basic ")).decode().partition(":")
    assert (user, token) == (ACCOUNT.auth_id, ACCOUNT.auth_token)


async def test_what_is_read_is_returned(server):
    server.serves(answers({"stream_id": "s-1"}), answers({"objects": [{"stream_id": "s-1"}, 3]}), answers({"to": "1"}))
    async with client(server) as plivo:
        assert (await plivo.stream_start(CALL, "wss://m/", content_type="x")).stream_id == "s-1"
        assert await plivo.stream_list(CALL) == [{"stream_id": "s-1"}]
        assert await plivo.live_call(CALL) == {"to": "1"}


# --- what is over is done ---


@pytest.mark.parametrize("name", ["hang_up", "speak_stop", "stream_stop", "stream_stop_all"])
async def test_to_end_what_is_over_is_done(server, name):
    server.serves(answers({"error": "not found"}, 404))
    await do(server, ACTS[name][0])
    assert len(server.received) == 1


@pytest.mark.parametrize("name", ["speak", "transfer", "send_digits", "live_call", "stream_start", "stream_list"])
async def test_anything_else_on_a_call_that_is_over_says_so(server, name):
    server.serves(answers({"error": "not found"}, 404))
    with pytest.raises(CarrierCallGone):
        await do(server, ACTS[name][0])
    assert len(server.received) == 1


async def test_an_empty_answer_is_an_answer(server):
    server.serves(answers_raw(b"", 204))
    await do(server, ACTS["hang_up"][0])


# --- refusals ---


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, CarrierRefused), (401, CarrierUnauthorized), (403, CarrierUnauthorized), (405, CarrierRefused),
     (409, CarrierRefused), (422, CarrierRefused), (302, CarrierRefused)],
)  # fmt: skip
async def test_a_refusal_is_told_at_once_and_never_tried_again(server, status, error):
    server.serves(answers({"error": "legs is wrong."}, status))
    with pytest.raises(error) as caught:
        await do(server, ACTS["transfer"][0])
    assert len(server.received) == 1
    assert str(caught.value).startswith("Plivo")
    if error is CarrierRefused:
        assert "legs is wrong" in str(caught.value)


# --- trying again ---


@pytest.mark.parametrize("fault", ["500", "503", "429"])
@pytest.mark.parametrize("name", ["speak", "hang_up", "transfer", "stream_list"])
async def test_a_server_that_recovers_is_asked_again(server, naps, fault, name):
    server.serves(FAULTS[fault], FAULTS[fault])
    await do(server, ACTS[name][0], naps)
    assert len(server.received) == 3
    assert naps.slept == [pytest.approx(0.2), pytest.approx(0.4)]


@pytest.mark.parametrize(("fault", "error"), [("500", CarrierUnavailable), ("429", CarrierBusy)])
async def test_one_that_does_not_is_given_up_after_three_tries(server, naps, fault, error):
    server.otherwise = FAULTS[fault]
    with pytest.raises(error):
        await do(server, ACTS["hang_up"][0], naps)
    assert len(server.received) == 3


async def test_jitter_keeps_calls_that_failed_together_apart(server):
    pauses = []
    for share in (0.0, 0.9):
        server.serves(FAULTS["500"])
        naps = Naps()
        await do(server, ACTS["hang_up"][0], naps, jitter=lambda share=share: share)
        pauses += naps.slept
    assert pauses == [pytest.approx(0.1), pytest.approx(0.28)]


async def test_what_the_server_asks_to_wait_is_waited(server, naps):
    server.serves(answers_raw(b"{}", 429, "Retry-After: 2\r\n"))
    await do(server, ACTS["hang_up"][0], naps)
    assert naps.slept == [2.0]


async def test_more_waiting_than_there_is_time_is_told_and_not_waited(server, naps):
    server.serves(FAULTS["429_with_retry_after"])
    with pytest.raises(CarrierBusy) as caught:
        await do(server, ACTS["hang_up"][0], naps)
    assert (naps.slept, len(server.received)) == ([], 1)
    assert caught.value.headers() == {"Retry-After": "7"}


async def test_a_date_to_come_back_at_is_read(server, naps):
    server.serves(answers_raw(b"{}", 503, "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n"))
    await do(server, ACTS["hang_up"][0], naps)
    assert naps.slept == [pytest.approx(0.2)]


@pytest.mark.parametrize("fault", [closes_at_once, FAULTS["closes_mid_body"], FAULTS["resets"]])
async def test_a_lost_answer_is_asked_for_again_only_where_twice_does_no_harm(server, naps, fault):
    server.serves(fault)
    await do(server, ACTS["hang_up"][0], naps)
    assert len(server.received) == 2
    server.serves(fault)
    with pytest.raises(CarrierUnavailable):
        await do(server, ACTS["speak"][0], naps)
    assert len(server.received) == 3


async def test_a_server_that_is_not_there_is_unavailable(naps):
    with serving() as gone:
        pass
    with pytest.raises(CarrierUnavailable):
        await do(gone, ACTS["speak"][0], naps)
    assert len(naps.slept) == 2


# --- the deadline ---


@pytest.mark.parametrize("fault", [hangs, FAULTS["drips"]])
async def test_no_act_takes_longer_than_its_deadline(server, fault):
    server.otherwise = fault
    began = time.monotonic()
    with pytest.raises(CarrierUnavailable):
        await do(server, ACTS["hang_up"][0], deadline_s=0.3)
    assert time.monotonic() - began < 2.0


@pytest.mark.parametrize("fault", ["not_json", "deep_json", "not_utf8", "is_huge", "truncated_json", "speaks_no_http"])
@pytest.mark.parametrize("name", ["stream_start", "live_call"])
async def test_an_answer_that_cannot_be_plivos_is_no_success(server, fault, name):
    server.otherwise = FAULTS[fault]
    with pytest.raises(CarrierUnavailable):
        await do(server, ACTS[name][0])


@pytest.mark.parametrize("fault", ["null", "list", "empty"])
async def test_an_answer_without_what_was_asked_is_no_success(server, fault):
    server.otherwise = FAULTS[fault]
    with pytest.raises(CarrierUnavailable):
        await do(server, ACTS["live_call"][0])


# --- the limit ---


def test_no_window_holds_more_than_the_limit():
    limiter = Limiter(most=3, window_s=5.0)
    assert [limiter.take(now, patience_s=9) for now in (0.0, 1.0, 2.0)] == [0.0, 0.0, 0.0]
    assert limiter.take(2.0, patience_s=9) == pytest.approx(3.0)  # at 5.0
    assert limiter.take(2.0, patience_s=9) == pytest.approx(4.0)  # at 6.0
    assert limiter.take(2.0, patience_s=1) is None
    assert limiter.take(7.5, patience_s=0) == 0.0


async def test_an_account_at_its_limit_waits_and_a_call_that_cannot_is_told(server, naps):
    limiter = Limiter(most=1, window_s=2.0)
    await do(server, ACTS["hang_up"][0], naps, limiter=limiter)
    await do(server, ACTS["hang_up"][0], naps, limiter=limiter)
    assert naps.slept == [pytest.approx(2.0, abs=0.2)]
    with pytest.raises(CarrierBusy):
        await do(server, ACTS["hang_up"][0], naps, limiter=limiter, deadline_s=1.0)
    assert len(server.received) == 2


# --- secrets ---


async def test_no_secret_is_logged_or_shown(server, naps, caplog):
    caplog.set_level(logging.DEBUG)
    server.serves(answers({"error": "very-secret-token +14155550100"}, 500), answers({"error": "no"}, 401))
    with pytest.raises(CarrierUnauthorized) as caught:
        await do(server, lambda p: p.speak("call-1", "A private sentence."), naps)
    shown = " ".join([str(vars(record)) for record in caplog.records] + [str(caught.value), repr(client(server))])
    for secret in (
        "very-secret-token",
        base64.b64encode(b"MAMAIN00000000000001:very").decode()[:20],
        "private",
        "14155550100",
    ):
        assert secret not in shown
