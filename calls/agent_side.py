"""The agent's side of a bridged call: its messages in, the carrier's and Mirror's out. Neither waits for the other."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from calls import metrics
from calls.backlog import Backlog
from calls.errors import UpstreamLost
from calls.upstream import Upstream

logger = logging.getLogger(__name__)

# 20 ms a frame: an agent that does not read may lag behind by 10 s of audio before the oldest is dropped.
MAX_MESSAGES = 500
MAX_CHARACTERS = 2 * 1024 * 1024


class AgentSide:
    """``take`` is given each message, ``room`` returns once more of them can be taken."""

    def __init__(
        self, upstream: Upstream, *, take: Callable[[str], None], room: Callable[[], Awaitable[None] | None]
    ) -> None:
        self.gone = asyncio.Event()
        self._upstream = upstream
        self._backlog = Backlog(max_messages=MAX_MESSAGES, max_characters=MAX_CHARACTERS)
        self._wakes = asyncio.Event()
        self._tasks = [asyncio.create_task(self._read(take, room)), asyncio.create_task(self._write())]

    def put(self, text: str, *, is_audio: bool) -> None:
        dropped = self._backlog.put(text, is_audio=is_audio)
        if dropped:
            metrics.AUDIO_DROPPED.labels("slow_agent").inc(dropped)
        self._wakes.set()

    async def _read(self, take: Callable[[str], None], room: Callable[[], Awaitable[None] | None]) -> None:
        try:
            async for text in self._upstream:
                try:
                    take(text)
                except Exception:  # outer edge: a message that breaks us costs that message, never the call
                    logger.exception("agent message failed", extra={"action": "agent_message_failed"})
                if (waiting := room()) is not None:
                    await waiting
        finally:
            self.gone.set()

    async def _write(self) -> None:
        backlog, wakes = self._backlog, self._wakes
        try:
            while True:
                await wakes.wait()
                while len(backlog):
                    await self._upstream.send(backlog.take()[0])
                wakes.clear()
        except UpstreamLost:
            self.gone.set()

    @property
    def end_reason(self) -> str:
        """Why the call ends when the agent is gone."""
        return "agent_hung_up" if self._upstream.is_orderly else "agent_lost"

    async def close(self) -> None:
        """Hang up on the agent."""
        with contextlib.suppress(UpstreamLost, OSError, TimeoutError):
            await self._upstream.close()
        for task in self._tasks:
            task.cancel()
