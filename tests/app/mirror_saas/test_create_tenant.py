"""``create_tenant`` makes everything a first call needs, tells secrets once, and changes nothing when run again."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.test import TestCase

from judging.selectors import revision_active
from mirror_saas.embedded import Servers
from tenants.access import SCOPES
from tenants.auth import authenticate_api_key
from tenants.lookups import agent_by_key, memberships_of, tenant_id_by_name
from tenants.models import Agent, ApiKey, User
from tenants.scope import tenant_context

ACME = ("Acme", "--owner", "ann@acme.example")
ORDERS = ("--agent", "orders", "--upstream-url", "ws://agent.example/stream")


def created(*arguments: str) -> dict[str, Any]:
    told, warned = io.StringIO(), io.StringIO()
    with TestCase.captureOnCommitCallbacks(execute=True):
        call_command("create_tenant", *arguments, "--json", stdout=told, stderr=warned)
    return {**json.loads(told.getvalue()), "warned": warned.getvalue()}


def counts() -> tuple[int, ...]:
    tenant_id = tenant_id_by_name("Acme")
    assert tenant_id is not None
    with tenant_context(tenant_id):
        return (User.objects.count(), Agent.objects.count(), ApiKey.objects.count())


def test_what_it_prints_works(db: None):
    told = created(*ACME, *ORDERS)
    assert {name: told[name] for name in ("tenant", "owner", "agent", "warned")} == {
        "tenant": "Acme",
        "owner": "ann@acme.example",
        "agent": "orders",
        "warned": "",
    }
    identity = authenticate_api_key(told["api_key"])
    assert (identity.scopes, identity.tenant_id) == (frozenset(SCOPES), tenant_id_by_name("Acme"))
    ann = authenticate(username="ann@acme.example", password=told["password"])
    assert isinstance(ann, User)
    assert [found.role for found in memberships_of(ann.id)] == ["owner"]
    found = agent_by_key(told["agent_key"])
    assert found is not None
    assert found[0] == identity.tenant_id


def test_run_again_it_says_what_exists_and_changes_nothing(db: None):
    first = created(*ACME, *ORDERS)
    before = counts()
    again = created(*ACME, *ORDERS, "--set", "cooldown_s=3")
    assert again == {
        **first,
        "password": None,
        "api_key": None,
        "warned": "The tenant 'Acme' exists already; nothing was changed.\n",
    }
    assert counts() == before


def test_run_again_with_another_agent_it_makes_none(db: None):
    created(*ACME)
    before = counts()
    again = created(*ACME, *ORDERS)
    assert (again["agent"], again["agent_key"]) == (None, None)
    assert "It has no agent 'orders'." in again["warned"]
    assert counts() == before


def test_the_password_may_come_from_standard_input(db: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\n"))
    assert created(*ACME, "--password-stdin")["password"] == "correct horse battery"
    assert authenticate(username="ann@acme.example", password="correct horse battery") is not None


def test_a_person_known_already_keeps_the_password(db: None):
    first = created(*ACME)
    second = created("Globex", "--owner", "ANN@acme.example")
    assert (second["password"], second["owner"]) == (None, "ann@acme.example")
    ann = authenticate(username="ann@acme.example", password=first["password"])
    assert isinstance(ann, User)
    assert [found.tenant_name for found in memberships_of(ann.id)] == ["Acme", "Globex"]


def test_settings_and_policies_are_the_agents(db: None, servers: Servers, tmp_path: Path):
    policies = tmp_path / "policies.yaml"
    policies.write_text("- Never promise a refund.\n- text: Read the order back.\n  severity: medium\n")
    given = ("--set", "cooldown_s=3", "--set", "release=hold", "--set", 'irreversible_tools=["ship"]')
    created(*ACME, *ORDERS, *given, "--policies", str(policies))
    tenant_id = tenant_id_by_name("Acme")
    assert tenant_id is not None
    with tenant_context(tenant_id):
        agent = Agent.objects.get(slug="orders")
        active = revision_active(agent.id)
        assert active is not None
        texts = [rule.text for rule in active.rules.all()]
    assert agent.settings == {"cooldown_s": 3, "release": "hold", "irreversible_tools": ["ship"]}
    assert texts == ["Never promise a refund.", "Read the order back."]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--owner", "no address"), "email"),
        (("--owner", "a@b.example", "--agent", "two words"), "slug"),
        (("--owner", "a@b.example", "--agent", "a", "--set", "colour=1"), "colour: is no setting"),
        (("--owner", "a@b.example", "--agent", "a", "--set", "colour"), "FIELD=VALUE"),
        (("--owner", "a@b.example", "--agent", "a", "--policies", "/nowhere.yaml"), "/nowhere.yaml"),
        (("--owner", "a@b.example", "--upstream-url", "ws://x"), "--agent"),
        ((), "--owner"),
    ],
)
def test_what_cannot_work_leaves_nothing_behind(db: None, arguments: tuple[str, ...], told: str):
    with pytest.raises(CommandError, match=told):
        call_command("create_tenant", "Acme", *arguments)
    assert (tenant_id_by_name("Acme"), User.objects.count()) == (None, 0)
