"""Programs that Mirror starts beside itself: started, listened to, stopped with a deadline, never left behind."""

from __future__ import annotations

import os
import pwd
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom
from typing import IO

from mirror_saas import watch

Sink = Callable[[str, str], None]  # (program's name, one line without its end)
POLL_S = 0.05
ORPHAN_S = 10.0
TAIL_LINES = 20
# Below the range from which systems take ports for outgoing connections, so that a chosen port stays free.
PORTS = range(20_000, 30_000)


class ProgramFailed(RuntimeError):
    """A program did not come up, or keeps dying. The message shows its last lines."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who a program runs as, where that is not ourselves."""

    uid: int
    gid: int
    name: str


def account_unprivileged() -> Account | None:
    """Return who servers run as when we are root (PostgreSQL refuses root), None when we are a normal user.

    Raises:
        ProgramFailed: root, and no such account.
    """
    if os.geteuid() != 0:
        return None
    name = os.environ.get("MIRROR_RUN_AS") or "nobody"
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise ProgramFailed(f"root cannot run PostgreSQL, and there is no user {name!r}; set MIRROR_RUN_AS") from None
    return Account(entry.pw_uid, entry.pw_gid, name)


class Guard:
    """The process that ends our programs if we die (see ``mirror_saas.watch``)."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603  (our own file, our own interpreter)
            [sys.executable, "-I", str(Path(watch.__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )
        self._lock = threading.Lock()

    def add(self, group: int, number: int) -> None:
        self._write(f"+{group} {number}\n")

    def drop(self, group: int) -> None:
        self._write(f"-{group}\n")

    def close(self) -> None:
        """End whatever is still there, and the guard itself."""
        pipe = self._pipe()
        with self._lock:
            pipe.close()
        self._process.wait()

    def _write(self, line: str) -> None:
        pipe = self._pipe()
        with self._lock:
            try:
                pipe.write(line)
                pipe.flush()
            except (BrokenPipeError, ValueError):
                # Somebody ended the guard. We still end our programs ourselves on every way out but a kill.
                return

    def _pipe(self) -> IO[str]:
        assert self._process.stdin is not None
        return self._process.stdin


@dataclass(frozen=True, slots=True)
class Starter:
    """What all programs of one supervisor share. ``account`` None: they run as ourselves."""

    guard: Guard
    sink: Sink
    account: Account | None = None


class Program:
    """One program in a process group of its own. Its lines go to ``sink``, the last ones are kept for messages."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        starter: Starter,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        pass_fds: Sequence[int] = (),
        stop_signal: signal.Signals = signal.SIGTERM,
        stop_s: float = 15.0,
    ) -> None:
        self.name = name
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._guard = starter.guard
        self._sink = starter.sink
        self._stop_signal = stop_signal
        self._stop_s = stop_s
        account = starter.account
        who = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
        self._process: subprocess.Popen[str] = subprocess.Popen(  # type: ignore[call-overload]  # noqa: S603
            list(command),
            env=None if env is None else dict(env),
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            pass_fds=tuple(pass_fds),
            **who,
        )
        self._guard.add(self._process.pid, stop_signal)
        self._pump = threading.Thread(target=self._listen, name=f"log-{name}", daemon=True)
        self._pump.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """What it ended with, minus the signal's number where one ended it; None while it runs."""
        if self._process.returncode is not None:
            return self._process.returncode
        # Looked at, not collected: until then its number, which is its group's, cannot become somebody else's.
        seen = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if seen is None:
            return None
        return seen.si_status if seen.si_code == os.CLD_EXITED else -seen.si_status

    def tell(self, text: str) -> None:
        """Write to its standard input and close that."""
        assert self._process.stdin is not None
        self._process.stdin.write(text)
        self._process.stdin.close()

    def wait(self, *, deadline_s: float, is_given_up: Callable[[], bool] = lambda: False) -> int:
        """Return its exit status.

        Raises:
            ProgramFailed: still running at the deadline; it is stopped then.
            KeyboardInterrupt: nobody wants it any more; it is stopped.
        """
        until = time.monotonic() + deadline_s
        while (code := self.returncode) is None:
            if is_given_up():
                self.stop()
                raise KeyboardInterrupt
            if time.monotonic() > until:
                self.stop()
                raise ProgramFailed(f"{self.name} was not done after {deadline_s:.0f} s\n{self.last_lines()}")
            time.sleep(POLL_S)
        self._collect()
        return code

    def stop(self) -> None:
        """Ask it to stop, kill it and all it started where it does not within its deadline. May be called twice."""
        if self._process.returncode is not None:
            return
        if self.returncode is None:
            watch.ask(self.pid, self._stop_signal)
            until = time.monotonic() + self._stop_s
            while self.returncode is None and time.monotonic() < until:
                time.sleep(POLL_S)
            if self.returncode is None:
                self._sink(self.name, f"does not stop after {self._stop_s:.0f} s: killed")
        self._collect()

    def last_lines(self) -> str:
        self._pump.join(1.0)
        return "\n".join(f"  {self.name}: {line}" for line in self.tail)

    def _collect(self) -> None:
        # Also where the leader has ended: what it started may not have.
        watch.ask(self.pid, signal.SIGKILL)
        self._guard.drop(self.pid)
        self._process.wait()
        self._pump.join(1.0)
        for pipe in (self._process.stdin, self._process.stdout):
            # A grandchild that keeps the pipe open keeps the pump reading; closing under it would block.
            if pipe is not None and not (pipe is self._process.stdout and self._pump.is_alive()):
                pipe.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.tail.append(line.rstrip("\n"))
            self._sink(self.name, line.rstrip("\n"))


def wait_until(
    is_ready: Callable[[], bool],
    *,
    program: Program,
    deadline_s: float,
    is_given_up: Callable[[], bool] = lambda: False,
) -> None:
    """Wait until the program answers.

    Raises:
        ProgramFailed: it ended, or the deadline passed.
        KeyboardInterrupt: ``is_given_up`` says that nobody wants it any more.
    """
    until = time.monotonic() + deadline_s
    while not is_ready():
        if is_given_up():
            raise KeyboardInterrupt
        if program.returncode is not None:
            raise ProgramFailed(f"{program.name} ended with {program.returncode}\n{program.last_lines()}")
        if time.monotonic() > until:
            raise ProgramFailed(f"{program.name} did not answer within {deadline_s:.0f} s\n{program.last_lines()}")
        time.sleep(POLL_S)


def orphan_end(pid_file: Path, name: str, sink: Sink) -> None:
    """End a server that outlived its supervisor, and clear a pid file that now names somebody else's process.

    Two servers on one folder would ruin it. The caller holds the folder's lock, so nobody living wants this one.
    """
    try:
        pid = int(pid_file.read_text(encoding="utf-8").split("\n", 1)[0])
    except (OSError, ValueError):
        return
    command = _command_of(pid)
    if command is None:
        return
    if name not in command:
        # PostgreSQL refuses to start while any process has that number.
        pid_file.unlink(missing_ok=True)
        return
    sink(name, f"ending a server that was left behind (process {pid})")
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        until = time.monotonic() + ORPHAN_S
        if _command_of(pid):
            os.kill(pid, number)
        while _command_of(pid) and time.monotonic() < until:
            time.sleep(POLL_S)


def _command_of(pid: int) -> str | None:
    """Return the program that the process runs: None where there is no such process, empty where it is not to be seen.

    The latter also for one that has ended and was not waited for, as in a container whose first process waits for none.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return ""  # somebody else's
    if not Path("/proc/self").exists():
        asked = ["/bin/ps", "-o", "args=", "-p", str(pid)]
        shown = subprocess.run(asked, capture_output=True, text=True, check=False).stdout  # noqa: S603
        return shown.split(" ", 1)[0].strip()
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return None
    return arguments.split(b"\0")[0].decode(errors="replace")


def port_free(preferred: int = 0) -> int:
    """Return a loopback port that nobody listens on, ``preferred`` if that is one."""
    return next(port for port in _candidates(preferred) if is_port_free(port))


def is_port_free(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _candidates(preferred: int) -> Iterator[int]:
    if preferred:
        yield preferred
    draw = SystemRandom()
    while True:
        yield draw.choice(PORTS)
