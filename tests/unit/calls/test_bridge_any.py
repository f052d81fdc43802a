"""Anything both sides may send, in any order: the bridge's promises hold and nothing breaks."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calls.audio_gate import letters
from tenants.agent_settings import AgentSettings
from tests.unit.calls.bridged import QUIET, Agent, Phone, bridge_make, until
from tests.unit.calls.cast import BAD, GOOD
from tests.unit.calls.test_runtime import Desk, runtime_make

GARBAGE = [
    "",
    "{",
    "null",
    '{"event":3}',
    '{"event":"playAudio"}',
    '{"event":"mirror"}',
    '{"event":"x","a":[]}',
    "\x00",
]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("good turn"), st.booleans()),
        st.tuples(st.just("bad turn"), st.booleans()),
        st.tuples(st.just("more words"), st.sampled_from([GOOD, BAD, "and "])),
        st.tuples(st.just("audio"), st.integers(1, 5)),
        st.tuples(st.just("mark"), st.sampled_from(["x", "mirror-i1-buffer"])),
        st.tuples(st.just("clear"), st.none()),
        st.tuples(st.just("finished"), st.integers(1, 3)),
        st.tuples(st.just("garbage"), st.sampled_from(GARBAGE)),
        st.tuples(st.just("caller"), st.integers(1, 20)),
        st.tuples(st.just("carrier garbage"), st.sampled_from(GARBAGE)),
        st.tuples(st.just("back"), st.sampled_from(["x", "m0123456789abcdef-1"])),
    ),
    max_size=40,
)


class AnyTalk:
    """Sends each step and keeps which turn each piece of audio belongs to."""

    def __init__(self, release: str) -> None:
        chosen = AgentSettings(buffer_text="Hm.", cooldown_s=0, release=release, streaming_mode=True)
        self.runtime = runtime_make(Desk(), chosen)
        self.agent = Agent()
        self.bridge = bridge_make(self.runtime, self.agent)
        self.phone = Phone(self.bridge)
        self.seq = self.turn = self.sent = 0
        self.turn_of: dict[int, str] = {}

    def mirror(self, type_: str, **fields: Any) -> None:
        self.seq += 1
        self.agent.mirror(type_, self.seq, **fields)

    def step(self, kind: str, value: Any) -> None:
        match kind:
            case "good turn" | "bad turn":
                self.turn += 1
                text = GOOD if kind == "good turn" else BAD
                if value:
                    self.mirror("agent.turn", turn_id=f"a{self.turn}", text=text)
                else:
                    self.mirror("agent.delta", turn_id=f"a{self.turn}", delta=f"{text} So")
            case "more words":
                self.mirror("agent.delta", turn_id=f"a{self.turn}", delta=f" {value}")
            case "audio":
                for _ in range(value):
                    self.agent.say(self.piece())
            case "mark":
                self.agent.say(json.dumps({"event": "checkpoint", "name": value}))
            case "clear":
                self.agent.say(json.dumps({"event": "clearAudio", "by": "agent"}))
            case "finished":
                self.mirror("playback", intervention_id=f"i{value}", state="finished")
            case "garbage":
                self.agent.say(value)
            case _:
                self.carrier(kind, value)

    def carrier(self, kind: str, value: Any) -> None:
        if kind == "caller":
            self.phone.caller(QUIET, value)
        elif kind == "back":
            self.bridge.carrier_sent(json.dumps({"event": "playedStream", "name": value}))
        else:
            self.bridge.carrier_sent(value)

    def piece(self) -> str:
        self.sent += 1
        self.turn_of[self.sent] = f"a{self.turn}"
        payload = base64.b64encode(self.sent.to_bytes(4, "big") * 40).decode()
        return json.dumps({"event": "playAudio", "media": {"payload": payload}})

    async def settle(self) -> None:
        self.mirror("ping")
        await until(lambda: bool(self.agent.mirrored("pong")))
        for _ in range(5):
            await asyncio.sleep(0)

    async def close(self) -> None:
        self.runtime.close()
        await self.phone.hang_up()
        await self.bridge.close()

    def check(self) -> None:
        """What was stopped stays unheard, and neither side sees what is not its own."""
        stopped: set[str] = set()
        interventions = [body["turn_id"] for body in self.agent.mirrored("intervention")]
        numbers: list[int] = []
        for _, body in self.phone.got:
            if body["event"] == "clearAudio" and "by" not in body:
                stopped.add(interventions.pop(0))
            elif "media" in body:
                number = int.from_bytes(base64.b64decode(body["media"]["payload"])[:4], "big")
                assert self.turn_of[number] not in stopped
                numbers.append(number)
        assert numbers == sorted(numbers)
        acked = {body.get("name") for body in self.agent.bodies if body["event"] == "playedStream"}
        assert acked <= {"x", "mirror-i1-buffer", "m0123456789abcdef-1"}  # the last one only looks like ours


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS, st.sampled_from(["optimistic", "hold"]))
def test_whatever_is_sent_the_promises_hold(caplog: pytest.LogCaptureFixture, steps, release):
    async def run() -> None:
        call = AnyTalk(release)
        try:
            for kind, value in steps:
                call.step(kind, value)
            await call.settle()
            call.check()
            assert not call.bridge.agent_gone.is_set()
        finally:
            await call.close()

    caplog.clear()
    with caplog.at_level(logging.ERROR):
        asyncio.run(run())
    assert [record.message for record in caplog.records] == []


def test_letters_are_counted_without_gaps():
    assert letters(" a b\n c ") == 3
