"""Gives a command of ``manage.py`` the servers it needs, before the settings are read.

A command run by hand finds the servers of a running ``up``, or else starts those of the data folder for as long as it
runs. Only commands that need a database are served: ``judge`` and ``check`` start nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from mirror_saas.env import BASE_DIR, env_path

NEEDS_SERVERS = frozenset(
    {
        "changepassword",
        "clearsessions",
        "create_tenant",
        "createsuperuser",
        "dbshell",
        "demo",
        "dumpdata",
        "flush",
        "inspectdb",
        "loaddata",
        "migrate",
        "runserver",
        "shell",
        "showmigrations",
        "sqlmigrate",
    }
)


@contextmanager
def servers_for(argv: Sequence[str]) -> Iterator[None]:
    """Set ``DATABASE_URL`` and the like for the command in ``argv``, where it needs servers and none are named."""
    is_production = os.environ.get("MIRROR_ENV") == "production"
    if len(argv) < 2 or argv[1] not in NEEDS_SERVERS or is_production:
        yield
        return
    from mirror_saas.embedded import ProgramFailed, Servers, ServersRefused  # not for commands that start nothing

    try:
        servers = Servers(env_path("MIRROR_DATA_DIR", BASE_DIR / ".mirror")).__enter__()
    except (ProgramFailed, ServersRefused) as error:
        sys.exit(f"{argv[1]}: {error}")
    try:
        os.environ.update(servers.env)
        yield
    finally:
        servers.close()
