"""The whole product as an outside program, for tests of flows: ``manage.py up`` on a free port with data of its own."""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mirror_saas.env import BASE_DIR
from mirror_saas.processes import port_free

UP = re.compile(r"Mirror is up: (\S+)")
SERVER_VARIABLES = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "MIRROR_APP_ROLE", "MIRROR_DATABASE_POOL_SIZE")


@dataclass
class RunningStack:
    """``url`` is where it answers, ``env`` what a ``manage.py`` command needs to reach its servers."""

    process: subprocess.Popen[str]
    url: str
    port: int
    data_dir: Path
    env: dict[str, str]
    lines: list[str] = field(default_factory=list)
    fresh: queue.Queue[str] = field(default_factory=queue.Queue)
    reader: threading.Thread | None = None

    def manage(self, *arguments: str, stdin: str | None = None) -> str:
        """Run ``manage.py`` against it; return what it printed. Fails with what it said where it fails."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=BASE_DIR,
            env=self.env,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"manage.py {arguments[0]}: {done.stderr}\n{done.stdout}"
        return done.stdout

    def tenant(self, name: str, *arguments: str, owner: str = "ann@acme.example") -> dict[str, Any]:
        """Create a tenant; return ``tenant, owner, password, api_key, agent, agent_key``."""
        told: dict[str, Any] = json.loads(self.manage("create_tenant", name, "--owner", owner, "--json", *arguments))
        return told

    def line_with(self, *parts: str, within_s: float = 60.0) -> str:
        """Wait for a line that holds all of these, from where the last call left off."""
        until = time.monotonic() + within_s
        while True:
            line = self.fresh.get(timeout=max(until - time.monotonic(), 0.01))
            if all(part in line for part in parts):
                return line

    def listen(self) -> None:
        """Read on: unread, the pipe fills and the product stands still."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            self.fresh.put(line)

    def stop(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(90)
        if self.reader is not None:
            self.reader.join(10)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code


def stack_environment(data_dir: Path, port: int) -> dict[str, str]:
    """Return our environment without the test servers: the stack has its own."""
    kept = {name: value for name, value in os.environ.items() if name not in SERVER_VARIABLES}
    told = {"MIRROR_DATA_DIR": str(data_dir), "MIRROR_PORT": str(port), "PYTHONUNBUFFERED": "1"}
    return {**kept, **told, "MIRROR_REDIS_PREFIX": "mirror"}


def stack_start(data_dir: Path, arguments: Sequence[str] = ("up",)) -> RunningStack:
    """Return when it says that it is up; fails with its output where it ends before."""
    port = port_free()
    env = stack_environment(data_dir, port)
    process = subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE_DIR,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    stack = RunningStack(process, "", port, data_dir, env)
    assert process.stdout is not None
    for line in process.stdout:
        stack.lines.append(line)
        if found := UP.search(line):
            stack.url = found[1]
            break
    assert stack.url, "".join(stack.lines)
    stack.reader = threading.Thread(target=stack.listen, daemon=True)
    stack.reader.start()
    return stack
