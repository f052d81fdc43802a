"""Play the demo's calls against a running Mirror: one process is the carrier, one is the tenants' agents.

Both print what happens as JSON lines; this reads them, shows them, and hands back what was seen of each call.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from calls.simulate.agent import call_id_for
from mirror_saas.demo.catalogue import AUDIO, SCENARIOS, DemoCall
from mirror_saas.demo.seen import Seen

STORY_TIMEOUT_S: Final = 180
STOP_TIMEOUT_S: Final = 5
_ROOT: Final = Path(__file__).resolve().parents[2]

Tell = Callable[[Mapping[str, Any]], None]


class SimulatorFailed(RuntimeError):
    """A simulator's process did not start, or ended with an error."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One call to play: its id is new in every run."""

    call_id: str
    demo_call: DemoCall


def plan(calls: Sequence[DemoCall]) -> tuple[Planned, ...]:
    return tuple(Planned(call_id_for(call.scenario.id, uuid4().hex), call) for call in calls)


@asynccontextmanager
async def demo_agent(port: int, tell: Tell) -> AsyncIterator[str]:
    """Run the agents' process while the body runs; gives the address that Mirror is to dial.

    Raises:
        SimulatorFailed: it does not listen on the port.
    """
    process = await _start("agent", "--port", str(port))
    reader = None
    try:
        ready = await _first_line(process)
        reader = asyncio.create_task(_follow(process, tell))
        yield f"ws://{ready['host']}:{ready['port']}/"
    finally:
        await _stop(process)
        if reader:
            await reader


async def play(planned: Sequence[Planned], answer_urls: Mapping[str, str], *, at_once: int, tell: Tell) -> None:
    """Make the calls, so many at once, and return when the last one is over. ``answer_urls`` are by agent slug.

    Raises:
        SimulatorFailed: the carrier's process failed or took longer than ``STORY_TIMEOUT_S``.
    """
    calls = [
        {
            "scenario": each.demo_call.scenario.id,
            "call_id": each.call_id,
            "answer_url": answer_urls[each.demo_call.scenario.agent],
        }
        for each in planned
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(calls, file)
        file.flush()
        process = await _start("carrier", "--plan", file.name, "--at-once", str(at_once))
        try:
            await asyncio.wait_for(_follow(process, tell), STORY_TIMEOUT_S)
            if await process.wait():
                raise SimulatorFailed(f"the carrier simulator ended with status {process.returncode}")
        except TimeoutError as error:
            raise SimulatorFailed(f"the calls were not over after {STORY_TIMEOUT_S} s") from error
        finally:
            await _stop(process)


class Collector:
    """Keeps what is seen of each planned call, and passes every line on."""

    def __init__(self, planned: Sequence[Planned], tell: Tell) -> None:
        self.seen = {each.call_id: Seen(each.demo_call.scenario.id, each.call_id) for each in planned}
        self._tell = tell

    def __call__(self, line: Mapping[str, Any]) -> None:
        seen = self.seen.get(str(line.get("call")))
        if seen is not None:
            seen.receive(line)
        self._tell(line)


def free_port() -> int:
    """Return a port that is free right now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


async def _start(party: str, *options: str) -> asyncio.subprocess.Process:
    where = ("--scenarios", str(SCENARIOS), "--audio", str(AUDIO))
    command = ("-m", "calls.simulate", party, *where, *options)
    return await asyncio.create_subprocess_exec(
        sys.executable, *command, cwd=_ROOT, stdout=asyncio.subprocess.PIPE, limit=2**22, start_new_session=True
    )


async def _first_line(process: asyncio.subprocess.Process) -> Mapping[str, Any]:
    assert process.stdout is not None
    line = await process.stdout.readline()
    if not line:
        raise SimulatorFailed("the demo agent did not start; its message is above")
    ready: Mapping[str, Any] = json.loads(line)
    return ready


async def _follow(process: asyncio.subprocess.Process, tell: Tell) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        tell(json.loads(line))


async def _stop(process: asyncio.subprocess.Process) -> None:
    """End a process: asked first, killed when it does not listen."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)
    except TimeoutError:
        process.kill()
        await process.wait()
