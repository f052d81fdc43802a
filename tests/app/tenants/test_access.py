"""Rows are reached by the members of their tenant; absent and another tenant's are the same."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest

from tenants.access import (
    ROLE_SCOPES,
    SCOPES,
    Actor,
    access_agent,
    access_api_key,
    access_credential,
    access_membership,
    access_tenant,
    actor_mirror,
)
from tenants.errors import NotFound, ScopeMissing
from tenants.models import Membership
from tenants.scope import tenant_context
from tenants.services import credential_set
from tests.cast import Cast

Reach = Callable[[Cast, Actor], Any]


def reach_credential(cast: Cast, actor: Actor) -> Any:
    with tenant_context(cast.tenant.id):
        pass
    credential = credential_set(actor=cast.actor(), kind="llm", name="main", secret="s")
    with tenant_context(actor.tenant_id):
        return access_credential(actor, credential.id)


def reach_membership(cast: Cast, actor: Actor) -> Any:
    with tenant_context(cast.tenant.id):
        membership_id = Membership.objects.get(user=cast.viewer).id
    with tenant_context(actor.tenant_id):
        return access_membership(actor, membership_id)


def reach_key(cast: Cast, actor: Actor) -> Any:
    with tenant_context(actor.tenant_id):
        return access_api_key(actor, cast.key.key.id)


REACHES = [reach_credential, reach_membership, reach_key]


@pytest.mark.parametrize("role", ["owner", "admin", "member", "viewer"])
@pytest.mark.parametrize("reach", REACHES)
def test_members_reach_their_tenants_rows(cast: Cast, reach: Reach, role: str):
    assert reach(cast, cast.actor(role)).tenant_id == cast.tenant.id


@pytest.mark.parametrize("reach", REACHES)
def test_an_outsider_finds_nothing(cast: Cast, reach: Reach):
    with pytest.raises(NotFound):
        reach(cast, cast.outsider_actor)


def test_an_agent_is_found_by_its_slug_in_ones_own_tenant_only(cast: Cast):
    for actor, agent in ((cast.actor(), cast.agent), (cast.outsider_actor, cast.other_agent)):
        with tenant_context(actor.tenant_id):
            assert access_agent(actor, "orders", lock=True) == agent


def test_an_absent_agent_and_another_tenants_give_the_same_answer(cast: Cast):
    with tenant_context(cast.other_tenant.id):
        cast.other_agent.slug = "secret-project"
        cast.other_agent.save()
    told = []
    for slug in ("secret-project", "no-such-agent"):
        with pytest.raises(NotFound) as caught, tenant_context(cast.tenant.id):
            access_agent(cast.actor(), slug)
        told.append({**caught.value.problem(), "detail": str(caught.value).replace(slug, "SLUG")})
    assert told[0] == told[1]


def test_an_actor_of_one_tenant_in_the_context_of_another_finds_nothing(cast: Cast):
    with pytest.raises(NotFound), tenant_context(cast.other_tenant.id):
        access_agent(cast.actor(), "orders")
    with pytest.raises(NotFound), tenant_context(cast.other_tenant.id):
        access_tenant(cast.actor())


def test_an_absent_row_is_not_found(cast: Cast):
    with pytest.raises(NotFound), tenant_context(cast.tenant.id):
        access_api_key(cast.actor(), uuid4())


def test_roles_widen_from_viewer_to_owner():
    order = [ROLE_SCOPES[role] for role in ("viewer", "member", "admin", "owner")]
    assert all(lower <= higher for lower, higher in pairwise(order))
    assert not [scope for scope in ROLE_SCOPES["viewer"] if scope.endswith(":write")]
    assert {"calls:write", "fixes:write"} <= ROLE_SCOPES["member"]
    assert not {"members:write", "keys:read", "audit:read"} & ROLE_SCOPES["member"]


def test_mirror_itself_may_do_everything(cast: Cast):
    assert actor_mirror(cast.tenant.id).scopes == SCOPES.keys()


def test_a_missing_scope_is_named(cast: Cast):
    cast.actor("viewer").require("calls:read")
    with pytest.raises(ScopeMissing) as caught:
        cast.actor("viewer").require("members:write")
    assert caught.value.problem()["scope"] == "members:write"
