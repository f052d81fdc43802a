"""The two baselines, for uvicorn: relays that read nothing. ``BENCH_AGENT_URL`` is where the agent listens.

uvicorn bench.streams.relays:bare      what these libraries cost at least
uvicorn bench.streams.relays:stock     what the usual consumer of Channels costs
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

if not settings.configured:
    settings.configure(SECRET_KEY="bench", ALLOWED_HOSTS=["*"])  # noqa: S106  (nothing is signed)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_CLIENT: dict[str, Any] = {"compression": None, "max_queue": 64, "proxy": None}


def _agent_url() -> str:
    return os.environ["BENCH_AGENT_URL"]


def _with_lifespan(relay: Callable[[Scope, Receive, Send], Awaitable[None]]) -> Any:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await relay(scope, receive, send)
        while scope["type"] == "lifespan":
            told = (await receive())["type"]
            await send({"type": f"{told}.complete"})
            if told == "lifespan.shutdown":
                return

    return application


async def _bare(scope: Scope, receive: Receive, send: Send) -> None:
    """One loop each way."""
    await receive()
    await send({"type": "websocket.accept"})
    async with connect(_agent_url(), **_CLIENT) as agent:
        back = asyncio.create_task(_back(agent, send))
        try:
            while (message := await receive())["type"] == "websocket.receive":
                await agent.send(message["text"])
        except ConnectionClosed:
            return
        finally:
            back.cancel()


async def _back(agent: ClientConnection, send: Send) -> None:
    with suppress(ConnectionClosed):
        async for text in agent:
            await send({"type": "websocket.send", "text": text})


class _Stock(AsyncWebsocketConsumer):
    """Written as Channels' documentation writes a consumer."""

    async def connect(self) -> None:
        self.agent = await connect(_agent_url(), **_CLIENT)
        await self.accept()  # type: ignore[no-untyped-call]
        self.back = asyncio.create_task(self._back())

    async def _back(self) -> None:
        with suppress(ConnectionClosed):
            async for text in self.agent:
                await self.send(text_data=str(text))  # type: ignore[no-untyped-call]

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        with suppress(ConnectionClosed):
            await self.agent.send(text_data or "")

    async def disconnect(self, code: int) -> None:
        self.back.cancel()
        await self.agent.close()


bare = _with_lifespan(_bare)
stock = _with_lifespan(_Stock.as_asgi())  # type: ignore[no-untyped-call]
