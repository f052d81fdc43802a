"""PostgreSQL itself keeps the tenants apart, whatever the code above it forgets."""

from __future__ import annotations

import traceback
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from psycopg.conninfo import make_conninfo
from psycopg_pool import ConnectionPool

from mirror_saas.roles import owner_connection
from tenants.models import Agent, AuditEntry, Tenant
from tenants.pool import pool_options
from tenants.rls import tables_open, tenant_models
from tenants.scope import TenantNotSet, tenant_context, tenant_id_current
from tests.cast import Cast

TABLES = [model._meta.db_table for model in tenant_models()]


def rows(sql: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def change(sql: str, **values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


def agents() -> list[tuple[str, Any]]:
    return sorted(rows("SELECT name, tenant_id FROM tenants_agent"))


def test_every_tenant_table_is_closed(db: None):
    with connection.cursor() as cursor:
        assert tables_open(cursor, TABLES) == {}


def test_an_open_table_is_found_with_what_it_lacks(transactional_db: None):
    """The test above can fail: each way to leave a table open is seen."""
    with owner_connection(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tenants_agent NO FORCE ROW LEVEL SECURITY")
        cursor.execute("ALTER TABLE tenants_apikey DISABLE ROW LEVEL SECURITY")
        cursor.execute("DROP POLICY tenant_isolation ON tenants_credential")
        cursor.execute("CREATE POLICY leak ON tenants_membership USING (true)")
        found = tables_open(cursor, [*TABLES, "not_migrated"])
        transaction.set_rollback(True)
    assert found == {
        "tenants_agent": "FORCE ROW LEVEL SECURITY",
        "tenants_apikey": "ENABLE ROW LEVEL SECURITY",
        "tenants_credential": "policy tenant_isolation",
        "tenants_membership": "no policy but tenant_isolation; found leak",
        "not_migrated": "the table itself",
    }


@pytest.mark.parametrize("table", TABLES)
def test_raw_sql_without_a_tenant_sees_no_row(cast: Cast, table: str):
    assert rows(f'SELECT * FROM "{table}"') == []


def test_raw_sql_in_a_context_sees_this_tenants_rows_only(cast: Cast):
    with tenant_context(cast.tenant.id):
        assert agents() == [("Orders", cast.tenant.id)]
        assert rows("SELECT name FROM tenants_tenant") == [("Acme",)]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO tenants_tenant (id, name, status, created_at) VALUES (gen_random_uuid(), 'x', 'active', now())",
        "UPDATE tenants_agent SET tenant_id = %(other)s",
    ],
)
def test_a_row_of_another_tenant_cannot_be_written(cast: Cast, statement: str):
    with pytest.raises(DatabaseError, match="row-level security"), tenant_context(cast.tenant.id):
        change(statement, other=cast.other_tenant.id)


def test_another_tenants_rows_are_out_of_reach_of_updates_and_deletes(cast: Cast):
    with tenant_context(cast.tenant.id):
        assert change("UPDATE tenants_agent SET name = 'x' WHERE tenant_id = %(id)s", id=cast.other_tenant.id) == 0
        assert change("DELETE FROM tenants_agent WHERE tenant_id = %(id)s", id=cast.other_tenant.id) == 0


def test_the_application_role_may_not_truncate_or_change_tables(cast: Cast):
    for statement in (
        "TRUNCATE tenants_agent",
        "ALTER TABLE tenants_agent DISABLE ROW LEVEL SECURITY",
        "CREATE TABLE x ()",
    ):
        with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), transaction.atomic():
            rows(statement)


def test_the_application_role_may_only_add_to_the_audit_log(cast: Cast):
    with pytest.raises(DatabaseError, match="permission denied"), tenant_context(cast.tenant.id):
        AuditEntry.objects.all().update(action="nothing")


def test_even_the_owner_cannot_change_the_audit_log(transactional_cast: Cast):
    with owner_connection(), pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        change("DELETE FROM tenants_auditentry")


def test_scoped_managers_refuse_to_work_without_a_tenant(cast: Cast):
    with pytest.raises(TenantNotSet):
        Agent.objects.count()


def test_contexts_nest_and_give_back_the_outer_tenant(cast: Cast):
    with tenant_context(cast.tenant.id):
        with tenant_context(cast.other_tenant.id):
            assert agents() == [("Their orders", cast.other_tenant.id)]
        assert (tenant_id_current(), agents()) == (cast.tenant.id, [("Orders", cast.tenant.id)])
    assert agents() == []


def test_the_outer_tenant_comes_back_after_an_error_inside(cast: Cast):
    with tenant_context(cast.tenant.id):
        with pytest.raises(DatabaseError, match="no_such_column"), tenant_context(cast.other_tenant.id):
            rows("SELECT no_such_column FROM tenants_agent")
        assert (tenant_id_current(), agents()) == (cast.tenant.id, [("Orders", cast.tenant.id)])


def test_an_error_that_was_caught_inside_a_broken_transaction_is_not_masked(cast: Cast):
    """PostgreSQL refuses everything after an error; leaving the context must not hide the first one behind that."""

    def work() -> None:
        try:
            rows("SELECT no_such_column FROM tenants_agent")
        finally:
            rows("SELECT 1 FROM tenants_agent")

    with pytest.raises(DatabaseError, match="aborted") as caught, tenant_context(cast.tenant.id):
        work()
    assert "no_such_column" in "".join(traceback.format_exception(caught.value))


def test_the_owner_reaches_all_tenants_for_maintenance(transactional_cast: Cast):
    with owner_connection():
        assert {name for name, _ in agents()} == {"Orders", "Their orders"}


def pool_of_one(**options: Any) -> ConnectionPool[Any]:
    given = settings.DATABASES["default"]
    conninfo = make_conninfo(
        host=given["HOST"], port=given["PORT"], user=given["USER"], password=given["PASSWORD"], dbname=given["NAME"]
    )
    return ConnectionPool(conninfo, open=True, kwargs={"autocommit": True}, **{**pool_options(1), **options})


def seen_by_the_next_borrower(pool: ConnectionPool[Any], tenant: Tenant) -> int:
    """Set the tenant for the session by mistake, give the connection back, and count what a stranger sees."""
    with pool.connection() as careless:
        careless.execute("SELECT set_config('app.tenant_id', %s, false)", [str(tenant.id)])
    with pool.connection() as stranger:
        row = stranger.execute("SELECT count(*) FROM tenants_agent").fetchone()
    assert row is not None
    return int(row[0])


def test_a_pooled_connection_forgets_a_tenant_left_in_its_session(transactional_cast: Cast):
    with pool_of_one() as pool:
        assert seen_by_the_next_borrower(pool, transactional_cast.tenant) == 0


def test_without_the_reset_the_next_borrower_would_see_the_rows(transactional_cast: Cast):
    """What the reset is for: should this ever pass without it, the reset has become needless."""
    with pool_of_one(reset=None) as pool:
        assert seen_by_the_next_borrower(pool, transactional_cast.tenant) == 1
