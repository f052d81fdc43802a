"""Realtime calls through the running product: the agent's code on one side, a scripted model on the other."""

from __future__ import annotations

import asyncio
import json
from uuid import uuid4

import pytest
from websockets.exceptions import InvalidStatus

from calls.simulate.realtime_server import RealtimeServer
from calls.simulate.realtime_speech import Reply
from tests.flows.realtime import KEY, ORDER, client, next_of, realtime_product
from tests.flows.talk import BAD, GOOD, WITHIN_S, Product, eventually
from tests.stack import RunningStack

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def product(stack: RunningStack, realtime_rules: str, realtime_port: int) -> Product:
    return realtime_product(stack, realtime_rules, "Realtime", realtime_port, "realtime_transcription_model=whisper-1")


@pytest.fixture
def call_id() -> str:
    return f"rt-{uuid4().hex[:8]}"


async def test_everything_passes_as_it_came_both_ways(product, provider, call_id):
    async with client(product, call_id) as agent:
        model = await next_of(provider)
        assert "model=scripted" in model.path
        assert "call_id" not in model.path
        assert model.headers["authorization"] == f"Bearer {KEY}"
        odd = '{ "type":"session.update",  "session": {"instructions": "\\u00e9 é", "new": [1.0, 2e3]} }'
        await agent.send(odd, "no json", '{"type":"input_audio_buffer.append","audio":"AAAA"}')
        await agent.say("conversation.item.create", item={"type": "message", "role": "user", "content": []})
        await agent.say("response.create")
        await agent.of("response.done")
        assert odd in model.received
        assert "no json" in model.received
        ours = [text for text in model.received if "evt_mirror_" in text]
        assert [json.loads(text)["type"] for text in ours] == ["session.update"]
        hidden = [text for text in model.sent if text not in agent.got]
        assert [json.loads(text)["type"] for text in hidden] == ["session.updated"]
        assert agent.got == [text for text in model.sent if text not in hidden]
    await asyncio.wait_for(model.is_gone.wait(), WITHIN_S)
    call = await product.ended_call(call_id)
    assert (call["transport"], call["end_reason"]) == ("realtime", "client_closed")
    assert [turn["text"] for turn in call["turns"]] == [GOOD]
    assert call["metadata"]["realtime"]["session_id"] == "sess_1"


async def test_a_bad_reply_is_stopped_and_put_right_in_the_agents_own_voice(product, provider, script, call_id):
    script.replies["next"] = Reply(("Of course. ", f"{BAD} ", "It is on its way.", " More."))
    async with client(product, call_id) as agent:
        model = await next_of(provider)
        await model.caller_says("I want my money back.")
        await agent.of("input_audio_buffer.speech_started")
        done = await agent.until(lambda body: body["type"] == "response.done")
        assert done["response"]["status"] == "cancelled"
        second = await agent.until(
            lambda body: body["type"] == "response.done" and body["response"]["status"] == "completed"
        )
        said = second["response"]["output"][0]["content"][0]["transcript"]
        assert "can't promise a refund" in said
        assert "on its way" not in " ".join(text for text in agent.got if "delta" in text)
    call = await product.ended_call(call_id)
    (row,) = call["interventions"]
    assert row["state"] in ("completed", "cut", "corrected")
    assert call["turns"][0]["text"] == "I want my money back."


async def test_a_refused_call_is_never_seen_and_the_model_is_told_what_to_say(product, provider, script, call_id):
    script.replies["next"] = Reply((), (ORDER,))
    async with client(product, call_id) as agent:
        model = await next_of(provider)
        await model.caller_says("Hello there.")
        await eventually(lambda: asyncio.sleep(0, len(agent.got)), lambda _: agent.count("response.done") >= 2)
        assert not [text for text in agent.got if "place_order" in text or "call_id" in text or "mirror_" in text]
        told = [json.loads(text) for text in model.received if "function_call_output" in text]
        assert "yes" in told[0]["item"]["output"]
    call = await product.ended_call(call_id)
    assert [row["decision"] for row in call["tool_decisions"]] == ["confirm"]


async def test_an_agreed_call_is_released_with_its_token_to_a_client_that_asks(product, script, realtime_port, call_id):
    script.replies["next"] = Reply(("So that is one pizza. Shall I order it?",))
    server = RealtimeServer(script, key=KEY, is_text=True)
    async with server.serving(port=realtime_port), client(product, call_id, query="&mirror=1") as agent:
        model = await next_of(server)
        await model.caller_says("One pizza, please.")
        await agent.of("response.done")
        script.replies["next"] = Reply((), (ORDER,))
        await model.caller_says("Yes, please.")
        released = await agent.of("response.function_call_arguments.done")
        assert released["mirror"]["commit_token"]
        assert released["arguments"] == ORDER.arguments


async def test_a_provider_that_refuses_is_told_as_an_error_and_a_close(product, script, realtime_port, call_id):
    async with RealtimeServer(script, key="another").serving(port=realtime_port), client(product, call_id) as agent:
        await asyncio.wait_for(agent.is_gone.wait(), WITHIN_S)
        (error,) = map(json.loads, agent.got)
        assert error["type"] == "error"
        assert "401" in error["error"]["message"]
        assert agent.socket.close_code == 1011
        assert "401" in (agent.socket.close_reason or "")
    assert (await product.ended_call(call_id))["end_reason"] == "upstream_unreachable"


async def test_a_provider_that_dies_in_the_middle_ends_every_response(product, provider, script, call_id):
    script.replies["next"] = Reply(tuple("word " for _ in range(200)))
    provider.pause_s = 0.05
    async with client(product, call_id) as agent:
        model = await next_of(provider)
        await model.caller_says("Hello.")
        await agent.of("response.output_audio.delta")
        model.socket.transport.abort()
        await asyncio.wait_for(agent.is_gone.wait(), WITHIN_S)
        done = await agent.of("response.done")
        assert done["response"]["status"] == "failed"
        assert (await agent.of("error"))["error"]["code"] == "upstream_lost"
        assert agent.socket.close_code == 1011
    assert (await product.ended_call(call_id))["end_reason"] == "upstream_lost"


async def test_a_browser_gives_its_key_as_a_subprotocol(product, provider, call_id):
    offered = ["realtime", f"openai-insecure-api-key.{product.told['api_key']}", "openai-beta.realtime-v1"]
    async with client(product, call_id, additional_headers={}, subprotocols=offered) as agent:
        assert agent.socket.subprotocol == "realtime"
        await agent.of("session.created")


@pytest.mark.parametrize(("headers", "status"), [({}, 401), ({"Authorization": "Bearer mk_no_such"}, 401)])
async def test_without_a_key_nothing_opens(product, provider, call_id, headers, status):
    with pytest.raises(InvalidStatus) as refused:
        async with client(product, call_id, additional_headers=headers):
            pass
    assert refused.value.response.status_code == status


async def test_a_second_socket_for_one_call_is_refused(product, provider, call_id):
    async with client(product, call_id) as agent:
        await agent.of("session.created")
        async with client(product, call_id) as again:
            await asyncio.wait_for(again.is_gone.wait(), WITHIN_S)
            assert (await again.of("error"))["error"]["code"] == "call_exists"
        await agent.say("response.create")
        await agent.of("response.done")
