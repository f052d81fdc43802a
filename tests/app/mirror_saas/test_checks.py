"""What would let one tenant read another's rows is refused before anything is served."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from judging.providers.embedded import check_files
from mirror_saas import checks, health
from mirror_saas.checks import classifier_check, keys_check, tenancy_messages
from mirror_saas.embedded import Servers
from mirror_saas.roles import owner_connection


def ids() -> list[str | None]:
    return [message.id for message in tenancy_messages("default")]


def test_the_installation_of_the_tests_is_closed(db: None):
    assert ids() == []


def test_a_role_that_policies_do_not_bind_is_refused(db: None, settings: Any):
    settings.MIRROR_APP_ROLE = "postgres"
    assert "mirror.E001" in ids()


def test_a_role_that_owns_the_tables_is_refused(db: None, settings: Any):
    settings.MIRROR_APP_ROLE = settings.MIRROR_DATABASE_OWNER["USER"]
    assert "mirror.E003" in ids()


def test_an_open_table_is_refused(transactional_db: None):
    with owner_connection(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tenants_agent NO FORCE ROW LEVEL SECURITY")
        try:
            assert ids() == ["mirror.E002"]
        finally:
            cursor.execute("ALTER TABLE tenants_agent FORCE ROW LEVEL SECURITY")


@pytest.mark.parametrize("keys", ["", "not a key"])
def test_a_key_that_cannot_encrypt_is_refused(settings: Any, keys: str):
    assert keys_check(None) == []
    settings.MIRROR_ENCRYPTION_KEYS = keys
    assert [message.id for message in keys_check(None)] == ["mirror.E004"]


def test_it_is_ready_with_database_and_valkey(db: None, client: Client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "database": "ok", "valkey": "ok"})


def test_it_is_not_ready_without_valkey(db: None, client: Client, settings: Any):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["valkey"]) == (503, "unreachable")


def test_it_is_not_ready_with_an_open_table(
    db: None, client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch, servers: Servers
):
    monkeypatch.setattr(health._Schema, "is_complete", False)
    settings.MIRROR_APP_ROLE = settings.MIRROR_DATABASE_OWNER["USER"]
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, "mirror.E003")


def test_a_damaged_classifier_is_told_where_it_is_used(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(checks, "check_files", lambda: check_files(tmp_path))
    assert classifier_check(None) == []
    settings.MIRROR_EMBEDDED_TIER1 = True
    assert [message.id for message in classifier_check(None)] == ["mirror.E005"]


def test_the_shipped_classifier_is_whole(settings: Any):
    settings.MIRROR_EMBEDDED_TIER1 = True
    assert classifier_check(None) == []
