"""A live call in a process: effects performed, acknowledgements after the record, ports told."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from calls import outgoing
from calls.errors import IllegalEvent, MessageRefused
from calls.events import (
    AgentTurnCompleted,
    CallEnded,
    CallEvent,
    ClearAudio,
    ClientMessage,
    CustomerTurnCompleted,
    PlaybackReported,
    PlaybackState,
    Record,
    SendVerdict,
    ToolGateRequested,
)
from calls.live_agent import LiveAgent
from calls.recorder import Item
from calls.runtime import AudioEffect, CallRuntime
from calls.services import Ended, OpenedCall
from judging.config import AgentJudging
from judging.core import ToolCall
from judging.live import LiveModels
from tenants.agent_settings import AgentSettings
from tests.unit.calls.cast import BAD, FACTS_ONLY, GOOD, PIZZA, REFUND

TENANT, CALL = uuid4(), uuid4()


class Port:
    def __init__(self, runtime: CallRuntime | None = None) -> None:
        self.heard_of: list[CallEvent] = []
        self.got: list[dict[str, Any]] = []
        self.controls: list[AudioEffect] = []
        self.runtime = runtime

    def heard(self, event: CallEvent) -> None:
        self.heard_of.append(event)

    def send(self, body: dict[str, Any]) -> None:
        self.got.append(body)

    def playing(self) -> list[PlaybackReported]:
        return []

    def let_go(self) -> None:
        """Not part of these tests."""

    def control(self, effect: AudioEffect) -> None:
        self.controls.append(effect)
        if self.runtime is not None and isinstance(effect, ClearAudio):
            # As the bridge does: emptying the carrier's queue tells what was heard.
            self.runtime.tell(PlaybackReported(PlaybackState.CLEARED, 100, turn_id="a1", total_ms=1000))


class Desk:
    """Takes what is recorded; ``write`` makes it durable."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.has_room = True
        self.ended: list[UUID] = []
        self.is_full = False

    def put(self, item: Item) -> bool:
        if not self.is_full:
            self.items.append(item)
        return not self.is_full

    def write(self, *, is_lost: bool = False) -> None:
        """``is_lost``: every row is refused."""
        items, self.items = self.items, []
        for item in items:
            settle = item.on_lost if is_lost and item.entries else item.on_durable
            if settle is not None:
                settle()


@pytest.fixture
async def desk() -> Desk:
    return Desk()


@pytest.fixture
async def runtime(desk: Desk) -> CallRuntime:
    return runtime_make(desk, AgentSettings(buffer_text="Hm."))


def runtime_make(desk: Desk, settings: AgentSettings, *, is_speaking: bool = False) -> CallRuntime:
    judging = AgentJudging(
        tenant_id=TENANT,
        agent_id=uuid4(),
        slug="orders",
        settings=settings,
        judge=FACTS_ONLY,
        revision=1,
        policies=(REFUND,),
    )
    return CallRuntime(
        opened=OpenedCall(CALL, True, False, datetime.now(UTC), "supervise"),
        external_id="c-1",
        transport="supervise",
        agent=LiveAgent(judging),
        is_speaking=is_speaking,
        models=LiveModels(),
        put=desk.put,
        has_room=lambda: desk.has_room,
        on_end=lambda ended: desk.ended.append(ended.call_id),
    )


def tell(runtime: CallRuntime, seq: int, event: CallEvent) -> list[int]:
    acked: list[int] = []
    runtime.receive(event, message=ClientMessage(seq, "x", {}), on_durable=lambda: acked.append(seq))
    return acked


async def test_a_tenant_that_keeps_no_transcripts_gets_rows_without_words(desk: Desk):
    runtime = runtime_make(desk, AgentSettings(record_transcripts=False))
    runtime.receive(AgentTurnCompleted("a1", GOOD))
    (item,) = desk.items
    (turn,) = [entry for entry in item.entries if isinstance(entry, Record) and entry.table == "turn"]
    assert (turn.fields["turn_id"], turn.fields["text"]) == ("a1", "")


async def test_a_message_is_acknowledged_after_its_rows_are_written(runtime: CallRuntime, desk: Desk):
    acked = tell(runtime, 1, AgentTurnCompleted("a1", GOOD))
    assert acked == []
    desk.write()
    assert acked == [1]


async def test_a_repeat_waits_for_its_first_and_does_nothing_else(runtime: CallRuntime, desk: Desk):
    port = Port()
    runtime.ports.append(port)
    tell(runtime, 1, AgentTurnCompleted("a1", GOOD))
    told, heard = len(port.got), len(port.heard_of)
    acked = tell(runtime, 1, AgentTurnCompleted("a1", GOOD))
    assert (len(port.got), len(port.heard_of), acked) == (told, heard, [])
    assert [len(item.entries) > 0 for item in desk.items] == [True, False]
    desk.write()
    assert acked == [1]


async def test_a_commit_token_is_handed_out_once_its_row_is_written(runtime: CallRuntime, desk: Desk):
    port = Port()
    runtime.ports.append(port)
    events: tuple[CallEvent, ...] = (
        CustomerTurnCompleted("c1", "A pizza, please."),
        AgentTurnCompleted("a1", "So that is one pizza, right?"),
        CustomerTurnCompleted("c2", "Yes."),
        ToolGateRequested("g1", (PIZZA,)),
    )
    for seq, event in enumerate(events, 1):
        tell(runtime, seq, event)
    assert [body["type"] for body in port.got] == ["verdict"]
    desk.write()
    assert [(body["type"], body.get("decision")) for body in port.got[1:]] == [("tool.decision", "allow")]


def told(port: Port) -> list[tuple[str, str, bool]]:
    decisions = [body for body in port.got if body["type"] == "tool.decision"]
    return [(body["gate_id"], body["decision"], "commit_token" in body["tool_calls"][0]) for body in decisions]


AGREED: tuple[CallEvent, ...] = (
    CustomerTurnCompleted("c1", "A pizza, please."),
    AgentTurnCompleted("a1", "So that is one pizza, right?"),
    CustomerTurnCompleted("c2", "Yes."),
    ToolGateRequested("g1", (PIZZA,)),
)


def agreed(runtime: CallRuntime) -> Port:
    port = Port()
    runtime.ports.append(port)
    for seq, event in enumerate(AGREED, 1):
        tell(runtime, seq, event)
    return port


async def test_a_call_that_is_held_is_told_once_that_is_written(runtime: CallRuntime, desk: Desk):
    port = Port()
    runtime.ports.append(port)
    tell(runtime, 1, ToolGateRequested("g1", (PIZZA,)))
    assert told(port) == []
    desk.write()
    assert told(port) == [("g1", "confirm", False)]


async def test_while_the_database_is_away_a_held_call_is_told_and_an_allowed_one_waits(
    runtime: CallRuntime, desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(outgoing, "HELD_WITHIN_S", 0.0)
    port = agreed(runtime)
    tell(runtime, 5, ToolGateRequested("g2", (ToolCall("charge_card", {"amount": 70}, "t2"),)))
    async with asyncio.timeout(5):
        while not told(port):  # noqa: ASYNC110
            await asyncio.sleep(0)
    assert told(port) == [("g2", "confirm", False)]
    desk.write()
    assert told(port) == [("g2", "confirm", False), ("g1", "allow", True)]


async def test_an_allow_that_cannot_be_recorded_is_a_block(runtime: CallRuntime, desk: Desk):
    port = agreed(runtime)
    tell(runtime, 5, ToolGateRequested("g1", (PIZZA,)))  # asked again, before the answer
    desk.write(is_lost=True)
    desk.write()
    assert told(port) == [("g1", "block", False)]
    assert runtime.session.gates.decided("g1") is not None
    tell(runtime, 6, ToolGateRequested("g1", (PIZZA,)))
    desk.write()
    assert told(port)[1:] == [("g1", "block", False)]


async def test_a_full_buffer_lets_nothing_through(runtime: CallRuntime, desk: Desk):
    desk.is_full = True
    port = agreed(runtime)
    assert told(port) == [("g1", "block", False)]


async def test_the_token_is_the_same_in_every_process(desk: Desk):
    tokens = set()
    for _ in range(2):
        runtime = runtime_make(desk, AgentSettings())
        agreed(runtime)
        desk.write()
        decided = runtime.session.gates.decided("g1")
        assert decided is not None
        tokens.add(decided.calls[0].commit_token)
    assert len(tokens) == 1
    assert len(tokens.pop()) > 40


async def test_all_ports_are_told_and_hear_before_anything_follows(runtime: CallRuntime):
    ports = [Port(), Port()]
    runtime.ports.extend(ports)
    tell(runtime, 1, AgentTurnCompleted("a1", BAD))
    for port in ports:
        assert port.heard_of == [AgentTurnCompleted("a1", BAD)]
        assert [body["type"] for body in port.got] == ["verdict", "intervention"]
        assert [type(effect) for effect in port.controls] == [SendVerdict, ClearAudio]


async def test_what_a_port_notices_while_effects_are_performed_waits_its_turn(runtime: CallRuntime, desk: Desk):
    runtime.ports.append(Port(runtime))
    tell(runtime, 1, AgentTurnCompleted("a1", BAD))
    numbers = [entry.n for item in desk.items for entry in item.entries if not isinstance(entry, Ended)]
    # message, turn, verdict, intervention; then what was heard of the turn, and how much of that was bad
    assert numbers == [1, 2, 3, 4, 2, 4]


async def test_what_no_longer_fits_is_passed_over_when_a_port_tells_it(runtime: CallRuntime):
    tell(runtime, 1, CallEnded("done"))
    runtime.tell(PlaybackReported(PlaybackState.FINISHED, 5, turn_id="a1"))
    with pytest.raises(IllegalEvent):
        tell(runtime, 2, AgentTurnCompleted("a1", GOOD))


async def test_without_room_to_record_a_message_is_refused_and_can_be_sent_again(runtime: CallRuntime, desk: Desk):
    desk.has_room = False
    with pytest.raises(MessageRefused) as refused:
        tell(runtime, 1, AgentTurnCompleted("a1", GOOD))
    assert (refused.value.code, refused.value.seq, refused.value.is_retryable) == ("unavailable", 1, True)
    desk.has_room = True
    port = Port()
    runtime.ports.append(port)
    tell(runtime, 1, AgentTurnCompleted("a1", GOOD))
    assert [body["type"] for body in port.got] == ["verdict"]


async def test_the_end_is_recorded_last_and_lets_everything_go(runtime: CallRuntime, desk: Desk):
    tell(runtime, 1, AgentTurnCompleted("a1", BAD))
    tell(runtime, 2, CallEnded("done"))
    assert isinstance(desk.items[-1].entries[-1], Ended)
    assert desk.ended == [CALL]
    assert runtime.has_ended
    assert not runtime.session.interventions.running


async def test_a_timer_ends_the_buffer_line_by_itself(desk: Desk, runtime: CallRuntime):
    tell(runtime, 1, AgentTurnCompleted("a1", BAD))
    async with asyncio.timeout(5):
        while runtime.session.interventions.running and runtime.session.interventions.running.stage != "correction":  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert runtime.session.interventions.running
    runtime.close()
