"""The servers under test: each in a process of its own, alone on its core where the machine lets us."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol
from xml.etree import ElementTree

import httpx

from bench.streams.cores import LOAD_CORE, TESTED_CORE, pin
from mirror_saas.env import BASE_DIR
from mirror_saas.parts import parts_of
from mirror_saas.processes import is_port_free, port_free
from mirror_saas.supervisor import Stack

_UP_WITHIN_S = 30.0
_RULES = "- Never promise a refund.\n- Never give medical advice.\n"
_SERVER_VARIABLES = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "MIRROR_APP_ROLE", "MIRROR_DATABASE_POOL_SIZE")


class Server(Protocol):
    """``pid`` is the one process that relays."""

    @property
    def pid(self) -> int: ...

    def stream_urls(self, call_ids: list[str]) -> dict[str, str]:
        """Where the carrier of each call connects."""


@dataclass(frozen=True, slots=True)
class Direct:
    """No relay at all: the carrier dials the agent. What is measured is the load generator and the kernel."""

    agent_url: str
    pid: int = os.getpid()

    def stream_urls(self, call_ids: list[str]) -> dict[str, str]:
        return dict.fromkeys(call_ids, self.agent_url)


@dataclass(frozen=True, slots=True)
class Relay:
    url: str
    pid: int

    def stream_urls(self, call_ids: list[str]) -> dict[str, str]:
        return dict.fromkeys(call_ids, self.url)


@contextmanager
def relay_serving(name: str, agent_url: str) -> Iterator[Relay]:
    """Run one of ``bench.streams.relays``."""
    port = port_free()
    env = {**os.environ, "BENCH_AGENT_URL": agent_url}
    process = subprocess.Popen(_web_command(f"bench.streams.relays:{name}", port), cwd=BASE_DIR, env=env)  # noqa: S603  (our own interpreter)
    try:
        _until_taken(port, process)
        pin(TESTED_CORE, process.pid)
        yield Relay(f"ws://127.0.0.1:{port}/", process.pid)
    finally:
        process.terminate()
        process.wait(20)


def _web_command(application: str, port: int) -> list[str]:
    """The product's own web server with another application: same options, same libraries."""
    env = {"MIRROR_DATA_DIR": "", "REDIS_URL": "redis://127.0.0.1:1"}
    parts = parts_of(env=env, host="127.0.0.1", port=port, url="")
    command = next(part.command for part in parts if part.name == "web")
    return [application if word.startswith("mirror_saas.asgi:") else word for word in command]


def _until_taken(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _UP_WITHIN_S
    while is_port_free(port):
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError("the relay did not come up")
        time.sleep(0.05)


# --- the product -----------------------------------------------------------------------------------------------------


@dataclass
class Tenant:
    """A tenant with one agent, and how the carrier and the agent's code reach it."""

    stack: Stack
    told: dict[str, str]

    @property
    def pid(self) -> int:
        return self.stack.pid("web")

    @cached_property
    def supervise_url(self) -> str:
        return self.stack.url.replace("http", "ws", 1) + "/ws/v1/supervise/"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.told['api_key']}"}

    def stream_urls(self, call_ids: list[str]) -> dict[str, str]:
        """Ask the answer URL for each call, as the carrier does."""
        answer = f"{self.stack.url}/plivo/{self.told['agent_key']}/answer/"

        def ask(call_id: str) -> str:
            form = {"CallUUID": call_id, "From": "14155550100", "To": "14155550199", "Direction": "inbound"}
            return _stream_of(client.post(answer, data=form).raise_for_status().text)

        with httpx.Client(trust_env=False, timeout=30.0) as client, ThreadPoolExecutor(4) as pool:
            return dict(zip(call_ids, pool.map(ask, call_ids), strict=True))


def _stream_of(xml: str) -> str:
    stream = ElementTree.fromstring(xml).find("Stream")  # noqa: S314  (our own server's)
    assert stream is not None
    return (stream.text or "").strip()


class Product:
    """The whole product as ``up`` runs it, with data of its own."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self._stack, self._folder = stack, folder

    def tenant(self, name: str, agent_url: str, **settings: Any) -> Tenant:
        """Create a tenant with an agent that listens there."""
        rules = self._folder / "rules.yaml"
        rules.write_text(_RULES, encoding="utf-8")
        chosen = [part for field, value in settings.items() for part in ("--set", f"{field}={value}")]
        command = [
            sys.executable, "manage.py", "create_tenant", name, "--owner", f"{name.lower()}@bench.example", "--json",
            "--agent", "bench", "--upstream-url", agent_url, "--policies", str(rules), *chosen,
        ]  # fmt: skip
        done = subprocess.run(  # noqa: S603  (our own interpreter)
            command, cwd=BASE_DIR, env=self._stack.env, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"create_tenant: {done.stderr}")
        return Tenant(self._stack, json.loads(done.stdout))


@contextmanager
def product_serving(*, with_classifier: bool) -> Iterator[Product]:
    """Start PostgreSQL, Valkey, web, worker and beat; the web server alone on the tested core."""
    environ = {name: value for name, value in os.environ.items() if name not in _SERVER_VARIABLES}
    environ |= {"MIRROR_REDIS_PREFIX": "bench", "MIRROR_EMBEDDED_TIER1": "true" if with_classifier else "false"}
    with tempfile.TemporaryDirectory(prefix="mirror-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL does not run as root: another account must reach its folder
        lines: list[str] = []
        with Stack(data_dir=folder / "data", port=0, environ=environ, sink=_keep(lines)) as stack:
            pin(TESTED_CORE, stack.pid("web"))
            yield Product(stack, folder)
        _show_errors(lines)


def _keep(lines: list[str]) -> Any:
    return lambda name, line: lines.append(f"{name:>8} | {line}")


def _show_errors(lines: list[str]) -> None:
    """A run with errors in its log has measured something else."""
    for line in [line for line in lines if re.match(r" *web \|.*\b(ERROR|Traceback)\b", line)][:10]:
        print(line)


def load_core_taken() -> None:
    """Run this process, and so all that it starts, beside the load."""
    pin(LOAD_CORE)
