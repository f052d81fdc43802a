"""Telling console pages that calls changed: often enough to look live, never so often that calls suffer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from calls.models import Call

# A busy call changes many times a second; a page shows it at most so often.
EVERY_S = 0.25
# Of the time, this share at most goes into telling.
_MOST_SHARE = 0.1
_TOLD_WITHIN_S = 1.0


class ConsoleNews:
    """``last_n`` says how many rows a call has recorded; None where it is not here any more."""

    def __init__(self, last_n: Callable[[UUID], int | None], *, every_s: float = EVERY_S) -> None:
        self._last_n, self._every_s = last_n, every_s
        self._changed: dict[tuple[UUID, UUID], bool] = {}
        self._wakes = asyncio.Event()

    def changed(self, tenant_id: UUID, call_id: UUID, *, is_ended: bool) -> None:
        """Rows of the call were written."""
        key = tenant_id, call_id
        self._changed[key] = self._changed.get(key, False) or is_ended
        self._wakes.set()

    async def run(self) -> None:
        """Run until cancelled."""
        while True:
            await self._wakes.wait()
            self._wakes.clear()
            changed, self._changed = self._changed, {}
            began = time.monotonic()
            for (tenant_id, call_id), is_ended in changed.items():
                await self._tell(tenant_id, call_id, is_ended=is_ended)
            await asyncio.sleep(max(self._every_s, (time.monotonic() - began) / _MOST_SHARE))

    async def _tell(self, tenant_id: UUID, call_id: UUID, *, is_ended: bool) -> None:
        layer: Any = get_channel_layer()  # type: ignore[no-untyped-call]
        if layer is None:
            return
        message = {
            "type": "call.changed",
            "call_id": str(call_id),
            "n": self._last_n(call_id),
            "status": Call.Status.ENDED.value if is_ended else Call.Status.LIVE.value,
        }
        # The console falls back to polling; a call never waits for it.
        with suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(_TOLD_WITHIN_S):
                await layer.group_send(f"tenant.{tenant_id.hex}", message)
                await layer.group_send(f"call.{call_id.hex}", message)
