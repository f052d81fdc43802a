"""What console pages are told of calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest

from calls import console_news
from calls.console_news import ConsoleNews

TENANT, CALL = uuid4(), uuid4()


class Layer:
    """Takes what is sent to groups; fails as Valkey does when it is away."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()
        self.error: Exception | None = None

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        if self.error is not None:
            error, self.error = self.error, None
            raise error
        self.told.put_nowait((group, message))

    async def of(self, group: str) -> dict[str, Any]:
        async with asyncio.timeout(10):
            while True:
                to, message = await self.told.get()
                if to == group:
                    return message


@pytest.fixture
def layer(monkeypatch: pytest.MonkeyPatch) -> Layer:
    made = Layer()
    monkeypatch.setattr(console_news, "get_channel_layer", lambda: made)
    return made


@asynccontextmanager
async def telling(last_n: dict[UUID, int]) -> AsyncIterator[ConsoleNews]:
    news = ConsoleNews(last_n.get, every_s=0.0)
    task = asyncio.create_task(news.run())
    yield news
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_many_changes_at_once_are_told_once_with_the_last_number(layer):
    last_n = {CALL: 1}
    async with telling(last_n) as news:
        for n in range(1, 100):
            last_n[CALL] = n
            news.changed(TENANT, CALL, is_ended=False)
        told = await layer.of(f"call.{CALL.hex}")
        assert (told["n"], told["status"]) == (99, "live")
        assert layer.told.empty()


async def test_an_end_is_told_although_a_change_was_noted_after_it(layer):
    async with telling({}) as news:
        news.changed(TENANT, CALL, is_ended=True)
        news.changed(TENANT, CALL, is_ended=False)
        assert (await layer.of(f"tenant.{TENANT.hex}"))["status"] == "ended"


async def test_a_layer_that_was_away_is_told_of_what_comes_after(layer):
    layer.error = OSError("away")
    async with telling({}) as news:
        news.changed(TENANT, CALL, is_ended=False)
        other = uuid4()
        news.changed(TENANT, other, is_ended=False)
        assert (await layer.of(f"call.{other.hex}"))["call_id"] == str(other)
