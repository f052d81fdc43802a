"""Web sockets for the load generator: both roles of RFC 6455, as cheap as Python allows.

Frames go out unfragmented and with a mask of zeros, which leaves the text as it is; what comes in may be masked. The
load shares a machine with what it measures, so each microsecond here is one that it cannot measure.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
from collections.abc import Callable, Mapping
from typing import cast
from urllib.parse import urlsplit

_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10

Take = Callable[[bytes], None]


class Refused(ConnectionError):
    """The other side did not open the web socket; the message is its first line."""


class Peer(asyncio.Protocol):
    """One end. ``take`` gets the text of each message; set it before the next turn of the event loop."""

    def __init__(self, *, is_client: bool, opened: Callable[[Peer], None], request: bytes = b"") -> None:
        self.take: Take = _nothing
        self.is_open = False
        self.lost = asyncio.get_running_loop().create_future()
        self._is_client, self._opened, self._request = is_client, opened, request
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    # --- asyncio's side ------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        if self._is_client:
            self._transport.write(self._request)

    def connection_lost(self, error: Exception | None) -> None:
        self.is_open = False
        if not self.lost.done():
            self.lost.set_result(self._buffer.split(b"\r\n", 1)[0].decode("latin-1"))

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        if not self.is_open and not self._shake_hands():
            return
        self._read_frames()

    def _shake_hands(self) -> bool:
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return False
        if self._is_client and b" 101 " not in head[:20]:
            self.abort()
            return False
        self._buffer = rest
        if not self._is_client:
            self._write(_accept(head))
        self.is_open = True
        self._opened(self)
        return True

    def _read_frames(self) -> None:
        data, at, end = self._buffer, 0, len(self._buffer)
        while end - at >= 2:
            start, size = at + 2, data[at + 1] & 127
            if size == 126:
                start, size = at + 4, int.from_bytes(data[at + 2 : at + 4], "big")
            elif size == 127:
                start, size = at + 10, int.from_bytes(data[at + 2 : at + 10], "big")
            is_masked = data[at + 1] & 128
            body = start + 4 if is_masked else start
            if end < body + size:
                break
            text = data[body : body + size]
            self._frame(data[at] & 15, _unmask(text, data[start:body]) if is_masked else text)
            at = body + size
        self._buffer = data[at:]

    def _frame(self, kind: int, text: bytes) -> None:
        if kind == _TEXT:
            self.take(text)
        elif kind == _PING:
            self._send(_PONG, text)
        elif kind == _CLOSE:
            self.close()

    # --- the load's side -----------------------------------------------------------------------------------------

    def send(self, text: bytes) -> None:
        """Send a text message; nothing where the socket is closed."""
        self._send(_TEXT, text)

    def _send(self, kind: int, text: bytes) -> None:
        size, mask = len(text), 128 if self._is_client else 0
        if size < 126:
            head = bytes((128 | kind, mask | size))
        elif size < 65_536:
            head = bytes((128 | kind, mask | 126, size >> 8, size & 255))
        else:
            head = bytes((128 | kind, mask | 127)) + size.to_bytes(8, "big")
        self._write(head + b"\0\0\0\0" + text if mask else head + text)

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def close(self) -> None:
        """Close as a web socket closes: normally."""
        self._send(_CLOSE, (1000).to_bytes(2, "big"))
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.close()


def _nothing(text: bytes) -> None:
    return


def _unmask(text: bytes, mask: bytes) -> bytes:
    size = len(text)
    key = int.from_bytes((mask * (size // 4 + 1))[:size], "little")
    return (int.from_bytes(text, "little") ^ key).to_bytes(size, "little")


def _accept(head: bytes) -> bytes:
    lines = (line.partition(b":") for line in head.split(b"\r\n")[1:])
    told = {name.strip().lower(): value.strip() for name, _, value in lines}
    key = base64.b64encode(hashlib.sha1(told[b"sec-websocket-key"] + _MAGIC).digest())  # noqa: S324  (the protocol's)
    upgrade = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    return upgrade + b"Sec-WebSocket-Accept: " + key + b"\r\n\r\n"


async def dial(url: str, headers: Mapping[str, str] | None = None, *, take: Take, within_s: float = 30.0) -> Peer:
    """Open a web socket.

    Raises:
        Refused: the server answers with something else.
        TimeoutError: it does not answer.
    """
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"GET {target or '/'} HTTP/1.1", f"Host: {parts.netloc}", "Upgrade: websocket", "Connection: Upgrade"]
    key = base64.b64encode(os.urandom(16)).decode()
    lines += [f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    loop = asyncio.get_running_loop()
    opened: asyncio.Future[Peer] = loop.create_future()
    request = "\r\n".join([*lines, "", ""]).encode()
    _, peer = await loop.create_connection(
        lambda: Peer(is_client=True, opened=lambda it: opened.set_result(it), request=request),
        parts.hostname or "", parts.port or 80,
    )  # fmt: skip
    peer.take = take
    async with asyncio.timeout(within_s):
        await asyncio.wait({opened, peer.lost}, return_when=asyncio.FIRST_COMPLETED)
    if not opened.done():
        raise Refused(peer.lost.result())
    return peer


async def listen(port: int, opened: Callable[[Peer], None]) -> asyncio.Server:
    """Serve web sockets at every path; ``opened`` gets each one and sets what takes its messages."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: Peer(is_client=False, opened=opened), "127.0.0.1", port, backlog=1024)
