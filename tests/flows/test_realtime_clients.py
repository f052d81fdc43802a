"""The provider's own Python client, unchanged, against the realtime proxy. Needs the dependency group ``clients``."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest

from calls.simulate.realtime_server import RealtimeServer
from calls.simulate.realtime_speech import Reply
from tests.flows.realtime import KEY, ORDER, next_of, realtime_product
from tests.flows.talk import BAD, GOOD, WITHIN_S, Product
from tests.stack import RunningStack

openai = pytest.importorskip("openai")

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def product(stack: RunningStack, realtime_rules: str, realtime_port: int) -> Product:
    return realtime_product(stack, realtime_rules, "Clients", realtime_port, "realtime_transcription_model=whisper-1")


@asynccontextmanager
async def connected(product: Product, call_id: str) -> AsyncIterator[Any]:
    """As an agent's code connects: only the base address and the key are Mirror's."""
    client = openai.AsyncOpenAI(
        api_key=product.told["api_key"], websocket_base_url=f"{product.ws}/ws/v1/realtime/voice"
    )
    async with (
        asyncio.timeout(WITHIN_S),
        client,
        client.realtime.connect(model="scripted", extra_query={"call_id": call_id}) as connection,
    ):
        yield connection


async def until(connection: Any, kind: str, count: int = 1) -> list[Any]:
    """Read events until so many of the kind came; return all."""
    got: list[Any] = []
    async for event in connection:
        got.append(event)
        count -= event.type == kind
        if not count:
            break
    return got


async def test_a_conversation_in_text_and_audio(product, provider):
    async with connected(product, f"sdk-{uuid4().hex[:8]}") as connection:
        await connection.session.update(session={"type": "realtime", "instructions": "Be brief."})
        content = [{"type": "input_text", "text": "Hello."}]
        await connection.conversation.item.create(item={"type": "message", "role": "user", "content": content})
        await connection.input_audio_buffer.append(audio=base64.b64encode(bytes(480)).decode())
        await connection.response.create()
        got = await until(connection, "response.done")
        kinds = [event.type for event in got]
        assert kinds[:2] == ["session.created", "session.updated"]
        assert got[1].session.instructions == "Be brief."
        assert "".join(e.delta for e in got if e.type == "response.output_audio_transcript.delta") == GOOD
        assert len(b"".join(base64.b64decode(e.delta) for e in got if e.type == "response.output_audio.delta")) > 480
        assert got[-1].response.output[0].content[0].transcript == GOOD


async def test_a_bad_reply_is_cancelled_and_the_correction_is_a_response_like_any(product, provider, script):
    script.replies["next"] = Reply(("Of course. ", f"{BAD} ", "It is on its way.", " More."))
    async with connected(product, f"sdk-{uuid4().hex[:8]}") as connection:
        model = await next_of(provider)
        await model.caller_says("I want my money back.")
        got = await until(connection, "response.done", 2)
        first, second = [event.response for event in got if event.type == "response.done"]
        assert (first.status, first.status_details.reason) == ("cancelled", "turn_detected")
        assert second.status == "completed"
        assert "can't promise a refund" in second.output[0].content[0].transcript


async def test_a_tool_runs_once_the_caller_agreed_and_its_outcome_is_taken(product, script, realtime_port):
    script.replies["next"] = Reply((), (ORDER,))
    server = RealtimeServer(script, key=KEY, is_text=True)
    call_id = f"sdk-{uuid4().hex[:8]}"
    async with server.serving(port=realtime_port), connected(product, call_id) as connection:
        model = await next_of(server)
        await model.caller_says("Hello there.")
        refused = await until(connection, "response.done", 2)
        assert not [event for event in refused if "function_call" in event.type]
        script.replies["next"] = Reply(("So that is one pizza. Shall I order it?",))
        await model.caller_says("One pizza, please.")
        await until(connection, "response.done")
        script.replies["next"] = Reply((), (ORDER,))
        await model.caller_says("Yes, please.")
        got = await until(connection, "response.done")
        (call,) = [event for event in got if event.type == "response.function_call_arguments.done"]
        assert (call.name, call.arguments) == (ORDER.name, ORDER.arguments)
        item = {"type": "function_call_output", "call_id": call.call_id, "output": '{"order": 7}'}
        await connection.conversation.item.create(item=item)
        await connection.response.create()
        await until(connection, "response.done")
    told = await product.ended_call(call_id)
    assert [row["decision"] for row in told["tool_decisions"]] == ["confirm", "allow"]


async def test_a_key_that_is_no_key_is_refused_at_the_handshake(product, provider):
    client = openai.AsyncOpenAI(api_key="mk_wrong", websocket_base_url=f"{product.ws}/ws/v1/realtime/voice")
    async with client:
        with pytest.raises(Exception, match=r"HTTP (401|403)"):
            await client.realtime.connect(model="scripted").enter()
