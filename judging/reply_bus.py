"""Where a live process waits for answers of the workers."""

from __future__ import annotations

import asyncio
import logging
import uuid

from django.conf import settings

from judging.core.types import Answer
from judging.providers.errors import Failure
from judging.subscription import Subscription
from judging.wire import reply_load

logger = logging.getLogger(__name__)


class ReplyBus:
    """One subscription per process on ``mirror:answers:<process>``; ``channel`` is what a task gets as ``reply_to``.

    ``expect`` before the question is sent, then ``wait``: an answer that comes in between is kept. An answer that
    nobody expects (late, or a second one) is dropped.
    """

    def __init__(self, url: str, *, prefix: str) -> None:
        self.channel = f"{prefix}:answers:{uuid.uuid4().hex}"
        self._subscription = Subscription(url, self.channel, self._take)
        self._waiting: dict[str, asyncio.Future[Answer]] = {}

    @property
    def is_connected(self) -> bool:
        return self._subscription.is_connected

    async def start(self, *, patience_s: float = 1.0) -> bool:
        """Begin to listen; False when Valkey is not there yet (it goes on trying)."""
        self._subscription.start()
        return self.is_connected or await self._subscription.connected(patience_s)

    async def stop(self) -> None:
        await self._subscription.stop()
        for future in self._waiting.values():
            future.cancel()
        self._waiting.clear()

    def expect(self, key: str) -> None:
        """Keep the answer to ``key`` from now on, until ``wait`` or ``forget``."""
        if key not in self._waiting:
            self._waiting[key] = asyncio.get_running_loop().create_future()

    def forget(self, key: str) -> None:
        future = self._waiting.pop(key, None)
        if future is not None:
            future.cancel()

    async def wait(self, key: str, timeout_s: float) -> Answer:
        """Return the answer, or a failed one: ``unavailable`` at once where nothing can come, ``timeout`` in time.

        Once asked, a subscription that breaks and comes back may still bring the answer: that is waited for.
        """
        if not self.is_connected:
            self.forget(key)
            return Answer(failure=Failure.UNAVAILABLE)
        self.expect(key)
        try:
            async with asyncio.timeout(timeout_s):
                return await self._waiting[key]
        except TimeoutError:
            return Answer(failure=Failure.TIMEOUT)
        finally:
            self._waiting.pop(key, None)

    def _take(self, data: bytes) -> None:
        reply = reply_load(data)
        future = self._waiting.get(reply[0]) if reply else None
        if reply is not None and future is not None and not future.done():
            future.set_result(reply[1])


def reply_bus_make() -> ReplyBus:
    return ReplyBus(settings.REDIS_URL, prefix=settings.MIRROR_REDIS_PREFIX)
