"""Load for relays: carriers on one side and agents on the other, 50 frames a second each way in every call.

One clock for both ends, so each frame tells how long it was under way. Now and then the agent says a turn in-band,
which a relay passes on and Mirror judges.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.streams.cores import usage
from bench.streams.delays import Delays, Stopwatch
from bench.streams.frames import FRAME_MS, Frame, agent_frames, caller_frames, dumps, in_band, sent_at_ns, start
from bench.streams.sockets import Peer, dial, listen

TURN_EVERY_S = 5.0
_SLOT_S = 0.001
_OPENED_WITHIN_S = 60.0
_OPENING_AT_ONCE = 8
_SAID = (
    ("Hi, I would like to know when you open tomorrow.", "We open at nine in the morning, and we close at ten."),
    ("And do you have a table outside?", "Yes, there are a few tables outside, and you need not book them."),
    ("Great. Is there parking nearby?", "There is a car park behind the house, on the left side."),
    ("Thank you, that is all.", "You are welcome. Have a nice day, and see you soon."),
)


@dataclass(frozen=True, slots=True)
class Relayed:
    """What a measured while of load came to. ``lateness`` is the generator's own: how late it sent.

    ``first_audio``: the first frame behind a turn's text, where agents are silent between turns.
    """

    frames: int
    cpu_s: float
    rss_bytes: int
    expected: int
    delays: Delays
    to_agent: Delays
    to_carrier: Delays
    lateness: Delays
    first_audio: Delays
    events: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Watches:
    """What is measured, over all calls."""

    to_agent: Stopwatch = field(default_factory=Stopwatch)
    to_carrier: Stopwatch = field(default_factory=Stopwatch)
    lateness: Stopwatch = field(default_factory=Stopwatch)
    first_audio: Stopwatch = field(default_factory=Stopwatch)
    events: Counter[str] = field(default_factory=Counter)

    def start(self) -> None:
        self.events.clear()
        for watch in (self.to_agent, self.to_carrier, self.lateness, self.first_audio):
            watch.start()


class Call:
    """Both ends of one call. The agent speaks all the time, or ``talk_frames`` after each of its turns."""

    def __init__(self, call_id: str, watches: Watches, talk_frames: int | None) -> None:
        self.call_id = call_id
        self.is_ready = asyncio.get_running_loop().create_future()
        self._watches = watches
        self._talk_frames = talk_frames
        self._left = 0
        self._first_ns = -1
        self._carrier: Peer | None = None
        self._agent: Peer | None = None
        self._caller_frame: Frame = caller_frames(call_id)
        self._agent_frame: Frame = agent_frames()
        self._count = self._seq = 0

    async def dial(self, url: str) -> None:
        self._carrier = await dial(url, take=self._carrier_got)
        self._carrier.send(start(self.call_id, self.call_id))

    def agent_joined(self, peer: Peer) -> None:
        self._agent = peer
        peer.take = self._agent_got
        if not self.is_ready.done():
            self.is_ready.set_result(None)

    def caller_speaks(self) -> None:
        if self._carrier is not None:
            self._carrier.send(self._caller_frame(self._count))
        self._count += 1

    def agent_speaks(self) -> None:
        if self._agent is None or (self._talk_frames is not None and self._left <= 0):
            return
        self._left -= 1
        self._agent.send(self._agent_frame(self._count))

    def turn(self) -> None:
        """The caller says something and the agent answers: text ahead of its audio."""
        if self._agent is None:
            return
        customer, agent = _SAID[self._seq // 2 % len(_SAID)]
        for type_, text in (("customer.turn", customer), ("agent.turn", agent)):
            self._seq += 1
            self._agent.send(in_band({"type": type_, "seq": self._seq, "turn_id": f"t{self._seq}", "text": text}))
        if self._talk_frames is not None:
            first = self._agent_frame(self._count)
            self._first_ns, self._left = sent_at_ns(first), self._talk_frames - 1
            self._agent.send(first)

    def _agent_got(self, text: bytes) -> None:
        now_ns = time.perf_counter_ns()
        if (sent_ns := sent_at_ns(text)) >= 0:
            self._watches.to_agent.take(now_ns - sent_ns)
        elif text.startswith((b'{"event":"mirror"', b'{"event": "mirror"')):
            message = json.loads(text)["message"]
            self._watches.events[f"{message['type']} {message.get('decision', '')}".strip()] += 1

    def _carrier_got(self, text: bytes) -> None:
        now_ns = time.perf_counter_ns()
        if (sent_ns := sent_at_ns(text)) >= 0:
            self._watches.to_carrier.take(now_ns - sent_ns)
            if sent_ns == self._first_ns:
                self._watches.first_audio.take(now_ns - sent_ns)
        elif self._carrier is not None and b"mirror" not in text[:18]:
            self._answer(json.loads(text), self._carrier)

    def _answer(self, body: dict[str, str], carrier: Peer) -> None:
        """As the carrier does: audio comes in real time, so a mark has been played about when it arrives."""
        self._watches.events[body["event"]] += 1
        if body["event"] == "checkpoint":
            carrier.send(dumps({"event": "playedStream", "streamId": self.call_id, "name": body["name"]}))
        elif body["event"] == "clearAudio":
            carrier.send(dumps({"event": "clearedAudio", "streamId": self.call_id}))

    def hang_up(self) -> None:
        if self._carrier is not None:
            self._carrier.close()

    def settle(self) -> None:
        """Whatever the relay did, no socket stays open."""
        for peer in (self._carrier, self._agent):
            if peer is not None:
                peer.abort()


class RelayLoad:
    def __init__(self) -> None:
        self._watches = Watches()
        self.calls: dict[str, Call] = {}
        self._names = (f"bench-{number}" for number in itertools.count())
        self._server: asyncio.Server | None = None
        self._pacing: asyncio.Task[None] | None = None

    async def serve(self, *, port: int) -> None:
        """Be the agents: every stream that is opened here belongs to the call that its ``start`` names."""
        self._server = await listen(port, self._opened)

    def _opened(self, peer: Peer) -> None:
        def take(text: bytes) -> None:
            body = json.loads(text)
            if body.get("event") == "start":
                self.calls[body["start"]["callId"]].agent_joined(peer)

        peer.take = take

    async def names(self, *, count: int) -> list[str]:
        """Call ids that were never used."""
        return list(itertools.islice(self._names, count))

    async def connect(
        self, *, urls: dict[str, str], talk_frames: int | None = None, turn_every_s: float = TURN_EVERY_S
    ) -> None:
        """Open a call at each address, by call id; speak from then on."""
        gate = asyncio.Semaphore(_OPENING_AT_ONCE)

        async def one(call_id: str, url: str) -> None:
            async with gate:
                call = self.calls[call_id] = Call(call_id, self._watches, talk_frames)
                await call.dial(url)
                await asyncio.wait_for(call.is_ready, _OPENED_WITHIN_S)

        await asyncio.gather(*(one(call_id, url) for call_id, url in urls.items()))
        self._pacing = asyncio.create_task(self._pace(list(self.calls.values()), turn_every_s))

    async def _pace(self, calls: Sequence[Call], turn_every_s: float) -> None:
        """Each call has its place within 20 ms, the agent's frame half that later than the caller's."""
        slots: list[list[tuple[Call, bool]]] = [[] for _ in range(FRAME_MS)]
        for at, call in enumerate(calls):
            place = at * FRAME_MS // len(calls)
            slots[place].append((call, True))
            slots[(place + FRAME_MS // 2) % FRAME_MS].append((call, False))
        began_ns, turn_slots = time.perf_counter_ns(), round(turn_every_s / _SLOT_S)
        turns: dict[int, list[Call]] = {}
        for at, call in enumerate(calls):
            turns.setdefault(at * turn_slots // len(calls), []).append(call)
        for number in itertools.count():
            await self._until(began_ns + round(number * _SLOT_S * 1e9))
            for call in turns.get(number % turn_slots, ()):
                call.turn()
            for call, is_caller in slots[number % FRAME_MS]:
                call.caller_speaks() if is_caller else call.agent_speaks()

    async def _until(self, due_ns: int) -> None:
        late_ns = time.perf_counter_ns() - due_ns
        # Also when late: what has come in must be read meanwhile.
        await asyncio.sleep(max(0.0, -late_ns / 1e9))
        self._watches.lateness.take(max(0, time.perf_counter_ns() - due_ns))

    async def measure(self, *, seconds: float, pid: int) -> Relayed:
        """``pid`` is the process whose use of the processor and of memory is measured."""
        watches = self._watches
        watches.start()
        began, before = time.perf_counter(), usage(pid)
        await asyncio.sleep(seconds)
        took_s, after = time.perf_counter() - began, usage(pid)
        both = Stopwatch.merged(watches.to_agent, watches.to_carrier)
        return Relayed(
            frames=both.count,
            expected=round(took_s * 1000 / FRAME_MS) * 2 * len(self.calls),
            cpu_s=after.cpu_s - before.cpu_s,
            rss_bytes=after.rss_bytes,
            delays=both,
            to_agent=watches.to_agent.stop(),
            to_carrier=watches.to_carrier.stop(),
            lateness=watches.lateness.stop(),
            first_audio=watches.first_audio.stop(),
            events=watches.events.copy(),
        )

    async def disconnect(self) -> None:
        if self._pacing is not None:
            self._pacing.cancel()
            self._pacing = None
        for call in self.calls.values():
            call.hang_up()
        await asyncio.sleep(0.5)
        for call in self.calls.values():
            call.settle()
        self.calls.clear()
