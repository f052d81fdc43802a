"""PostgreSQL and Valkey of our own, for a machine that has neither.

``Servers`` starts what the environment does not name (``DATABASE_URL``, ``REDIS_URL``) in the data folder, or joins the
servers that another process of ours runs there. The folder is the unit: one set of servers per folder, held by a file
lock that the system releases however its holder ends.

    data folder
    ├── postgres/  valkey/     what they store
    ├── logs/                  what they say
    ├── run/servers.json       how they are reached while they run
    └── secrets/               their passwords, mode 0600
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO

import psycopg
import redis

from mirror_saas.databases import APP_ROLE, DATABASE, OWNER_ROLE, embedded_urls, run_file, url_as
from mirror_saas.env import secret_kept
from mirror_saas.postgres import Postgres
from mirror_saas.processes import Guard, ProgramFailed, Starter, account_unprivileged
from mirror_saas.roles import Login, app_role_ensure, installation_prepare
from mirror_saas.valkey import Valkey

JOIN_S = 60.0  # another process may be starting them right now
LEAVE_S = 10.0  # others may be about to finish with them
LOG_BYTES = 10_000_000


class ServersRefused(RuntimeError):
    """The folder's servers cannot be had; the message says who has them or what to do."""


class Servers:
    """The servers of one data folder, for as long as the ``with`` lasts.

    ``env`` then holds the addresses for other processes. Entering raises ``ProgramFailed`` or ``ServersRefused``.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        environ: Mapping[str, str] | None = None,
        is_durable: bool = True,
        ports: Mapping[str, int] | None = None,
        is_given_up: Callable[[], bool] = lambda: False,
    ) -> None:
        environ = os.environ if environ is None else environ
        self.data_dir = data_dir
        self.env: dict[str, str] = {}
        self.is_shared = False
        self._wants_postgres = not any(environ.get(name) for name in ("DATABASE_URL", "DATABASE_OWNER_URL"))
        self._wants_valkey = not environ.get("REDIS_URL")
        self._is_durable = is_durable
        self._ports = dict(ports or {})
        self._is_given_up = is_given_up
        self._guard: Guard | None = None
        self._owned: IO[str] | None = None
        self._used: IO[str] | None = None
        self._logs = LogFiles(data_dir / "logs")
        self.postgres: Postgres | None = None
        self.valkey: Valkey | None = None

    def __enter__(self) -> Servers:
        if not (self._wants_postgres or self._wants_valkey):
            return self
        try:
            folder_prepare(self.data_dir)
            self._enter()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Stop the servers that this process started, Valkey first. Those it joined stay."""
        if self._used is not None:
            self._used.close()
        if self._owned is not None:
            self._others_await()
            run_file(self.data_dir).unlink(missing_ok=True)
            for server in (self.valkey, self.postgres):
                if server is not None:
                    server.stop()
            if self._guard is not None:
                self._guard.close()
            self._owned.close()
        self._owned = self._used = self._guard = self.postgres = self.valkey = None
        self._logs.close()

    def revive(self) -> list[str]:
        """Start again, on the same port, what has died. Return the names."""
        dead = [s for s in (self.postgres, self.valkey) if s and s.program and s.program.returncode is not None]
        for server in dead:
            server.stop()
            server.start(port=server.port, is_given_up=self._is_given_up)
        return [server.name for server in dead]

    def _enter(self) -> None:
        until = time.monotonic() + JOIN_S
        while not self._own():
            if self._join():
                return
            if time.monotonic() > until or self._is_given_up():
                raise ServersRefused(
                    f"another process holds the servers of {self.data_dir} and they do not answer: stop it, "
                    "or set MIRROR_DATA_DIR to another folder"
                )
            time.sleep(0.1)
        self._start()

    def _own(self) -> bool:
        file = (self.data_dir / "run" / "servers.lock").open("a", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._owned = file
        return True

    def _join(self) -> bool:
        """Use the servers that another process runs; False where they do not answer (yet)."""
        # First the mark that somebody uses them, so that they are not stopped between the look and the use.
        file = (self.data_dir / "run" / "users.lock").open("a", encoding="utf-8")
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            urls = embedded_urls(self.data_dir)
            wanted = [
                *(["DATABASE_URL", "DATABASE_OWNER_URL"] if self._wants_postgres else []),
                *(["REDIS_URL"] if self._wants_valkey else []),
            ]
            if urls and not set(wanted) <= urls.keys():
                file.close()
                raise ServersRefused(
                    f"the servers of {self.data_dir} were started with DATABASE_URL or REDIS_URL set, by a process "
                    "that still runs: set the same here, or stop it"
                )
            if urls and urls_answer({name: urls[name] for name in wanted}):
                self._used, self.env, self.is_shared = file, {name: urls[name] for name in wanted}, True
                return True
        file.close()
        return False

    def _start(self) -> None:
        run_file(self.data_dir).unlink(missing_ok=True)
        self._guard = Guard()
        starter = Starter(guard=self._guard, account=account_unprivileged(), sink=self._logs.write)
        kept = ports_kept(self.data_dir) | self._ports
        if self._wants_postgres:
            password = self._secret("postgres")
            folder = self.data_dir / "postgres"
            self.postgres = Postgres(folder, password=password, starter=starter, is_durable=self._is_durable)
            self.postgres.start(port=kept.get("postgres", 0), is_given_up=self._is_given_up)
            self.env |= self._roles(self.postgres.url)
        if self._wants_valkey:
            self.valkey = Valkey(self.data_dir / "valkey", password=self._secret("valkey"), starter=starter)
            self.env["REDIS_URL"] = self.valkey.start(port=kept.get("valkey", 0), is_given_up=self._is_given_up)
        servers = [server for server in (self.postgres, self.valkey) if server is not None]
        ports = kept | {server.name: server.port for server in servers}
        text_keep(self.data_dir / "run" / "ports.json", json.dumps(ports))
        text_keep(run_file(self.data_dir), json.dumps({"pid": os.getpid(), "urls": self.env}))

    def _roles(self, admin_url: str) -> dict[str, str]:
        app, owner = Login(APP_ROLE, self._secret(APP_ROLE)), Login(OWNER_ROLE, self._secret(OWNER_ROLE))
        owner_url = installation_prepare(admin_url, owner=owner, database=DATABASE)
        app_role_ensure(admin_url, app)
        return {"DATABASE_URL": url_as(owner_url, app.role, app.password), "DATABASE_OWNER_URL": owner_url}

    def _secret(self, name: str) -> str:
        return secret_kept(self.data_dir / "secrets" / f"{name}_password")

    def _others_await(self) -> None:
        """Let commands that joined come to their end, for a while."""
        until = time.monotonic() + LEAVE_S
        with (self.data_dir / "run" / "users.lock").open("a", encoding="utf-8") as file:
            while time.monotonic() < until:
                with suppress(BlockingIOError):
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return
                time.sleep(0.1)


class LogFiles:
    """One file per server, begun anew at a start where it has grown large."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, IO[str]] = {}

    def write(self, name: str, line: str) -> None:
        if name not in self._files:
            path = self._folder / f"{name}.log"
            mode = "w" if path.exists() and path.stat().st_size > LOG_BYTES else "a"
            self._files[name] = path.open(mode, encoding="utf-8", buffering=1)
        self._files[name].write(f"{line}\n")

    def close(self) -> None:
        for file in self._files.values():
            file.close()
        self._files.clear()


def folder_prepare(data_dir: Path) -> None:
    """Make the data folder and what every server needs in it."""
    try:
        for name in ("run", "logs", "secrets"):
            (data_dir / name).mkdir(parents=True, exist_ok=True)
            (data_dir / name).chmod(0o700)
    except OSError as error:
        raise ServersRefused(f"{data_dir} cannot be written ({error.strerror}): set MIRROR_DATA_DIR") from error


def ports_kept(data_dir: Path) -> dict[str, int]:
    """Return the ports of the last start: an address that somebody noted stays good where it can."""
    try:
        return {name: int(port) for name, port in json.loads((data_dir / "run" / "ports.json").read_text()).items()}
    except (OSError, ValueError):
        return {}


def text_keep(path: Path, text: str) -> None:
    """Write a file that only we may read, whole or not at all."""
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def urls_answer(urls: Mapping[str, str]) -> bool:
    try:
        for name, url in urls.items():
            if name == "REDIS_URL":
                with redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2) as client:
                    client.ping()
            else:
                psycopg.connect(url, connect_timeout=5).close()
    except (redis.RedisError, psycopg.OperationalError):
        return False
    return True


__all__ = ["ProgramFailed", "Servers", "ServersRefused"]
