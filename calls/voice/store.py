"""Lines that are said again and again, such as buffer lines: kept in this process and, for all processes, in Valkey.

Every key holds the tenant. Nothing here raises: without Valkey a line is made again.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import redis.asyncio as redis
from redis.exceptions import RedisError

from calls.voice import metrics
from calls.voice.config import VoiceConfig
from calls.voice.line import Line
from calls.voice.rendering import Rendered
from calls.voice.samples import FRAME_MS
from judging.providers.errors import Failure, ProviderFailed

# A new number where the same text would sound different: another level, another trim.
VERSION: Final = 1
LIFE_S: Final = 7 * 24 * 3600
MAX_BYTES: Final = 32 * 1024 * 1024
MAX_LINE_BYTES: Final = 1024 * 1024
# A line that is wanted now cannot wait for a store that hangs; after a failure it is left alone for a while.
_WITHIN_S: Final = 0.15
_REST_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class LineKey:
    """One text in one voice of one tenant. The secret is no part of it: it changes nothing in the sound."""

    tenant_id: UUID
    voice: VoiceConfig
    line: Line

    @property
    def name(self) -> str:
        voice, line = self.voice, self.line
        how = [VERSION, voice.kind, voice.base_url, voice.name, voice.model, voice.pcm_hz]
        parts = [*how, line.language.lower(), line.media_format.content_type, line.text]
        digest = hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()
        return f"{self.tenant_id}:{digest}"


class LineStore:
    """One per event loop. ``max_bytes`` bounds what this process keeps; the longest unused goes first."""

    def __init__(self, url: str, prefix: str, *, max_bytes: int = MAX_BYTES) -> None:
        self._valkey = redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)
        self._prefix = prefix
        self._max_bytes = max_bytes
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0
        self._rests_until_s = 0.0

    @property
    def kept_bytes(self) -> int:
        return self._bytes

    async def get(self, key: LineKey) -> bytes | None:
        audio = self._kept.get(key.name)
        if audio is not None:
            self._kept.move_to_end(key.name)
            metrics.CACHE.labels("process").inc()
            return audio
        audio = await self._try(self._valkey.get(self._address(key)))
        if not audio or not _is_whole(audio, key):
            return None
        metrics.CACHE.labels("valkey").inc()
        self.keep(key, audio)
        return bytes(audio)

    def keep(self, key: LineKey, audio: bytes) -> None:
        """Keep a line in this process."""
        if len(audio) > min(MAX_LINE_BYTES, self._max_bytes):
            return
        self._bytes += len(audio) - len(self._kept.pop(key.name, b""))
        self._kept[key.name] = audio
        while self._bytes > self._max_bytes:
            self._bytes -= len(self._kept.popitem(last=False)[1])

    async def share(self, key: LineKey, audio: bytes) -> None:
        """Keep a line here and for the other processes."""
        self.keep(key, audio)
        if len(audio) <= MAX_LINE_BYTES:
            await self._try(self._valkey.set(self._address(key), audio, ex=LIFE_S))

    async def close(self) -> None:
        await self._valkey.aclose()

    def _address(self, key: LineKey) -> str:
        return f"{self._prefix}:voice:{key.name}"

    async def _try(self, work: Any) -> Any:
        if time.monotonic() < self._rests_until_s:
            work.close()
            return None
        try:
            async with asyncio.timeout(_WITHIN_S):
                return await work
        except (RedisError, OSError, TimeoutError):
            metrics.SHARED_STORE_FAILURES.inc()
            self._rests_until_s = time.monotonic() + _REST_S
            return None


def _is_whole(audio: bytes, key: LineKey) -> bool:
    return len(audio) % int(key.line.media_format.bytes_per_ms * FRAME_MS) == 0


class Flights:
    """Work under way, by key: whoever wants the same meanwhile waits for it instead of doing it again."""

    def __init__(self) -> None:
        self._tasks: dict[Hashable, asyncio.Task[Rendered]] = {}

    async def join(
        self, key: Hashable, work: Callable[[], Coroutine[Any, Any, Rendered]], *, deadline_s: float
    ) -> Rendered:
        """Return what comes of the work. Who stops waiting does not stop it for the others.

        Raises:
            ProviderFailed: that of the work, or timeout.
        """
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.create_task(work())
            task.add_done_callback(lambda done: self._landed(key, done))
        try:
            async with asyncio.timeout(deadline_s):
                return await asyncio.shield(task)
        except TimeoutError as error:
            raise ProviderFailed(Failure.TIMEOUT, f"no speech within {deadline_s:.1f} s") from error

    def _landed(self, key: Hashable, done: asyncio.Task[Rendered]) -> None:
        self._tasks.pop(key, None)
        # Nobody may wait for it any more; whoever does gets the error all the same.
        if not done.cancelled():
            done.exception()

    async def close(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
