"""The whole product on one machine: PostgreSQL, Valkey, web, worker and beat, started in order and stopped in order.

    with Stack(data_dir=..., port=8000) as stack:
        requests.get(stack.url)                                   # ready: every part has answered a ping
        subprocess.run([..., "manage.py", ...], env=stack.env)    # commands against the same servers

A part that dies is started again, after a pause that doubles; one that keeps dying takes the stack down. Programs do
not outlive the stack, however it ends (see ``mirror_saas.watch``).
"""

from __future__ import annotations

import fcntl
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO

from mirror_saas.embedded import Servers, ServersRefused, folder_prepare
from mirror_saas.env import BASE_DIR
from mirror_saas.parts import Part, parts_of
from mirror_saas.processes import Guard, Program, ProgramFailed, Sink, Starter, is_port_free, port_free, wait_until

MIGRATE_S = 300.0
WATCH_S = 0.25
# A part that dies more often than this within the window is beyond help.
DEATHS = 5
DEATHS_WINDOW_S = 120.0
PAUSE_MOST_S = 15.0


class StackRefused(RuntimeError):
    """It cannot be started here; the message says why and what to do."""


@dataclass(slots=True)
class Running:
    """One part with its present program, and when its earlier ones died."""

    part: Part
    program: Program
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=DEATHS))
    revive_at: float = 0.0
    is_awaited: bool = False


class Stack:
    """``url`` is where the console and the REST API answer, ``env`` the environment for further processes."""

    def __init__(
        self,
        *,
        data_dir: Path | None = None,
        port: int | None = None,
        host: str | None = None,
        environ: Mapping[str, str] | None = None,
        sink: Sink | None = None,
        is_durable: bool = True,
    ) -> None:
        """``port`` 0 takes any free one. ``sink`` gets each line of each program: ``sink(name, line)``."""
        given = dict(os.environ if environ is None else environ)
        self.data_dir = (data_dir or Path(given.get("MIRROR_DATA_DIR") or BASE_DIR / ".mirror")).absolute()
        wanted = int(given.get("MIRROR_PORT") or 8000) if port is None else port
        self.port = wanted or port_free()
        self.host = host or given.get("MIRROR_HOST") or "127.0.0.1"
        self.env: dict[str, str] = {**given, "MIRROR_DATA_DIR": str(self.data_dir), "MIRROR_PORT": str(self.port)}
        self.env["PYTHONUNBUFFERED"] = "1"
        self.failure: str = ""
        self._sink = sink or print_line
        self._is_durable = is_durable
        self._stopping = threading.Event()
        self._ended = threading.Event()
        self._lock_file: IO[str] | None = None
        self._servers: Servers | None = None
        self._guard: Guard | None = None
        self._running: list[Running] = []
        self._watcher: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Without a slash at the end."""
        return f"http://{'127.0.0.1' if self.host in {'0.0.0.0', '::'} else self.host}:{self.port}"  # noqa: S104

    def pid(self, name: str) -> int:
        """The process of a part (``web``, ``worker``, ``beat``) as it runs now."""
        return next(running.program.pid for running in self._running if running.part.name == name)

    def __enter__(self) -> Stack:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Return when every part has answered.

        Raises:
            StackRefused, ServersRefused, ProgramFailed: nothing is left running.
            KeyboardInterrupt: ``stop_soon`` was called meanwhile.
        """
        try:
            self._lock()
            self._servers_start()
            self._migrate()
            self._parts_start()
        except BaseException:
            self.stop()
            raise
        self._watcher = threading.Thread(target=self._watch, name="stack-watch", daemon=True)
        self._watcher.start()

    def stop_soon(self) -> None:
        """Make ``start`` give up and ``wait`` return. Safe in a signal handler."""
        self._stopping.set()

    def wait(self) -> bool:
        """Return when ``stop_soon`` was called (True) or a part is beyond help (False; ``failure`` says which)."""
        while not self._stopping.wait(WATCH_S):
            if self._ended.is_set():
                return False
        return True

    def stop(self) -> None:
        """Stop web, then worker and beat, then Valkey, then PostgreSQL. Safe to call twice."""
        self._stopping.set()
        if self._watcher is not None and self._watcher is not threading.current_thread():
            self._watcher.join()
        running, self._running = self._running, []
        # Calls end first, so that what they leave behind is still worked on.
        for order in sorted({each.part.stop_order for each in running}):
            together = [each.program for each in running if each.part.stop_order == order]
            threads = [threading.Thread(target=program.stop) for program in together]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        if self._guard is not None:
            self._guard.close()
        if self._servers is not None:
            self._servers.close()
        if self._lock_file is not None:
            self._lock_file.close()
        self._guard = self._servers = self._lock_file = None

    def _say(self, line: str) -> None:
        self._sink("mirror", line)

    def _lock(self) -> None:
        folder_prepare(self.data_dir)
        path = self.data_dir / "run" / "stack.lock"
        file = path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            told = file.read().strip() or "it is just starting"
            file.close()
            raise StackRefused(f"Mirror runs already on {self.data_dir} ({told}): use that one or stop it") from None
        if not is_port_free(self.port, self.host):
            file.close()
            raise StackRefused(f"port {self.port} is taken: set MIRROR_PORT to a free one")
        file.truncate(0)
        file.write(f"{self.url}, process {os.getpid()}")
        file.flush()
        self._lock_file = file

    def _servers_start(self) -> None:
        servers = Servers(
            self.data_dir, environ=self.env, is_durable=self._is_durable, is_given_up=self._stopping.is_set
        )
        self._servers = servers
        servers.__enter__()
        if servers.is_shared:
            raise ServersRefused(f"another command uses the servers of {self.data_dir} just now: try again")
        for server in (servers.postgres, servers.valkey):
            if server is not None:
                self._say(f"{server.name} answers on port {server.port}")
        self.env.update(servers.env)

    def _migrate(self) -> None:
        self._guard = Guard()
        command = [sys.executable, str(BASE_DIR / "manage.py"), "migrate", "--noinput", "--verbosity", "0"]
        program = self._program("migrate", command)
        if program.wait(deadline_s=MIGRATE_S, is_given_up=self._stopping.is_set) != 0:
            raise ProgramFailed(f"migrate failed\n{program.last_lines()}")
        self._say("the database is migrated")

    def _parts_start(self) -> None:
        # Together: most of each start is reading code, and none needs another.
        self._running = [Running(part, self._part_start(part)) for part in self._parts()]
        for running in self._running:
            self._await(running)
            self._say(f"{running.part.name} answers")

    def _parts(self) -> list[Part]:
        return parts_of(env=self.env, host=self.host, port=self.port, url=self.url)

    def _await(self, running: Running) -> None:
        wait_until(
            lambda: running.part.is_ready(running.program),
            program=running.program,
            deadline_s=running.part.start_s,
            is_given_up=self._stopping.is_set,
        )

    def _part_start(self, part: Part) -> Program:
        return self._program(part.name, part.command, stop_s=part.stop_s)

    def _program(self, name: str, command: list[str], stop_s: float = 15.0) -> Program:
        assert self._guard is not None
        starter = Starter(guard=self._guard, sink=self._sink)
        return Program(name, command, starter=starter, env=self.env, cwd=BASE_DIR, stop_s=stop_s)

    def _watch(self) -> None:
        while not self._stopping.wait(WATCH_S):
            try:
                self._servers_revive()
                for running in self._running:
                    self._revive(running)
            except KeyboardInterrupt:
                return
            except ProgramFailed as error:
                self.failure = str(error)
                self._say(self.failure)
                self._ended.set()
                return

    def _servers_revive(self) -> None:
        if self._servers is not None:
            for name in self._servers.revive():
                self._say(f"{name} had died; it answers again")

    def _revive(self, running: Running) -> None:
        now = time.monotonic()
        if running.program.returncode is None:
            if running.is_awaited and running.part.is_ready(running.program):
                running.is_awaited = False
                self._say(f"{running.part.name} answers again")
            return
        if not running.revive_at:
            running.deaths.append(now)
            if len(running.deaths) == DEATHS and now - running.deaths[0] < DEATHS_WINDOW_S:
                raise ProgramFailed(f"{running.part.name} keeps dying\n{running.program.last_lines()}")
            pause_s = min(0.5 * 2 ** (len(running.deaths) - 1), PAUSE_MOST_S)
            self._say(f"{running.part.name} ended with {running.program.returncode}; again in {pause_s:g} s")
            running.revive_at = now + pause_s
        elif now >= running.revive_at:
            running.revive_at = 0.0
            running.program.stop()
            running.program = self._part_start(running.part)
            running.is_awaited = True


def print_line(name: str, line: str) -> None:
    """Write one line of one program, its name in front, in one piece."""
    sys.stdout.write(f"{name:>8} | {line}\n")
    sys.stdout.flush()
