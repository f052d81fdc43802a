"""What Plivo asks over HTTP, with its signature."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from django.utils.timezone import now

from calls.carrier_views import signature_v3
from calls.models import Call
from calls.services import Ended, rows_write, stream_token_bind, stream_token_find
from tenants.access import actor_mirror
from tenants.scope import tenant_context
from tenants.services import credential_set
from tests.app.calls.rows import opened

AUTH_TOKEN, NONCE = "my_auth_token", "12345678901234567890"
ANSWER = "https://app.example.com/plivo/answer/"
FORM = {"CallUUID": "call-1", "From": "+1415", "To": "+1416", "Direction": "inbound", "CallStatus": "ringing"}


@pytest.mark.parametrize(
    ("method", "url", "params", "expected"),
    [
        (
            "POST", ANSWER, [("CallUUID", "abc-1"), ("From", "14155550100"), ("To", "14155550199")],
            "8gqUSBjmUifBiNRneCBdL1xZNKTIYjuDq0NuMO4c4EI=",
        ),
        (
            "POST", f"{ANSWER}?tenant=7&b=2%201", [("From", "14155550100"), ("CallUUID", "abc-1")],
            "2+Vfzmwm0ej9Nifzg0kxjLHYWqSXk4kk96O4zPTLKpc=",
        ),
        ("POST", ANSWER, [], "27C3oVhtFQDob8PAUfSrGgHLZDtTE3IBS+Z3CvM8nk0="),
        ("GET", f"{ANSWER}?tenant=7", [("To", "1"), ("From", "2")], "2sAX2lak+YyV6L2kPm6ggbg9qrP/pTSEwov/UVF1tOs="),
        (
            "POST", "https://app.example.com/x/", [("D", "b"), ("D", "a"), ("E", "")],
            "sM4mA8I9lGvEPksTorRJAF8RipsJzpaeXhhgWzmwvZM=",
        ),
    ],
)  # fmt: skip
def test_a_signature_is_computed_as_plivo_does(method, url, params, expected):
    assert signature_v3(url=url, params=params, nonce=NONCE, auth_token=AUTH_TOKEN, method=method) == expected


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
def test_only_posts_are_answered(client, cast, name):
    assert client.get(url(cast, name)).status_code == 405


def test_a_status_is_taken(client, cast):
    assert ask(client, cast, "status", {"Event": "StartStream", "StreamID": "x"}).status_code == 204


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
