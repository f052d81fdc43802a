"""All live calls of this process: opening, joining, resuming, letting go.

The session of a call lives in one process at a time. A client that comes back to another process finds the call's
snapshot in Valkey; the process that held it is told and lets go.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import Coroutine
from typing import Any
from uuid import UUID, uuid4

import redis.asyncio as redis
from channels.db import database_sync_to_async
from django.conf import settings
from redis.exceptions import RedisError

from calls import metrics
from calls.console_news import ConsoleNews
from calls.errors import MessageRefused
from calls.events import CallEnded, PoliciesActivated
from calls.garbage import LOOK_EVERY_S, Garbage
from calls.live_agent import LiveAgent, live_agent_load
from calls.models import Call
from calls.recorder import Batch, Item, Recorder, Write
from calls.runtime import CallRuntime, Port
from calls.services import OpenedCall, call_open, call_recorded, calls_seen, rows_write
from calls.voice.speaking import voices_close
from calls.wire.supervise import CallStart
from judging import policy_bus
from judging.live import LiveModels
from judging.subscription import Subscription

logger = logging.getLogger(__name__)

SNAPSHOT_LIFE_S = 24 * 3600
SEEN_EVERY_S = 15.0
# A client has this long to come back before its call is ended.
AWAY_S = 60.0


class Hub:
    """One per process and event loop; see ``hub_current``."""

    def __init__(self, *, write: Write = rows_write) -> None:
        self.process_id = uuid4().hex
        self.calls: dict[UUID, CallRuntime] = {}
        self._prefix = settings.MIRROR_REDIS_PREFIX
        # Short deadlines: Valkey being away must cost a call nothing but its snapshot.
        self._redis = redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
        self.recorder = Recorder(after_write=self._after_write, write=write)
        self.models = LiveModels()
        self._locks: dict[UUID, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._away: dict[UUID, asyncio.TimerHandle] = {}
        self.ended_count = 0
        self._console = ConsoleNews(self._last_n)
        self._tasks: set[asyncio.Task[None]] = set()
        self._policies = policy_bus.PolicyWatch(self._hear_policies, self._read_policies_again)
        self._takes = Subscription(settings.REDIS_URL, self._takes_channel, self._hear_taken)

    @property
    def _takes_channel(self) -> str:
        return f"{self._prefix}:calls"

    def start(self) -> None:
        self.recorder.start()
        self._takes.start()
        self._spawn(self._watch_policies())
        self._spawn(self._keep_seen())
        self._spawn(self._console.run())

    async def _watch_policies(self) -> None:
        await self._policies.start()

    async def stop(self, *, drain_s: float = 5.0) -> None:
        """Write what is recorded and let go; calls stay live for their clients to resume elsewhere."""
        await self._policies.stop()
        await self._takes.stop()
        for task in list(self._tasks):
            task.cancel()
        await self.recorder.drain(drain_s)
        await self.recorder.stop()
        for runtime in self.calls.values():
            runtime.close()
        await voices_close()
        await self.models.close()
        await self._redis.aclose()

    # --- opening ---------------------------------------------------------------------------------------------------

    async def open(
        self,
        *,
        tenant_id: UUID,
        start: CallStart,
        transport: str,
        agent: LiveAgent | None = None,
        is_speaking: bool = False,
    ) -> tuple[CallRuntime, bool]:
        """Open, join or resume a call; return it and whether it was known. ``join`` it next.

        Raises:
            MessageRefused: the call has ended.
            NotFound: no such agent.
        """
        agent = agent or await database_sync_to_async(live_agent_load)(tenant_id=tenant_id, slug=start.agent)
        opened = await database_sync_to_async(call_open)(
            tenant_id=tenant_id,
            agent_id=agent.agent_id,
            start=start,
            transport=transport,
            revision=agent.judging.revision,
        )
        if opened.is_ended:
            raise MessageRefused("call_ended", f"call {start.call_id!r} has ended")
        async with self._locks[opened.call_id]:
            runtime = self.calls.get(opened.call_id)
            if runtime is None:
                _check_place(opened, start, transport)
                runtime = CallRuntime(
                    opened=opened,
                    external_id=start.call_id,
                    transport=transport,
                    agent=agent,
                    is_speaking=is_speaking,
                    models=self.models,
                    put=self.recorder.put,
                    has_room=lambda: self.recorder.has_room,
                    on_end=self._forget,
                )
                if not opened.is_new:
                    await self._restore(runtime, opened)
                self.calls[opened.call_id] = runtime
                metrics.CALLS_LIVE.labels(transport).inc()
        if opened.is_new:
            # The console shows a call when it starts, not when its first turn is recorded.
            self.recorder.put(Item(tenant_id, opened.call_id, []))
        return runtime, not opened.is_new

    def join(self, runtime: CallRuntime, port: Port) -> None:
        """A connection takes part in the call from now on."""
        self._cancel_away(runtime.call_id)
        runtime.ports.append(port)

    async def _restore(self, runtime: CallRuntime, opened: OpenedCall) -> None:
        recorded = await database_sync_to_async(call_recorded)(tenant_id=runtime.agent.tenant_id, opened=opened)
        try:
            runtime.restore(await self._take_snapshot(runtime.call_id), recorded)
        except (RedisError, OSError, ValueError, KeyError):
            # All that is recorded comes back; a half-said turn and a running intervention do not.
            logger.exception("call resumed without its snapshot", extra=runtime.log_context())
            runtime.restore(None, recorded)

    async def _take_snapshot(self, call_id: UUID) -> dict[str, Any] | None:
        kept = await self._redis.get(self._key(call_id))
        await self._redis.publish(self._takes_channel, json.dumps({"taken": str(call_id), "by": self.process_id}))
        return json.loads(kept) if kept else None

    def leave(
        self, runtime: CallRuntime, port: Port, *, within_s: float = AWAY_S, reason: str = "connection_lost"
    ) -> None:
        """A connection went away. The last one leaves a call that ends when nobody comes back."""
        if port in runtime.ports:
            runtime.ports.remove(port)
        if runtime.ports or runtime.has_ended or self.calls.get(runtime.call_id) is not runtime:
            return
        self._cancel_away(runtime.call_id)
        loop = asyncio.get_running_loop()
        self._away[runtime.call_id] = loop.call_later(within_s, self._end_away, runtime, reason)

    def _end_away(self, runtime: CallRuntime, reason: str) -> None:
        self._away.pop(runtime.call_id, None)
        if self.calls.get(runtime.call_id) is runtime and not runtime.ports and not runtime.has_ended:
            runtime.receive(CallEnded(reason))

    def is_away(self, call_id: UUID) -> bool:
        """Whether the call has no connection here and will end unless one comes back."""
        return call_id in self._away

    def _cancel_away(self, call_id: UUID) -> None:
        handle = self._away.pop(call_id, None)
        if handle is not None:
            handle.cancel()

    def _forget(self, runtime: CallRuntime) -> None:
        if self.calls.get(runtime.call_id) is runtime:
            del self.calls[runtime.call_id]
            self._locks.pop(runtime.call_id, None)
            metrics.CALLS_LIVE.labels(runtime.transport).dec()
            self.ended_count += 1
        self._cancel_away(runtime.call_id)

    # --- after each batch --------------------------------------------------------------------------------------------

    def _key(self, call_id: UUID) -> str:
        return f"{self._prefix}:call:{call_id}"

    async def _after_write(self, batch: Batch) -> None:
        ended = batch.ended
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                for _, call_id in batch.calls:
                    runtime = self.calls.get(call_id)
                    if call_id in ended:
                        pipe.delete(self._key(call_id))
                    elif runtime is None:
                        continue  # it goes on in another process, whose snapshot this is by now
                    elif not self.recorder.is_waiting(call_id):
                        # A snapshot must not be ahead of the database: messages it knows would not be taken again
                        # after a crash that lost them. What still waits saves it with the next batch.
                        pipe.set(self._key(call_id), runtime.snapshot(), ex=SNAPSHOT_LIFE_S)
                await pipe.execute()
            metrics.SNAPSHOTS.labels("saved").inc()
        except (RedisError, OSError):
            metrics.SNAPSHOTS.labels("failed").inc()
            logger.warning("snapshots not saved", extra={"action": "snapshot_failed"})
        for tenant_id, call_id in batch.calls:
            self._console.changed(tenant_id, call_id, is_ended=call_id in ended)

    def _last_n(self, call_id: UUID) -> int | None:
        runtime = self.calls.get(call_id)
        return runtime.session.n if runtime else None

    # --- what other processes say ----------------------------------------------------------------------------------

    def _hear_taken(self, data: bytes) -> None:
        body = json.loads(data)
        self._give_up(UUID(body["taken"]), body["by"])

    def _hear_policies(self, told: policy_bus.PoliciesActivated) -> None:
        self._spawn(self._take_policies(told.tenant_id, told.agent_id))

    def _read_policies_again(self) -> None:
        """What was activated while nobody listened."""
        for tenant_id, agent_id in {(one.agent.tenant_id, one.agent.agent_id) for one in self.calls.values()}:
            self._spawn(self._take_policies(tenant_id, agent_id))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger.error("hub task failed", exc_info=task.exception(), extra={"action": "hub_task"})

    def _give_up(self, call_id: UUID, taker: str) -> None:
        runtime = self.calls.get(call_id)
        if runtime is None or taker == self.process_id:
            return
        runtime.let_go()
        self._forget(runtime)

    async def _take_policies(self, tenant_id: UUID, agent_id: UUID) -> None:
        live = [runtime for runtime in self.calls.values() if runtime.agent.agent_id == agent_id]
        if not live:
            return
        agent = await database_sync_to_async(live_agent_load)(tenant_id=tenant_id, agent_id=agent_id)
        for runtime in live:
            if runtime.session.revision == agent.judging.revision:
                continue
            runtime.agent = agent
            runtime.receive(PoliciesActivated(agent.judging.revision, agent.judging.policies))

    async def _keep_seen(self) -> None:
        while True:
            await asyncio.sleep(SEEN_EVERY_S)
            held: dict[UUID, list[UUID]] = defaultdict(list)
            for runtime in self.calls.values():
                held[runtime.agent.tenant_id].append(runtime.call_id)
            for tenant_id, call_ids in held.items():
                try:
                    await database_sync_to_async(calls_seen)(tenant_id=tenant_id, call_ids=call_ids)
                except Exception:  # outer edge of a background task: the next round tries again
                    logger.exception("calls not marked as seen", extra={"action": "keep_seen"})


def _check_place(opened: OpenedCall, start: CallStart, transport: str) -> None:
    """A call that carries audio lives where its carrier is connected; only its carrier may move it.

    Raises:
        MessageRefused: a supervise socket asks for a bridged call that another process holds.
    """
    if opened.transport != Call.Transport.SUPERVISE and transport == Call.Transport.SUPERVISE:
        detail = f"call {start.call_id!r} is carried by another process; connect again"
        raise MessageRefused("call_elsewhere", detail, is_retryable=True)


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def hub_current() -> Hub:
    """The hub of the running event loop, started on first use."""
    loop = asyncio.get_running_loop()
    hub = _hubs.get(loop)
    if hub is None:
        hub = _hubs[loop] = Hub()
        hub.start()
    return hub


async def hub_stop() -> None:
    """Stop the running loop's hub, where it has one."""
    hub = _hubs.pop(asyncio.get_running_loop(), None)
    if hub is not None:
        await hub.stop()


async def garbage_watch() -> None:
    """Run until cancelled, also in a process that carries no calls: pages leave something behind, too."""
    garbage = Garbage()
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        hub = _hubs.get(asyncio.get_running_loop())
        garbage.look(live_count=len(hub.calls) if hub else 0, ended_count=hub.ended_count if hub else 0)
