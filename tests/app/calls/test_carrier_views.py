"""What Plivo asks over HTTP, with its signature."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from django.db import InterfaceError, OperationalError
from django.utils.timezone import now

from calls.carrier_accounts import carrier_account_set
from calls.models import Call, StreamEvent
from calls.services import Ended, call_id_for, rows_write
from calls.signals import stream_degraded
from calls.stream_tokens import stream_token_bind, stream_token_find
from calls.wire.plivo_signature import signature_v3
from tenants.access import actor_mirror
from tenants.scope import tenant_context
from tenants.services import agent_key_replace, agent_update, credential_set
from tests.app.calls.rows import opened

AUTH_TOKEN, NONCE = "my_auth_token", "12345678901234567890"
FORM = {"CallUUID": "call-1", "From": "+1415", "To": "+1416", "Direction": "inbound", "CallStatus": "ringing"}


def url(cast, name, key=None):
    return f"/plivo/{key or cast.agent.agent_key}/{name}/"


def xml(response):
    assert (response.status_code, response["content-type"]) == (200, "text/xml; charset=utf-8")
    return ElementTree.fromstring(response.content)  # noqa: S314  (our own XML)


def ask(client, cast, name, form=FORM, **headers):
    return client.post(url(cast, name), form, headers=headers)


# --- answer ---


def test_the_answer_opens_a_stream_for_this_call_only_and_says_what_follows(client, cast, settings):
    settings.MIRROR_PUBLIC_URL = "https://mirror.example"
    stream, redirect = xml(ask(client, cast, "answer"))
    base = f"https://mirror.example/plivo/{cast.agent.agent_key}"
    assert (redirect.text, stream.attrib["statusCallbackUrl"]) == (f"{base}/after/", f"{base}/status/")
    socket = "wss://mirror.example/ws/v1/plivo/"
    assert stream.text.startswith(socket)
    token = stream.text.removeprefix(socket).rstrip("/")
    tenant_id, found = stream_token_find(token)
    told = (tenant_id, found.agent_id, found.carrier_call_id, found.from_number, found.to_number, found.direction)
    assert told == (cast.tenant.id, cast.agent.id, "call-1", "+1415", "+1416", "inbound")
    stream_token_bind(tenant_id=tenant_id, token_id=found.id, carrier_call_id="call-1")


def test_without_a_public_address_the_requests_own_is_used(client, cast, settings):
    settings.MIRROR_PUBLIC_URL = ""
    assert xml(ask(client, cast, "answer"))[0].text.startswith("ws://testserver/ws/v1/plivo/")


@pytest.mark.parametrize("name", ["answer", "status", "after"])
def test_an_unknown_agent_key_is_not_found(client, cast, name):
    assert client.post(url(cast, name, "unknown"), FORM).status_code == 404


@pytest.mark.parametrize("name", ["answer", "status", "after"])
def test_other_methods_are_refused(client, cast, name):
    assert client.put(url(cast, name)).status_code == 405


def test_an_answer_url_with_the_method_get_is_answered_alike(client, cast):
    stream, _ = xml(client.get(url(cast, "answer"), FORM))
    _, found = stream_token_find(stream.text.rstrip("/").rpartition("/")[2])
    assert (found.carrier_call_id, found.from_number) == ("call-1", "+1415")


def change(cast, **settings):
    changes = {"settings": settings}
    agent_update(actor=actor_mirror(cast.tenant.id), slug="orders", changes=changes)


def test_the_stream_is_as_the_agent_sets_it(client, cast):
    change(cast, stream_format="l16_16k", stream_timeout_s=600, stream_extra_headers={"lane": "b", "shop": "12"})
    told = xml(ask(client, cast, "answer"))[0].attrib
    assert (told["contentType"], told["streamTimeout"], told["extraHeaders"]) == (
        "audio/x-l16;rate=16000", "600", "lane=b,shop=12",
    )  # fmt: skip


def test_without_an_address_of_the_agent_the_fallback_is_answered(client, cast, caplog):
    agent_update(actor=actor_mirror(cast.tenant.id), slug="orders", changes={"upstream_url": ""})
    assert [element.tag for element in xml(ask(client, cast, "answer"))] == ["Speak", "Hangup"]
    assert "no upstream address" in caplog.text


def test_a_replaced_key_stops_the_old_addresses_at_once(client, cast):
    old = cast.agent.agent_key
    new = agent_key_replace(actor=actor_mirror(cast.tenant.id), slug="orders").agent_key
    assert client.post(url(cast, "answer", old), FORM).status_code == 404
    xml(client.post(url(cast, "answer", new), FORM))


@pytest.mark.parametrize(
    ("asked", "is_trusted", "expected"),
    [
        ({"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}, False, "ws://testserver/"),
        ({"X-Forwarded-Proto": "https", "X-Forwarded-Host": "mirror.example"}, True, "wss://mirror.example/"),
    ],
)
def test_forwarded_headers_count_only_where_a_proxy_is_declared(client, cast, settings, asked, is_trusted, expected):
    settings.ALLOWED_HOSTS = ["testserver", "mirror.example"]
    if is_trusted:
        settings.USE_X_FORWARDED_HOST, settings.SECURE_PROXY_SSL_HEADER = True, ("HTTP_X_FORWARDED_PROTO", "https")
    assert xml(ask(client, cast, "answer", **asked))[0].text.startswith(expected)


# --- signed ---


@pytest.fixture
def signed_cast(cast):
    credential_set(actor=actor_mirror(cast.tenant.id), kind="plivo", name="default", secret=AUTH_TOKEN)
    return cast


def sign(cast, name, form, **changes):
    params = [(key, value) for key, told in form.items() for value in (told if isinstance(told, list) else [told])]
    told = {"url": f"http://testserver{url(cast, name)}", "params": params, "nonce": NONCE, "auth_token": AUTH_TOKEN}
    return {"X-Plivo-Signature-V3": signature_v3(**{**told, **changes}), "X-Plivo-Signature-V3-Nonce": NONCE}


@pytest.mark.parametrize("form", [FORM, {**FORM, "D": ["b", "a"], "E": ""}, {}])
def test_a_signed_request_is_answered(client, signed_cast, form):
    xml(ask(client, signed_cast, "answer", form, **sign(signed_cast, "answer", form)))


def test_one_of_several_signatures_is_enough(client, signed_cast):
    headers = sign(signed_cast, "answer", FORM)
    headers["X-Plivo-Signature-V3"] = f"nonsense, {headers['X-Plivo-Signature-V3']}"
    xml(ask(client, signed_cast, "answer", **headers))


def test_the_main_accounts_signature_counts_as_well(client, signed_cast):
    headers = sign(signed_cast, "answer", FORM)
    headers["X-Plivo-Signature-Ma-V3"] = headers.pop("X-Plivo-Signature-V3")
    xml(ask(client, signed_cast, "answer", **headers))


@pytest.mark.parametrize("name", ["answer", "status", "after"])
@pytest.mark.parametrize("changes", [{"auth_token": "other"}, {"nonce": "1"}, {"params": []}, {"url": "http://x/"}])
def test_a_wrong_signature_is_refused(client, signed_cast, name, changes):
    assert ask(client, signed_cast, name, **sign(signed_cast, name, FORM, **changes)).status_code == 403


@pytest.mark.parametrize("headers", [{}, {"X-Plivo-Signature-V3": "é"}, {"X-Plivo-Signature-V3": ",,"}])
def test_an_absent_or_odd_signature_is_refused(client, signed_cast, headers):
    assert ask(client, signed_cast, "answer", **headers).status_code == 403


def test_another_tenants_signature_key_is_not_ours(client, signed_cast):
    headers = sign(signed_cast, "answer", FORM)
    assert (
        client.post(url(signed_cast, "answer", signed_cast.other_agent.agent_key), FORM, headers=headers).status_code
        == 200
    )


@pytest.mark.parametrize(
    ("public", "called"),
    [
        ("https://m.example", "https://m.example"),
        ("https://m.example", "https://m.example:443"),
        ("https://m.example:443", "https://m.example"),
        ("https://m.example:8443", "https://m.example:8443"),
        ("https://m.example:8443", "https://m.example"),
        ("https://m.example/base", "https://m.example/base"),
    ],
)
def test_behind_a_proxy_the_public_address_was_signed(client, signed_cast, settings, public, called):
    settings.MIRROR_PUBLIC_URL = public
    xml(
        ask(client, signed_cast, "answer", **sign(signed_cast, "answer", FORM, url=called + url(signed_cast, "answer")))
    )


def test_a_request_with_the_method_get_is_signed_with_its_query(client, signed_cast):
    query = "?CallUUID=call%201&To=%2B1416"
    told = sign(signed_cast, "answer", {}, url=f"http://testserver{url(signed_cast, 'answer')}{query}", method="GET")
    xml(client.get(url(signed_cast, "answer") + query, headers=told))
    assert client.get(url(signed_cast, "answer") + query + "1", headers=told).status_code == 403


MAIN, SUB, OTHER = "main-token-0001", "sub-token-0002", "other-token-0003"


@pytest.fixture
def accounts_cast(cast):
    stored = (("main", "MAMAIN00000000000001", MAIN), ("shop", "SASHOP00000000000001", SUB))
    for name, auth_id, token in (*stored, ("old", "MAOLD000000000000001", OTHER)):
        carrier_account_set(actor=actor_mirror(cast.tenant.id), name=name, auth_id=auth_id, auth_token=token)
    return cast


def v3(cast, token):
    return sign(cast, "answer", FORM, auth_token=token)


def ma(cast, token):
    told = v3(cast, token)
    return {**told, "X-Plivo-Signature-V3": "x", "X-Plivo-Signature-Ma-V3": told["X-Plivo-Signature-V3"]}


@pytest.mark.parametrize(
    ("named", "headers", "status"),
    [
        ("", v3, {MAIN: 200, SUB: 200, OTHER: 200, "stranger": 403}),
        ("", ma, {MAIN: 200, SUB: 403, OTHER: 200, "stranger": 403}),
        ("shop", v3, {MAIN: 403, SUB: 200, OTHER: 403}),
        ("shop", ma, {MAIN: 200, SUB: 403}),
        ("main", v3, {MAIN: 200, SUB: 403, OTHER: 403}),
        ("main", ma, {MAIN: 200, SUB: 403, OTHER: 403}),
        ("gone", v3, {MAIN: 403, SUB: 403}),
    ],
)
def test_whose_token_may_sign_is_told_by_the_agent(client, accounts_cast, named, headers, status):
    change(accounts_cast, plivo_account=named)
    found = {
        token: ask(client, accounts_cast, "answer", **headers(accounts_cast, token)).status_code for token in status
    }
    assert found == status


def test_a_field_of_the_request_chooses_no_token(client, accounts_cast):
    change(accounts_cast, plivo_account="shop")
    form = {**FORM, "AuthID": "MAMAIN00000000000001", "AccountId": "MAMAIN00000000000001"}
    told = sign(accounts_cast, "answer", form, auth_token=MAIN)
    assert ask(client, accounts_cast, "answer", form, **told).status_code == 403


def test_an_account_whose_token_cannot_be_read_lets_nobody_in(client, cast, settings):
    settings.MIRROR_SECRET_REFERENCES = ["env:*"]
    actor, reference = actor_mirror(cast.tenant.id), "env:MIRROR_NOT_SET_ANYWHERE"
    credential_set(actor=actor, kind="plivo", name="default", reference=reference)
    assert ask(client, cast, "answer", **sign(cast, "answer", FORM)).status_code == 503


# --- status ---


@pytest.fixture
def degraded():
    heard = []

    def hear(*, event, **_):
        heard.append(event.event)

    stream_degraded.connect(hear)
    yield heard
    stream_degraded.disconnect(hear)


def told_of(cast):
    with tenant_context(cast.tenant.id):
        return list(StreamEvent.objects.values_list("event", "stream_id"))


def test_what_the_carrier_tells_of_a_stream_is_kept_once(client, cast, degraded):
    first = {"event": "startstream", "calluuid": "call-1", "STREAM_ID": "s-1", "Timestamp": "2026-01-01 10:00:00"}
    degraded_30 = {"Event": "DegradedStream", "CallUUID": "call-1", "StreamID": "s-1", "Level": "30"}
    for form in (first, first, degraded_30, {**degraded_30, "Level": "60"}, degraded_30):
        assert ask(client, cast, "status", form).status_code == 204
    assert told_of(cast) == [("StartStream", "s-1"), ("DegradedStream", "s-1"), ("DegradedStream", "s-1")]
    assert degraded == ["DegradedStream", "DegradedStream"]


def test_what_is_told_of_a_stream_that_never_connected_is_kept_too(client, cast, degraded):
    ask(client, cast, "status", {"Event": "DroppedStream", "CallUUID": "never-came"})
    with tenant_context(cast.tenant.id):
        assert StreamEvent.objects.get().call_id == call_id_for(cast.tenant.id, "never-came")
    assert degraded == ["DroppedStream"]


@pytest.mark.parametrize("form", [{}, {"Event": ""}, {"Event": "x" * 500, "a" * 300: "b" * 5000}, {"CallUUID": ""}])
def test_an_odd_status_breaks_nothing_and_is_kept_for_no_call(client, cast, form):
    assert ask(client, cast, "status", form).status_code == 204
    assert told_of(cast) == []


def test_no_number_of_a_caller_is_logged_or_kept(client, cast, caplog):
    caplog.set_level("INFO")
    form = {
        "Event": "StopStream", "CallUUID": "call-1", "From": "+14155550100", "to": "sip:14155550199@x",
        "Reason": "caller +1 (415) 555-0100 hung up",
    }  # fmt: skip
    ask(client, cast, "status", form)
    with tenant_context(cast.tenant.id):
        kept = str(StreamEvent.objects.get().told)
    logged = " ".join(str(vars(record)) for record in caplog.records)
    for text in (kept, logged):
        assert "hung up" in text
        assert "call-1" in text
        assert not any(part in text for part in ("14155550100", "14155550199", "555-0100", "(415)"))


# --- after the stream ---


def ended(cast, reason):
    call = opened(cast, "call-1", transport="plivo")
    rows_write(tenant_id=cast.tenant.id, entries={call.call_id: [Ended(reason, now())]})


@pytest.mark.parametrize("reason", ["agent_hung_up", "carrier_closed", "ended", "completed", "order placed, bye"])
def test_after_an_orderly_end_the_call_is_hung_up(client, cast, reason):
    ended(cast, reason)
    assert [element.tag for element in xml(ask(client, cast, "after"))] == ["Hangup"]


@pytest.mark.parametrize("reason", ["upstream_unreachable", "agent_lost", "connection_lost"])
def test_after_a_failure_the_caller_hears_a_sentence(client, cast, reason):
    ended(cast, reason)
    assert [element.tag for element in xml(ask(client, cast, "after"))] == ["Speak", "Hangup"]


def test_a_call_that_has_not_ended_or_is_unknown_is_not_left_in_silence(client, cast):
    assert xml(ask(client, cast, "after"))[0].tag == "Speak"
    opened(cast, "call-1", transport="plivo")
    assert xml(ask(client, cast, "after"))[0].tag == "Speak"


def test_another_tenants_call_of_the_same_name_decides_nothing(client, cast):
    ended(cast, "ended")
    response = client.post(url(cast, "after", cast.other_agent.agent_key), FORM)
    assert xml(response)[0].tag == "Speak"
    with tenant_context(cast.other_tenant.id):
        assert not Call.objects.exists()


@pytest.mark.parametrize(
    ("settings_told", "tags"),
    [
        ({"fallback_text": "Back soon."}, ["Speak", "Hangup"]),
        ({"fallback_text": "One moment.", "fallback_target": "+14155550100"}, ["Speak", "Dial"]),
        ({"fallback_text": "", "fallback_target": "https://x.example/xml?a=1&b=2"}, ["Redirect"]),
        ({"fallback_text": "", "fallback_target": "sip:desk@pbx.example"}, ["Dial"]),
        ({"fallback_text": ""}, ["Hangup"]),
    ],
)
def test_the_fallback_is_the_agents_own(client, cast, settings_told, tags):
    change(cast, **settings_told)
    found = xml(ask(client, cast, "after"))
    assert [element.tag for element in found] == tags
    told = "".join(found.itertext())
    assert settings_told["fallback_text"] in told
    assert settings_told.get("fallback_target", "") in told


# --- without the database ---


@pytest.mark.parametrize("failure", [OperationalError, InterfaceError])
def test_without_the_database_the_caller_hears_a_sentence_and_a_status_is_asked_for_again(
    client, cast, monkeypatch, failure
):
    def away(agent_key):
        raise failure("the connection is lost")

    monkeypatch.setattr("calls.carrier_views.agent_by_key", away)
    for name in ("answer", "after"):
        spoken, then = xml(ask(client, cast, name))
        assert (spoken.tag, then.tag) == ("Speak", "Hangup")
        assert "cannot continue this call" in spoken.text
    assert ask(client, cast, "status").status_code == 503
