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


# From so full on the carrier's side is crowded, and the agent is not read for a moment.
_CROWDED = 0.5
# A carrier that is slow rather than flooded makes no room by waiting: in-band words must get through all the same, so
# reading goes on and audio is dropped.
_SLOW_CARRIER_WAITS_S = 0.5
_ASK_AGAIN_S = 0.02


class Room:
    """Whether the other side has room for more of the agent's messages.

    ``is_flooded``: it has more than it should, and only time makes room. ``fill``: how full its backlog is, 0..1.
    """

    def __init__(self, *, is_flooded: Callable[[], bool], fill: Callable[[], float]) -> None:
        self._is_flooded, self._fill = is_flooded, fill
        self._is_slow = False  # waiting made no room

    def missing(self) -> Awaitable[None] | None:
        """Something to wait for before more is read; None where there is room."""
        is_crowded = self._fill() > _CROWDED
        self._is_slow &= is_crowded
        return self._wait() if self._is_flooded() or (is_crowded and not self._is_slow) else None

    async def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        gives_up_at = loop.time() + _SLOW_CARRIER_WAITS_S
        while self._is_flooded() or self._fill() > _CROWDED:
            await asyncio.sleep(_ASK_AGAIN_S)
            if not self._is_flooded() and loop.time() > gives_up_at:
                self._is_slow = True
                return


class AgentSide:
    """``take`` is given each message while there is ``room``."""

    def __init__(self, upstream: Upstream, *, take: Callable[[str], None], room: Room) -> None:
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

    async def _read(self, take: Callable[[str], None], room: Room) -> None:
        try:
            async for text in self._upstream:
                try:
                    take(text)
                except Exception:  # outer edge: a message that breaks us costs that message, never the call
                    logger.exception("agent message failed", extra={"action": "agent_message_failed"})
                if (waiting := room.missing()) is not None:
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
