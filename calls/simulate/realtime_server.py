"""A realtime model's WebSocket server that says what it is told to: ``realtime_model`` behind a socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from calls.simulate.realtime_model import Answer, RealtimeModel
from calls.simulate.realtime_speech import Body


@dataclass(slots=True)
class Connected:
    """One client: what it sent, what it was sent, and the model it talks to."""

    socket: ServerConnection
    model: RealtimeModel
    wakes: asyncio.Event = field(default_factory=asyncio.Event)
    is_gone: asyncio.Event = field(default_factory=asyncio.Event)
    sent: list[str] = field(default_factory=list)
    received: list[str] = field(default_factory=list)

    async def send(self, *bodies: Body) -> None:
        for body in bodies:
            text = json.dumps(body)
            self.sent.append(text)
            await self.socket.send(text)

    async def caller_says(self, words: str) -> None:
        """The caller speaks; the model hears it, answers, and writes it down."""
        await self.send(*self.model.caller_says(words))
        self.wakes.set()

    @property
    def path(self) -> str:
        return self.socket.request.path if self.socket.request is not None else ""

    @property
    def headers(self) -> dict[str, str]:
        found = self.socket.request.headers.raw_items() if self.socket.request is not None else []
        return {name.lower(): value for name, value in found}


@dataclass(slots=True)
class RealtimeServer:
    """``key`` "" lets everybody in. ``pause_s`` lies between the messages of a response."""

    answer: Answer
    key: str = ""
    pause_s: float = 0.0
    is_beta: bool = False
    is_text: bool = False
    port: int = 0
    connected: asyncio.Queue[Connected] = field(default_factory=asyncio.Queue)

    @asynccontextmanager
    async def serving(self, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[RealtimeServer]:
        async with serve(
            self._connection, host, port, compression=None, process_request=self._admit, max_size=None
        ) as server:
            self.port = next(iter(server.sockets)).getsockname()[1]
            yield self

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/v1/realtime"

    def _admit(self, socket: ServerConnection, request: Request) -> Response | None:
        if not self.key or request.headers.get("Authorization") == f"Bearer {self.key}":
            return None
        return socket.respond(HTTPStatus.UNAUTHORIZED, "no such key\n")

    async def _connection(self, socket: ServerConnection) -> None:
        client = Connected(socket, RealtimeModel(self.answer, is_beta=self.is_beta, is_text=self.is_text))
        self.connected.put_nowait(client)
        speaking = asyncio.create_task(self._speak(client))
        try:
            await client.send(*client.model.greet())
            async for text in socket:
                client.received.append(str(text))
                await client.send(*client.model.receive(str(text)))
                client.wakes.set()
        except ConnectionClosed:
            pass
        finally:
            speaking.cancel()
            await asyncio.gather(speaking, return_exceptions=True)
            client.is_gone.set()

    async def _speak(self, client: Connected) -> None:
        while True:
            await client.wakes.wait()
            while client.model.is_busy:
                await client.send(*client.model.step())
                # As real transcripts: later than the first words of the answer.
                await client.send(*client.model.write_down())
                await asyncio.sleep(self.pause_s)
            while client.model.is_writing_down:
                await client.send(*client.model.write_down())
            client.wakes.clear()
