"""Agents built on the libraries of others, unchanged, behind the stream bridge. Needs the dependency group ``agents``.

They run as programs with a Python of their own, ``MIRROR_AGENTS_PYTHON``, since they pin what the product needs newer.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest

from mirror_saas.env import BASE_DIR
from mirror_saas.processes import port_free
from tests.flows.phone import SPEECH, phoning
from tests.flows.talk import BAD, GOOD, Message, Product, eventually
from tests.stack import RunningStack

pytestmark = pytest.mark.stack

PORT = port_free()
PYTHON = os.environ.get("MIRROR_AGENTS_PYTHON") or sys.executable
# The program, and the library it stands or falls with.
AGENTS = {"plivo_sdk": "plivo_stream", "pipecat_plivo": "pipecat.serializers.plivo"}


@dataclass
class Program:
    """The agent: told what to do, and what it saw."""

    process: asyncio.subprocess.Process
    seen: list[Message] = field(default_factory=list)

    async def listen(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.seen.append(json.loads(line))

    def of(self, saw: str, **fields: object) -> list[Message]:
        wanted = {"saw": saw, **fields}
        return [message for message in self.seen if wanted.items() <= message.items()]

    async def saw(self, saw: str, **fields: object) -> Message:
        found: list[Message] = await eventually(lambda: asyncio.sleep(0, self.of(saw, **fields)), bool, within_s=30)
        return found[0]

    async def does(self, **command: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command).encode() + b"\n")
        await self.process.stdin.drain()

    async def says(self, label: str, mark: str) -> None:
        await self.does(say=base64.b64encode(SPEECH[label]).decode(), mark=mark)


@pytest.fixture(params=AGENTS)
def name(request: pytest.FixtureRequest) -> str:
    """The program's, where its library is installed."""
    library = AGENTS[request.param]
    if subprocess.run([PYTHON, "-c", f"import {library}"], capture_output=True, check=False).returncode:
        pytest.skip(f"{library} is not installed")
    return str(request.param)


@pytest.fixture
async def program(name: str) -> AsyncIterator[Program]:
    process = await asyncio.create_subprocess_exec(
        PYTHON, "-m", f"tests.agents.{name}", str(PORT),
        cwd=BASE_DIR, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    running = Program(process)
    listening = asyncio.create_task(running.listen())
    try:
        await running.saw("listening")
        yield running
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await listening


@pytest.fixture(scope="module")
def product(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Product:
    rules: Path = tmp_path_factory.mktemp("rules") / "rules.yaml"
    rules.write_text("- Never promise a refund.\n")
    where = ("--agent", "orders", "--policies", str(rules), "--upstream-url", f"ws://127.0.0.1:{PORT}/stream")
    return Product(stack, stack.tenant("Libraries", *where, "--set", "cooldown_s=0", owner="lib@agents.example"))


async def test_a_call_with_an_interrupted_turn(product, program):
    call_id = f"call-{uuid4().hex[:8]}"
    async with phoning(product, call_id) as phone, product.supervised() as beside:
        await program.saw("start", call_id=call_id, rate=8000)
        assert (await beside.start(call_id))["resumed"] is True
        await beside.told("agent.turn", turn_id="a1", text=GOOD)
        await program.says("greeting", mark="one")
        await phone.hears("greeting", 280)
        await program.saw("played", name="one")
        await program.saw("audio", frames=50)

        await beside.told("agent.delta", turn_id="a2", delta=f"{GOOD} ")
        await program.says("long", mark="never")
        await phone.hears("long", 200)
        await beside.told("agent.delta", turn_id="a2", delta=BAD)
        await beside.told("agent.done", turn_id="a2")
        stopped = await beside.of("intervention", turn_id="a2")
        await phone.noted("cleared")
        heard_ms = phone.heard_ms("long")
        await program.says("answer", mark="late")  # still of the stopped turn
        await beside.told("playback", intervention_id=stopped["intervention_id"], state="finished")

        await beside.told("agent.turn", turn_id="a3", text=GOOD)
        await program.says("correction", mark="two")
        await phone.hears("correction", 280)
        await program.saw("played", name="two")
        # The program's own way of stopping reaches the carrier, too.
        await program.says("long", mark="cut")
        await phone.hears("long", heard_ms + 200)
        await program.does(clear=True)
        await phone.noted("cleared", 2)
    await program.saw("gone")
    assert phone.spoken == []
    assert (phone.heard_ms("answer"), [m["name"] for m in program.of("played")]) == (0, ["one", "two"])
    assert program.of("error") == []
    assert 200 <= heard_ms < 3_000
    call = await product.ended_call(call_id)
    assert call["end_reason"] == "carrier_closed"
    assert [row["turn_id"] for row in call["interventions"]] == ["a2"]
