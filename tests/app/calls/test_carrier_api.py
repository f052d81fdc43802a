"""What operators do to a live call over REST, and whom it is refused to."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.utils.timezone import now

from calls.carrier_accounts import carrier_account_set
from calls.services import Ended, rows_write
from calls.stream_events import stream_connected
from tenants.access import actor_mirror
from tenants.models import AuditEntry
from tenants.scope import tenant_context
from tenants.services import agent_update, api_key_create
from tests.app.calls.rows import opened
from tests.app.calls.test_api import problem, send
from tests.fakes_http import FAULTS, answers, answers_raw, serving

pytestmark = pytest.mark.django_db

MAIN, SUB = "MAMAIN00000000000001", "SASHOP00000000000001"
BODIES = {
    "hangup": {}, "speak": {"text": "One moment, please."}, "transfer": {"url": "https://x.example/xml"}, "listen": {},
}  # fmt: skip
ACTIONS = {
    "hangup": "call.hung_up", "speak": "call.spoken_on", "transfer": "call.transferred", "listen": "call.listened_to",
}  # fmt: skip


@pytest.fixture
def plivo(settings):
    with serving() as fake:
        fake.otherwise = answers({"message": "ok", "stream_id": "s-1"}, 202)
        settings.MIRROR_PLIVO_API_URL = f"{fake.url}/v1"
        yield fake


def store(cast, name="main", auth_id=MAIN):
    carrier_account_set(actor=actor_mirror(cast.tenant.id), name=name, auth_id=auth_id, auth_token=f"token-of-{name}")


@pytest.fixture
def call(cast, plivo):
    store(cast)
    return opened(cast, "carrier-1", transport="plivo")


def act(client, call, name, headers, body=None):
    return send(client, "post", f"/api/v1/calls/{call.call_id}/{name}", headers, body or BODIES[name])


def audited(cast):
    with tenant_context(cast.tenant.id):
        return list(AuditEntry.objects.filter(object_type="call").values_list("action", "actor"))


@pytest.mark.parametrize("name", BODIES)
def test_without_the_scope_nothing_is_done(client, cast, plivo, call, name):
    key = api_key_create(actor=actor_mirror(cast.tenant.id), name="narrow", scopes={"calls:read"})
    problem(act(client, call, name, {"Authorization": f"Bearer {key.token}"}), 403, "scope_missing")
    problem(act(client, call, name, {}), 401, "not_authenticated")
    problem(act(client, call, name, cast.other_bearer), 404, "not_found")
    assert (plivo.received, audited(cast)) == ([], [])


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("hangup", ("DELETE", "Call/carrier-1/")),
        ("speak", ("POST", "Call/carrier-1/Speak/")),
        ("transfer", ("POST", "Call/carrier-1/")),
        ("listen", ("POST", "Call/carrier-1/Stream/")),
    ],
)
def test_an_act_reaches_the_carrier_and_the_audit_log(client, cast, plivo, call, name, asked):
    told = act(client, call, name, cast.bearer)
    assert (told.status_code, told.json()["done"]) == (201 if name == "listen" else 200, name)
    (got,) = plivo.received
    assert (got.method, got.path) == (asked[0], f"/v1/Account/{MAIN}/{asked[1]}")
    assert audited(cast) == [(ACTIONS[name], "key:Production")]


@pytest.mark.parametrize("name", BODIES)
def test_a_call_that_is_over_takes_no_acts(client, cast, plivo, call, name):
    rows_write(tenant_id=cast.tenant.id, entries={call.call_id: [Ended("done", now())]})
    problem(act(client, call, name, cast.bearer), 409, "call_over")
    assert plivo.received == []


@pytest.mark.parametrize("name", BODIES)
def test_a_call_without_an_account_takes_no_acts(client, cast, plivo, name):
    problem(act(client, opened(cast, "carrier-1"), name, cast.bearer), 409, "carrier_account_missing")
    assert (plivo.received, audited(cast)) == ([], [])


def test_no_such_call_is_not_found(client, cast, plivo):
    problem(send(client, "post", f"/api/v1/calls/{uuid4()}/hangup", cast.bearer), 404, "not_found")


def acting(client, cast, plivo, call):
    before = len(plivo.received)
    told = act(client, call, "hangup", cast.bearer)
    if told.status_code != 200:
        return told.json()["code"]
    return plivo.received[before].path.split("/")[3]


def test_the_account_is_the_streams_then_the_agents_then_the_only_one(client, cast, plivo, call):
    assert acting(client, cast, plivo, call) == MAIN
    store(cast, "shop", SUB)
    assert acting(client, cast, plivo, call) == "carrier_account_missing"  # which of two is not known
    changes = {"settings": {"plivo_account": "main"}}
    agent_update(actor=actor_mirror(cast.tenant.id), slug="orders", changes=changes)
    assert acting(client, cast, plivo, call) == MAIN
    with tenant_context(cast.tenant.id):
        told = {"account": SUB}
        stream_connected(agent_id=cast.agent.id, call_id=call.call_id, stream_id="s", told=told)
    assert acting(client, cast, plivo, call) == SUB


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (answers({"error": "no"}, 401), 409, "carrier_unauthorized"),
        (answers({"error": "legs"}, 400), 409, "carrier_refused"),
        (answers_raw(b"{}", 429, "Retry-After: 60\r\n"), 503, "carrier_busy"),
        (FAULTS["not_json"], 503, "carrier_unavailable"),
    ],
)
def test_what_the_carrier_refuses_is_told_as_a_problem(client, cast, plivo, call, fault, status, code):
    plivo.otherwise = fault
    problem(act(client, call, "transfer", cast.bearer), status, code)


def test_a_call_the_carrier_has_ended_is_hung_up_and_takes_no_speech(client, cast, plivo, call):
    plivo.otherwise = answers({"error": "not found"}, 404)
    assert act(client, call, "hangup", cast.bearer).status_code == 200
    problem(act(client, call, "speak", cast.bearer), 409, "call_over")


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("speak", {"text": ""}),
        ("speak", {"text": "x" * 3_001}),
        ("speak", {"text": "x", "voice": "ROBOT"}),
        ("speak", {"text": "x", "language": "xx"}),
        ("speak", {"text": "\x00"}),
        ("transfer", {"url": "http://x.example/"}),
        ("transfer", {"url": "javascript:x"}),
        ("transfer", {"url": "https://x.example/", "method": "PUT"}),
        ("transfer", {"none": 1}),
    ],
)
def test_nonsense_is_refused_before_the_carrier_is_asked(client, cast, plivo, call, name, body):
    told = problem(act(client, call, name, cast.bearer, body), 400, "invalid_input")
    assert told["errors"]
    assert (plivo.received, audited(cast)) == ([], [])


# --- accounts ---

ACCOUNTS = "/api/v1/carrier-accounts"


def test_accounts_are_kept_without_showing_their_tokens(client, cast, plivo):
    body = {"name": "shop", "auth_id": SUB, "auth_token": "a-token-of-some-length-9876"}
    shown = {"name": "shop", "auth_id": SUB, "token_end": "9876", "is_main": False}
    told = send(client, "post", ACCOUNTS, cast.bearer, body)
    assert (told.status_code, told.json()) == (201, shown)
    assert client.get(ACCOUNTS, headers=cast.bearer).json() == {"results": [shown]}
    assert client.get(ACCOUNTS, headers=cast.other_bearer).json() == {"results": []}
    assert send(client, "post", f"{ACCOUNTS}/shop/test", cast.bearer).status_code == 200
    problem(send(client, "post", f"{ACCOUNTS}/shop/test", cast.other_bearer), 404, "not_found")
    problem(client.delete(f"{ACCOUNTS}/shop", headers=cast.other_bearer), 404, "not_found")
    assert client.delete(f"{ACCOUNTS}/shop", headers=cast.bearer).status_code == 204
    problem(client.delete(f"{ACCOUNTS}/shop", headers=cast.bearer), 404, "not_found")


def test_a_new_auth_id_keeps_the_stored_token(client, cast):
    store(cast)
    told = send(client, "post", ACCOUNTS, cast.bearer, {"name": "main", "auth_id": SUB})
    assert (told.status_code, told.json()["auth_id"]) == (201, SUB)
    problem(send(client, "post", ACCOUNTS, cast.bearer, {"name": "new", "auth_id": SUB}), 400, "invalid_input")


@pytest.mark.parametrize("method", ["get", "post"])
def test_accounts_need_their_scope(client, cast, method):
    key = api_key_create(actor=actor_mirror(cast.tenant.id), name="narrow", scopes={"agents:write", "calls:write"})
    problem(send(client, method, ACCOUNTS, {"Authorization": f"Bearer {key.token}"}), 403, "scope_missing")
