"""A realtime call's two sockets and the relay between them: reads, hands on, writes. The thin, clock-reading side.

Nothing here waits for a judge. Both ways have a bounded queue; what does not fit is not read from the other side, so
that a slow peer slows the other one down and never grows memory.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from calls import metrics
from calls.errors import IllegalEvent, MessageRefused
from calls.events import CallEvent, PlaybackReported, ToolGateRequested
from calls.realtime.base import Relay
from calls.runtime import AudioEffect, CallRuntime
from calls.upstream import RawUpstream
from judging.core import Json

logger = logging.getLogger(__name__)

MAX_QUEUED_MESSAGES = 2_000
MAX_QUEUED_BYTES = 8 * 1024 * 1024
# What waits for a decision: function calls, and speech for at most the hold budget.
MAX_WITHHELD_BYTES = 4 * 1024 * 1024
# A peer that reads nothing for so long is gone.
STALLED_WITHIN_S = 30.0

Message = str | bytes
Write = Callable[[Message], Awaitable[None]]


class Stalled(Exception):
    """A peer does not read what is sent to it, or sends too much that has to wait."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Outlet:
    """Messages on their way to one peer, in order."""

    def __init__(self, write: Write, *, name: str) -> None:
        self._write, self._name = write, name
        self._queue: deque[Message] = deque()
        self._bytes = 0
        self._wakes, self._has_room, self._is_empty = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._has_room.set()
        self._is_empty.set()

    def put(self, message: Message) -> None:
        self._queue.append(message)
        self._bytes += len(message)
        self._is_empty.clear()
        self._wakes.set()
        if len(self._queue) >= MAX_QUEUED_MESSAGES or self._bytes >= MAX_QUEUED_BYTES:
            self._has_room.clear()

    async def room(self) -> None:
        """Wait until more may be put. Raises: Stalled."""
        if self._has_room.is_set():
            return
        try:
            async with asyncio.timeout(STALLED_WITHIN_S):
                await self._has_room.wait()
        except TimeoutError:
            raise Stalled(f"{self._name}_stalled") from None

    async def drain(self, within_s: float) -> None:
        """Wait until all is written, no longer than this."""
        try:
            async with asyncio.timeout(within_s):
                await self._is_empty.wait()
        except TimeoutError:
            return

    async def run(self) -> None:
        while True:
            await self._wakes.wait()
            while self._queue:
                message = self._queue.popleft()
                await self._write(message)
                self._bytes -= len(message)
                if len(self._queue) < MAX_QUEUED_MESSAGES // 2 and self._bytes < MAX_QUEUED_BYTES // 2:
                    self._has_room.set()
            self._wakes.clear()
            self._is_empty.set()


class RealtimePort:
    """A ``Port`` of the call's runtime. All methods belong to the event loop."""

    def __init__(
        self,
        *,
        runtime: CallRuntime,
        relay: Relay,
        upstream: RawUpstream,
        write_client: Write,
        let_go: Callable[[], None],
    ) -> None:
        self.runtime, self.relay = runtime, relay
        self._upstream = upstream
        self.to_client, self.to_upstream = Outlet(write_client, name="client"), Outlet(upstream.send, name="upstream")
        self._let_go = let_go
        self._is_settling = False
        self._timer: asyncio.TimerHandle | None = None
        self._due_ms: float | None = None

    # --- the two sides -----------------------------------------------------------------------------------------------

    async def read_client(self, next_message: Callable[[], Awaitable[Message]]) -> None:
        """Run until the client is gone. Raises: what ``next_message`` raises; Stalled."""
        while True:
            message = await next_message()
            if isinstance(message, bytes):
                self.to_upstream.put(message)
            else:
                self._client_said(message)
            await self.to_upstream.room()

    async def read_upstream(self) -> None:
        """Run until the provider closes. Raises: Stalled."""
        async for message in self._upstream.messages():
            if isinstance(message, bytes):
                self.to_client.put(message)
            else:
                self._upstream_said(message)
            if self.relay.withheld_bytes > MAX_WITHHELD_BYTES:
                raise Stalled("upstream_flooded")
            await self.to_client.room()

    def _client_said(self, text: str) -> None:
        try:
            self.relay.from_client(text, now_ms=self.runtime.now_ms())
        except Exception:  # outer edge: a message that breaks us costs its supervision, never the call
            logger.exception("client message failed", extra=self.runtime.log_context())
            self.to_upstream.put(text)
        self.settle()

    def _upstream_said(self, text: str) -> None:
        try:
            self.relay.from_upstream(text, now_ms=self.runtime.now_ms())
        except Exception:  # outer edge, as above; but nothing that could be run goes on unchecked
            logger.exception("provider message failed", extra=self.runtime.log_context())
            if "function_call" not in text:
                self.to_client.put(text)
        self.settle()

    def upstream_gone(self, detail: str) -> None:
        self.relay.upstream_gone(detail, now_ms=self.runtime.now_ms())
        self.settle()

    def finish(self) -> None:
        """The call is about to end: tell what is still to be told."""
        self.relay.ended(now_ms=self.runtime.now_ms())
        self.settle()
        if self._timer is not None:
            self._timer.cancel()

    # --- the relay and the session -----------------------------------------------------------------------------------

    def settle(self) -> None:
        """Tell the session what happened, the relay what follows, and send what may leave."""
        if self._is_settling:
            return
        self._is_settling = True
        try:
            while events := self.relay.events(now_ms=self.runtime.now_ms()):
                for event in events:
                    self._tell(event)
        finally:
            self._is_settling = False
        out = self.relay.take(now_ms=self.runtime.now_ms())
        for text in out.to_upstream:
            self.to_upstream.put(text)
        for text in out.to_client:
            self.to_client.put(text)
        self._plan()

    def _tell(self, event: CallEvent) -> None:
        if not isinstance(event, ToolGateRequested):
            self.runtime.tell(event)
            return
        try:
            self.runtime.receive(event)
        except (IllegalEvent, MessageRefused) as refused:
            logger.warning("tool gate not asked", extra={**self.runtime.log_context(), "reason": refused.code})
            metrics.REALTIME_GATES_FAILED.inc()
            self.relay.gate_failed(event.gate_id, now_ms=self.runtime.now_ms())

    def _plan(self) -> None:
        due_ms = self.relay.next_due_ms
        if due_ms == self._due_ms and self._timer is not None:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._due_ms, self._timer = due_ms, None
        if due_ms is not None:
            in_s = max(0.0, (due_ms - self.runtime.now_ms()) / 1000.0)
            self._timer = asyncio.get_running_loop().call_later(in_s, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self.relay.tick(now_ms=self.runtime.now_ms())
        self.settle()

    # --- the call's side (Port) --------------------------------------------------------------------------------------

    def heard(self, event: CallEvent) -> None:
        """Words from a supervise socket of the same call change nothing here."""

    def playing(self) -> Sequence[PlaybackReported]:
        return self.relay.playing(now_ms=self.runtime.now_ms())

    def send(self, body: dict[str, Json]) -> None:
        self.relay.told(body, now_ms=self.runtime.now_ms())
        self.settle()

    def control(self, effect: AudioEffect) -> None:
        """The audio is stopped with the response it belongs to; see ``intervention``."""

    def let_go(self) -> None:
        self._let_go()


async def carry(port: RealtimePort, next_message: Callable[[], Awaitable[Message]]) -> str:
    """Relay until one side is gone; return why the call ends.

    ``next_message`` raises when the client has closed. What is queued for the client then is still being written, by
    ``port.to_client.run``, which is the caller's to run and to cancel.
    """
    client = asyncio.create_task(port.read_client(next_message))
    provider = asyncio.create_task(port.read_upstream())
    writer = asyncio.create_task(port.to_upstream.run())
    tasks = (provider, client, writer)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        stalled = next((one for one in map(_failure, tasks) if isinstance(one, Stalled)), None)
        if stalled is not None:
            return stalled.reason
        return "upstream_closed" if provider.done() or writer.done() else "client_closed"
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _failure(task: asyncio.Task[None]) -> BaseException | None:
    return task.exception() if task.done() and not task.cancelled() else None
