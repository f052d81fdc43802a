"""Row-level security: PostgreSQL itself refuses another tenant's row.

``EnableRowLevelSecurity`` goes into the migration that creates a tenant table, after its ``CreateModel``.
``tables_open`` tells which tables lack it; a system check and a test both ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation, OperationCategory
from django.db.migrations.state import ProjectState

from tenants.models import Tenant, TenantModel

POLICY = "tenant_isolation"
MAINTENANCE = "maintenance"
_CURRENT = "nullif(current_setting('app.tenant_id', true), '')::uuid"


def enable_rls_sql(table: str, column: str = "tenant_id") -> list[str]:
    """Return what closes one table.

    FORCE binds the owner of the table too, so that nobody passes by accident; the ``maintenance`` policy then lets the
    owner, and only it, through: data migrations and the look-ups in ``tenants.lookups`` run as the owner.
    """
    own = f"{column} = {_CURRENT}"
    return [
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
        f'CREATE POLICY {POLICY} ON "{table}" USING ({own}) WITH CHECK ({own})',
        f'CREATE POLICY {MAINTENANCE} ON "{table}" TO CURRENT_USER USING (true) WITH CHECK (true)',
        _grant_sql(table),
    ]


def disable_rls_sql(table: str) -> list[str]:
    return [
        f'DROP POLICY {MAINTENANCE} ON "{table}"',
        f'DROP POLICY {POLICY} ON "{table}"',
        f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY',
    ]


def _grant_sql(table: str) -> str:
    return f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO "{settings.MIRROR_APP_ROLE}"'


class EnableRowLevelSecurity(Operation):
    """Close a model's table to other tenants. ``EnableRowLevelSecurity("CallRecord")`` after its ``CreateModel``.

    ``column`` holds the tenant's id; only ``Tenant`` itself has another.
    """

    reversible = True
    reduces_to_sql = True
    category = OperationCategory.SQL

    def __init__(self, model_name: str, column: str = "tenant_id") -> None:
        self.model_name = model_name
        self.column = column

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__qualname__, [self.model_name], {"column": self.column}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Nothing changes for the models."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        table = to_state.apps.get_model(app_label, self.model_name)._meta.db_table
        for statement in enable_rls_sql(table, self.column):
            schema_editor.execute(statement)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        table = from_state.apps.get_model(app_label, self.model_name)._meta.db_table
        for statement in disable_rls_sql(table):
            schema_editor.execute(statement)

    def describe(self) -> str:
        return f"Enable row-level security on {self.model_name}"

    def references_model(self, name: str, app_label: str) -> bool:
        return name.lower() == self.model_name.lower()


def tenant_models() -> Iterator[type[models.Model]]:
    """Yield every concrete model whose rows belong to a tenant, and ``Tenant`` itself."""
    for model in apps.get_models(include_auto_created=True):
        if issubclass(model, TenantModel) or model is Tenant:
            yield model


def tables_open(cursor: Any, tables: Iterable[str]) -> dict[str, str]:
    """Return ``{table: what is missing}`` for tables that another tenant could read; empty means all are closed."""
    cursor.execute(
        """
        SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,
               array(SELECT p.polname::text FROM pg_policy p WHERE p.polrelid = c.oid)
        FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
        """
    )
    found = {name: (enabled, forced, policies) for name, enabled, forced, policies in cursor.fetchall()}
    missing = {table: _missing(found.get(table)) for table in tables}
    return {table: lack for table, lack in missing.items() if lack}


def _missing(found: tuple[bool, bool, list[str]] | None) -> str:
    if found is None:
        return "the table itself"
    enabled, forced, policies = found
    if not enabled:
        return "ENABLE ROW LEVEL SECURITY"
    if not forced:
        return "FORCE ROW LEVEL SECURITY"
    if POLICY not in policies:
        return f"policy {POLICY}"
    # A further policy would widen what the application role sees: policies are joined by OR.
    extra = set(policies) - {POLICY, MAINTENANCE}
    return f"no policy but {POLICY}; found {', '.join(sorted(extra))}" if extra else ""
