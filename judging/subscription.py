"""One pub/sub subscription of an asyncio process, that comes back by itself after Valkey was away."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable

import redis
from redis import asyncio as redis_async

logger = logging.getLogger(__name__)

_PING_EVERY_S = 5.0
_SOCKET_S = 5.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 2.0


class Subscription:
    """Calls ``on_message(data)`` for each message and ``on_connect()`` after each (re)connect, in the event loop.

    Messages published while it was away are lost: ``on_connect`` is where to read what they told.
    """

    def __init__(
        self,
        url: str,
        channel: str,
        on_message: Callable[[bytes], None],
        on_connect: Callable[[], None] = lambda: None,
    ) -> None:
        self._url = url
        self._channel = channel
        self._on_message = on_message
        self._on_connect = on_connect
        self._connected = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_connected(self) -> bool:
        return self._connected.is_set()

    def start(self) -> None:
        """Begin, in the running loop. Safe to call again."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"subscription {self._channel}")

    async def connected(self, timeout_s: float) -> bool:
        """Wait until it listens; False when it does not within ``timeout_s``."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self._connected.wait()
        except TimeoutError:
            return False

    async def stop(self) -> None:
        task, self._task = self._task, None
        # A cancellation that meets an arriving message can get lost inside the client: ask until it is heard.
        while task is not None and not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=0.5)

    async def _run(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                await self._listen()
            except (redis.RedisError, OSError, TimeoutError) as error:
                if self._connected.is_set():
                    pause_s = _FIRST_PAUSE_S
                    logger.warning(
                        "subscription lost", extra={"action": "subscription_lost", "reason": type(error).__name__}
                    )
            finally:
                self._connected.clear()
            # Many processes lose Valkey at once; they must not all come back in the same moment.
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 -- no secret
            pause_s = min(_LONGEST_PAUSE_S, pause_s * 2)

    async def _listen(self) -> None:
        client = redis_async.Redis.from_url(self._url, socket_connect_timeout=_SOCKET_S)
        async with client, client.pubsub() as pubsub:
            async with asyncio.timeout(_SOCKET_S):
                await pubsub.subscribe(self._channel)
            is_ping_due = False
            while True:
                message = await pubsub.get_message(timeout=_PING_EVERY_S)
                if message is None:
                    # Silence, after the pong that was due: the other end is gone without a word.
                    if is_ping_due:
                        raise TimeoutError
                    async with asyncio.timeout(_SOCKET_S):
                        await pubsub.ping()
                    is_ping_due = True
                    continue
                is_ping_due = False
                if message["type"] == "subscribe":
                    self._connected.set()
                    self._on_connect()
                elif message["type"] == "message":
                    self._on_message(message["data"])
