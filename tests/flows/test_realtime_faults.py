"""Parts of the product that die during a realtime call: the caller goes on hearing the agent."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from calls.simulate.realtime_server import RealtimeServer
from calls.simulate.realtime_speech import Reply
from tests.flows.breaking import BACK_WITHIN_S
from tests.flows.realtime import KEY, ORDER, Script, client, next_of, realtime_product
from tests.flows.talk import BAD, GOOD, Product, eventually
from tests.processes import are_gone, pid_of, programs_of
from tests.stack import RunningStack

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes through /proc"),
]


@pytest.fixture(scope="module")
def product(broken_stack: RunningStack, realtime_rules: str, realtime_port: int) -> Product:
    told = ("realtime_transcription_model=whisper-1", "cooldown_s=0")
    return realtime_product(broken_stack, realtime_rules, "Broken", realtime_port, *told)


@pytest.fixture
async def script() -> Script:
    return Script()


@pytest.fixture
async def provider(script: Script, realtime_port: int) -> AsyncIterator[RealtimeServer]:
    async with RealtimeServer(script, key=KEY, is_text=True).serving(port=realtime_port) as server:
        yield server


@pytest.fixture
def call_id() -> str:
    return f"rt-{uuid4().hex[:8]}"


def kill(product: Product, part: str) -> None:
    pid = pid_of(product.stack.data_dir, part)
    os.kill(pid, signal.SIGKILL)
    assert are_gone([pid], within_s=10)


async def ready(product: Product) -> None:
    async def status() -> int:
        try:
            async with product.web() as web:
                return (await web.get("/readyz")).status_code
        except httpx.HTTPError:
            return 0

    await eventually(status, lambda code: code == 200, within_s=BACK_WITHIN_S)


@pytest.mark.parametrize("part", ["valkey-server", "bin/postgres -D"])
async def test_a_realtime_call_is_supervised_on_without_a_server_of_ours(product, provider, script, call_id, part):
    script.replies["next"] = Reply((GOOD,))
    async with client(product, call_id) as agent:
        model = await next_of(provider)
        await model.caller_says("A pizza, please.")
        await agent.of("response.done")
        kill(product, part)
        script.replies["next"] = Reply(("Of course. ", f"{BAD} ", "It is on its way.", " More."))
        await model.caller_says("I want my money back.")
        cancelled = await agent.until(
            lambda body: body["type"] == "response.done" and body["response"]["status"] == "cancelled"
        )
        said = await agent.until(
            lambda body: body["type"] == "response.output_text.done" and "can't promise a refund" in body["text"]
        )
        assert said["response_id"] != cancelled["response"]["id"]
        await ready(product)
    call = await product.ended_call(call_id)
    assert [turn["text"] for turn in call["turns"] if turn["role"] == "customer"] == [
        "A pizza, please.",
        "I want my money back.",
    ]


async def test_a_permission_that_cannot_be_recorded_is_not_given(product, provider, script, call_id):
    script.replies["next"] = Reply(("So that is one pizza. Shall I order it?",))
    async with client(product, call_id) as agent:
        model = await next_of(provider)
        await model.caller_says("One pizza, please.")
        await agent.of("response.done")
        held = [pid for pid, said in programs_of(product.stack.data_dir).items() if "postgres" in said]
        for pid in held:
            os.kill(pid, signal.SIGSTOP)
        try:
            script.replies["next"] = Reply((), (ORDER,))
            await model.caller_says("Yes, please.")
            await eventually(
                lambda: asyncio.sleep(0, [text for text in model.received if "function_call_output" in text]),
                bool,
                within_s=30.0,
            )
        finally:
            for pid in held:
                os.kill(pid, signal.SIGCONT)
        await agent.until(lambda body: body["type"] == "response.done" and body["response"]["output"] == [])
        assert "function_call" not in "".join(agent.got)
        answer = next(json.loads(text) for text in model.received if "function_call_output" in text)
        assert "not run" in answer["item"]["output"] or "could not be recorded" in answer["item"]["output"]
        await ready(product)
