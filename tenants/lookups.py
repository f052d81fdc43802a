"""The few look-ups that come before the tenant is known.

Each is a SECURITY DEFINER function of the owner role (see the migration): it returns ids and roles only, by an exact
key, so that the application role can find its tenant and still read no row outside of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection


@dataclass(frozen=True, slots=True)
class MembershipFound:
    """One tenant a person belongs to. ``role`` is a value of ``Membership.Role``."""

    membership_id: UUID
    tenant_id: UUID
    tenant_name: str
    role: str
    user_id: UUID


def tenant_id_by_api_key_prefix(prefix: str) -> UUID | None:
    """Return the active tenant that owns the key, None where there is none. The secret is not looked at."""
    return _uuid("SELECT mirror_tenant_by_api_key_prefix(%s)", prefix)


def agent_by_key(agent_key: str) -> tuple[UUID, UUID] | None:
    """Return ``(tenant_id, agent_id)`` of an active agent of an active tenant."""
    rows = _rows("SELECT tenant_id, agent_id FROM mirror_agent_by_key(%s)", [agent_key])
    return (rows[0][0], rows[0][1]) if rows else None


def memberships_of(user_id: UUID) -> list[MembershipFound]:
    """Return the person's active tenants by name."""
    rows = _rows("SELECT membership_id, tenant_id, tenant_name, role FROM mirror_memberships_of(%s)", [user_id])
    return [MembershipFound(row[0], row[1], row[2], row[3], user_id) for row in rows]


def tenant_ids_active() -> list[UUID]:
    """Return all active tenants, oldest first: for sweepers, which then enter each tenant by itself."""
    return [row[0] for row in _rows("SELECT mirror_tenant_ids_active()", [])]


def tenant_id_by_name(name: str) -> UUID | None:
    """Return the tenant of this exact name, whatever its status: names are unique across the installation."""
    return _uuid("SELECT mirror_tenant_by_name(%s)", name)


def _uuid(sql: str, value: str) -> UUID | None:
    found: UUID | None = _rows(sql, [value])[0][0]
    return found


def _rows(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
