"""System checks with stable ids. Those about the database run in ``migrate`` and in
``check --database default``; ``readyz`` asks the same.

mirror.E001  the application role is a superuser or has BYPASSRLS
mirror.E002  a tenant table that another tenant could read
mirror.E003  the application role owns a tenant table
mirror.E004  no usable encryption key
mirror.E005  the embedded classifier's files are missing or damaged
mirror.E006  a voice provider that is none
mirror.W001  production without MIRROR_PUBLIC_URL
mirror.W002  production that answers to local host names only
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections

from judging.providers.embedded import ModelInvalid, check_files
from tenants.agent_settings import VOICES
from tenants.crypto import keys_parse
from tenants.rls import tables_open, tenant_models

_ROLE = """
    SELECT r.rolsuper OR r.rolbypassrls, array(
        SELECT c.relname::text FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY(%s)
        AND pg_has_role(r.oid, c.relowner, 'MEMBER')
        ORDER BY 1
    )
    FROM pg_roles r WHERE r.rolname = %s
"""


@register(Tags.security)
def keys_check(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    try:
        is_usable = bool(keys_parse(settings.MIRROR_ENCRYPTION_KEYS))
    except ValueError:
        is_usable = False
    hint = "Set MIRROR_ENCRYPTION_KEYS to keys of 32 url-safe base64-encoded bytes, the newest first."
    return [] if is_usable else [Error("There is no usable encryption key.", hint=hint, id="mirror.E004")]


@register()
def classifier_check(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    if not settings.MIRROR_EMBEDDED_TIER1:
        return []
    try:
        check_files()
    except ModelInvalid as error:
        hint = "Install Mirror again, or set MIRROR_EMBEDDED_TIER1=false to judge without it."
        return [Error(f"{error}.", hint=hint, id="mirror.E005")]
    return []


@register()
def voice_check(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    if settings.MIRROR_VOICE_PROVIDER in VOICES:
        return []
    hint = f"Set MIRROR_VOICE_PROVIDER to one of {', '.join(filter(None, VOICES))}, or leave it empty."
    return [Error(f"There is no voice {settings.MIRROR_VOICE_PROVIDER!r}.", hint=hint, id="mirror.E006")]


@register(Tags.security, deploy=True)
def production_check(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if not settings.MIRROR_PUBLIC_URL:
        hint = "Set it to the address carriers and browsers reach Mirror under, such as https://mirror.example.com."
        found.append(Warning("MIRROR_PUBLIC_URL is not set.", hint=hint, id="mirror.W001"))
    if all(host in {"localhost", "127.0.0.1", "[::1]", "testserver"} for host in settings.ALLOWED_HOSTS):
        hint = "Set MIRROR_ALLOWED_HOSTS to the names Mirror is reached under."
        found.append(Warning("Only local host names are answered.", hint=hint, id="mirror.W002"))
    return found


@register(Tags.database)
def tenancy_check(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Refuse what would let one tenant read another's rows. A table that is not migrated yet holds none."""
    return [message for alias in databases or () for message in tenancy_messages(alias)]


def tenancy_messages(alias: str) -> list[CheckMessage]:
    tables = [model._meta.db_table for model in tenant_models()]
    role = settings.MIRROR_APP_ROLE
    with connections[alias].cursor() as cursor:
        cursor.execute(_ROLE, [tables, role])
        is_above, owned = cursor.fetchone() or (False, [])
        lacking = tables_open(cursor, tables)
    found: list[CheckMessage] = []
    if is_above:
        hint = f"ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS, or give another role in DATABASE_URL."
        found.append(Error(f"Row-level security does not bind the role {role}.", hint=hint, id="mirror.E001"))
    if owned:
        hint = "Give the owner in DATABASE_OWNER_URL, and in DATABASE_URL a role that is not a member of it."
        found.append(Error(f"The role {role} owns {', '.join(owned)}.", hint=hint, id="mirror.E003"))
    for table, lack in lacking.items():
        if lack != "the table itself":
            hint = "Add EnableRowLevelSecurity to the migration that creates it (tenants.rls)."
            found.append(Error(f"{table} lacks: {lack}.", hint=hint, id="mirror.E002"))
    return found
