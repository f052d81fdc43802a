"""Load for the supervise socket: many live calls, each with a client that tells its turns and waits for verdicts."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.streams.cores import usage
from bench.streams.delays import Delays, Stopwatch
from bench.streams.frames import dumps
from bench.streams.sockets import Peer, dial

_OPENING_AT_ONCE = 8
_STARTED_WITHIN_S = 60.0
_LEFT_WITHIN_S = 10.0
_SLOT_S = 0.001
_SUBPROTOCOL = "mirror.supervise.v1"
_SAID = (
    ("Hi, I'd like to order two large pizzas.", "Sure, two large pizzas. What would you like on them?"),
    ("One with ham and one with mushrooms.", "One with ham, one with mushrooms. Is that all?"),
    ("Yes. How long will it take?", "Let me check that for you."),
    ("And can I pay in cash?", "Yes, you can pay the driver in cash."),
    ("My street is Long Hill Road.", "Thank you. Which number on Long Hill Road?"),
    ("Number twelve.", "Great, 12 Long Hill Road. One moment, please."),
)


@dataclass(frozen=True, slots=True)
class Supervised:
    """``verdicts``: from ``agent.turn`` to its ``verdict``; ``acks``: from any message to its ``ack``."""

    seconds: float
    verdicts: Delays
    acks: Delays
    unanswered: int
    lateness: Delays
    cpu_s: float
    rss_bytes: int
    events: Counter[str] = field(default_factory=Counter)

    @property
    def per_s(self) -> float:
        return self.verdicts.count / self.seconds


class Client:
    """One call's socket. ``then`` is called after each verdict."""

    def __init__(self, call_id: str, load: SuperviseLoad) -> None:
        self.call_id = call_id
        self.is_started = asyncio.get_running_loop().create_future()
        self.then: Callable[[Client], None] = _nothing
        self.open_turns: dict[str, int] = {}
        self._load = load
        self._peer: Peer | None = None
        self._seq = 0
        self._turns = 0
        self._sent_ns: dict[int, int] = {}

    async def start(self, url: str, headers: Mapping[str, str]) -> None:
        told = {**headers, "Sec-WebSocket-Protocol": _SUBPROTOCOL}
        self._peer = await dial(url, told, take=self._got)
        self._send("call.start", call_id=self.call_id, agent="bench")
        await asyncio.wait_for(self.is_started, _STARTED_WITHIN_S)

    def _send(self, type_: str, **fields: Any) -> None:
        if self._peer is None:
            return
        self._seq += 1
        text = dumps({"type": type_, "seq": self._seq, **fields})
        self._sent_ns[self._seq] = time.perf_counter_ns()
        self._peer.send(text)

    def turn(self) -> None:
        """The caller says something, the agent is about to answer."""
        customer, agent = _SAID[self._turns % len(_SAID)]
        self._turns += 1
        self._send("customer.turn", turn_id=f"c{self._turns}", text=customer)
        turn_id = f"a{self._turns}"
        self.open_turns[turn_id] = time.perf_counter_ns()
        self._send("agent.turn", turn_id=turn_id, text=agent)

    def _got(self, text: bytes) -> None:
        now_ns = time.perf_counter_ns()
        body = json.loads(text)
        type_ = body["type"]
        self._load.events[f"{type_} {body.get('decision', body.get('code', ''))}".strip()] += 1
        if type_ == "verdict":
            self._load.verdicts.take(now_ns - self.open_turns.pop(body["turn_id"], now_ns))
            self.then(self)
        elif type_ == "ack":
            self._load.acks.take(now_ns - self._sent_ns.pop(body["seq"], now_ns))
        elif type_ == "call.started":
            self.is_started.set_result(None)

    def end(self) -> None:
        self._send("call.end", reason="bench")

    def close(self) -> None:
        if self._peer is not None:
            self._peer.close()


def _nothing(client: Client) -> None:
    return


class SuperviseLoad:
    def __init__(self) -> None:
        self.verdicts, self.acks, self._lateness = Stopwatch(), Stopwatch(), Stopwatch()
        self.events: Counter[str] = Counter()
        self._clients: list[Client] = []
        self._names = (f"supervised-{number}" for number in itertools.count())

    async def connect(self, *, url: str, headers: dict[str, str], calls: int) -> None:
        gate = asyncio.Semaphore(_OPENING_AT_ONCE)

        async def one(client: Client) -> None:
            async with gate:
                await client.start(url, headers)

        self._clients = [Client(call_id, self) for call_id in itertools.islice(self._names, calls)]
        await asyncio.gather(*map(one, self._clients))

    async def pace(self, *, per_s: float, seconds: float, pid: int) -> Supervised:
        """So many turns a second over all calls, evenly, whether or not the ones before were answered."""
        return await self._measured(self._send_paced(per_s, seconds), pid)

    async def _send_paced(self, per_s: float, seconds: float) -> None:
        clients = itertools.cycle(self._clients)
        began_ns, sent = time.perf_counter_ns(), 0
        for slot in range(round(seconds / _SLOT_S)):
            due_ns = began_ns + round(slot * _SLOT_S * 1e9)
            await asyncio.sleep(max(0.0, (due_ns - time.perf_counter_ns()) / 1e9))
            self._lateness.take(max(0, time.perf_counter_ns() - due_ns))
            while sent < per_s * slot * _SLOT_S:
                next(clients).turn()
                sent += 1

    async def press(self, *, seconds: float, pid: int) -> Supervised:
        """Each call tells its next turn as soon as the last one has its verdict: as many as can be."""
        return await self._measured(self._send_pressed(seconds), pid)

    async def _send_pressed(self, seconds: float) -> None:
        for client in self._clients:
            client.then = Client.turn
            client.turn()
        await asyncio.sleep(seconds)
        for client in self._clients:
            client.then = _nothing

    async def _measured(self, sending: Any, pid: int) -> Supervised:
        self.events.clear()
        watches = (self.verdicts, self.acks, self._lateness)
        for watch in watches:
            watch.start()
        began, before = time.perf_counter(), usage(pid)
        await sending
        took_s, after = time.perf_counter() - began, usage(pid)
        until = time.monotonic() + _LEFT_WITHIN_S
        while self._unanswered and time.monotonic() < until:  # noqa: ASYNC110  (many sockets, one question)
            await asyncio.sleep(0.05)
        verdicts, acks, lateness = (watch.stop() for watch in watches)
        spent_s = after.cpu_s - before.cpu_s
        return Supervised(
            took_s, verdicts, acks, self._unanswered, lateness, spent_s, after.rss_bytes, self.events.copy()
        )

    @property
    def _unanswered(self) -> int:
        return sum(len(client.open_turns) for client in self._clients)

    async def disconnect(self) -> None:
        for client in self._clients:
            client.end()
        await asyncio.sleep(1.0)
        for client in self._clients:
            client.close()
        self._clients = []
