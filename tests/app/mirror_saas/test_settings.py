"""Reading the environment, and what the settings make of database addresses."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from mirror_saas.databases import DatabaseUrls, connection_settings, database_urls, url_as
from mirror_saas.env import BASE_DIR, env_bool, env_int, env_list, env_ms, env_secret, env_str, secret_kept
from mirror_saas.logs import JsonFormatter, KeyValueFormatter
from mirror_saas.origins import is_foreign
from mirror_saas.queues import queues

ADMIN = "postgresql://admin:p%40ss@db.example:6543/mirror?sslmode=require"


def test_a_value_may_lie_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "secret").write_text("from file\n")
    monkeypatch.setenv("MIRROR_X_FILE", str(tmp_path / "secret"))
    assert env_str("MIRROR_X") == "from file"
    monkeypatch.setenv("MIRROR_X", "from variable")
    assert env_str("MIRROR_X") == "from variable"


def test_a_file_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MIRROR_X_FILE", "/nowhere")
    with pytest.raises(ImproperlyConfigured, match="MIRROR_X_FILE names /nowhere"):
        env_str("MIRROR_X")


def test_typed_values(monkeypatch: pytest.MonkeyPatch):
    for name, value in {"MIRROR_B": "Yes", "MIRROR_I": "7", "MIRROR_L": " a, ,b", "MIRROR_E": ""}.items():
        monkeypatch.setenv(name, value)
    assert (env_bool("MIRROR_B"), env_int("MIRROR_I", 1), env_list("MIRROR_L")) == (True, 7, ["a", "b"])
    assert (env_bool("MIRROR_E"), env_int("MIRROR_E", 1), env_list("MIRROR_E", ("d",))) == (False, 1, ["d"])


@pytest.mark.parametrize("value", ["maybe", "-1", "1.5"])
def test_a_value_of_the_wrong_type_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, value: str):
    monkeypatch.setenv("MIRROR_X", value)
    with pytest.raises(ImproperlyConfigured, match="MIRROR_X"):
        env_ms("MIRROR_X", 1)
    with pytest.raises(ImproperlyConfigured, match="MIRROR_X"):
        env_bool("MIRROR_X")


def test_a_secret_is_made_once_and_kept_for_ourselves(tmp_path: Path):
    path = tmp_path / "secrets" / "key"
    first = env_secret("MIRROR_NOT_SET", kept_at=path)
    assert env_secret("MIRROR_NOT_SET", kept_at=path) == secret_kept(path) == first
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [left.name for left in path.parent.iterdir()] == ["key"]


def test_production_makes_no_secret():
    with pytest.raises(ImproperlyConfigured, match="MIRROR_NOT_SET is not set"):
        env_secret("MIRROR_NOT_SET", kept_at=None)


@pytest.mark.parametrize(
    ("url", "owner", "expected"),
    [
        (None, None, None),
        (ADMIN, None, DatabaseUrls(url_as(ADMIN, "mirror_app", "drawn"), ADMIN, is_app_ours=True)),
        (None, ADMIN, DatabaseUrls(url_as(ADMIN, "mirror_app", "drawn"), ADMIN, is_app_ours=True)),
        ("postgresql://app@h/d", ADMIN, DatabaseUrls("postgresql://app@h/d", ADMIN)),
    ],
)
def test_one_address_is_the_owners_and_two_are_told_apart(
    url: str | None, owner: str | None, expected: DatabaseUrls | None
):
    assert database_urls(url, owner, app_role="mirror_app", app_password=lambda: "drawn") == expected


def test_in_production_the_one_address_is_the_application_roles():
    assert database_urls(ADMIN, None, app_role="mirror_app", app_password=None) == DatabaseUrls(ADMIN, "")
    with pytest.raises(ImproperlyConfigured):
        database_urls(None, ADMIN, app_role="mirror_app", app_password=None)


def test_an_address_becomes_djangos_settings():
    found = connection_settings(url_as(ADMIN, "app", "a/b@c"))
    assert {name: found[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")} == {
        "NAME": "mirror",
        "USER": "app",
        "PASSWORD": "a/b@c",
        "HOST": "db.example",
        "PORT": "6543",
        "OPTIONS": {"sslmode": "require"},
    }


@pytest.mark.parametrize("url", ["mysql://a@b/c", "postgresql://a@b", "sqlite:///x"])
def test_another_database_is_refused(url: str):
    with pytest.raises(ImproperlyConfigured):
        connection_settings(url)


def settings_in(**environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    code = "from django.conf import settings as s; print(s.MIRROR_APP_ROLE, s.MIRROR_DATABASE_OWNER, s.SECRET_KEY)"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=BASE_DIR,
        env={**kept, "DJANGO_SETTINGS_MODULE": "mirror_saas.settings", **environ},
        capture_output=True,
        text=True,
        check=False,
    )


PRODUCTION = {
    "MIRROR_ENV": "production",
    "MIRROR_SECRET_KEY": "s" * 50,
    "MIRROR_ENCRYPTION_KEYS": "k",
    "DATABASE_URL": "postgresql://app:x@db/mirror",
    "REDIS_URL": "redis://cache/0",
}


def test_production_starts_without_the_owners_address():
    assert settings_in(**PRODUCTION).stdout == f"app None {'s' * 50}\n"


@pytest.mark.parametrize("name", sorted(PRODUCTION.keys() - {"MIRROR_ENV"}))
def test_production_does_not_start_without(name: str):
    done = settings_in(**{key: value for key, value in PRODUCTION.items() if key != name})
    assert done.returncode != 0
    assert name in done.stderr


def test_facts_follow_the_message_and_words_of_callers_are_withheld():
    record = logging.makeLogRecord({"name": "calls", "levelname": "INFO", "msg": "turn judged", "created": 0.0})
    record.__dict__.update(action="turn_judge", call_id="c 1", text="my card is 4111", token="mk_x")
    assert KeyValueFormatter().format(record) == (
        '00:00:00 INFO calls turn judged action=turn_judge call_id="c 1" text=[withheld] token=[withheld]'
    )
    assert json.loads(JsonFormatter().format(record)) == {
        "at": "1970-01-01T00:00:00.000+00:00",
        "level": "INFO",
        "logger": "calls",
        "message": "turn judged",
        "action": "turn_judge",
        "call_id": "c 1",
        "text": "[withheld]",
        "token": "[withheld]",
    }


def test_each_queue_has_an_exchange_and_key_of_its_own():
    """On a shared exchange and key a message for one queue reaches all of them."""
    assert [(queue.name, queue.exchange.name, queue.routing_key) for queue in queues("judge", "default")] == [
        ("judge", "judge", "judge"),
        ("default", "default", "default"),
    ]


@pytest.mark.parametrize(
    ("origin", "is_so"),
    [
        (None, False),
        (b"http://localhost:8000", False),
        (b"http://[::1]:8000", False),
        (b"https://evil.example", True),
        (b"null", True),
    ],
)
def test_a_page_of_another_site_is_foreign(origin: bytes | None, is_so: bool):
    assert is_foreign([(b"host", b"localhost"), *([(b"origin", origin)] if origin else [])]) is is_so
