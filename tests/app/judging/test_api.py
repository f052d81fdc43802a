from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tenants.access import actor_mirror
from tenants.models import Agent
from tenants.scope import tenant_context
from tenants.services import api_key_create
from tests.app.judging.conftest import VERDICT, chat, llm_give
from tests.cast import Cast
from tests.fakes_http import FAULTS, FakeServer, answers

RECORD: dict[str, Any] = {
    "id": "c1",
    "agent": "orders",
    "policies": ["Stay warm and patient with angry callers."],
    "history": [],
    "customer_text": "How much is it? I have 20 dollars.",
    "agent_text": "It is 5 dollars.",
    "tool_calls": [],
}
POLICIES = "/api/v1/agents/orders/policies/"


@pytest.fixture
def api(client: Client, cast: Cast) -> Any:
    """Ask with the tenant's key, or with ``headers`` of another."""

    def ask(method: str, path: str, body: Any = None, headers: Any = None) -> tuple[int, Any]:
        told = {} if body is None else {"data": body, "content_type": "application/json"}
        reply = getattr(client, method)(path, headers=headers if headers is not None else cast.bearer, **told)
        return reply.status_code, reply.json()

    return ask


def key_with(cast: Cast, *scopes: str) -> dict[str, str]:
    made = api_key_create(actor=actor_mirror(cast.tenant.id), name="narrow", scopes=scopes)
    return {"Authorization": f"Bearer {made.token}"}


def test_policies_go_from_draft_to_active(api: Any):
    assert api("get", POLICIES) == (200, {"revision": 0, "rules": []})
    status, made = api(
        "post", f"{POLICIES}revisions/", {"rules": ["Be kind.", {"text": "Be brief.", "scope": "speech"}]}
    )
    assert (status, made["number"], made["is_active"], made["author"]) == (201, 1, False, "key:Production")
    assert api("post", f"{POLICIES}revisions/", {"yaml": "- Be kind.\n- text: Be brief.\n  scope: speech\n"})[0] == 200
    assert api("post", f"{POLICIES}revisions/1/activate", {}) == (200, {"revision": 1, "changed": True})
    assert api("post", f"{POLICIES}revisions/1/activate/", {}) == (200, {"revision": 1, "changed": False})
    status, active = api("get", POLICIES)
    assert (active["revision"], [rule["text"] for rule in active["rules"]]) == (1, ["Be kind.", "Be brief."])
    status, listed = api("get", f"{POLICIES}revisions/")
    assert [(entry["number"], entry["is_active"]) for entry in listed["results"]] == [(1, True)]
    assert api("get", f"{POLICIES}revisions/1/")[1]["rules"] == active["rules"]


def test_an_activation_can_say_what_it_replaces(api: Any):
    api("post", f"{POLICIES}revisions/", {"rules": ["Be kind."]})
    status, problem = api("post", f"{POLICIES}revisions/1/activate", {"expected_revision": 4})
    assert (status, problem["code"]) == (409, "revision_changed")
    assert api("post", f"{POLICIES}revisions/1/activate", {"expected_revision": 0})[0] == 200


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "either rules or yaml"),
        ({"rules": [], "yaml": "- a"}, "either rules or yaml"),
        ({"rules": []}, "1 to 200"),
        ({"rules": "Be kind."}, "must be a list"),
        ({"rules": ["a", {"text": "b", "severity": "huge"}]}, "rules.1: severity is one of"),
        ({"rules": ["a", 7]}, "rules.1: a rule must be a text"),
        ({"rules": ["a", None]}, "rules.1: a rule must be a text"),
        ({"yaml": "- a\n- text: [1]\n"}, "line 2:"),
        ({"yaml": 7}, "yaml: must be a text"),
        ([], "JSON object"),
    ],
)
def test_bad_policies_are_a_problem_that_says_where(api: Any, body: Any, told: str):
    status, problem = api("post", f"{POLICIES}revisions/", body)
    assert (status, problem["status"], told in problem["detail"]) == (400, 400, True)


def test_anothers_agent_and_a_missing_one_are_the_same(api: Any, cast: Cast):
    api("post", f"{POLICIES}revisions/", {"rules": ["Be kind."]})
    for path in (POLICIES.replace("orders", "absent"), f"{POLICIES}revisions/2/"):
        assert api("get", path)[0] == 404
    assert api("get", f"{POLICIES}revisions/1/", headers=cast.other_bearer)[0] == 404
    assert api("get", POLICIES, headers=cast.other_bearer) == (200, {"revision": 0, "rules": []})


def test_scopes_are_asked_for(api: Any, cast: Cast):
    reader = key_with(cast, "policies:read")
    assert api("get", POLICIES, headers=reader)[0] == 200
    assert api("post", f"{POLICIES}revisions/", {"rules": ["a"]}, headers=reader)[0] == 403
    assert api("post", "/api/v1/review", RECORD, headers=reader)[0] == 403
    assert api("get", POLICIES, headers={})[0] == 401


@pytest.mark.parametrize("path", ["/api/v1/review", "/api/v1/review/"])
def test_a_turn_is_reviewed_by_facts_alone(api: Any, path: str):
    record = {
        **RECORD,
        "policies": ["Read the order back and get a yes before calling place_order."],
        "customer_text": "One large pizza.",
        "agent_text": "",
        "tool_calls": [{"id": "t1", "name": "place_order", "args": {"quantity": 1, "size": "large"}}],
    }
    status, verdict = api("post", path, record)
    assert (status, verdict["decision"], verdict["tier"], verdict["revision"]) == (200, "intervene", 0, 0)
    assert verdict["policy"]["text"].startswith("Read the order back")
    assert [(call["tool_call_id"], call["decision"]) for call in verdict["tool_calls"]] == [("t1", "confirm")]
    assert verdict["tool_decision"] == "confirm"
    assert verdict["latency_ms"]["tier2"] is None


def test_a_turn_is_reviewed_by_the_model_with_the_active_policies(api: Any, cast: Cast, server: FakeServer):
    llm_give(cast, server.url)
    server.serves(answers(chat(VERDICT)))
    api("post", f"{POLICIES}revisions/", {"rules": ["Stay warm and patient with angry callers."]})
    api("post", f"{POLICIES}revisions/1/activate", {})
    status, verdict = api("post", "/api/v1/review", {**RECORD, "policies": []})
    assert (status, verdict["decision"], verdict["tier"], verdict["revision"]) == (200, "intervene", 2, 1)
    assert verdict["policy"]["text"] == "Stay warm and patient with angry callers."
    assert verdict["latency_ms"]["tier2"] > 0


@pytest.mark.parametrize("fault", ["500", "hangs"])
def test_a_model_that_fails_leaves_the_turn_undecided(api: Any, cast: Cast, server: FakeServer, fault: str):
    llm_give(cast, server.url)
    with tenant_context(cast.tenant.id):
        Agent.objects.filter(id=cast.agent.id).update(settings={"semantic_review_timeout_s": 0.5})
    server.serves(FAULTS[fault])
    status, verdict = api("post", "/api/v1/review", RECORD)
    assert (status, verdict["decision"], verdict["tier"]) == (200, "undecided", None)
    assert verdict["latency_ms"]["total"] < 1_500


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"agent": "absent"}, "No agent"),
        ({"agent": 3}, "agent: must be a text"),
        ({"history": {}}, "history"),
        ({"history": [{"role": "king", "text": "x"}]}, "king"),
        ({"policies": [3]}, "policies[0]"),
        ({"policies": ["a"] * 201}, "200 policies"),
        ({"tool_calls": [3]}, "tool_calls[0]"),
    ],
)
def test_a_bad_record_is_a_problem_that_says_what(api: Any, change: dict[str, Any], told: str):
    status, problem = api("post", "/api/v1/review", {**RECORD, **change})
    assert (status in {400, 404}, told in problem["detail"]) == (True, True)
