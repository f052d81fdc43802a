"""An HTTP server on loopback that misbehaves on demand: a provider's every fault, without a network."""

from __future__ import annotations

import json
import socket
import socketserver
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

Json = Any


@dataclass(frozen=True)
class Received:
    method: str
    path: str
    headers: dict[str, str]  # lower-case names
    body: Json


@dataclass
class Connection:
    """What a behaviour does with one request. ``stopped`` is set when the server goes down."""

    send: Callable[[bytes], None]
    stopped: threading.Event
    received: Received
    reset: Callable[[], None]


Behaviour = Callable[[Connection], None]


def _head(status: int, length: int, extra: str = "") -> bytes:
    return (
        f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{extra}\r\n"
    ).encode()


def answers(body: Json, status: int = 200) -> Behaviour:
    return answers_raw(json.dumps(body).encode(), status)


def answers_raw(body: bytes, status: int = 200, extra: str = "") -> Behaviour:
    return lambda connection: connection.send(_head(status, len(body), extra) + body)


def hangs(connection: Connection) -> None:
    connection.stopped.wait(30)


def drips(connection: Connection) -> None:
    """A byte every 20 ms: each read makes progress, the whole never ends."""
    connection.send(_head(200, 100_000))
    while not connection.stopped.wait(0.02):
        connection.send(b" ")


def closes_mid_body(connection: Connection) -> None:
    connection.send(_head(200, 1_000) + b'{"choices": [')


def closes_at_once(connection: Connection) -> None:
    """No byte of an answer."""


def resets(connection: Connection) -> None:
    """Half an answer, then the line is torn down."""
    connection.send(_head(200, 1_000) + b'{"choices"')
    connection.reset()


def speaks_no_http(connection: Connection) -> None:
    connection.send(b"220 mail.example ESMTP\r\n")


def is_huge(connection: Connection) -> None:
    connection.send(_head(200, 64 * 1024 * 1024))
    while not connection.stopped.is_set():
        connection.send(b" " * 65_536)


FAULTS: dict[str, Behaviour] = {
    "500": answers({"error": "broken"}, 500),
    "429": answers({"error": "slow down"}, 429),
    "429_with_retry_after": answers_raw(b'{"error": "slow down"}', 429, "Retry-After: 7\r\n"),
    "503": answers({"error": "overloaded"}, 503),
    "401": answers({"error": "no"}, 401),
    "redirect": answers_raw(b"{}", 302, "Location: http://169.254.169.254/\r\n"),
    "hangs": hangs,
    "drips": drips,
    "closes_mid_body": closes_mid_body,
    "closes_at_once": closes_at_once,
    "resets": resets,
    "speaks_no_http": speaks_no_http,
    "truncated_json": answers_raw(b'{"choices": [{"message": {"content": "{\\"violation'),
    "is_huge": is_huge,
    "not_json": answers_raw(b"<html>hello</html>"),
    "deep_json": answers_raw(b"[" * 100_000),
    "wrong_schema": answers({"hello": "world"}),
    "null": answers(None),
    "list": answers([1, 2, 3]),
    "empty": answers_raw(b""),
    "not_utf8": answers_raw(b'{"a": "\xff\xfe"}'),
    "compressed": answers_raw(b"x", 200, "Content-Encoding: gzip\r\n"),
}


@dataclass
class FakeServer:
    """``plan`` holds the behaviours of the next requests; when it is empty, ``otherwise`` serves."""

    url: str = ""
    plan: deque[Behaviour] = field(default_factory=deque)
    otherwise: Behaviour = closes_at_once
    received: list[Received] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def serves(self, *behaviours: Behaviour) -> None:
        self.plan.extend(behaviours)


class _Handler(socketserver.StreamRequestHandler):
    fake: FakeServer

    def handle(self) -> None:
        line = self.rfile.readline().decode("latin-1").split()
        if len(line) < 2:
            return
        headers = {}
        while (header := self.rfile.readline().decode("latin-1").strip()) != "":
            name, _, value = header.partition(":")
            headers[name.lower()] = value.strip()
        raw = self.rfile.read(int(headers.get("content-length", "0")))
        received = Received(line[0], line[1], headers, json.loads(raw) if raw else None)
        self.fake.received.append(received)
        behaviour = self.fake.plan.popleft() if self.fake.plan else self.fake.otherwise
        with suppress(OSError):  # the client had enough
            behaviour(Connection(self._send, self.fake.stopped, received, self._reset))

    def _reset(self) -> None:
        # Closing with this option set sends a reset instead of an orderly end.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def _send(self, data: bytes) -> None:
        self.wfile.write(data)
        self.wfile.flush()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def serving() -> Iterator[FakeServer]:
    fake = FakeServer()
    handler = type("Handler", (_Handler,), {"fake": fake})
    with _Server(("127.0.0.1", 0), handler) as server:
        fake.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield fake
        finally:
            fake.stopped.set()
            server.shutdown()
            thread.join()
