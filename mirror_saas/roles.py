"""The two roles in the database: the owner migrates, the application role runs and is bound by row-level security."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from psycopg import sql

from mirror_saas.databases import url_as

# Of all tables: the application reads which migrations ran, and only adds to the audit log.
READ_ONLY = {"django_migrations": "INSERT, UPDATE, DELETE", "tenants_auditentry": "UPDATE, DELETE"}


@dataclass(frozen=True, slots=True)
class Login:
    role: str
    password: str


def installation_prepare(admin_url: str, *, owner: Login, database: str) -> str:
    """Make the owner role and its database in a server of our own. Return the owner's address. Safe to run again."""
    with psycopg.connect(admin_url, autocommit=True) as admin:
        role_ensure(admin, owner, "CREATEDB")
        if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
            names = sql.Identifier(database), sql.Identifier(owner.role)
            admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))
    return url_as(admin_url, owner.role, owner.password, name=database)


def app_role_ensure(owner_url: str, app: Login) -> None:
    """Make the application role, plain: no superuser, no BYPASSRLS, nothing to create. Safe to run again.

    Raises:
        ImproperlyConfigured: this login may not create roles, and the role is not there or has another password.
    """
    if _can_log_in(url_as(owner_url, app.role, app.password)):
        return
    try:
        with psycopg.connect(owner_url, autocommit=True) as owner:
            role_ensure(owner, app, "NOCREATEDB NOCREATEROLE")
    except psycopg.errors.InsufficientPrivilege as error:
        raise ImproperlyConfigured(
            f"the role {app.role} cannot be made with this login: create it as a plain login role and give its address "
            "in DATABASE_URL and the owner's in DATABASE_OWNER_URL"
        ) from error


def app_role_prepare() -> None:
    """Make the application role where the settings derived it; where it was given, it is the operator's."""
    if settings.MIRROR_APP_LOGIN is not None:
        app_role_ensure(settings.MIRROR_DATABASE_OWNER_URL, Login(*settings.MIRROR_APP_LOGIN))


def role_ensure(admin: psycopg.Connection[Any], login: Login, rights: LiteralString) -> None:
    known = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [login.role]).fetchone()
    verb = sql.SQL("ALTER" if known else "CREATE")
    parts = verb, sql.Identifier(login.role), sql.SQL(rights), sql.Literal(login.password)
    admin.execute(sql.SQL("{} ROLE {} LOGIN {} PASSWORD {}").format(*parts))


def _can_log_in(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def privileges_future(cursor: Any, role: str) -> None:
    """What the owner creates from now on may be read and written by the application role; nobody else creates."""
    cursor.execute(f'GRANT USAGE ON SCHEMA public TO "{role}"')
    cursor.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    default = "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT"
    cursor.execute(f'{default} SELECT, INSERT, UPDATE, DELETE ON TABLES TO "{role}"')
    cursor.execute(f'{default} USAGE, SELECT ON SEQUENCES TO "{role}"')


def privileges_present(cursor: Any, role: str) -> None:
    """The same for what is there: the role may be newer than the tables. No TRUNCATE: row-level security misses it."""
    cursor.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{role}"')
    cursor.execute(f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{role}"')
    for table, rights in READ_ONLY.items():
        cursor.execute(f'REVOKE {rights} ON "{table}" FROM "{role}"')
    cursor.execute(
        "SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'mirror%%'"
        " AND prosecdef"
    )
    for (function,) in cursor.fetchall():
        cursor.execute(f'GRANT EXECUTE ON FUNCTION {function} TO "{role}"')


@contextmanager
def owner_connection() -> Iterator[None]:
    """Within, this thread's ``default`` connection belongs to the owner role, unpooled. Not within a transaction."""
    if connection.in_atomic_block:
        raise RuntimeError("owner_connection() would end the open transaction")
    if settings.MIRROR_DATABASE_OWNER is None:
        raise ImproperlyConfigured("this runs as the owner of the tables: set DATABASE_OWNER_URL")
    outer = connection.settings_dict
    connection.close()
    login = {name: settings.MIRROR_DATABASE_OWNER[name] for name in ("USER", "PASSWORD", "HOST", "PORT")}
    options = {name: value for name, value in outer["OPTIONS"].items() if name != "pool"}
    connection.settings_dict = {**outer, **login, "OPTIONS": options}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = outer
