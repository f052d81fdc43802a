"""What relaying a stream costs: ``python -m bench.stream_relay [CALLS]``, 50 calls by default.

CPU time per frame of one process that relays 50 frames a second each way: Mirror's bridge, with all that it reads and
reckons, beside a bare relay of the same libraries (uvicorn towards the carrier, websockets towards the agent). The load
comes from a process of its own. Prints both and their ratio, which must stay below 2.5.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import multiprocessing
import os
import socket
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import uvicorn
import uvloop
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

_CALLS, _SECONDS, _MOST_RATIO = 50, 8.0, 2.5
_FRAME_S = 0.02
_START = {"callId": "c", "streamId": "s", "accountId": "MA1"}
_PAYLOAD = base64.b64encode(bytes(range(160))).decode()
_PLAY = json.dumps({"event": "playAudio", "media": {"contentType": "audio/x-mulaw", "payload": _PAYLOAD}})
_MEDIA = json.dumps({"event": "media", "streamId": "s", "media": {"track": "inbound", "payload": _PAYLOAD}})

App = Callable[[Any, Any, Any], Awaitable[None]]


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


# --- the relays ---


def _bare(agent_url: str) -> App:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        async with connect(agent_url, compression=None, max_queue=64) as agent:

            async def back() -> None:
                async for text in agent:
                    await send({"type": "websocket.send", "text": text})

            task = asyncio.create_task(back())
            while (message := await receive())["type"] == "websocket.receive":
                await agent.send(message["text"])
            task.cancel()

    return app


def _mirrors(agent_url: str, **settings: Any) -> App:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mirror_saas.settings")
    django.setup()
    from calls.bridge import Bridge
    from calls.consumers.socket import Socket, SocketClosed
    from calls.upstream import upstream_dial
    from calls.wire.dialects import dialect_of

    async def app(scope: Any, receive: Any, send: Any) -> None:
        carrier = Socket(scope, receive, send)
        await carrier.connected()
        await carrier.accept()
        start = await carrier.next_text()
        dialect = dialect_of(start or "")
        assert dialect is not None
        bridge = Bridge(runtime=_runtime(settings), upstream=await upstream_dial(agent_url, {}), dialect=dialect)
        bridge.carrier_joined(dialect)
        bridge.carrier_sent(start or "")
        task = asyncio.create_task(bridge.write_carrier(carrier.write_now))
        with contextlib.suppress(SocketClosed):
            while True:
                bridge.carrier_sent(await carrier.next_text() or "")
        task.cancel()
        await bridge.close()

    return app


def _runtime(settings: dict[str, Any]) -> Any:
    from calls.live_agent import LiveAgent
    from calls.runtime import CallRuntime
    from calls.services import OpenedCall
    from judging.config import AgentJudging
    from judging.core import JudgeSettings
    from judging.live import LiveModels
    from tenants.agent_settings import AgentSettings

    judging = AgentJudging(
        tenant_id=uuid4(), agent_id=uuid4(), slug="bench", settings=AgentSettings(**settings),
        judge=JudgeSettings(tiers=frozenset({0})), revision=1, policies=(),
    )  # fmt: skip
    return CallRuntime(
        opened=OpenedCall(uuid4(), True, False, datetime.now(UTC), "plivo"), external_id="c", transport="plivo",
        agent=LiveAgent(judging), is_speaking=False, models=LiveModels(), put=lambda item: True,
        has_room=lambda: True, on_end=lambda runtime: None,
    )  # fmt: skip


def _serve(kind: str, port: int, agent_url: str, asked: Any) -> None:
    """Relay; asked at the beginning and at the end of the measurement, tell the CPU time spent; asked again, stop."""
    app = _bare(agent_url) if kind == "bare" else _mirrors(agent_url, **({"release": "hold"} if kind == "hold" else {}))
    server = uvicorn.Server(
        uvicorn.Config(app, port=port, ws="websockets-sansio", ws_per_message_deflate=False, log_level="error")
    )

    async def run() -> None:
        serving = asyncio.create_task(server.serve())
        loop = asyncio.get_running_loop()
        for _ in range(2):
            await loop.run_in_executor(None, asked.recv)
            asked.send(time.process_time())
        await loop.run_in_executor(None, asked.recv)
        server.should_exit = True
        await serving

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


# --- the load ---


async def _load(port: int, agent_port: int, calls: int, measure: Callable[[], float]) -> tuple[float, int]:
    """Run the calls; return CPU seconds and frames of the measured part."""
    frames = [0]
    is_over = asyncio.Event()

    async def paced(send: Callable[[str], Awaitable[None]], text: str) -> None:
        due = time.monotonic()
        while not is_over.is_set():
            await send(text)
            due += _FRAME_S
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def agent(peer: ServerConnection) -> None:
        speaking = asyncio.create_task(paced(peer.send, _PLAY))
        async for _ in peer:
            frames[0] += 1
        speaking.cancel()

    async def call() -> None:
        async with connect(f"ws://127.0.0.1:{port}/", compression=None, proxy=None) as carrier:
            await carrier.send(json.dumps({"event": "start", "start": _START}))
            speaking = asyncio.create_task(paced(carrier.send, _MEDIA))
            async for text in carrier:
                frames[0] += 1
                if '"checkpoint"' in str(text):
                    name = json.loads(text)["name"]
                    await carrier.send(json.dumps({"event": "playedStream", "name": name}))
                if is_over.is_set():
                    break
            await speaking

    async with serve(agent, "127.0.0.1", agent_port, compression=None):
        tasks = [asyncio.create_task(call()) for _ in range(calls)]
        await asyncio.sleep(2.0)
        loop = asyncio.get_running_loop()
        before, frames[0] = await loop.run_in_executor(None, measure), 0
        await asyncio.sleep(_SECONDS)
        spent, count = await loop.run_in_executor(None, measure) - before, frames[0]
        is_over.set()
        await asyncio.wait(tasks, timeout=5.0)
    return spent, count


def _measure(kind: str, calls: int) -> float:
    """CPU microseconds per frame."""
    port, agent_port = _free_port(), _free_port()
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=_serve, args=(kind, port, f"ws://127.0.0.1:{agent_port}/", theirs), daemon=True
    )
    process.start()
    _until_open(port)

    def measure() -> float:
        ours.send("now")
        spent: float = ours.recv()
        return spent

    spent, count = asyncio.run(_load(port, agent_port, calls, measure))
    ours.send("stop")
    process.join(5.0)
    process.kill()
    return spent / count * 1e6


def _until_open(port: int) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.1):
            return
        time.sleep(0.1)
    raise TimeoutError("the relay did not come up")


def main(arguments: list[str]) -> int:
    """Measure each relay three times in turn; 1 where ours costs too much. A data folder is not needed."""
    calls = next((int(argument) for argument in arguments if argument.isdecimal()), _CALLS)
    rounds = [{kind: _measure(kind, calls) for kind in ("bare", "optimistic", "hold")} for _ in range(3)]
    found = {kind: statistics.median(one[kind] for one in rounds) for kind in rounds[0]}
    for kind, cost in found.items():
        print(f"{kind:<12}{cost:>8.1f} us a frame {cost / found['bare']:>6.2f} x")
    return int(max(found["optimistic"], found["hold"]) > _MOST_RATIO * found["bare"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
