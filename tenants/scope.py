"""The current tenant, in code and in PostgreSQL.

Tenant rows are reachable only inside ``tenant_context``: it opens a transaction, tells PostgreSQL the tenant for that
transaction alone (row-level security reads it), and lets the scoped managers query. Contexts nest; leaving an inner one
puts the outer tenant back, also in PostgreSQL, because releasing a savepoint does not undo ``set_config``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from django.db import connection, transaction

_current: ContextVar[UUID | None] = ContextVar("mirror_tenant", default=None)

SETTING = "app.tenant_id"


class TenantNotSet(RuntimeError):
    """Tenant rows were asked for outside ``tenant_context``: a programming error, never a caller's."""


def tenant_id_current() -> UUID:
    """Return the current tenant's id.

    Raises:
        TenantNotSet: no ``tenant_context`` is open.
    """
    tenant_id = _current.get()
    if tenant_id is None:
        raise TenantNotSet("tenant rows are reachable only inside tenant_context()")
    return tenant_id


@contextmanager
def tenant_context(tenant_id: UUID) -> Iterator[None]:
    """Run the body in a transaction that sees this tenant's rows only. Keep it short: it holds a connection."""
    token = _current.set(tenant_id)
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT current_setting(%s, true), set_config(%s, %s, true)", [SETTING, SETTING, str(tenant_id)]
                )
                outer = cursor.fetchone()[0] or ""
            yield
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, outer])
    finally:
        _current.reset(token)
