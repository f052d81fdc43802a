"""The REST of live calls: scopes, tenants, problem details."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from django.utils.timezone import now

from calls.gate import arguments_hash
from calls.services import Ended, rows_write
from calls.tickets import ticket_redeem
from tenants.access import actor_mirror
from tenants.errors import NotAuthenticated
from tenants.scope import tenant_context
from tenants.services import api_key_create
from tests.app.calls.rows import opened, tool_decision, turn, verdict

pytestmark = pytest.mark.django_db

ENDPOINTS = [
    ("post", "/api/v1/tickets", "calls:write"),
    ("post", "/api/v1/tool-commits/redeem", "calls:write"),
    ("get", "/api/v1/calls", "calls:read"),
    ("get", f"/api/v1/calls/{uuid4()}", "calls:read"),
]


def send(client, method, url, headers, body=None):
    if method == "get":
        return client.get(url, headers=headers)
    return client.post(url, body or {}, content_type="application/json", headers=headers)


def problem(response, status, code):
    assert (response.status_code, response["content-type"]) == (status, "application/problem+json")
    told = response.json()
    assert (told["status"], told["code"]) == (status, code)
    assert {"type", "title", "detail"} <= told.keys()
    return told


@pytest.mark.parametrize(("method", "url", "scope"), ENDPOINTS)
def test_without_the_scope_nothing_is_served(client, cast, method, url, scope):
    key = api_key_create(actor=actor_mirror(cast.tenant.id), name="narrow", scopes={"usage:read"})
    headers = {"Authorization": f"Bearer {key.token}"}
    problem(send(client, method, url, headers), 403, "scope_missing")
    problem(send(client, method, url, {}), 401, "not_authenticated")
    problem(send(client, method, url, {"Authorization": "Bearer mk_no_no"}), 401, "not_authenticated")


@pytest.mark.parametrize(("method", "url", "scope"), ENDPOINTS[:2])
def test_what_is_no_json_is_a_problem(client, cast, method, url, scope):
    response = client.post(url, "{", content_type="application/json", headers=cast.bearer)
    assert response.status_code in (201, 400)
    if response.status_code == 400:
        problem(response, 400, response.json()["code"])


# --- tickets ---


def test_a_ticket_opens_one_socket(client, cast, servers):
    told = client.post("/api/v1/tickets", headers=cast.bearer)
    assert (told.status_code, told.json()["expires_in_s"]) == (201, 60)
    assert asyncio.run(ticket_redeem(told.json()["ticket"])) == cast.tenant.id
    for used in (told.json()["ticket"], "never made", ""):
        with pytest.raises(NotAuthenticated):
            asyncio.run(ticket_redeem(used))


def test_a_ticket_is_redeemed_by_one_of_many(client, cast, servers):
    ticket = client.post("/api/v1/tickets", headers=cast.bearer).json()["ticket"]

    async def storm():
        return await asyncio.gather(*(ticket_redeem(ticket) for _ in range(10)), return_exceptions=True)

    found = asyncio.run(storm())
    assert sorted(isinstance(one, NotAuthenticated) for one in found) == [False] + [True] * 9


# --- commit tokens ---

ITEM = {"item": "pizza", "extra": {"b": 1, "a": [1, 2.5]}}


@pytest.fixture
def committed(cast):
    call = opened(cast)
    row = tool_decision(1, "secret", hash_=arguments_hash("place_order", ITEM))
    rows_write(tenant_id=cast.tenant.id, entries={call.call_id: [row]})
    return call


def redeem(client, headers, **changes):
    body = {"commit_token": "secret", "name": "place_order", "arguments": ITEM, **changes}
    return send(client, "post", "/api/v1/tool-commits/redeem", headers, body)


def test_a_commit_token_is_redeemed_once_for_its_arguments(client, cast, committed):
    problem(redeem(client, cast.bearer, arguments={"item": "salad"}), 409, "conflict")
    problem(redeem(client, cast.bearer, name="charge_card"), 409, "conflict")
    problem(redeem(client, cast.other_bearer), 409, "conflict")
    told = redeem(client, cast.bearer)
    assert (told.status_code, told.json()["call"], told.json()["tool_call_id"]) == (
        200, str(committed.call_id), "tool-1",
    )  # fmt: skip
    problem(redeem(client, cast.bearer), 409, "conflict")


@pytest.mark.parametrize(
    "changes", [{"commit_token": ""}, {"arguments": []}, {"arguments": None}, {"name": 3.5j.__class__.__name__ * 40}]
)
def test_a_redemption_without_its_parts_is_refused(client, cast, committed, changes):
    problem(redeem(client, cast.bearer, **changes), 400, "invalid_input")


@pytest.mark.parametrize("odd", ["\ud800", "\x00"])
def test_odd_arguments_redeem_nothing_and_break_nothing(client, cast, committed, odd):
    assert redeem(client, cast.bearer, arguments={"item": odd}).status_code in (400, 409)
    assert redeem(client, cast.bearer, commit_token=odd).status_code in (400, 409)


# --- calls ---


@pytest.fixture
def call(cast):
    made = opened(cast)
    rows_write(
        tenant_id=cast.tenant.id, entries={made.call_id: [turn(1), verdict(2), tool_decision(3), Ended("done", now())]}
    )
    return made


def test_a_call_is_shown_with_its_rows(client, cast, call):
    told = client.get(f"/api/v1/calls/{call.call_id}", headers=cast.bearer).json()
    assert (told["external_id"], told["agent"], told["status"], told["end_reason"]) == (
        "c-1",
        "orders",
        "ended",
        "done",
    )
    assert [[row["n"] for row in told[name]] for name in ("turns", "verdicts", "tool_decisions", "interventions")] == [
        [1], [2], [3], [],
    ]  # fmt: skip
    assert "token" not in str(told)


def test_another_tenants_call_is_as_absent_as_no_call(client, cast, call):
    theirs = problem(client.get(f"/api/v1/calls/{call.call_id}", headers=cast.other_bearer), 404, "not_found")
    nobodys = problem(client.get(f"/api/v1/calls/{uuid4()}", headers=cast.bearer), 404, "not_found")
    assert theirs == nobodys


def listed(client, headers, **query):
    response = client.get("/api/v1/calls", query, headers=headers)
    assert response.status_code == 200
    return [one["external_id"] for one in response.json()["results"]]


def test_calls_are_listed_newest_first_and_by_what_is_asked(client, cast, call):
    opened(cast, "c-2")
    assert listed(client, cast.bearer) == ["c-2", "c-1"]
    assert listed(client, cast.bearer, status="live") == ["c-2"]
    assert listed(client, cast.bearer, agent="orders", external_id="c-1") == ["c-1"]
    assert listed(client, cast.bearer, agent="elsewhere") == []
    assert listed(client, cast.other_bearer) == []


@pytest.mark.parametrize("odd", ["\x00", "é" * 300])
def test_odd_filters_find_nothing_and_break_nothing(client, cast, call, odd):
    assert client.get("/api/v1/calls", {"external_id": odd}, headers=cast.bearer).status_code in (200, 400)


def test_a_list_costs_the_same_number_of_queries_however_long_it_is(client, cast, django_assert_max_num_queries):
    for n in range(5):
        opened(cast, f"c-{n}")
    with django_assert_max_num_queries(14):
        assert len(listed(client, cast.bearer)) == 5
    with tenant_context(cast.tenant.id):
        pass
