"""The driver of a realtime call: bounded queues, order, and a relay that fails."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from calls import realtime_port
from calls.errors import MessageRefused, UpstreamLost
from calls.realtime.base import RelaySettings
from calls.realtime.openai.relay import OpenAIRelay
from calls.realtime_port import Outlet, RealtimePort, carry


class Gone(Exception):
    """The client has closed."""


class Provider:
    """A provider's socket: says what is put into it, and keeps what it gets."""

    def __init__(self) -> None:
        self.got: list[str | bytes] = []
        self.says: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        self.is_orderly = True
        self.farewell = ""
        self.is_lost = False

    async def send(self, text: str | bytes) -> None:
        if self.is_lost:
            raise UpstreamLost("gone")
        self.got.append(text)

    async def messages(self) -> AsyncIterator[str | bytes]:
        while (message := await self.says.get()) is not None:
            yield message

    async def __aiter__(self) -> AsyncIterator[str]:
        async for message in self.messages():
            yield str(message)

    async def close(self) -> None:
        """Nothing to close."""


class Runtime:
    """A call that takes everything and says nothing."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.refuses = False
        self.on_tell: Callable[[Any], None] = lambda event: None

    def now_ms(self) -> float:
        return 0.0

    def tell(self, event: Any) -> None:
        self.told.append(event)
        self.on_tell(event)

    def receive(self, event: Any) -> None:
        if self.refuses:
            raise MessageRefused("unavailable", "no room")
        self.tell(event)

    def log_context(self) -> dict[str, str]:
        return {}


class Side:
    """The client's side of the port."""

    def __init__(self) -> None:
        self.got: list[str | bytes] = []
        self.says: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        self.reads = asyncio.Event()
        self.reads.set()

    async def write(self, message: str | bytes) -> None:
        await self.reads.wait()
        self.got.append(message)

    async def next(self) -> str | bytes:
        message = await self.says.get()
        if message is None:
            raise Gone
        return message


def port_of(runtime: Runtime, provider: Provider, side: Side, **settings: Any) -> RealtimePort:
    return RealtimePort(
        runtime=runtime,  # type: ignore[arg-type]
        relay=OpenAIRelay(RelaySettings(**settings)),
        upstream=provider,
        write_client=side.write,
        let_go=lambda: None,
    )


async def carried(port: RealtimePort, side: Side) -> str:
    writing = asyncio.create_task(port.to_client.run())
    why = await asyncio.wait_for(carry(port, side.next), 10)
    await port.to_client.drain(1.0)
    writing.cancel()
    return why


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def side() -> Side:
    return Side()


async def test_text_and_binary_pass_both_ways_in_order(provider: Provider, side: Side):
    port = port_of(Runtime(), provider, side)
    for one in ("a", b"\x00b", '{"type":"x"}'):
        side.says.put_nowait(one)
    for two in ("1", b"\x002", '{"type":"y"}', None):
        provider.says.put_nowait(two)
    assert await carried(port, side) == "upstream_closed"
    assert side.got == ["1", b"\x002", '{"type":"y"}']
    assert provider.got == ["a", b"\x00b", '{"type":"x"}'][: len(provider.got)]


async def test_a_client_that_closes_ends_the_call(provider: Provider, side: Side):
    side.says.put_nowait(None)
    assert await carried(port_of(Runtime(), provider, side), side) == "client_closed"


async def test_a_provider_that_takes_nothing_any_more_is_gone(provider: Provider, side: Side):
    provider.is_lost = True
    side.says.put_nowait("a")
    assert await carried(port_of(Runtime(), provider, side), side) == "upstream_closed"


async def test_a_client_that_reads_nothing_holds_up_the_provider_and_then_ends_the_call(
    provider: Provider, side: Side, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(realtime_port, "STALLED_WITHIN_S", 0.05)
    side.reads.clear()
    for number in range(realtime_port.MAX_QUEUED_MESSAGES * 2):
        provider.says.put_nowait(str(number))
    port = port_of(Runtime(), provider, side)
    assert await asyncio.wait_for(carry(port, side.next), 10) == "client_stalled"
    assert provider.says.qsize() >= realtime_port.MAX_QUEUED_MESSAGES


async def test_more_than_may_wait_for_a_decision_ends_the_call(
    provider: Provider, side: Side, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(realtime_port, "MAX_WITHHELD_BYTES", 10_000)
    call = {"type": "response.function_call_arguments.delta", "response_id": "r", "item_id": "i", "delta": "x" * 1_000}
    for _ in range(20):
        provider.says.put_nowait(json.dumps(call))
    assert await carried(port_of(Runtime(), provider, side), side) == "upstream_flooded"
    assert side.got == []


async def test_an_outlet_has_room_again_once_half_of_it_is_written(side: Side):
    outlet = Outlet(side.write, name="client")
    side.reads.clear()
    for number in range(realtime_port.MAX_QUEUED_MESSAGES):
        outlet.put(str(number))
    running = asyncio.create_task(outlet.run())
    waiting = asyncio.create_task(outlet.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    side.reads.set()
    await asyncio.wait_for(waiting, 5)
    await outlet.drain(5)
    assert len(side.got) == realtime_port.MAX_QUEUED_MESSAGES
    running.cancel()


async def test_a_message_that_breaks_the_relay_passes_unless_it_could_be_run(
    provider: Provider, side: Side, caplog: pytest.LogCaptureFixture
):
    port = port_of(Runtime(), provider, side)

    def broken(text: str, *, now_ms: float) -> None:
        raise KeyError(text)

    port.relay.from_upstream = broken  # type: ignore[method-assign]
    port.relay.from_client = broken  # type: ignore[method-assign]
    side.says.put_nowait("from the client")
    for text in ("words", '{"item":{"type":"function_call"}}', None):
        provider.says.put_nowait(text)
    assert await carried(port, side) == "upstream_closed"
    assert side.got == ["words"]
    assert "provider message failed" in caplog.text


async def test_a_gate_that_takes_nothing_now_lets_nothing_be_run(provider: Provider, side: Side):
    runtime = Runtime()
    runtime.refuses = True
    port = port_of(runtime, provider, side)
    item = {"id": "i", "type": "function_call", "call_id": "c", "name": "place_order", "arguments": "{}"}
    done = {"id": "r", "status": "completed", "output": [item]}
    provider.says.put_nowait(json.dumps({"type": "response.created", "response": {"id": "r"}}))
    provider.says.put_nowait(json.dumps({"type": "response.done", "response": done}))
    provider.says.put_nowait(None)
    await carried(port, side)
    assert "place_order" not in str(side.got)
    for text in port.to_upstream._queue:
        provider.got.append(text)
    answer = next(json.loads(text) for text in provider.got if "function_call_output" in str(text))
    assert "could not be checked" in answer["item"]["output"]


async def test_what_the_session_says_while_it_is_told_something_is_taken_before_anything_leaves(
    provider: Provider, side: Side
):
    runtime = Runtime()
    port = port_of(runtime, provider, side)
    stop = {"type": "intervention", "intervention_id": "i1", "turn_id": "i", "steps": [], "system_note": ""}
    runtime.on_tell = lambda event: port.send(stop) if type(event).__name__ == "AgentDeltaReceived" else None
    place = {"response_id": "r", "item_id": "i", "output_index": 0, "content_index": 0}
    added = {"type": "response.output_item.added", "response_id": "r", "item": {"id": "i", "type": "message"}}
    for body in (
        {"type": "response.created", "response": {"id": "r"}},
        added,
        {"type": "response.output_text.delta", **place, "delta": "bad"},
    ):
        provider.says.put_nowait(json.dumps(body))
    provider.says.put_nowait(None)
    await carried(port, side)
    assert "bad" not in str(side.got)
    assert len(side.got) == 2
