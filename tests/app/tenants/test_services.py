"""Tenants, members and agents: what is made, what is refused, and that it is audited."""

from __future__ import annotations

from typing import Any

import pytest

from tenants.errors import Forbidden, InvalidInput, NotFound
from tenants.lookups import agent_by_key, memberships_of, tenant_id_by_api_key_prefix, tenant_ids_active
from tenants.models import Agent, Membership, Tenant, User
from tenants.scope import in_tenant, tenant_context, tenant_id_current
from tenants.selectors import agent_get, agent_list, api_key_list, audit_list, membership_list
from tenants.services import (
    LastOwner,
    NameTaken,
    agent_create,
    agent_key_replace,
    agent_update,
    membership_create,
    membership_delete,
    membership_role_set,
    tenant_create,
    user_create,
)
from tests.cast import Cast


def membership_of(cast: Cast, user: User) -> Membership:
    with tenant_context(cast.tenant.id):
        found: Membership = Membership.objects.get(user=user)
    return found


def actions(cast: Cast) -> list[str]:
    with tenant_context(cast.tenant.id):
        return [entry.action for entry in audit_list()]


def test_lists_show_ones_own_tenant(cast: Cast):
    with tenant_context(cast.tenant.id):
        assert [agent.name for agent in agent_list()] == ["Orders"]
        assert [key.name for key in api_key_list()] == ["Production"]
        assert [member.role for member in membership_list()] == ["admin", "owner", "member", "viewer"]
        assert agent_get("orders") == cast.agent
        assert agent_get("none") is None


def test_changes_are_audited_with_who_did_them(cast: Cast):
    agent_update(actor=cast.actor("admin"), slug="orders", changes={"name": "New"})
    with tenant_context(cast.tenant.id):
        newest = audit_list()[0]
    assert (newest.actor, newest.action, newest.object_id, newest.detail) == (
        "user:adam@acme.example",
        "agent.updated",
        str(cast.agent.id),
        {"fields": ["name"]},
    )
    assert {"tenant.created", "membership.created", "agent.created", "api_key.created"} <= set(actions(cast))


def test_a_tenants_name_is_unique(cast: Cast):
    with pytest.raises(NameTaken, match="Acme"):
        tenant_create(name=" Acme ", owner=cast.outsider)


@pytest.mark.parametrize("name", ["", "  ", "x" * 121])
def test_a_tenant_needs_a_name(cast: Cast, name: str):
    with pytest.raises(InvalidInput):
        tenant_create(name=name, owner=cast.outsider)


@pytest.mark.parametrize(("email", "password"), [("no address", "correct horse battery"), ("a@b.example", "short")])
def test_a_person_needs_an_address_and_a_hard_password(db: None, email: str, password: str):
    with pytest.raises(InvalidInput):
        user_create(email=email, password=password)


def test_addresses_of_people_do_not_differ_in_case(cast: Cast):
    with pytest.raises(NameTaken):
        user_create(email="ANN@acme.example")


@pytest.mark.parametrize(
    "given",
    [
        {"slug": "two words"},
        {"slug": "x" * 65},
        {"slug": "ok", "upstream_url": "http://agent.example"},
        {"slug": "ok", "settings": {"colour": "blue"}},
    ],
)
def test_an_agent_that_cannot_work_is_refused(cast: Cast, given: dict[str, Any]):
    with pytest.raises(InvalidInput):
        agent_create(actor=cast.actor(), **given)


def test_a_slug_is_unique_in_a_tenant(cast: Cast):
    with pytest.raises(NameTaken):
        agent_create(actor=cast.actor(), slug="orders")


def test_updating_merges_settings_and_refuses_what_is_wrong(cast: Cast):
    agent_update(actor=cast.actor(), slug="orders", changes={"settings": {"cooldown_s": 3}})
    agent = agent_update(actor=cast.actor(), slug="orders", changes={"settings": {"release": "hold"}})
    assert agent.settings == {"cooldown_s": 3, "release": "hold"}
    for changes in ({"settings": {"release": "no"}}, {"agent_key": "mine"}, {"upstream_url": "ftp://x"}):
        with pytest.raises(InvalidInput):
            agent_update(actor=cast.actor(), slug="orders", changes=changes)


PROMPT = 'Reply {"violation": true} or {}: {customer_text} {primary_response} {tool_calls_json} {history_summary}'


def test_a_judging_prompt_is_saved_as_it_is_and_refused_with_wrong_slots(cast: Cast):
    kept = agent_update(actor=cast.actor(), slug="orders", changes={"settings": {"judging_prompt": PROMPT}})
    assert kept.settings["judging_prompt"] == PROMPT
    for wrong, reason in (
        (PROMPT.replace("{history_summary}", ""), "lacks {history_summary}"),
        (f"{PROMPT} {{policies}}", "unknown slot {policies}"),
    ):
        with pytest.raises(InvalidInput) as refused:
            agent_update(actor=cast.actor(), slug="orders", changes={"settings": {"judging_prompt": wrong}})
        assert reason in refused.value.errors["judging_prompt"][0]
    with tenant_context(cast.tenant.id):
        assert Agent.objects.get(slug="orders").settings["judging_prompt"] == PROMPT


def test_an_outsider_updates_only_their_own_agent_of_that_slug(cast: Cast):
    agent_update(actor=cast.outsider_actor, slug="orders", changes={"name": "Mine"})
    with tenant_context(cast.tenant.id):
        assert Agent.objects.get(slug="orders").name == "Orders"
    with pytest.raises(NotFound):
        agent_update(actor=cast.outsider_actor, slug="no-such", changes={"name": "x"})


def test_a_replaced_agent_key_no_longer_leads_to_the_agent(cast: Cast):
    old = cast.agent.agent_key
    assert agent_by_key(old) == (cast.tenant.id, cast.agent.id)
    new = agent_key_replace(actor=cast.actor(), slug="orders").agent_key
    assert (agent_by_key(old), agent_by_key(new)) == (None, (cast.tenant.id, cast.agent.id))


def test_a_switched_off_agent_or_tenant_is_not_looked_up(cast: Cast):
    agent_update(actor=cast.actor(), slug="orders", changes={"is_active": False})
    assert agent_by_key(cast.agent.agent_key) is None
    with tenant_context(cast.other_tenant.id):
        Tenant.objects.update(status=Tenant.Status.SUSPENDED)
    assert agent_by_key(cast.other_agent.agent_key) is None
    assert memberships_of(cast.outsider.id) == []
    assert tenant_ids_active() == [cast.tenant.id]
    assert tenant_id_by_api_key_prefix(cast.other_key.key.prefix) is None


def test_memberships_are_found_before_the_tenant_is_known(cast: Cast):
    with tenant_context(cast.other_tenant.id):
        Membership.objects.create(user=cast.owner, role="viewer")
    assert [(found.tenant_name, found.role) for found in memberships_of(cast.owner.id)] == [
        ("Acme", "owner"),
        ("Globex", "viewer"),
    ]


def test_a_tenant_keeps_an_owner(cast: Cast):
    ann = membership_of(cast, cast.owner)
    with pytest.raises(LastOwner):
        membership_role_set(actor=cast.actor(), membership_id=ann.id, role="admin")
    with pytest.raises(LastOwner):
        membership_delete(actor=cast.actor(), membership_id=ann.id)
    membership_role_set(actor=cast.actor(), membership_id=membership_of(cast, cast.admin).id, role="owner")
    membership_delete(actor=cast.actor(), membership_id=ann.id)
    assert memberships_of(cast.owner.id) == []


@pytest.mark.parametrize(("role", "wanted"), [("admin", "owner"), ("member", "viewer"), ("viewer", "viewer")])
def test_roles_are_given_only_by_who_may(cast: Cast, role: str, wanted: str):
    with pytest.raises(Forbidden):
        membership_create(actor=cast.actor(role), user=cast.outsider, role=wanted)


def test_an_admin_cannot_take_an_owner_down(cast: Cast):
    with pytest.raises(Forbidden):
        membership_delete(actor=cast.actor("admin"), membership_id=membership_of(cast, cast.owner).id)


def test_an_admin_gives_lower_roles_once(cast: Cast):
    assert membership_create(actor=cast.actor("admin"), user=cast.outsider, role="member").role == "member"
    with pytest.raises(NameTaken):
        membership_create(actor=cast.actor("admin"), user=cast.outsider, role="viewer")
    with pytest.raises(InvalidInput):
        membership_create(actor=cast.actor(), user=cast.outsider, role="king")


async def test_asynchronous_code_calls_into_a_tenant(transactional_cast: Cast):
    cast = transactional_cast

    def names() -> tuple[list[str], bool]:
        return [agent.name for agent in agent_list()], tenant_id_current() == cast.other_tenant.id

    assert await in_tenant(cast.other_tenant.id, names) == (["Their orders"], True)
