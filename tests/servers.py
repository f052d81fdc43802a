"""Servers for the tests, as a pytest plugin: loaded first, so that the settings read their addresses.

Addresses are drawn when pytest starts; the servers themselves start when the first test needs them, so that tests of
pure code pay nothing. With ``DATABASE_URL`` and ``REDIS_URL`` set, those are used instead.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mirror_saas.databases import APP_ROLE, DATABASE, OWNER_ROLE
from mirror_saas.embedded import Servers, folder_prepare
from mirror_saas.env import secret_kept
from mirror_saas.processes import port_free

_NAMES = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")
_GIVEN = {name: os.environ[name] for name in _NAMES if os.environ.get(name)}
_FOLDER = Path(tempfile.mkdtemp(prefix="mirror-test-"))
_PORTS = {"postgres": port_free(), "valkey": port_free()}


def _password(name: str) -> str:
    return secret_kept(_FOLDER / "secrets" / f"{name}_password")


def _environment() -> dict[str, str]:
    database = f"127.0.0.1:{_PORTS['postgres']}/{DATABASE}"
    drawn = {
        "DATABASE_URL": f"postgresql://{APP_ROLE}:{_password(APP_ROLE)}@{database}",
        "DATABASE_OWNER_URL": f"postgresql://{OWNER_ROLE}:{_password(OWNER_ROLE)}@{database}",
        "REDIS_URL": f"redis://:{_password('valkey')}@127.0.0.1:{_PORTS['valkey']}/0",
    }
    if "DATABASE_URL" in _GIVEN or "DATABASE_OWNER_URL" in _GIVEN:
        drawn.pop("DATABASE_URL")
        drawn.pop("DATABASE_OWNER_URL")
    return {
        **drawn,
        **_GIVEN,
        "MIRROR_ENV": "local",
        "MIRROR_DATA_DIR": str(_FOLDER),
        # Each connection its own: a pooled one would outlive the test database.
        "MIRROR_DATABASE_POOL_SIZE": "0",
        # On somebody's own servers the tests keep to themselves.
        "MIRROR_APP_ROLE": "mirror_test_app",
        "MIRROR_REDIS_PREFIX": f"mirror-test-{os.getpid()}",
    }


folder_prepare(_FOLDER)
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
os.environ.update(_environment())


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """PostgreSQL and Valkey, for tests that need them without the ``db`` fixture."""
    with Servers(_FOLDER, environ=_GIVEN, is_durable=False, ports=_PORTS) as running:
        yield running
