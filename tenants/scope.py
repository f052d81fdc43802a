"""The current tenant, in code and in PostgreSQL.

Tenant rows are reachable only inside ``tenant_context``: it opens a transaction, tells PostgreSQL the tenant for that
transaction alone (row-level security reads it), and lets the scoped managers query. Contexts nest; leaving an inner one
puts the outer tenant back, also in PostgreSQL, because releasing a savepoint does not undo ``set_config``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import ParamSpec, TypeVar
from uuid import UUID

from channels.db import database_sync_to_async
from django.db import connection, transaction

Args = ParamSpec("Args")
Result = TypeVar("Result")

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
    """Run the body in a transaction that sees this tenant's rows only. Keep it short: it holds a connection.

    An error rolls the body back, tenant included, and is raised as it is.
    """
    is_nested = connection.in_atomic_block
    token = _current.set(tenant_id)
    try:
        with transaction.atomic():
            outer = _tenant_set(str(tenant_id))
            yield
            # A commit forgets the tenant by itself; an outer transaction would keep it.
            if is_nested:
                _tenant_set(outer)
    finally:
        _current.reset(token)


async def in_tenant(
    tenant_id: UUID, function: Callable[Args, Result], *args: Args.args, **kwargs: Args.kwargs
) -> Result:
    """Call a blocking function in the tenant's context from asynchronous code, in a thread."""

    def call() -> Result:
        with tenant_context(tenant_id):
            return function(*args, **kwargs)

    result: Result = await database_sync_to_async(call)()
    return result


def _tenant_set(tenant_id: str) -> str:
    """Set PostgreSQL's tenant for the transaction; return the one before, empty where there was none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s, true), set_config(%s, %s, true)", [SETTING, SETTING, tenant_id])
        return str(cursor.fetchone()[0] or "")
