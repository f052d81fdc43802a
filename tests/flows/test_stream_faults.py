"""All around a bridged call fails in turn: the caller hears the agent or the fallback, no tool runs unallowed."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from websockets.asyncio.server import serve

from mirror_saas.processes import port_free
from tests.fakes_http import FakeServer, hangs, serving
from tests.flows.breaking import (
    POSTGRES,
    VALKEY,
    WEB,
    WORKER,
    balanced,
    down,
    flooding,
    memory_mb,
    ready,
    second_web,
)
from tests.flows.phone import agreed, answered, corrected, greeted, phoning, speak, tokens_of, turns_of
from tests.flows.talk import (
    BAD,
    GOOD,
    PIZZA,
    Agents,
    Product,
    carrier,
    stream_url_of,
)
from tests.processes import pid_of
from tests.stack import RunningStack

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes through /proc"),
]

PORT = port_free()
FALLBACK = "we cannot continue this call"
# One program, since each start of one costs seconds: the tenant, and the model server that judges for it.
MAKE_WITH_JUDGE = """
import json
from io import StringIO
from django.core.management import call_command
from tenants.access import actor_mirror
from tenants.lookups import agent_by_key
from tenants.services import credential_set
said = StringIO()
call_command("create_tenant", *{arguments!r}, stdout=said)
actor = actor_mirror(agent_by_key(json.loads(said.getvalue())["agent_key"])[0])
credential_set(actor=actor, kind="llm", name="default", config={{"base_url": {url!r}, "model": "slow"}}, secret="sk")
print(said.getvalue())
"""
SWEEP = """
from calls.services import calls_sweep
from tenants.lookups import agent_by_key
print(calls_sweep(tenant_id=agent_by_key({agent_key!r})[0], away_s=0))
"""


# --- what the tests share ---


def arguments_of(folder: Path, name: str, *settings: str) -> list[str]:
    """How a tenant is created whose agent listens where these tests do."""
    rules = folder / "rules.yaml"
    rules.write_text("- Never promise a refund.\n")
    where = ("--agent", "orders", "--policies", str(rules), "--upstream-url", f"ws://127.0.0.1:{PORT}/stream")
    chosen = [part for one in settings for part in ("--set", one)]
    return [name, "--owner", f"{name.lower()}@faults.example", "--json", *where, *chosen]


@pytest.fixture(scope="module")
def product(broken_stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Product:
    arguments = arguments_of(tmp_path_factory.mktemp("rules"), "Streams", "cooldown_s=0")
    return Product(broken_stack, json.loads(broken_stack.manage("create_tenant", *arguments)))


@pytest.fixture(scope="module")
def slow_judge() -> Iterator[FakeServer]:
    """A model server that takes every question and never answers."""
    with serving() as server:
        server.otherwise = hangs
        yield server


@pytest.fixture(scope="module")
def hanging(broken_stack: RunningStack, slow_judge: FakeServer, tmp_path_factory: pytest.TempPathFactory) -> Product:
    """An agent whose every turn is put to that server, and whose tools fail closed."""
    told = ("scorer=llm", "tiered_scoring_enabled=false", "semantic_review_timeout_s=1", "tool_fail_mode=block")
    arguments = arguments_of(tmp_path_factory.mktemp("rules"), "Hanging", *told)
    program = MAKE_WITH_JUDGE.format(arguments=arguments, url=slow_judge.url)
    return Product(broken_stack, json.loads(broken_stack.manage("shell", "-v", "0", "-c", program)))


@pytest.fixture
async def agents() -> AsyncIterator[Agents]:
    async with Agents().serving(PORT) as listening:
        yield listening


@pytest.fixture
def call_id() -> str:
    return f"call-{uuid4().hex[:8]}"


# --- the agent ---


async def test_an_agent_that_nobody_can_reach(product, call_id):
    async with phoning(product, call_id) as phone:
        await phone.finished()
    assert [FALLBACK in text for text in phone.spoken] == [True]
    call = await product.ended_call(call_id)
    assert (call["end_reason"], call["turns"]) == ("upstream_unreachable", [])


async def test_an_agent_that_refuses_the_stream(product, call_id):
    async def refuse(connection, request):
        return connection.respond(503, "busy\n")

    server = serve(lambda socket: socket.wait_closed(), "127.0.0.1", PORT, process_request=refuse)
    async with server, phoning(product, call_id) as phone:
        await phone.finished()
    assert [FALLBACK in text for text in phone.spoken] == [True]
    assert (await product.ended_call(call_id))["end_reason"] == "upstream_unreachable"


async def test_an_agent_that_dies_mid_sentence(product, agents, call_id):
    async with phoning(product, call_id) as phone:
        agent = await agents.next()
        await agent.says("agent.turn", turn_id="a1", text=GOOD)
        await agent.mirror("ack", seq=1)
        await speak(agent, "long")
        await phone.hears("long", 200)
        agent.socket.transport.abort()
        await phone.finished()
    assert [FALLBACK in text for text in phone.spoken] == [True]
    call = await product.ended_call(call_id)
    assert call["end_reason"] == "agent_lost"
    heard = call["turns"][0]["heard_text"]
    assert GOOD.startswith(heard)
    assert heard != GOOD


@pytest.mark.parametrize("kind", ["audio", "words"])
async def test_an_agent_that_floods_costs_bounded_memory_and_nobody_else(product, agents, call_id, kind):
    web = pid_of(product.stack.data_dir, WEB)
    async with phoning(product, call_id) as phone:
        agent = await greeted(phone, agents)
        before_mb = memory_mb(web)
        async with flooding(agent, kind) as flood:
            await (phone.hears("long", 500) if kind == "audio" else agent.mirror("verdict"))
            async with phoning(product, f"{call_id}-2") as other:
                await corrected(other, await greeted(other, agents))
            # Hundreds of megabytes by now, did anybody take them; in audio, far more than 100 times real time.
            assert flood.sent_mb < 20
            assert memory_mb(web) - before_mb < 60
    assert (phone.spoken, other.spoken) == ([], [])
    assert (await product.ended_call(call_id))["end_reason"] == "carrier_closed"


GARBAGE: list[str | bytes] = [
    "not json", "[1]", "null", '"mirror"', b"\x00\xff binary", "[" * 50_000, '{"event": null}', '{"event": "mirror"}',
    '{"event": "mirror", "message": {"type": "agent.turn", "seq": "x", "turn_id": 7}}',
    '{"event": "playAudio"}', '{"event": "playAudio", "media": {"payload": "%%%"}}',
    '{"event": "playAudio", "media": 5}', '{"event": "checkpoint", "name": {"a": 1}}', '{"event": "clearAudio"}',
]  # fmt: skip


async def test_an_agent_that_sends_garbage_is_still_heard_and_judged(product, agents, call_id):
    async with phoning(product, call_id) as phone:
        agent = await greeted(phone, agents)
        for one in GARBAGE:
            await agent.socket.send(one)
        await corrected(phone, agent)
        await answered(phone, agent)
    assert phone.spoken == []
    call = await product.ended_call(call_id)
    assert call["end_reason"] == "carrier_closed"
    assert turns_of(call) == ["greeting", "bad", "answer"]


async def test_an_agent_whose_message_is_larger_than_any_is_let_go(product, agents, call_id):
    async with phoning(product, call_id) as phone:
        agent = await greeted(phone, agents)
        await agent.socket.send("x" * (3 * 1024 * 1024))
        await phone.finished()
    assert [FALLBACK in text for text in phone.spoken] == [True]
    assert (await product.ended_call(call_id))["end_reason"] == "agent_lost"


# --- the carrier ---


async def test_a_carrier_that_vanishes_mid_intervention(product, agents, call_id):
    async with carrier(product, call_id) as phone:
        agent = await agents.next()
        await agent.says("agent.turn", turn_id="a1", text=BAD)
        stopped = await agent.mirror("intervention", turn_id="a1")
        await agent.says("playback", intervention_id=stopped["intervention_id"], state="started")
        await speak(agent, "buffer", mark=stopped["steps"][1]["checkpoint"])
        await phone.event("playAudio")
        phone.socket.transport.abort()
        await asyncio.wait_for(agent.is_gone.wait(), 15)
    call = await product.ended_call(call_id)
    assert call["end_reason"] == "carrier_closed"
    assert [row["state"] for row in call["interventions"]] == ["cut"]


# --- our own parts ---


async def test_valkey_down(product, agents, call_id):
    async with phoning(product, call_id) as phone:
        agent = await greeted(phone, agents)
        async with down(product, VALKEY):
            await corrected(phone, agent)
            await agent.says("tool.gate", gate_id="g1", tool_calls=[PIZZA])
            assert not tokens_of(await agent.mirror("tool.decision", gate_id="g1"))
            async with phoning(product, f"{call_id}-2") as other:  # one that begins meanwhile
                await corrected(other, await greeted(other, agents))
        await answered(phone, agent)
    assert phone.spoken == other.spoken == []
    call = await product.ended_call(call_id)
    assert turns_of(call) == ["greeting", "bad", "answer"]


async def test_postgresql_down(product, agents, call_id):
    async with phoning(product, call_id) as phone:
        agent = await greeted(phone, agents)
        await agreed(agent)
        async with down(product, POSTGRES):
            async with phoning(product, f"{call_id}-2") as other:  # one that begins meanwhile
                # Agreed to, so that it would be allowed: a permission that cannot be recorded is none.
                await agent.says("tool.gate", gate_id="g1", tool_calls=[PIZZA])
                await corrected(phone, agent)
                await other.finished()
            assert agents.is_untouched
            early = [m for m in map(json.loads, agent.got) if m["event"] == "mirror"]
            assert not [m for m in early if m["message"]["type"] == "tool.decision" and tokens_of(m["message"])]
        await answered(phone, agent)
    assert phone.spoken == []
    assert [FALLBACK in text for text in other.spoken] == [True]
    call = await product.ended_call(call_id)
    assert turns_of(call) == ["greeting", "c1", "back", "c2", "bad", "answer"]
    assert [row["state"] for row in call["interventions"]] == ["completed"]


async def test_the_worker_down(product, agents, call_id):
    async with phoning(product, call_id) as phone, down(product, WORKER):
        agent = await greeted(phone, agents)
        await corrected(phone, agent)
        await answered(phone, agent)
    assert phone.spoken == []
    assert (await product.ended_call(call_id))["end_reason"] == "carrier_closed"


# --- the web process ---


@pytest.fixture
async def webs(product: Product) -> AsyncIterator[tuple[str, str]]:
    """A second web process beside the stack's, and a balancer before both: its address and that of the second."""
    with second_web(product) as second:
        await ready(second)
        async with balanced(product.stack.url, second) as front:
            yield front, second


async def test_the_web_process_killed(product, agents, call_id, webs):
    front, second = webs
    async with phoning(product, call_id, base_url=front) as phone:
        agent = await greeted(phone, agents)
        url = await stream_url_of(product, f"{call_id}-2")
        async with carrier(product, f"{call_id}-2", stream_url=url) as first_half:
            kept = await agents.next()
            await kept.says("agent.turn", turn_id="a1", text=GOOD)
            await kept.mirror("ack", seq=1)
            async with down(product, WEB):
                await phone.finished()  # the XML after the stream, from the process that is left
                await asyncio.wait_for(first_half.is_gone.wait(), 15)
                await asyncio.wait_for(agent.is_gone.wait(), 15)
                await goes_on(product, agents, f"{call_id}-2", url.replace(product.stack.url[4:], second[4:]))
    assert [FALLBACK in text for text in phone.spoken] == [True]
    assert turns_of(await product.ended_call(f"{call_id}-2")) == ["a1", "a2", "a3"]
    assert (await product.call(call_id))["status"] == "live"
    assert int(product.stack.manage("shell", "-v", "0", "-c", SWEEP.format(agent_key=product.told["agent_key"]))) >= 1
    call = await product.ended_call(call_id)
    assert (call["end_reason"], turns_of(call)) == ("connection_lost", ["greeting"])


async def goes_on(product: Product, agents: Agents, call_id: str, url: str) -> None:
    """The carrier dials again with the same token and reaches the other process: the call goes on there."""
    async with carrier(product, call_id, stream_url=url) as again:
        agent = await agents.next()
        agent.seq = 1  # what it had sent before
        await agent.says("agent.turn", turn_id="a2", text=BAD)
        stopped = await agent.mirror("intervention", turn_id="a2")
        await again.event("clearAudio")
        assert stopped["turn_id"] == "a2"
        await agent.says("agent.turn", turn_id="a3", text=GOOD)
        await agent.mirror("verdict", turn_id="a3")
        await speak(agent, "answer")
        await again.event("playAudio")


# --- the judge ---


async def test_the_judge_hangs(hanging, slow_judge, agents, call_id):
    async with phoning(hanging, call_id) as phone:
        agent = await greeted(phone, agents)
        assert not [text for text in agent.got if '"verdict"' in text]  # heard before anything was decided
        await agreed(agent)
        began = asyncio.get_running_loop().time()
        await agent.says("agent.turn", turn_id="order", text="I am placing that order now.", tool_calls=[PIZZA])
        await speak(agent, "answer")
        verdict = await agent.mirror("verdict", turn_id="order")
        decision = await agent.mirror("tool.decision", gate_id="order")
        waited_s = asyncio.get_running_loop().time() - began
        await phone.hears("answer", 200)
    assert slow_judge.received  # it was asked
    assert (verdict["decision"], decision["decision"], tokens_of(decision)) == ("undecided", "block", [])
    assert 0.9 < waited_s < 3.0
    assert phone.spoken == []
    assert [row["decision"] for row in (await hanging.ended_call(call_id))["tool_decisions"]] == ["block"]
