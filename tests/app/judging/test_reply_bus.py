from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from redis import asyncio as redis_async

from judging.core import Answer
from judging.policy_bus import PoliciesActivated, PolicyWatch, policies_publish
from judging.reply_bus import ReplyBus
from judging.wire import reply_dump
from mirror_saas.embedded import Servers
from mirror_saas.processes import Guard, Starter, account_unprivileged
from mirror_saas.valkey import Valkey

NOWHERE = "redis://127.0.0.1:1/0"
YES = Answer(text="yes")


@pytest.fixture
async def bus(servers: Servers) -> AsyncIterator[ReplyBus]:
    bus = ReplyBus(settings.REDIS_URL, prefix="test")
    assert await bus.start(patience_s=10)
    yield bus
    await bus.stop()


async def told(url: str, channel: str, *messages: str) -> None:
    async with redis_async.Redis.from_url(url) as client:
        for message in messages:
            await client.publish(channel, message)


async def test_an_answer_reaches_the_one_who_waits(bus: ReplyBus):
    waiting = asyncio.create_task(bus.wait("q1", 10))
    await asyncio.sleep(0)
    await told(settings.REDIS_URL, bus.channel, reply_dump("q1", YES))
    assert await waiting == YES


async def test_an_answer_between_expecting_and_waiting_is_kept(bus: ReplyBus):
    bus.expect("q1")
    bus.expect("q2")
    await told(settings.REDIS_URL, bus.channel, reply_dump("q1", YES), reply_dump("q2", YES))
    assert await bus.wait("q2", 10) == YES  # and with it, everything before
    assert await bus.wait("q1", 0.0) == YES


async def test_late_second_and_foreign_messages_are_dropped(bus: ReplyBus):
    assert await bus.wait("q1", 0.01) == Answer(failure="timeout")
    bus.expect("q2")
    late, second = reply_dump("q1", YES), reply_dump("q2", Answer(text="no"))
    garbage = ["", "null", "[]", '{"key": "q2"}', '{"key": "q2", "scores": 1, "text": "", "failure": ""}']
    await told(settings.REDIS_URL, bus.channel, late, *garbage, reply_dump("q2", YES), second, second)
    assert await bus.wait("q2", 10) == YES
    assert bus._waiting == {}


async def test_a_failed_answer_is_an_answer(bus: ReplyBus):
    bus.expect("q1")
    await told(settings.REDIS_URL, bus.channel, reply_dump("q1", Answer(failure="budget")))
    assert await bus.wait("q1", 10) == Answer(failure="budget")


async def test_without_valkey_nobody_waits():
    bus = ReplyBus(NOWHERE, prefix="test")
    assert not await bus.start(patience_s=0.1)
    began_s = time.monotonic()
    assert await bus.wait("q1", 10) == Answer(failure="unavailable")
    assert time.monotonic() - began_s < 1
    await bus.stop()


async def test_one_who_gives_up_leaves_nothing_behind(bus: ReplyBus):
    waiting = asyncio.create_task(bus.wait("q1", 10))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert bus._waiting == {}


async def test_it_comes_back_after_a_restart_and_the_answer_still_arrives(tmp_path: Path):
    guard = Guard()
    valkey = Valkey(
        tmp_path, password="pw", starter=Starter(guard, sink=lambda name, line: None, account=account_unprivileged())
    )
    bus = None
    try:
        await asyncio.to_thread(valkey.start)
        bus = ReplyBus(valkey.url, prefix="test")
        connects: asyncio.Queue[int] = asyncio.Queue()
        bus._subscription._on_connect = lambda: connects.put_nowait(1)
        assert await bus.start(patience_s=10)
        await connects.get()
        waiting = asyncio.create_task(bus.wait("q1", 30))
        await asyncio.sleep(0)
        await asyncio.to_thread(valkey.stop)
        assert await bus.wait("q2", 0.5) in (Answer(failure="unavailable"), Answer(failure="timeout"))
        await asyncio.to_thread(lambda: valkey.start(port=valkey.port))
        async with asyncio.timeout(20):
            await connects.get()
        await told(valkey.url, bus.channel, reply_dump("q1", YES))
        assert await waiting == YES
    finally:
        if bus is not None:
            await bus.stop()
        await asyncio.to_thread(valkey.stop)
        guard.close()


async def test_live_processes_learn_of_an_activation(servers: Servers):
    heard: asyncio.Queue[PoliciesActivated] = asyncio.Queue()
    connects: list[int] = []
    watch = PolicyWatch(heard.put_nowait, lambda: connects.append(1))
    assert await watch.start(patience_s=10)
    tenant_id, agent_id = UUID(int=1), UUID(int=2)
    await asyncio.to_thread(policies_publish, tenant_id, agent_id, 3)
    assert await asyncio.wait_for(heard.get(), 2) == PoliciesActivated(tenant_id, agent_id, 3)
    assert connects == [1]
    await watch.stop()


def test_an_activation_stands_also_without_valkey(settings, caplog: pytest.LogCaptureFixture):
    settings.REDIS_URL = NOWHERE
    policies_publish(UUID(int=1), UUID(int=2), 3)
    assert "policies not published" in caplog.text
