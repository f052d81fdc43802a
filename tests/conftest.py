"""Fixtures of every test: the database as the application role, the cast, and the whole product running."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test.utils import setup_databases, teardown_databases

from mirror_saas import roles
from mirror_saas.embedded import Servers
from tests.cast import Cast, cast_create
from tests.stack import RunningStack, stack_start


def pytest_configure() -> None:
    # Strong hashing is slow by design; the cast signs in with a known password.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # What a test says of the judge must not hang on a model's opinion; tests of the classifier switch it on.
    settings.MIRROR_EMBEDDED_TIER1 = False


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any, servers: Servers) -> Iterator[None]:
    """Make the test database as its owner; the tests themselves run as the application role, which RLS binds."""
    with django_db_blocker.unblock():
        roles.app_role_prepare()
        with roles.owner_connection():
            made = setup_databases(verbosity=0, interactive=False, serialized_aliases=[])
    yield
    with django_db_blocker.unblock(), roles.owner_connection():
        teardown_databases(made, verbosity=0)


@pytest.fixture
def cast(db: None) -> Cast:
    """Ann owns Acme with Adam, Mia and Vic; Olga the outsider owns Globex."""
    return cast_create()


@pytest.fixture
def transactional_cast(transactional_db: None) -> Cast:
    """The cast for tests whose work commits: other threads, sockets, ``on_commit``."""
    return cast_create()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """The whole product, once for all tests marked ``stack``. Each test creates a tenant of its own in it."""
    running = stack_start(tmp_path_factory.mktemp("stack"))
    yield running
    running.stop()
    print("".join(running.lines))  # shown where a test failed
