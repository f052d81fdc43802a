"""Bridged calls: a carrier on one side, the tenant's agent on the other, over real sockets."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from websockets.exceptions import InvalidStatus

from mirror_saas.processes import port_free
from tests.flows.talk import (
    BAD,
    GOOD,
    PIZZA,
    Agents,
    Product,
    carrier,
    eventually,
    frame,
    media,
    play,
    plivo,
    start_of,
    stream_url_of,
)
from tests.stack import RunningStack

pytestmark = pytest.mark.stack

# Drawn once: the agents of all tests listen here, one after the other.
PORT = port_free()


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> str:
    found: Path = tmp_path_factory.mktemp("rules") / "rules.yaml"
    found.write_text("- Never promise a refund.\n")
    return str(found)


def bridged(stack: RunningStack, rules: str, name: str, *settings: str) -> Product:
    where = ("--agent", "orders", "--policies", rules, "--upstream-url", f"ws://127.0.0.1:{PORT}/stream")
    chosen = [part for one in settings for part in ("--set", one)]
    return Product(stack, stack.tenant(name, *where, *chosen, owner=f"{name.lower()}@bridged.example"))


@pytest.fixture(scope="module")
def product(stack: RunningStack, rules: str) -> Product:
    return bridged(stack, rules, "Bridged", "cooldown_s=0")


@pytest.fixture(scope="module")
def holding(stack: RunningStack, rules: str) -> Product:
    return bridged(stack, rules, "Holding", "release=hold", "hold_budget_ms=400")


@pytest.fixture(scope="module")
def speaking(stack: RunningStack, rules: str) -> Product:
    if shutil.which("espeak-ng") is None:
        pytest.skip("no offline voice is installed")
    return bridged(stack, rules, "Speaking", "speaker=mirror", "cooldown_s=0")


@pytest.fixture
async def agents() -> AsyncIterator[Agents]:
    async with Agents().serving(PORT) as listening:
        yield listening


@pytest.fixture
def call_id() -> str:
    return f"call-{uuid4().hex[:8]}"


async def test_an_agent_that_knows_nothing_of_mirror_sees_what_plivo_sent_and_nothing_else(product, agents, call_id):
    sent = [
        start_of(call_id),
        *(media(n) for n in range(30)),
        '{"event":"dtmf","dtmf":{"digit":"5"}}',
        '{"event":"new"}',
    ]
    async with carrier(product, call_id) as phone:
        agent = await agents.next()
        await phone.send(*sent[1:])
        await eventually(lambda: asyncio.sleep(0, len(agent.got)), lambda count: count >= len(sent))
        assert agent.got == sent
        spoken = [
            play(1, streamId="s"),
            '{"event": "checkpoint", "streamId": "s", "name": "x"}',
            play(2),
            '{"event":"sendDTMF","dtmf":"1"}',
        ]
        await agent.send(*spoken)
        await phone.event("sendDTMF")
        assert phone.got == spoken
        await phone.send('{"event":"playedStream","streamId":"s","name":"x"}')
        assert (await agent.event("playedStream"))["name"] == "x"
        assert len(agent.got) == len(sent) + 1


async def test_the_first_word_in_band_opens_the_supervision(product, agents, call_id):
    async with carrier(product, call_id) as phone:
        agent = await agents.next()
        await agent.says("customer.turn", turn_id="c1", text="A pizza, please.")
        await agent.mirror("ack", seq=1)
        await agent.says("agent.turn", turn_id="a1", text="So that is one pizza, right?")
        assert (await agent.mirror("verdict", turn_id="a1"))["decision"] == "pass"
        await agent.says("customer.turn", turn_id="c2", text="Yes.")
        await agent.says("tool.gate", gate_id="g1", tool_calls=[PIZZA])
        assert (await agent.mirror("tool.decision", gate_id="g1"))["tool_calls"][0]["commit_token"]
        await agent.says("ping")
        await agent.mirror("pong")
        assert phone.got == []
    call = await product.ended_call(call_id)
    assert (call["transport"], call["end_reason"], call["direction"]) == ("plivo", "carrier_closed", "inbound")
    assert [turn["turn_id"] for turn in call["turns"]] == ["c1", "a1", "c2"]


async def test_of_an_interrupted_turn_nothing_is_heard_until_a_new_turn(product, agents, call_id):
    async with carrier(product, call_id) as phone:
        agent = await agents.next()
        await agent.says("agent.turn", turn_id="a1", text=GOOD)
        await agent.send(play(1))
        await phone.event("playAudio")
        await agent.says("agent.turn", turn_id="a2", text=BAD)
        stopped = await agent.mirror("intervention", turn_id="a2")
        await phone.event("clearAudio")
        await agent.send(
            play(2), play(3), json.dumps({"event": "checkpoint", "streamId": "s", "name": "gone"}), play(4)
        )
        await agent.says("agent.turn", turn_id="a3", text=GOOD)
        await agent.send(play(5))
        await phone.until(
            lambda body: (
                body["event"] == "playAudio" and body["media"]["payload"] == json.loads(play(5))["media"]["payload"]
            )
        )
        assert phone.audio == [1, 5]
        assert phone.events == ["playAudio", "clearAudio", "playAudio"]
        assert json.loads(phone.got[1])["streamId"] == "stream-1"
        assert stopped["system_note"]


async def test_the_agents_own_correction_is_heard(product, agents, call_id):
    async with carrier(product, call_id) as phone:
        agent = await agents.next()
        await agent.says("agent.turn", turn_id="a1", text=BAD)
        stopped = await agent.mirror("intervention")
        buffer, correction = (step["checkpoint"] for step in stopped["steps"][1:])
        await agent.send(play(1))
        await agent.says("playback", intervention_id=stopped["intervention_id"], state="started")
        await agent.send(play(2), json.dumps({"event": "checkpoint", "streamId": "s", "name": buffer}))
        await phone.event("checkpoint", name=buffer)
        await phone.send(json.dumps({"event": "playedStream", "streamId": "s", "name": buffer}))
        await agent.send(play(3), json.dumps({"event": "checkpoint", "streamId": "s", "name": correction}))
        await phone.event("checkpoint", name=correction)
        await phone.send(json.dumps({"event": "playedStream", "streamId": "s", "name": correction}))
        await agent.event("playedStream", name=correction)
        assert phone.audio == [2, 3]
    call = await product.ended_call(call_id)
    (row,) = call["interventions"]
    assert (row["state"], [step["step"] for step in row["steps"]][-1]) == ("completed", "played")


async def test_what_was_heard_of_a_stopped_turn_is_kept(product, agents, call_id):
    async with carrier(product, call_id) as phone:
        agent = await agents.next()
        await agent.says("agent.turn", turn_id="a1", text=GOOD)
        await agent.send(*(play(n) for n in range(250)))  # five seconds of it
        await phone.until(lambda body: body["event"] == "playAudio")
        await agent.send(json.dumps({"event": "clearAudio", "streamId": "s"}))
        await phone.event("clearAudio")
    call = await product.ended_call(call_id)
    heard = call["turns"][0]["heard_text"]
    assert GOOD.startswith(heard)
    assert heard != GOOD


async def test_held_audio_of_a_bad_turn_is_never_heard(holding, agents, call_id):
    async with carrier(holding, call_id) as phone:
        agent = await agents.next()
        await agent.says("agent.delta", turn_id="a1", delta=BAD)
        await agent.send(play(1), play(2))
        await agent.says("agent.done", turn_id="a1")
        await agent.mirror("intervention", turn_id="a1")
        await phone.event("clearAudio")
        await agent.says("agent.turn", turn_id="a2", text=GOOD)
        await agent.send(play(3))
        await phone.event("playAudio")
        assert phone.audio == [3]


async def test_held_audio_without_a_word_waits_no_longer_than_the_budget(holding, agents, call_id):
    async with carrier(holding, call_id) as phone:
        agent = await agents.next()
        began = asyncio.get_running_loop().time()
        await agent.send(play(1))
        await phone.event("playAudio")
        assert 0.3 < asyncio.get_running_loop().time() - began < 2.0


TWILIO = {
    "start": {
        "event": "start", "sequenceNumber": "1", "streamSid": "MZ1",
        "start": {
            "accountSid": "AC1", "streamSid": "MZ1", "callSid": "", "tracks": ["inbound"], "customParameters": {},
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        },
    },
    "id": "callSid",
}  # fmt: skip
TELNYX = {
    "start": {
        "event": "start", "sequence_number": "1", "stream_id": "str-1",
        "start": {
            "user_id": "u1", "call_control_id": "",
            "media_format": {"encoding": "PCMU", "sample_rate": 8000, "channels": 1},
        },
    },
    "id": "call_control_id",
}  # fmt: skip


@pytest.mark.parametrize("shape", [TWILIO, TELNYX], ids=["twilio", "telnyx"])
async def test_a_carrier_of_another_shape_is_bridged_in_its_own_protocol(product, agents, call_id, shape):
    start = {**shape["start"], "start": {**shape["start"]["start"], shape["id"]: call_id}}
    greetings = ['{"event":"connected","protocol":"Call","version":"1.0.0"}', json.dumps(start)]
    async with carrier(product, call_id, greetings=greetings) as phone:
        agent = await agents.next()
        await eventually(lambda: asyncio.sleep(0, len(agent.got)), lambda count: count >= 2)
        assert agent.got == greetings
        await agent.says("agent.turn", turn_id="a1", text=GOOD)
        spoken = [
            json.dumps({"event": "media", "media": {"payload": frame(7)}}),
            '{"event":"mark","mark":{"name":"x"}}',
        ]
        await agent.send(*spoken)
        await phone.event("mark")
        assert phone.got == spoken
        assert phone.marks
        await phone.send('{"event":"mark","mark":{"name":"x"}}')
        await agent.event("mark")
        await agent.says("agent.turn", turn_id="a2", text=BAD)
        await phone.event("clear")
        await phone.send(*phone.marks)  # what was pending comes back, and stays with us
        await agent.says("agent.turn", turn_id="a3", text=GOOD)
        await agent.mirror("verdict", turn_id="a3")
        assert agent.events.count("mark") == 1
    assert (await product.ended_call(call_id))["end_reason"] == "carrier_closed"


async def test_mirror_says_the_correction_itself_and_counts_what_was_heard(speaking, agents, call_id):
    async with carrier(speaking, call_id, plays=True) as phone:
        agent = await agents.next()
        await agent.says("agent.turn", turn_id="a1", text=BAD)
        stopped = await agent.mirror("intervention", turn_id="a1")
        assert [step["do"] for step in stopped["steps"]] == ["clear_audio"]
        await agent.says("agent.turn", turn_id="a2", text=GOOD)
        await agent.send(play(9))
        await phone.until(lambda body: body == json.loads(play(9)))
        assert len(phone.audio) > 50  # more than a second of Mirror's voice came before it
        assert phone.audio[-1] == 9
    call = await speaking.ended_call(call_id)
    (row,) = call["interventions"]
    assert (row["speaker"], row["state"], row["heard_violation_words"]) == ("mirror", "completed", 0)
    assert [step["step"] for step in row["steps"]][-1] == "played"


async def test_with_every_mark_lost_mirror_says_all_of_it_in_time(speaking, agents, call_id):
    async with carrier(speaking, call_id):
        agent = await agents.next()
        await agent.says("agent.turn", turn_id="a1", text=BAD)
        await agent.mirror("intervention", turn_id="a1")

        async def row():
            (found,) = (await speaking.call(call_id))["interventions"] or [None]
            return found

        done = await eventually(row, lambda found: found is not None and found["state"] == "completed")
    at = {step["step"]: step["at_ms"] for step in done["steps"]}
    assert list(at) == [
        "started", "buffer_on_air", "buffer_timed_out", "correction_started", "correction_on_air", "timed_out",
    ]  # fmt: skip
    # The slack is exact; how long the words are the voice decides, here within what speech can be.
    assert 300 + 500 < at["correction_started"] - at["buffer_on_air"] < 300 + 5_000
    assert 500 + 500 < at["timed_out"] - at["correction_on_air"] < 500 + 6_000
    assert at["correction_on_air"] - at["correction_started"] < 200  # it was made while the buffer line played


async def test_an_agent_that_cannot_be_reached_leads_to_a_spoken_sentence(product, call_id):
    async with carrier(product, call_id) as phone:
        await asyncio.wait_for(phone.is_gone.wait(), 15)
    assert "<Speak>" in await plivo(product, "after", call_id)
    assert (await product.ended_call(call_id))["end_reason"] == "upstream_unreachable"


async def test_when_the_agent_hangs_up_so_does_the_carrier(product, agents, call_id):
    async with carrier(product, call_id) as phone:
        agent = await agents.next()
        await agent.socket.close()
        await asyncio.wait_for(phone.is_gone.wait(), 15)
        answer = await plivo(product, "after", call_id)
    assert "<Hangup/>" in answer
    assert "<Speak>" not in answer
    assert (await product.ended_call(call_id))["end_reason"] == "agent_hung_up"


async def test_when_the_agent_breaks_the_caller_hears_a_sentence(product, agents, call_id):
    async with carrier(product, call_id) as phone:
        agent = await agents.next()
        agent.socket.transport.abort()
        await asyncio.wait_for(phone.is_gone.wait(), 15)
        assert "<Speak>" in await plivo(product, "after", call_id)
    assert (await product.ended_call(call_id))["end_reason"] == "agent_lost"


async def test_when_the_carrier_hangs_up_so_does_mirror_to_the_agent(product, agents, call_id):
    async with carrier(product, call_id):
        agent = await agents.next()
    await asyncio.wait_for(agent.is_gone.wait(), 15)
    assert (await product.ended_call(call_id))["end_reason"] == "carrier_closed"


async def test_a_carrier_that_dials_again_goes_on_with_the_same_call_and_agent(product, agents, call_id):
    url = await stream_url_of(product, call_id)
    async with carrier(product, call_id, stream_url=url) as phone:
        agent = await agents.next()
        phone.socket.transport.abort()
    async with carrier(product, call_id, stream_url=url) as again:
        await again.send(media(7))
        await agent.event("media", sequenceNumber=9)
        await agent.send(play(1))
        await again.event("playAudio")
        assert agents.is_untouched
        assert agent.events == ["start", "start", "media"]
    assert (await product.ended_call(call_id))["end_reason"] == "carrier_closed"


async def test_of_two_sockets_of_one_call_the_later_gets_all_the_audio(product, agents, call_id):
    url = await stream_url_of(product, call_id)
    async with carrier(product, call_id, stream_url=url) as first:
        agent = await agents.next()
        async with carrier(product, call_id, stream_url=url) as second:
            await asyncio.wait_for(first.is_gone.wait(), 15)
            await agent.send(*(play(n) for n in range(20)))
            await eventually(lambda: asyncio.sleep(0, second.audio), lambda audio: audio == list(range(20)))
            assert first.audio == []


async def test_a_stream_token_opens_no_other_call(product, agents, call_id):
    url = await stream_url_of(product, call_id)
    async with carrier(product, "another-call", stream_url=url) as phone:
        await asyncio.wait_for(phone.is_gone.wait(), 15)
    assert agents.is_untouched
    with pytest.raises(InvalidStatus) as refused:
        async with carrier(product, call_id, stream_url=f"{url.rpartition('.')[0]}.wrong/"):
            pass
    assert refused.value.response.status_code == 403


async def test_a_supervise_socket_that_joins_gets_the_verdicts_and_speaks_for_the_agent(product, agents, call_id):
    async with carrier(product, call_id) as phone:
        agent = await agents.next()
        async with product.supervised() as beside:
            started = await beside.start(call_id)
            assert started["resumed"] is True
            await beside.told("agent.turn", turn_id="a1", text=BAD, seq=2)
            await agent.send(play(1))
            stopped = await beside.of("intervention", turn_id="a1")
            await phone.event("clearAudio")
            await agent.send(play(2))
            await beside.told("playback", intervention_id=stopped["intervention_id"], state="finished", seq=3)
            await beside.told("agent.turn", turn_id="a2", text=GOOD, seq=4)
            await beside.of("verdict", turn_id="a2")
            await agent.send(play(3))
            await phone.until(lambda body: body == json.loads(play(3)))
            assert 2 not in phone.audio
            assert "mirror" not in agent.events
        await agent.send(play(4))
        await phone.until(lambda body: body == json.loads(play(4)))
    assert (await product.ended_call(call_id))["end_reason"] == "carrier_closed"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (None, "bad_message"),
        ("text", "bad_message"),
        ({"type": "ping"}, "bad_seq"),
        ({"type": "no.such", "seq": 9}, "unknown_type"),
        ({"type": "call.start", "seq": 9, "call_id": "x"}, "not_here"),
        ({"type": "agent.turn", "seq": 9}, "bad_field"),
        ({"type": "agent.done", "seq": 9, "turn_id": "never"}, "turn_unknown"),
        ({"type": "ping", "seq": 9, "padding": "x" * 65_536}, "message_too_large"),
    ],
)
async def test_a_message_in_band_that_cannot_be_used_gets_an_error_and_the_call_goes_on(
    product, agents, call_id, message, code
):
    async with carrier(product, call_id) as phone:
        agent = await agents.next()
        await agent.send(json.dumps({"event": "mirror", "message": message}))
        assert (await agent.mirror("error"))["code"] == code
        await agent.send(play(1))
        await phone.event("playAudio")
        await agent.says("agent.turn", turn_id="a1", text=GOOD)
        await agent.mirror("verdict", turn_id="a1")


async def test_what_is_no_message_is_relayed_as_it_came(product, agents, call_id):
    async with carrier(product, call_id) as phone:
        agent = await agents.next()
        await agent.send("not json", "[1]", '{"type": "x"}', play(1))
        await eventually(lambda: asyncio.sleep(0, len(phone.got)), lambda count: count >= 4)
        assert phone.got == ["not json", "[1]", '{"type": "x"}', play(1)]


async def test_in_band_words_after_the_calls_end_are_refused_and_audio_still_flows(product, agents, call_id):
    async with carrier(product, call_id) as phone:
        agent = await agents.next()
        await agent.says("call.end", reason="order placed")
        await agent.mirror("ack", seq=1)
        await agent.says("agent.turn", turn_id="a1", text=GOOD)
        assert (await agent.mirror("error"))["code"] == "call_ended"
        await agent.send(play(1))
        await phone.event("playAudio")
        await agent.socket.close()
        await asyncio.wait_for(phone.is_gone.wait(), 15)
        assert "<Speak>" not in await plivo(product, "after", call_id)
