"""A bare web socket over ASGI: one reader, one writer, a bounded queue.

Channels' stock consumers hop through a thread for every frame; the sockets of live calls must not.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

Scope: TypeAlias = dict[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[dict[str, Any]]]
Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]

# RFC 6455 and its registry.
CLOSE_NORMAL, CLOSE_POLICY, CLOSE_TOO_BIG, CLOSE_INTERNAL, CLOSE_TRY_LATER = 1000, 1008, 1009, 1011, 1013
MAX_QUEUED_MESSAGES = 1_000


class SocketClosed(Exception):
    """The peer is gone; what was queued for it is not delivered."""


class Socket:
    """Wraps one connection. ``send`` queues and returns at once; the writer task delivers in order."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self._receive, self._send = receive, send
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._writer: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self.is_overflowing = False

    def header(self, name: bytes) -> str:
        return next((value.decode("latin-1") for key, value in self.scope["headers"] if key == name), "")

    async def connected(self) -> None:
        """Wait for the handshake to arrive."""
        await self._receive()

    async def accept(self, subprotocol: str | None = None, headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
        await self._send({"type": "websocket.accept", "subprotocol": subprotocol, "headers": list(headers)})
        self._writer = asyncio.create_task(self._write())

    async def refuse(self, status: int, problem: dict[str, Any]) -> None:
        """Refuse the handshake with an HTTP answer, where the server can give one."""
        if "websocket.http.response" not in self.scope.get("extensions", {}):
            await self._send({"type": "websocket.close", "code": CLOSE_POLICY})
            return
        headers = [(b"content-type", b"application/problem+json")]
        await self._send({"type": "websocket.http.response.start", "status": status, "headers": headers})
        await self._send({"type": "websocket.http.response.body", "body": json.dumps(problem).encode()})

    async def next_text(self) -> str | None:
        """Return the next text message; None for a binary one.

        Raises:
            SocketClosed: the peer closed.
        """
        message = await self.next_message()
        return message if isinstance(message, str) else None

    async def next_message(self) -> str | bytes:
        """As ``next_text``, with binary messages as they are."""
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            raise SocketClosed
        text: str | None = message.get("text")
        return text if text is not None else bytes(message.get("bytes") or b"")

    def send(self, body: dict[str, Any]) -> None:
        self.send_text(json.dumps(body, separators=(",", ":"), ensure_ascii=False))

    def send_text(self, text: str) -> None:
        """Queue a message. A peer that does not read for so long that the queue fills up is cut off."""
        if self._queue.qsize() >= MAX_QUEUED_MESSAGES:
            self.is_overflowing = True
            return
        self._queue.put_nowait(text)

    async def write_now(self, message: str | bytes) -> None:
        """Send past the queue: for sockets that keep a queue of their own."""
        await self._send({"type": "websocket.send", "text" if isinstance(message, str) else "bytes": message})

    async def close(self, code: int = CLOSE_NORMAL, reason: str = "") -> None:
        """Deliver what is queued, then close."""
        if self._writer is not None:
            self._queue.put_nowait(None)
            await asyncio.wait({self._writer}, timeout=2.0)
            self._writer.cancel()
        try:
            await self._send({"type": "websocket.close", "code": code, "reason": reason})
        except (OSError, RuntimeError):
            return  # the peer was faster

    def close_soon(self, code: int) -> None:
        """``close`` for code that must not wait."""
        self._closing = asyncio.create_task(self.close(code))

    def abandon(self) -> None:
        """The peer is gone: stop writing."""
        if self._writer is not None:
            self._writer.cancel()

    async def _write(self) -> None:
        while (text := await self._queue.get()) is not None:
            await self._send({"type": "websocket.send", "text": text})
