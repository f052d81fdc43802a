"""API keys: who they belong to, what they may do, and when they no longer work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from tenants.access import SCOPES
from tenants.auth import ApiKeyIdentity, authenticate_api_key, bearer_token
from tenants.errors import Forbidden, InvalidInput, NotAuthenticated, ScopeMissing
from tenants.models import ApiKey, Tenant
from tenants.scope import tenant_context
from tenants.services import api_key_create, api_key_revoke
from tests.cast import Cast


def key_change(cast: Cast, **values: Any) -> None:
    with tenant_context(cast.tenant.id):
        ApiKey.objects.filter(id=cast.key.key.id).update(**values)


def last_used_at(cast: Cast) -> Any:
    with tenant_context(cast.tenant.id):
        return ApiKey.objects.get(id=cast.key.key.id).last_used_at


def test_a_key_tells_its_tenant_and_scopes(cast: Cast):
    identity = authenticate_api_key(cast.key.token, "calls:write")
    assert identity == ApiKeyIdentity(cast.tenant.id, cast.key.key.id, frozenset(SCOPES), "Production")
    assert (identity.actor().label, identity.actor().tenant_id) == ("key:Production", cast.tenant.id)


def test_another_tenants_key_tells_the_other_tenant(cast: Cast):
    assert authenticate_api_key(cast.other_key.token).tenant_id == cast.other_tenant.id


@pytest.mark.parametrize("token", ["", "mk_", "mk_x", "mk__y", "mk_\0_x", "xx_a_b", "Bearer mk_a_b", "mk_none_such"])
def test_what_is_no_key_is_refused(cast: Cast, token: str):
    with pytest.raises(NotAuthenticated):
        authenticate_api_key(token)


def test_the_right_prefix_with_another_secret_is_refused(cast: Cast):
    with pytest.raises(NotAuthenticated):
        authenticate_api_key(f"mk_{cast.key.key.prefix}_{cast.other_key.token.split('_', 2)[2]}")


@pytest.mark.parametrize("change", [{"revoked_at": now()}, {"expires_at": now() - timedelta(seconds=1)}])
def test_a_revoked_or_expired_key_is_refused(cast: Cast, change: dict[str, Any]):
    key_change(cast, **change)
    with pytest.raises(NotAuthenticated):
        authenticate_api_key(cast.key.token)


def test_a_key_that_expires_later_still_works(cast: Cast):
    key_change(cast, expires_at=now() + timedelta(hours=1))
    assert authenticate_api_key(cast.key.token).key_id == cast.key.key.id


def test_a_suspended_tenants_keys_are_refused(cast: Cast):
    with tenant_context(cast.tenant.id):
        Tenant.objects.update(status=Tenant.Status.SUSPENDED)
    with pytest.raises(NotAuthenticated):
        authenticate_api_key(cast.key.token)
    assert authenticate_api_key(cast.other_key.token).tenant_id == cast.other_tenant.id


def test_a_key_without_the_scope_is_known_and_refused(cast: Cast):
    small = api_key_create(actor=cast.actor(), name="Reader", scopes=["calls:read"])
    with pytest.raises(ScopeMissing, match="calls:write"):
        authenticate_api_key(small.token, "calls:write")


def test_last_use_is_written_once_a_minute(cast: Cast):
    authenticate_api_key(cast.key.token)
    first = last_used_at(cast)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        authenticate_api_key(cast.key.token)
    assert last_used_at(cast) == first
    assert not [query for query in queries.captured_queries if query["sql"].startswith("UPDATE")]
    key_change(cast, last_used_at=first - timedelta(minutes=2))
    authenticate_api_key(cast.key.token)
    assert last_used_at(cast) >= first


def test_only_a_hash_of_the_secret_is_stored(cast: Cast):
    secret = cast.key.token.split("_", 2)[2]
    with tenant_context(cast.tenant.id):
        stored = ApiKey.objects.filter(id=cast.key.key.id).values().get()
    assert secret not in str(stored)
    assert len(stored["secret_hash"]) == 64


def test_revoking_stops_a_key_and_twice_changes_nothing(cast: Cast):
    first = api_key_revoke(actor=cast.actor(), key_id=cast.key.key.id).revoked_at
    assert api_key_revoke(actor=cast.actor(), key_id=cast.key.key.id).revoked_at == first
    with pytest.raises(NotAuthenticated):
        authenticate_api_key(cast.key.token)


def test_nobody_gives_away_a_scope_they_do_not_have(cast: Cast):
    with pytest.raises(Forbidden, match="keys:write"):
        api_key_create(actor=cast.actor("member"), name="More", scopes=["calls:read", "keys:write"])


@pytest.mark.parametrize("scopes", [[], ["calls:everything"]])
def test_a_key_needs_known_scopes(cast: Cast, scopes: list[str]):
    with pytest.raises(InvalidInput, match="scopes"):
        api_key_create(actor=cast.actor(), name="None", scopes=scopes)


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer mk_a_b", "mk_a_b"),
        ("bearer  mk_a_b ", "mk_a_b"),
        ("Bearer other", None),
        ("Basic mk_a_b", None),
        ("", None),
    ],
)
def test_a_bearer_header_gives_the_token(header: str, token: str | None):
    assert bearer_token(header) == token
