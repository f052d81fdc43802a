"""The load generator says what it measured: frames that are Plivo's, sockets that others understand, no lost time."""

from __future__ import annotations

import asyncio
import base64
import json

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

from bench.streams.delays import delays
from bench.streams.frames import agent_frames, caller_frames, sent_at_ns
from bench.streams.sockets import Peer, Refused, dial, listen
from calls.wire import plivo
from calls.wire.media import MediaFormat

SIZES = (0, 1, 125, 126, 65_535, 65_536, 200_000)


def test_a_frame_is_twenty_milliseconds_of_mulaw_and_tells_when_it_was_sent():
    caller, agent = caller_frames("s-1"), agent_frames()
    for text in (caller(0), caller(41), agent(0)):
        body = json.loads(text)
        assert len(base64.b64decode(body["media"]["payload"], validate=True)) == 160
        assert sent_at_ns(text) > 0
    assert sent_at_ns(caller(1)) > sent_at_ns(caller(0)) - 1_000_000_000
    assert json.loads(caller(41))["media"]["chunk"] == 42
    assert sent_at_ns(b'{"event":"checkpoint","name":"x"}') == -1


def test_the_product_takes_the_agents_frame_for_what_it_is():
    body = plivo.event_of(agent_frames()(0).decode())
    assert body is not None
    assert body["event"] == "playAudio"
    assert len(base64.b64decode(body["media"]["payload"])) / MediaFormat().bytes_per_ms == 20


async def test_a_client_is_understood_by_another_librarys_server():
    async def echo(socket):
        async for text in socket:
            await socket.send(text)

    got: asyncio.Queue[bytes] = asyncio.Queue()
    async with serve(echo, "127.0.0.1", 0, compression=None, max_size=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        peer = await dial(f"ws://127.0.0.1:{port}/a?b=c", {"X-Odd": "1"}, take=got.put_nowait)
        for size in SIZES:
            peer.send(b"x" * size)
        assert [len(await asyncio.wait_for(got.get(), 10)) for _ in SIZES] == list(SIZES)
        peer.close()


async def test_a_server_is_understood_by_another_librarys_client(unused_tcp_port):
    def opened(peer: Peer) -> None:
        peer.take = peer.send

    server = await listen(unused_tcp_port, opened)
    async with connect(f"ws://127.0.0.1:{unused_tcp_port}/", compression=None, max_size=None, proxy=None) as socket:
        for size in SIZES:
            await socket.send("é" * (size // 2))
            assert await asyncio.wait_for(socket.recv(), 10) == "é" * (size // 2)
        await socket.ping()
    server.close()


async def test_a_server_that_is_none_is_told():
    async def refuse(reader, writer):
        await reader.readline()
        writer.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Refused, match="403"):
            await dial(f"ws://127.0.0.1:{port}/", take=lambda text: None)


def test_percentiles_are_those_of_the_values():
    found = delays([number * 1_000_000 for number in range(1, 101)])
    assert (found.count, found.p50_ms, found.p99_ms) == (100, 51.0, 100.0)
    base = delays([1_000_000, 2_000_000])
    assert found.minus(base).p50_ms == 49.0
    assert base.minus(found).p99_ms == 0.0
