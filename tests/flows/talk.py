"""Talking to the running product as an outside program would: supervise sockets, a carrier, an agent, REST."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tests.stack import RunningStack

SUBPROTOCOL = "mirror.supervise.v1"
BAD, GOOD = "I will give you a full refund.", "Let me look at that for you."
PIZZA = {"id": "tool-1", "name": "place_order", "arguments": {"item": "pizza"}}
# Enough for a busy machine; a test that waits for it fails.
WITHIN_S = 15.0

Message = dict[str, Any]
OUR_MARK = re.compile(r'"name": "m[0-9a-f]{16}-\d+"')


class Supervised:
    """One supervise socket. ``send`` counts ``seq`` by itself; everything that came is in ``got``."""

    def __init__(self, socket: ClientConnection, *, seq: int = 0) -> None:
        self.socket, self.seq = socket, seq
        self.got: list[Message] = []

    async def send(self, type_: str, *, seq: int | None = None, **fields: Any) -> int:
        self.seq = self.seq + 1 if seq is None else seq
        await self.socket.send(json.dumps({"type": type_, "seq": self.seq, **fields}))
        return self.seq

    async def until(self, is_it: Callable[[Message], bool]) -> Message:
        """Return the first message, from those that came on, that is it."""
        seen = 0
        async with asyncio.timeout(WITHIN_S):
            while True:
                found = next(filter(is_it, self.got[seen:]), None)
                if found is not None:
                    return found
                seen = len(self.got)
                self.got.append(json.loads(await self.socket.recv()))

    async def of(self, type_: str, **fields: Any) -> Message:
        return await self.until(lambda m: m["type"] == type_ and fields.items() <= m.items())

    async def ack(self, seq: int) -> None:
        await self.of("ack", seq=seq)

    async def told(self, type_: str, **fields: Any) -> None:
        """Send and wait for the acknowledgement."""
        await self.ack(await self.send(type_, **fields))

    async def start(self, call_id: str, **fields: Any) -> Message:
        seq = await self.send("call.start", call_id=call_id, **fields)
        started = await self.of("call.started")
        await self.ack(seq)
        return started


@dataclass
class Product:
    """The running product with one tenant of the test's own."""

    stack: RunningStack
    told: Message

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.told['api_key']}"}

    @property
    def ws(self) -> str:
        return self.stack.url.replace("http", "ws", 1)

    @asynccontextmanager
    async def supervised(
        self, *, seq: int = 0, headers: dict[str, str] | None = None, query: str = ""
    ) -> AsyncIterator[Supervised]:
        sent = self.headers if headers is None else headers
        async with connect(
            f"{self.ws}/ws/v1/supervise/{query}", additional_headers=sent, subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]
            proxy=None, open_timeout=WITHIN_S,
        ) as socket:  # fmt: skip
            yield Supervised(socket, seq=seq)

    @asynccontextmanager
    async def web(self) -> AsyncIterator[httpx.AsyncClient]:
        async with httpx.AsyncClient(
            base_url=self.stack.url, headers=self.headers, trust_env=False, timeout=WITHIN_S
        ) as client:
            yield client

    async def call(self, call_id: str) -> Message:
        """The call as the REST API shows it now."""
        async with self.web() as client:
            listed = (await client.get("/api/v1/calls", params={"external_id": call_id})).json()["results"]
            found: Message = (await client.get(f"/api/v1/calls/{listed[0]['id']}")).json()
        return found

    async def ended_call(self, call_id: str) -> Message:
        """The call once it has ended."""
        found: Message = await eventually(lambda: self.call(call_id), lambda call: call["status"] == "ended")
        return found


async def eventually(
    ask: Callable[[], Awaitable[Any]], is_it: Callable[[Any], bool], within_s: float = WITHIN_S
) -> Any:
    """Ask until the answer is it: for what another process does in its own time."""
    async with asyncio.timeout(within_s):
        while not is_it(answer := await ask()):  # noqa: ASYNC110  (nothing in this process can tell us)
            await asyncio.sleep(0.05)
    return answer


# --- a carrier and an agent ---


def frame(number: int, size: int = 160) -> str:
    """Audio that can be told apart."""
    return base64.b64encode(number.to_bytes(4, "big") * (size // 4)).decode()


def play(number: int, **more: Any) -> str:
    media = {"contentType": "audio/x-mulaw", "sampleRate": 8000, "payload": frame(number)}
    return json.dumps({"event": "playAudio", "media": media, **more})


def media(number: int) -> str:
    """Odd spacing and an unknown field: what is relayed must be the same bytes."""
    payload = json.dumps({"track": "inbound", "timestamp": str(number), "chunk": number, "payload": frame(number)})
    return f'{{ "event":"media",  "sequenceNumber":{number + 2}, "streamId":"s", "media":{payload}, "é": "\\u00e9" }}'


def start_of(call_id: str, stream_id: str = "stream-1") -> str:
    start = {
        "callId": call_id, "streamId": stream_id, "accountId": "MA1", "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000},
    }  # fmt: skip
    return json.dumps({"event": "start", "sequenceNumber": 1, "start": start, "extra_headers": "a=1"})


@dataclass
class Peer:
    """One side of a bridged call: what it got, in order, as it came."""

    socket: ClientConnection | ServerConnection
    got: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)  # Mirror's own, which only a carrier ever gets
    is_gone: asyncio.Event = field(default_factory=asyncio.Event)
    seq: int = 0
    plays: bool = False
    plays_until: float = 0.0
    _later: list[asyncio.Future[None]] = field(default_factory=list)

    async def listen(self) -> None:
        try:
            async for text in self.socket:
                is_ours = OUR_MARK.search(str(text)) is not None
                (self.marks if is_ours else self.got).append(str(text))
                if self.plays:
                    self._play(json.loads(text))
        except ConnectionClosed:
            pass
        finally:
            self.is_gone.set()

    def _play(self, body: Message) -> None:
        loop = asyncio.get_running_loop()
        if body["event"] == "playAudio":
            length_s = len(base64.b64decode(body["media"]["payload"])) / 8000
            self.plays_until = max(loop.time(), self.plays_until) + length_s
        elif body["event"] == "checkpoint":
            played = json.dumps({"event": "playedStream", "streamId": "s", "name": body["name"]})
            loop.call_at(self.plays_until, lambda: self._later.append(asyncio.ensure_future(self.send(played))))

    async def send(self, *texts: str) -> None:
        with suppress(ConnectionClosed):
            for text in texts:
                await self.socket.send(text)

    async def says(self, type_: str, **fields: Any) -> int:
        """A supervise message in-band."""
        self.seq += 1
        await self.send(json.dumps({"event": "mirror", "message": {"type": type_, "seq": self.seq, **fields}}))
        return self.seq

    async def until(self, is_it: Callable[[Message], bool]) -> Message:
        found: Message = await eventually(self._find(is_it), lambda found: found is not None)
        return found

    def _find(self, is_it: Callable[[Message], bool]) -> Callable[[], Awaitable[Message | None]]:
        async def find() -> Message | None:
            return next((body for body in map(json.loads, self.got) if is_it(body)), None)

        return find

    async def event(self, event: str, /, **fields: Any) -> Message:
        return await self.until(lambda body: body["event"] == event and fields.items() <= body.items())

    async def mirror(self, type_: str, **fields: Any) -> Message:
        wanted = {"type": type_, **fields}
        found = await self.until(lambda b: b["event"] == "mirror" and wanted.items() <= b["message"].items())
        message: Message = found["message"]
        return message

    @property
    def events(self) -> list[str]:
        return [json.loads(text)["event"] for text in self.got]

    @property
    def audio(self) -> list[int]:
        """The numbers of the audio that came."""
        bodies = [json.loads(text) for text in self.got]
        payloads = [body["media"]["payload"] for body in bodies if body["event"] in ("playAudio", "media")]
        return [int.from_bytes(base64.b64decode(payload)[:4], "big") for payload in payloads]


class Agents:
    """The tenant's agent as a server: every stream that Mirror opens is a ``Peer``."""

    def __init__(self) -> None:
        self._opened: asyncio.Queue[Peer] = asyncio.Queue()
        self.headers: list[dict[str, str]] = []
        self.port = 0

    async def next(self) -> Peer:
        async with asyncio.timeout(WITHIN_S):
            return await self._opened.get()

    @property
    def is_untouched(self) -> bool:
        return self._opened.empty()

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncIterator[Agents]:
        async def carry(socket: ServerConnection) -> None:
            peer = Peer(socket)
            self._opened.put_nowait(peer)
            await peer.listen()

        async with serve(carry, "127.0.0.1", port, compression=None) as server:
            self.port = next(iter(server.sockets)).getsockname()[1]
            yield self


@asynccontextmanager
async def carrier(
    product: Product, call_id: str, *, stream_url: str = "", greetings: Sequence[str] = (), plays: bool = False
) -> AsyncIterator[Peer]:
    """The carrier's side of a call, after the answer URL was asked: Plivo's, or of the shape of ``greetings``.

    ``plays``: audio is played in real time and marks come back when they were reached.
    """
    url = stream_url or await stream_url_of(product, call_id)
    async with connect(url, compression=None, proxy=None, open_timeout=WITHIN_S) as socket:
        peer = Peer(socket, plays=plays)
        listening = asyncio.create_task(peer.listen())
        try:
            await peer.send(*(greetings or [start_of(call_id)]))
            yield peer
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


async def plivo(product: Product, name: str, call_id: str) -> str:
    """What the carrier is answered at one of the agent's addresses."""
    async with product.web() as client:
        form = {"CallUUID": call_id, "From": "+1415", "To": "+1416", "Direction": "inbound"}
        answer = await client.post(f"/plivo/{product.told['agent_key']}/{name}/", data=form)
    assert answer.status_code == 200, answer.text
    return answer.text


async def stream_url_of(product: Product, call_id: str) -> str:
    xml = await plivo(product, "answer", call_id)
    return xml.partition("</Stream>")[0].rpartition(">")[2]
