from __future__ import annotations

import time

import pytest

from judging.providers.background import run_sync
from judging.providers.errors import ProviderFailed
from judging.providers.http import HttpReply, HttpRequest, send
from tests.fakes_http import FAULTS, FakeServer, answers

pytestmark = pytest.mark.usefixtures("closing")

DEADLINE_S = 0.4
# A busy machine is late by some; a hang would be late by seconds.
SLACK_S = 0.6


async def asked(url: str, deadline_s: float = DEADLINE_S) -> HttpReply:
    return await send(HttpRequest(url, {"a": 1}, is_private_allowed=True), deadline_s=deadline_s)


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        ("hangs", "timeout"),
        ("drips", "timeout"),
        ("closes_mid_body", "provider_error"),
        ("closes_at_once", "provider_error"),
        ("speaks_no_http", "provider_error"),
        ("is_huge", "garbage"),
        ("compressed", "garbage"),
    ],
)
async def test_a_fault_on_the_line_is_a_failure_within_the_deadline(server: FakeServer, fault: str, failure: str):
    server.serves(FAULTS[fault])
    began_s = time.monotonic()
    with pytest.raises(ProviderFailed) as failed:
        await asked(server.url)
    assert (failed.value.failure, time.monotonic() - began_s < DEADLINE_S + SLACK_S) == (failure, True)


@pytest.mark.parametrize("fault", ["not_json", "deep_json", "empty", "not_utf8"])
async def test_a_body_that_is_no_json_is_garbage(server: FakeServer, fault: str):
    server.serves(FAULTS[fault])
    reply = await asked(server.url, 5)
    with pytest.raises(ProviderFailed, match="garbage"):
        reply.json()


async def test_a_connection_that_was_closed_over_there_is_replaced_once(server: FakeServer):
    server.serves(FAULTS["closes_at_once"], answers({"ok": 1}))
    assert (await asked(server.url, 5)).json() == {"ok": 1}
    server.serves(FAULTS["closes_at_once"], FAULTS["closes_at_once"], answers({"ok": 2}))
    with pytest.raises(ProviderFailed, match="provider_error"):
        await asked(server.url, 5)


async def test_nobody_listening_is_a_provider_error():
    with pytest.raises(ProviderFailed, match="provider_error"):
        await asked("http://127.0.0.1:1")


@pytest.mark.parametrize(
    "url", ["http://", "ftp://x.example/", "http://exa mple/", "http://[::1", "http://x.example:99999/"]
)
async def test_an_address_that_is_none_is_a_provider_error(url: str):
    with pytest.raises(ProviderFailed, match="provider_error"):
        await asked(url)


async def test_without_time_nothing_is_sent(server: FakeServer):
    with pytest.raises(ProviderFailed, match="timeout"):
        await asked(server.url, 0.0)
    assert server.received == []


async def test_a_redirect_is_not_followed(server: FakeServer):
    server.serves(FAULTS["redirect"])
    assert (await asked(server.url, 5)).status == 302


async def test_a_key_that_is_no_header_text_is_a_provider_error(server: FakeServer):
    request = HttpRequest(server.url, {}, {"Authorization": "Bearer \u2026\n"}, is_private_allowed=True)
    with pytest.raises(ProviderFailed, match="provider_error"):
        await send(request, deadline_s=1)


def test_neither_key_nor_body_is_in_the_repr():
    assert "sk-1" not in repr(HttpRequest("http://x", {}, {"Authorization": "sk-1"}))
    assert "words" not in repr(HttpReply(200, b"words"))


def test_synchronous_code_gets_the_same(server: FakeServer):
    server.serves(answers({"ok": 1}), FAULTS["hangs"])
    assert run_sync(asked(server.url, 5)).json() == {"ok": 1}
    with pytest.raises(ProviderFailed, match="timeout"):
        run_sync(asked(server.url))
