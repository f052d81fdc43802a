"""REST around an agent's streams, and what a token opens."""

from __future__ import annotations

from uuid import uuid4
from xml.etree import ElementTree

import pytest
from django.utils.timezone import now

from calls.carrier_accounts import carrier_account_set
from calls.errors import StreamTokenRefused
from calls.models import StreamEvent, StreamToken
from calls.stream_tokens import stream_admit, stream_bind, stream_token_bind, stream_token_find
from calls.wire.media import MediaFormat
from calls.wire.plivo import Start
from calls.wire.plivo_signature import SignatureHeaders, handshake_urls, signature_v3
from tenants.access import actor_mirror
from tenants.models import AuditEntry
from tenants.scope import tenant_context
from tenants.services import agent_update, api_key_create
from tests.app.calls.test_api import problem, send

pytestmark = pytest.mark.django_db

URL = "/api/v1/agents/orders/stream-tokens"
NO_HEADERS = SignatureHeaders()
TOKEN, NONCE = "main-token-0001", "12345678901234567890"
MAIN, SUB = "MAMAIN00000000000001", "SASHOP00000000000001"


def change(cast, **settings):
    agent_update(actor=actor_mirror(cast.tenant.id), slug="orders", changes={"settings": settings})


def mint(client, cast, **body):
    told = send(client, "post", URL, cast.bearer, body)
    assert told.status_code == 201
    return told.json()


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("post", URL),
        ("get", URL),
        ("delete", f"{URL}/{uuid4()}"),
        ("post", "/api/v1/agents/orders/replace-key"),
    ],
)
def test_without_the_scope_nothing_is_served(client, cast, method, url):
    key = api_key_create(actor=actor_mirror(cast.tenant.id), name="narrow", scopes={"usage:read"})
    ask = getattr(client, method)
    problem(ask(url, headers={"Authorization": f"Bearer {key.token}"}), 403, "scope_missing")
    problem(ask(url), 401, "not_authenticated")


# --- minting ---


def test_a_stream_token_carries_what_is_known_of_the_call(client, cast, settings):
    settings.MIRROR_PUBLIC_URL = "https://mirror.example"
    told = mint(client, cast, call_id="call-1", **{"from": "+1", "to": "+2", "direction": "inbound"})
    assert told["url"] == f"wss://mirror.example/ws/v1/plivo/{told['token']}/"
    tenant_id, found = stream_token_find(told["token"])
    assert (tenant_id, found.agent_id) == (cast.tenant.id, cast.agent.id)
    assert (found.carrier_call_id, found.from_number, found.to_number) == ("call-1", "+1", "+2")


def test_a_stream_token_comes_with_the_whole_answer(client, cast, settings):
    settings.MIRROR_PUBLIC_URL = "https://mirror.example"
    change(cast, stream_format="l16_8k")
    told = mint(client, cast)
    stream, redirect = ElementTree.fromstring(told["xml"].encode())  # noqa: S314  (our own XML)
    assert (stream.text, stream.attrib["contentType"]) == (told["url"], "audio/x-l16;rate=8000")
    assert redirect.text == f"https://mirror.example/plivo/{cast.agent.agent_key}/after/"
    assert told["expires_at"]


def test_a_stream_token_needs_an_agent_of_the_tenant(client, cast):
    problem(send(client, "post", "/api/v1/agents/elsewhere/stream-tokens", cast.bearer), 404, "not_found")


@pytest.mark.parametrize(
    "body", [{"call_id": "x" * 129}, {"is_reusable": "perhaps"}, {"from": "\x00"}, {"call_id": "\ud800"}, []]
)
def test_a_stream_token_for_nonsense_is_refused(client, cast, body):
    told = problem(send(client, "post", URL, cast.bearer, body or [1]), 400, "invalid_input")
    assert told["errors"]


# --- binding ---


def bind(token, call="call-1"):
    tenant_id, found = stream_token_find(token)
    stream_token_bind(tenant_id=tenant_id, token_id=found.id, carrier_call_id=call)


def test_a_token_serves_one_call_which_may_dial_again(client, cast):
    token = mint(client, cast)["token"]
    bind(token)
    bind(token)
    with pytest.raises(StreamTokenRefused):
        bind(token, "call-2")


def test_a_token_of_one_call_opens_no_other(client, cast):
    token = mint(client, cast, call_id="call-1")["token"]
    with pytest.raises(StreamTokenRefused):
        bind(token, "call-2")
    bind(token)


def test_an_unused_token_expires_and_a_used_one_still_takes_its_call_again(client, cast):
    unused, used = (mint(client, cast)["token"] for _ in range(2))
    bind(used)
    with tenant_context(cast.tenant.id):
        StreamToken.objects.update(expires_at=now())
    with pytest.raises(StreamTokenRefused):
        bind(unused)
    bind(used)


@pytest.mark.parametrize("token", ["", "x", "x.y", f"{uuid4().hex}.secret", "\x00"])
def test_what_is_no_token_opens_nothing(db, token):
    with pytest.raises(StreamTokenRefused):
        stream_token_find(token)


def test_an_agent_that_was_switched_off_takes_no_streams(client, cast):
    token = mint(client, cast)["token"]
    agent_update(actor=actor_mirror(cast.tenant.id), slug="orders", changes={"is_active": False})
    with pytest.raises(StreamTokenRefused):
        stream_token_find(token)


# --- long-lived ones ---


def test_long_lived_tokens_need_the_agents_setting(client, cast):
    problem(send(client, "post", URL, cast.bearer, {"is_reusable": True}), 409, "standing_tokens_off")


def test_a_long_lived_token_opens_many_calls_until_it_is_revoked(client, cast):
    change(cast, standing_tokens_allowed=True)
    told = mint(client, cast, is_reusable=True)
    for call in ("call-1", "call-2", "call-1"):
        bind(told["token"], call)
    listed = client.get(URL, headers=cast.bearer).json()["results"]
    assert [one["id"] for one in listed] == [told["id"]]
    assert "token" not in str(listed)
    tenant_id, row = stream_token_find(told["token"])
    for _ in range(2):
        assert client.delete(f"{URL}/{told['id']}", headers=cast.bearer).status_code == 204
    with pytest.raises(StreamTokenRefused):
        stream_token_find(told["token"])
    with pytest.raises(StreamTokenRefused):  # a socket that had found it just before
        stream_token_bind(tenant_id=tenant_id, token_id=row.id, carrier_call_id="call-1")
    assert client.get(URL, headers=cast.bearer).json()["results"] == []
    with tenant_context(cast.tenant.id):
        assert AuditEntry.objects.filter(action="stream_token.revoked").count() == 1


def test_another_tenants_token_is_as_absent_as_none(client, cast):
    told = mint(client, cast)
    for token_id in (told["id"], uuid4()):
        problem(client.delete(f"{URL}/{token_id}", headers=cast.other_bearer), 404, "not_found")
    stream_token_find(told["token"])


# --- what is seen of a stream ---


def account(cast, name="main", auth_id=MAIN, token=TOKEN):
    carrier_account_set(actor=actor_mirror(cast.tenant.id), name=name, auth_id=auth_id, auth_token=token)


def start(account_id=MAIN):
    return Start("call-1", "stream-1", account_id, MediaFormat())


def admit(client, cast, headers=NO_HEADERS, urls=()):
    return stream_admit(token=mint(client, cast)["token"], headers=headers, urls=urls)


def test_without_a_stored_account_nothing_is_checked(client, cast):
    admission = admit(client, cast)
    stream_bind(admission, start("MASOMEBODY0000000001"))
    assert admission.signature == "unchecked"


@pytest.mark.parametrize(
    ("stored", "told", "is_taken"),
    [
        ([MAIN], MAIN, True),
        ([MAIN], "", True),
        ([MAIN], "AC0123456789", True),  # another carrier's
        ([MAIN], "MASTRANGER0000000001", False),
        ([MAIN], SUB, True),  # a sub-account of the main one, not stored itself
        ([MAIN, SUB], SUB, True),
        ([MAIN, SUB], "SASTRANGER0000000001", False),
    ],
)
def test_a_stream_of_an_account_that_is_not_the_tenants_is_refused(client, cast, stored, told, is_taken):
    for number, auth_id in enumerate(stored):
        account(cast, f"account {number}", auth_id)
    admission = admit(client, cast)
    if is_taken:
        stream_bind(admission, start(told))
        return
    with pytest.raises(StreamTokenRefused):
        stream_bind(admission, start(told))
    with tenant_context(cast.tenant.id):
        assert not StreamEvent.objects.exists()


def handshake(token=TOKEN, where="http://m.example/ws/v1/plivo/t//websocket"):
    made = signature_v3(url=where, params=(), nonce=NONCE, auth_token=token, method="GET")
    return SignatureHeaders(v3=made, nonce=NONCE)


@pytest.mark.parametrize(
    ("headers", "signature"),
    [
        (NO_HEADERS, "absent"),
        (handshake(), "valid"),
        (handshake("other"), "wrong"),
        (handshake(where="http://x/"), "wrong"),
    ],
)
@pytest.mark.parametrize("is_required", [False, True])
def test_the_handshakes_signature_is_kept_and_refused_only_where_it_must_be(
    client, cast, headers, signature, is_required
):
    account(cast)
    change(cast, signed_streams_required=is_required)
    urls = handshake_urls("https://m.example", "/ws/v1/plivo/t/")
    if is_required and signature != "valid":
        with pytest.raises(StreamTokenRefused):
            admit(client, cast, headers, urls)
        return
    stream_bind(admit(client, cast, headers, urls), start())
    with tenant_context(cast.tenant.id):
        kept = StreamEvent.objects.get()
    assert (kept.event, kept.stream_id, kept.told) == (
        "Connected", "stream-1", {"signature": signature, "account": MAIN},
    )  # fmt: skip


# --- the key ---


def test_a_key_is_replaced_with_new_addresses(client, cast, settings):
    settings.MIRROR_PUBLIC_URL = "https://mirror.example"
    told = send(client, "post", "/api/v1/agents/orders/replace-key", cast.bearer)
    assert told.status_code == 200
    assert cast.agent.agent_key not in str(told.json())
    answer = told.json()["answer_url"].removeprefix("https://mirror.example")
    assert client.post(answer, {"CallUUID": "c"}).status_code == 200
    assert client.post(f"/plivo/{cast.agent.agent_key}/answer/").status_code == 404
