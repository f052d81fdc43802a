"""Breaking the running product from outside: parts that die and stay down, floods, a second web process."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from calls.simulate import frames as wire
from mirror_saas.env import BASE_DIR
from mirror_saas.processes import port_free
from tests.flows.phone import SPEECH
from tests.flows.talk import GOOD, Peer, Product, eventually
from tests.processes import are_gone, pid_of

VALKEY, POSTGRES, WORKER, WEB = "valkey-server", "bin/postgres -D", "mirror_saas --quiet worker", "uvicorn"
BACK_WITHIN_S = 40.0


async def ready(url: str) -> None:
    async def status() -> int:
        try:
            async with httpx.AsyncClient(trust_env=False) as web:
                return (await web.get(f"{url}/readyz")).status_code
        except httpx.HTTPError:
            return 0

    await eventually(status, lambda code: code == 200, within_s=BACK_WITHIN_S)


@asynccontextmanager
async def down(product: Product, part: str) -> AsyncIterator[None]:
    """Kill a part and keep it down: what would start it again stands still meanwhile."""
    supervisor = product.stack.process.pid
    os.kill(supervisor, signal.SIGSTOP)
    try:
        pid = pid_of(product.stack.data_dir, part)
        os.kill(pid, signal.SIGKILL)
        assert are_gone([pid], within_s=10)
        yield
    finally:
        os.kill(supervisor, signal.SIGCONT)
    await ready(product.stack.url)


@dataclass
class Flood:
    sent_mb: float = 0.0


@asynccontextmanager
async def flooding(agent: Peer, kind: str) -> AsyncIterator[Flood]:
    """The agent sends audio, or turns of words, as fast as anybody takes them."""
    flood, audio = Flood(), wire.play_audio(SPEECH["long"])

    async def send() -> None:
        while True:
            agent.seq += 1
            turn = {"type": "agent.turn", "seq": agent.seq, "turn_id": f"flood-{agent.seq}", "text": f"{GOOD} " * 20}
            message = audio if kind == "audio" else wire.mirror(turn)
            await agent.socket.send(message)
            await asyncio.sleep(0)  # a send that need not wait lets nobody else in
            flood.sent_mb += len(message) / 1e6

    sending = asyncio.create_task(send())
    try:
        yield flood
        assert not sending.done()
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


def memory_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def second_web(product: Product) -> Iterator[str]:
    """Another web process of the same installation; its address."""
    port = port_free()
    program = [sys.executable, "-m", "uvicorn", "mirror_saas.asgi:application", "--port", str(port)]
    quiet = ["--ws", "websockets-sansio", "--no-access-log", "--log-level", "warning"]
    process = subprocess.Popen([*program, *quiet], cwd=BASE_DIR, env=product.stack.env)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


@asynccontextmanager
async def balanced(*urls: str) -> AsyncIterator[str]:
    """One address for several web processes: each connection goes to the first that takes it."""
    ports = [int(url.rpartition(":")[2]) for url in urls]

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(60), asyncio.TaskGroup() as group:
                back_reader, back_writer = await first_of(ports)
                group.create_task(pour(reader, back_writer))
                group.create_task(pour(back_reader, writer))
        except (OSError, TimeoutError, ExceptionGroup):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(carry, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        server.close()


async def first_of(ports: list[int]) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    for port in ports:
        try:
            return await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            continue
    raise ConnectionRefusedError("none is up")


async def pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65_536):
            target.write(data)
            await target.drain()
    finally:
        target.close()
