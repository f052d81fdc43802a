"""Live calls of a process, and how another one goes on with them. Two hubs stand for two processes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import pytest
import redis.asyncio as redis
from django.conf import settings
from django.db import OperationalError, connection

from calls.errors import IllegalEvent, MessageRefused
from calls.events import (
    AgentTurnCompleted,
    CallEnded,
    CallEvent,
    ClientMessage,
    CustomerTurnCompleted,
    PlaybackReported,
    ToolGateRequested,
)
from calls.gate import arguments_hash
from calls.hub import Hub
from calls.models import MessageRecord, ToolDecisionRecord, TurnRecord, VerdictRecord
from calls.recorder import Write
from calls.runtime import CallRuntime
from calls.services import TAKEOVER_GAP, commit_token_redeem, rows_write
from calls.wire.supervise import CallStart
from judging.core import ToolCall
from judging.models import PolicyActivation
from judging.services import policy_revision_activate, policy_set_import
from tenants.access import actor_mirror
from tenants.errors import NotFound
from tenants.scope import in_tenant
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("thread_connections", "servers")

BAD, GOOD = "I will give you a full refund.", "Let me look at that for you."
START = CallStart("c-1", "orders")
WITHIN_S = 10.0


class Port:
    """One connection: what it was sent."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.is_let_go = False

    def heard(self, event: CallEvent) -> None: ...

    def control(self, effect: object) -> None: ...

    def send(self, body: dict[str, Any]) -> None:
        self.got.append(body)

    def playing(self) -> list[PlaybackReported]:
        return []

    def let_go(self) -> None:
        self.is_let_go = True

    def of(self, type_: str) -> list[dict[str, Any]]:
        return [body for body in self.got if body["type"] == type_]


@asynccontextmanager
async def process(write: Write = rows_write) -> AsyncIterator[Hub]:
    hub = Hub(write=write)
    hub.start()
    try:
        yield hub
    finally:
        await hub.stop(drain_s=0.2)


async def joined(hub: Hub, cast: Cast) -> tuple[CallRuntime, Port]:
    runtime, _ = await hub.open(tenant_id=cast.tenant.id, start=START, transport="supervise")
    port = Port()
    hub.join(runtime, port)
    return runtime, port


def tell(runtime: CallRuntime, seq: int, event: CallEvent) -> asyncio.Event:
    """As a client's message; the event returned is set once it is acknowledged."""
    acked = asyncio.Event()
    runtime.receive(event, message=ClientMessage(seq, "x", {}), on_durable=acked.set)
    return acked


async def within(event: asyncio.Event) -> None:
    await asyncio.wait_for(event.wait(), WITHIN_S)


async def eventually(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not is_so():  # noqa: ASYNC110  (another hub's doing)
            await asyncio.sleep(0.01)


async def activate(cast: Cast, rules: str, *, is_told: bool = True) -> None:
    def do() -> None:
        revision = policy_set_import(agent=cast.agent, rules=rules, author="test")
        if is_told:
            policy_revision_activate(agent=cast.agent, revision=revision, actor=actor_mirror(cast.tenant.id))
        else:
            PolicyActivation.objects.create(agent=cast.agent, revision=revision)

    await in_tenant(cast.tenant.id, do)


async def rows(cast: Cast, model: Any, *fields: str) -> list[Any]:
    return await in_tenant(cast.tenant.id, lambda: list(model.objects.order_by("n").values_list(*fields)))


async def forget_snapshots() -> None:
    async with redis.from_url(settings.REDIS_URL) as valkey:
        async for key in valkey.scan_iter(f"{settings.MIRROR_REDIS_PREFIX}:call:*"):
            await valkey.delete(key)


async def test_a_call_is_joined_where_it_is_live(transactional_cast: Cast):
    async with process() as hub:
        first, _ = await joined(hub, transactional_cast)
        second, _ = await joined(hub, transactional_cast)
        assert first is second


async def test_many_who_open_one_call_at_once_share_it(transactional_cast: Cast):
    async with process() as hub:
        found = await asyncio.gather(*(joined(hub, transactional_cast) for _ in range(10)))
        assert len({id(runtime) for runtime, _ in found}) == 1


async def test_an_unknown_agent_opens_nothing(transactional_cast: Cast):
    async with process() as hub:
        with pytest.raises(NotFound):
            await hub.open(
                tenant_id=transactional_cast.tenant.id, start=CallStart("c-1", "nobody"), transport="supervise"
            )
        assert hub.calls == {}


async def test_an_ended_call_is_let_go_and_not_opened_again(transactional_cast: Cast):
    async with process() as hub:
        runtime, _ = await joined(hub, transactional_cast)
        await within(tell(runtime, 2, CallEnded("done")))
        assert hub.calls == {}
        with pytest.raises(MessageRefused) as refused:
            await joined(hub, transactional_cast)
        assert refused.value.code == "call_ended"


async def test_a_call_whose_connections_stay_away_ends(transactional_cast: Cast):
    async with process() as hub:
        runtime, port = await joined(hub, transactional_cast)
        hub.leave(runtime, port, within_s=0.01, reason="gone")
        await eventually(lambda: runtime.has_ended)
        assert hub.calls == {}


async def test_a_call_whose_client_comes_back_goes_on(transactional_cast: Cast):
    async with process() as hub:
        runtime, port = await joined(hub, transactional_cast)
        hub.leave(runtime, port, within_s=1.0)
        again, _ = await joined(hub, transactional_cast)
        assert again is runtime
        assert not hub.is_away(runtime.call_id)


async def test_another_process_goes_on_where_the_first_was_and_the_first_lets_go(transactional_cast: Cast):
    cast = transactional_cast
    await activate(cast, "- Never promise a refund.")
    async with process() as one, process() as two:
        runtime, port = await joined(one, cast)
        await within(tell(runtime, 2, AgentTurnCompleted("a1", BAD)))
        assert port.of("intervention")
        again, _ = await joined(two, cast)
        assert again is not runtime
        assert (again.session.last_seq, again.session.n >= runtime.session.n + TAKEOVER_GAP) == (2, True)
        assert again.session.note == runtime.session.note
        await eventually(lambda: one.calls == {})
        assert port.is_let_go
        with pytest.raises(IllegalEvent) as illegal:
            tell(runtime, 3, AgentTurnCompleted("a2", GOOD))
        assert illegal.value.code == "call_elsewhere"


async def test_a_bridged_call_is_joined_where_its_carrier_is_and_moved_by_its_carrier_only(transactional_cast: Cast):
    tenant_id = transactional_cast.tenant.id
    async with process() as one, process() as two:
        runtime, _ = await one.open(tenant_id=tenant_id, start=START, transport="plivo")
        with pytest.raises(MessageRefused) as refused:
            await two.open(tenant_id=tenant_id, start=START, transport="supervise")
        assert (refused.value.code, refused.value.is_retryable) == ("call_elsewhere", True)
        assert (await joined(one, transactional_cast))[0] is runtime
        again, _ = await two.open(tenant_id=tenant_id, start=START, transport="plivo")
        assert again is not runtime
        await eventually(lambda: one.calls == {})


async def test_what_was_lost_with_a_process_is_taken_again(transactional_cast: Cast):
    """The second message reached the session, but neither the database nor its client's acknowledgement."""
    cast = transactional_cast
    entered, go = threading.Event(), threading.Event()
    batches = []

    def write(**batch: Any) -> None:
        if any(batch["entries"].values()):
            batches.append(batch)
            entered.set()
            go.wait(WITHIN_S)
            if len(batches) > 1:
                raise OperationalError("away")
        rows_write(**batch)

    async with process(write) as dies, process() as survives:
        runtime, _ = await joined(dies, cast)
        first = tell(runtime, 2, AgentTurnCompleted("a1", GOOD))
        await asyncio.to_thread(entered.wait, WITHIN_S)
        second = tell(runtime, 3, AgentTurnCompleted("a2", GOOD))
        go.set()
        await within(first)
        assert not second.is_set()
        again, port = await joined(survives, cast)
        assert again.session.last_seq == 2
        await within(tell(again, 3, AgentTurnCompleted("a2", GOOD)))
        assert [said["turn_id"] for said in port.of("verdict")] == ["a2"]
    assert await rows(cast, TurnRecord, "turn_id", "index") == [("a1", 0), ("a2", 1)]
    assert await rows(cast, VerdictRecord, "turn_id") == [("a1",), ("a2",)]


async def test_a_call_without_its_snapshot_goes_on_from_what_is_recorded(transactional_cast: Cast):
    cast = transactional_cast
    pizza = ToolCall("place_order", {"item": "pizza"}, "tool-1")
    async with process() as one, process() as two:
        runtime, _ = await joined(one, cast)
        tell(runtime, 2, CustomerTurnCompleted("c1", "A pizza, please."))
        tell(runtime, 3, AgentTurnCompleted("a1", "So that is one pizza, right?"))
        await within(tell(runtime, 4, CustomerTurnCompleted("c2", "Yes.")))
        await forget_snapshots()
        again, port = await joined(two, cast)
        await within(tell(again, 4, CustomerTurnCompleted("c2", "Yes.")))
        await within(tell(again, 5, ToolGateRequested("g1", (pizza,))))
        assert port.of("tool.decision")[0]["decision"] == "allow"
        await within(tell(again, 6, AgentTurnCompleted("a2", GOOD)))
    assert [turn for turn, _ in await rows(cast, TurnRecord, "turn_id", "n")] == ["c1", "a1", "c2", "a2"]


async def test_an_activated_policy_reaches_live_calls(transactional_cast: Cast):
    async with process() as hub:
        runtime, port = await joined(hub, transactional_cast)
        tell(runtime, 2, AgentTurnCompleted("a1", BAD))
        await activate(transactional_cast, "- Never promise a refund.")
        await eventually(lambda: runtime.session.revision == 1)
        tell(runtime, 3, AgentTurnCompleted("a2", BAD))
        assert [said["decision"] for said in port.of("verdict")] == ["pass", "intervene"]


async def test_a_policy_that_was_activated_while_nobody_listened_is_found_on_the_way_back(transactional_cast: Cast):
    async with process() as hub:
        runtime, _ = await joined(hub, transactional_cast)
        await activate(transactional_cast, "- Never promise a refund.", is_told=False)
        async with redis.from_url(settings.REDIS_URL) as valkey:
            async with asyncio.timeout(WITHIN_S):
                while runtime.session.revision != 1:
                    await valkey.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
                    await asyncio.sleep(0.3)


@pytest.fixture(autouse=True)
async def _no_snapshots(servers: object) -> AsyncIterator[None]:
    yield
    await forget_snapshots()


PIZZA = ToolCall("place_order", {"item": "pizza"}, "tool-1")


async def agree(runtime: CallRuntime, start_seq: int = 2) -> int:
    """The caller orders a pizza, hears it read back and says yes; return the next ``seq``."""
    tell(runtime, start_seq, CustomerTurnCompleted("c1", "A pizza, please."))
    tell(runtime, start_seq + 1, AgentTurnCompleted("a1", "So that is one pizza, right?"))
    await within(tell(runtime, start_seq + 2, CustomerTurnCompleted("c2", "Yes.")))
    return start_seq + 3


async def test_another_process_repeats_a_decision_from_the_record_with_its_token(transactional_cast: Cast):
    """Without its snapshot: only PostgreSQL knows what was decided."""
    cast = transactional_cast
    async with process() as one, process() as two:
        runtime, port = await joined(one, cast)
        seq = await agree(runtime)
        await within(tell(runtime, seq, ToolGateRequested("g1", (PIZZA,))))
        first = port.of("tool.decision")[0]
        assert first["tool_calls"][0]["commit_token"]
        await forget_snapshots()
        again, told = await joined(two, cast)
        await within(tell(again, seq + 1, ToolGateRequested("g1", (PIZZA,))))
        await within(tell(again, seq + 2, ToolGateRequested("g2", (PIZZA,))))
        repeated, other = told.of("tool.decision")
        assert repeated == first
        assert other["tool_calls"][0]["evidence"]["repeat_of"] == "g1"
        assert other["tool_calls"][0]["commit_token"] == first["tool_calls"][0]["commit_token"]
    decisions = await rows(cast, ToolDecisionRecord, "gate_id", "decision")
    assert decisions == [("g1", "allow"), ("g2", "allow")]


async def test_a_request_that_died_undecided_is_decided_by_the_next_process(transactional_cast: Cast):
    """Its message is recorded, its decision is not; the client was told nothing."""
    cast = transactional_cast

    def write(**batch: Any) -> None:
        listed = [entry for entries in batch["entries"].values() for entry in entries]
        if any(getattr(entry, "table", "") == "tool_decision" for entry in listed):
            messages = {
                c: [e for e in es if getattr(e, "table", "") == "message"] for c, es in batch["entries"].items()
            }
            rows_write(tenant_id=batch["tenant_id"], entries=messages)
            raise OperationalError("away")
        rows_write(**batch)

    async with process(write) as dies, process() as survives:
        runtime, port = await joined(dies, cast)
        seq = await agree(runtime)
        gate = {"type": "tool.gate", "seq": seq, "gate_id": "g1",
                "tool_calls": [{"id": "tool-1", "name": "place_order", "arguments": {"item": "pizza"}}]}  # fmt: skip
        runtime.receive(ToolGateRequested("g1", (PIZZA,)), message=ClientMessage(seq, "tool.gate", gate))
        async with asyncio.timeout(WITHIN_S):
            while (seq,) not in await rows(cast, MessageRecord, "seq"):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert port.of("tool.decision") == []
        _, told = await joined(survives, cast)
        await eventually(lambda: bool(told.of("tool.decision")))
        assert [(d["gate_id"], d["decision"]) for d in told.of("tool.decision")] == [("g1", "allow")]
    assert await rows(cast, ToolDecisionRecord, "gate_id", "decision") == [("g1", "allow")]


async def test_a_token_that_many_redeem_at_once_is_redeemed_by_one(transactional_cast: Cast):
    cast = transactional_cast
    async with process() as hub:
        runtime, port = await joined(hub, cast)
        seq = await agree(runtime)
        await within(tell(runtime, seq, ToolGateRequested("g1", (PIZZA,))))
    token = port.of("tool.decision")[0]["tool_calls"][0]["commit_token"]

    def redeem() -> bool:
        with ThreadPoolExecutor(1) as own:  # a thread, and so a connection, of its own
            return own.submit(_redeemed, cast, token).result()

    won = await asyncio.gather(*(asyncio.to_thread(redeem) for _ in range(24)))
    assert sum(won) == 1


def _redeemed(cast: Cast, token: str) -> bool:
    try:
        found = commit_token_redeem(
            tenant_id=cast.tenant.id,
            token=token,
            name=PIZZA.name,
            arguments_hash=arguments_hash(PIZZA.name, PIZZA.arguments),
        )
        return found is not None
    finally:
        connection.close()
