"""Parts of the product that die during calls: the calls go on, and nothing that was acknowledged is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from tests.flows.breaking import BACK_WITHIN_S
from tests.flows.talk import BAD, GOOD, PIZZA, Product, Supervised, eventually
from tests.processes import are_gone, pid_of, programs_of
from tests.stack import RunningStack

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes through /proc"),
]


@pytest.fixture(scope="module")
def product(broken_stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Product:
    rules: Path = tmp_path_factory.mktemp("rules") / "rules.yaml"
    rules.write_text("- Never promise a refund.\n")
    told = broken_stack.tenant("Faults", "--agent", "orders", "--policies", str(rules), "--set", "cooldown_s=0")
    return Product(broken_stack, told)


@pytest.fixture
def call_id() -> str:
    return f"call-{uuid4().hex[:8]}"


def kill(product: Product, part: str, number: int = signal.SIGKILL) -> int:
    pid = pid_of(product.stack.data_dir, part)
    os.kill(pid, number)
    return pid


async def ready(product: Product) -> None:
    async def status() -> int:
        try:
            async with product.web() as client:
                return (await client.get("/readyz")).status_code
        except httpx.HTTPError:
            return 0

    await eventually(status, lambda code: code == 200, within_s=BACK_WITHIN_S)


async def turns_of(product: Product, call_id: str) -> list[str]:
    return [turn["turn_id"] for turn in (await product.call(call_id))["turns"]]


async def acked(agent: Supervised, seqs: list[int]) -> None:
    async with asyncio.timeout(BACK_WITHIN_S):
        for seq in seqs:
            while not any(m["type"] == "ack" and m["seq"] == seq for m in agent.got):
                try:
                    await agent.ack(seq)
                except TimeoutError:
                    continue


async def test_a_call_goes_on_without_its_database_and_acknowledgements_come_later(product: Product, call_id: str):
    async with product.supervised() as agent:
        await agent.start(call_id)
        await agent.told("agent.turn", turn_id="a0", text=GOOD)
        postmaster = pid_of(product.stack.data_dir, "bin/postgres -D")
        os.kill(postmaster, signal.SIGKILL)
        assert are_gone([postmaster], within_s=10)
        seqs = [await agent.send("agent.turn", turn_id=f"a{n}", text=BAD if n == 2 else GOOD) for n in range(1, 4)]
        seqs.append(await agent.send("tool.gate", gate_id="g1", tool_calls=[PIZZA]))
        for n in range(1, 4):
            verdict = await agent.of("verdict", turn_id=f"a{n}")
            assert verdict["decision"] == ("intervene" if n == 2 else "pass")
        assert (await agent.of("tool.decision", gate_id="g1"))["decision"] == "confirm"
        await acked(agent, seqs)
        assert [m["seq"] for m in agent.got if m["type"] == "ack"] == [1, 2, *seqs]
        await ready(product)
        assert [turn for turn in await turns_of(product, call_id) if turn[0] == "a"] == ["a0", "a1", "a2", "a3"]


async def test_a_call_goes_on_while_its_database_does_not_answer(product: Product, call_id: str):
    async with product.supervised() as agent:
        await agent.start(call_id)
        held = [pid for pid, said in programs_of(product.stack.data_dir).items() if "postgres" in said]
        for pid in held:
            os.kill(pid, signal.SIGSTOP)
        try:
            seqs = [await agent.send("agent.turn", turn_id=f"a{n}", text=GOOD) for n in range(20)]
            await agent.of("verdict", turn_id="a19")
            assert not [m for m in agent.got if m["type"] == "ack" and m["seq"] > 1]
        finally:
            for pid in held:
                os.kill(pid, signal.SIGCONT)
        await acked(agent, seqs)
        assert await turns_of(product, call_id) == [f"a{n}" for n in range(20)]


async def test_a_call_goes_on_without_valkey(product: Product, call_id: str):
    async with product.supervised() as agent:
        await agent.start(call_id)
        pid = kill(product, "valkey-server")
        assert are_gone([pid], within_s=10)
        seqs = [await agent.send("agent.turn", turn_id=f"a{n}", text=GOOD) for n in range(3)]
        await agent.of("verdict", turn_id="a2")
        await acked(agent, seqs)
        await ready(product)
        assert await turns_of(product, call_id) == ["a0", "a1", "a2"]


async def test_a_web_process_that_dies_loses_nothing_that_its_client_sends_again(product: Product, call_id: str):
    sent: dict[int, str] = {}
    async with product.supervised() as agent:
        await agent.start(call_id)
        await agent.told("agent.turn", turn_id="a0", text=GOOD)
        for n in range(1, 30):
            sent[await agent.send("agent.turn", turn_id=f"a{n}", text=GOOD)] = f"a{n}"
        await agent.ack(10)
        kill(product, "uvicorn")
        with suppress(ConnectionClosed):
            await agent.until(lambda message: False)
        known = {m["seq"] for m in agent.got if m["type"] == "ack"}
    await ready(product)
    async with product.supervised(seq=max(sent)) as agent:
        started = await agent.start(call_id)
        assert (started["resumed"], started["last_seq"] >= max(known)) == (True, True)
        for seq, turn_id in sent.items():
            if seq not in known:
                await agent.told("agent.turn", seq=seq, turn_id=turn_id, text=GOOD)
        await agent.told("agent.turn", seq=max(sent) + 2, turn_id="last", text=BAD)
        assert (await agent.of("verdict", turn_id="last"))["decision"] == "intervene"
        assert not [m for m in agent.got if m["type"] == "error"]
    call = await product.call(call_id)
    assert [turn["turn_id"] for turn in call["turns"]] == ["a0", *sent.values(), "last"]
    assert [turn["index"] for turn in call["turns"]] == list(range(31))
    assert sorted(verdict["turn_id"] for verdict in call["verdicts"]) == sorted(["a0", *sent.values(), "last"])


async def test_a_gate_that_was_decided_before_the_process_died_is_decided_the_same(product: Product, call_id: str):
    async with product.supervised() as agent:
        await agent.start(call_id)
        await agent.told("customer.turn", turn_id="c1", text="A pizza, please.")
        await agent.told("agent.turn", turn_id="a1", text="So that is one pizza, right?")
        await agent.told("customer.turn", turn_id="c2", text="Yes.")
        await agent.told("tool.gate", gate_id="g1", tool_calls=[PIZZA])
        first = await agent.of("tool.decision", gate_id="g1")
        assert first["tool_calls"][0]["commit_token"]
        kill(product, "uvicorn")
    await ready(product)
    async with product.supervised(seq=agent.seq) as agent:
        await agent.start(call_id)
        await agent.send("tool.gate", gate_id="g1", tool_calls=[PIZZA])
        assert await agent.of("tool.decision", gate_id="g1") == first


async def test_a_dead_worker_costs_a_call_nothing(product: Product, call_id: str):
    kill(product, "mirror_saas --quiet worker")
    async with product.supervised() as agent:
        await agent.start(call_id)
        await agent.told("agent.turn", turn_id="a1", text=BAD)
        await agent.of("intervention", turn_id="a1")
        await agent.told("call.end", reason="done")
    assert (await product.ended_call(call_id))["end_reason"] == "done"
