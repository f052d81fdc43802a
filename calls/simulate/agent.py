"""A scripted voice agent on a WebSocket server, speaking Plivo's stream protocol with Mirror's messages in-band.

Its mind is ``script``; this file moves bytes. State belongs to the call, not to the connection: a second connection
for the same call goes on where the first one stopped and sends again what was not acknowledged.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit
from zlib import crc32

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from calls.simulate import frames as wire
from calls.simulate.g711 import BYTES_PER_MS, length_ms
from calls.simulate.happenings import (
    Action,
    CallerFinished,
    CallerStarted,
    Happening,
    HeldTool,
    Hush,
    MirrorSaid,
    RanTool,
    Say,
    Send,
    SetTimer,
    SpeechPlayed,
    StreamStarted,
    TimerRan,
)
from calls.simulate.listening import Endpointer, Recogniser, SpeechEnded, SpeechStarted
from calls.simulate.outbox import Outbox
from calls.simulate.pace import Pace
from calls.simulate.scenario import CallerLine, Scenario
from calls.simulate.script import ScriptPlayer
from calls.simulate.voice import AudioLibrary

CHUNKS_MS: Final = (20, 60, 200, 100)  # engines deliver unevenly
FASTER: Final = 3  # audio leaves at so many times the speed it plays at
ACK_SLACK_MS: Final = 1_000  # a checkpoint later than this after its speech is taken for lost
SPEECH_TIMER: Final = "speech:"

Log = Callable[[str, str, Mapping[str, Any]], None]  # call id, what, detail


def call_id_for(scenario_id: str, unique_hex: str) -> str:
    """Make a call id, shaped like a carrier's UUID, whose first part tells the agent which scenario is played.

    ``unique_hex`` are at least 24 hexadecimal digits, new for each call.
    """
    digits = f"{crc32(scenario_id.encode()):08x}{unique_hex[:24]}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32]))


def scenario_of(scenarios: Mapping[str, Scenario], *, call_id: str, headers: str, path: str) -> Scenario | None:
    """Find a call's scenario: by ``scenario`` in the extra headers or the query, by the call id, or the only one."""
    named = wire.parse_extra_headers(headers).get("scenario") or parse_qs(urlsplit(path).query).get("scenario", [""])[0]
    if named in scenarios:
        return scenarios[named]
    prefix = call_id[:8]
    found = next((each for each in scenarios.values() if f"{crc32(each.id.encode()):08x}" == prefix), None)
    return found or (next(iter(scenarios.values())) if len(scenarios) == 1 else None)


@dataclass(slots=True)
class Mouth:
    """Sends speech in pieces, faster than it plays, one line after the other."""

    pace: Pace
    send: Callable[[str], Any]
    _queue: deque[tuple[bytes, str]] = field(default_factory=deque, init=False)
    _has_work: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _generation: int = field(default=0, init=False)

    def say(self, audio: bytes, after: str) -> None:
        """Queue speech; the message ``after`` follows its last piece."""
        self._queue.append((audio, after))
        self._has_work.set()

    def hush(self) -> None:
        self._generation += 1
        self._queue.clear()

    async def run(self) -> None:
        while True:
            await self._has_work.wait()
            self._has_work.clear()
            while self._queue:
                await self._speak(*self._queue.popleft())

    async def _speak(self, audio: bytes, after: str) -> None:
        generation, sizes = self._generation, itertools.cycle(CHUNKS_MS)
        start = 0
        while start < len(audio):
            size_ms = next(sizes)
            piece = audio[start : start + size_ms * BYTES_PER_MS]
            await self.send(wire.play_audio(piece))
            start += len(piece)
            await self.pace.wait(length_ms(piece) // FASTER)
            if generation != self._generation:
                return
        await self.send(after)


class AgentCall:
    """One call: ears, mind, mouth, and what Mirror has not acknowledged yet."""

    def __init__(self, call_id: str, scenario: Scenario, agent: ScriptedAgent) -> None:
        self.call_id = call_id
        self._agent = agent
        self._player = ScriptPlayer(scenario, is_supervised=agent.is_supervised)
        self._ears = Endpointer()
        self._recogniser = Recogniser(caller_recordings(scenario, agent.library))
        self._outbox = Outbox()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._socket: ServerConnection | None = None
        self._stream_id = ""
        self._mouth = Mouth(agent.pace, self._send)
        self._lengths_ms: dict[str, int] = {}
        self._lock = asyncio.Lock()  # one happening at a time, so that messages leave in the order they were decided

    async def serve(self, socket: ServerConnection, stream_id: str) -> None:
        """Carry the call on this connection until it closes."""
        self._socket, self._stream_id = socket, stream_id
        mouth = asyncio.create_task(self._mouth.run())
        try:
            for message in self._outbox.pending():
                await self._send(wire.mirror(message))
            await self._happened(StreamStarted())
            async for text in socket:
                await self._take(text)
        except ConnectionClosed as error:
            self._log("connection_lost", reason=str(error))
        finally:
            mouth.cancel()
            await asyncio.gather(mouth, return_exceptions=True)
            self._mouth.hush()
            if self._socket is socket:
                self._socket = None

    def end(self) -> None:
        for timer in self._timers.values():
            timer.cancel()

    @property
    def is_connected(self) -> bool:
        return self._socket is not None

    async def _take(self, text: str | bytes) -> None:
        message = wire.read_json(text)
        match message.get("event"):
            case "media":
                await self._hear(wire.decode_payload(message["media"]["payload"]))
            case "playedStream" | "played":
                await self._speech_played(str(message.get("name")))
            case "mirror":
                await self._mirror(message.get("message") or {})

    async def _hear(self, audio: bytes) -> None:
        match self._ears.feed(audio):
            case SpeechStarted():
                await self._happened(CallerStarted())
            case SpeechEnded(audio=speech):
                line_id = self._recogniser.recognise(speech)
                self._log("heard_caller", line=line_id, ms=length_ms(speech))
                await self._happened(CallerFinished(line_id))

    async def _mirror(self, message: Mapping[str, Any]) -> None:
        if message.get("type") == "ack":
            self._outbox.ack(int(message.get("seq", 0)))
            return
        self._log("mirror_said", message=message)
        await self._happened(MirrorSaid(message))

    async def _speech_played(self, checkpoint: str) -> None:
        self._cancel(SPEECH_TIMER + checkpoint)
        await self._happened(SpeechPlayed(checkpoint, self._lengths_ms.pop(checkpoint, 0)))

    # What the mind wants done.

    async def _happened(self, happening: Happening) -> None:
        async with self._lock:
            for action in self._player.receive(happening):
                await self._do(action)

    async def _do(self, action: Action) -> None:
        match action:
            case Send(message=message):
                self._log("told_mirror", message=message)
                await self._send(wire.mirror(self._outbox.add(message)))
            case Say(text=text, checkpoint=checkpoint):
                self._say(text, checkpoint)
            case Hush():
                self._hush()
                await self._send(wire.clear_audio(self._stream_id))
                self._log("hushed")
            case SetTimer(name=name, after_ms=after_ms):
                self._set_timer(name, after_ms)
            case RanTool(tool=tool, commit_token=token):
                self._log("ran_tool", id=tool.id, name=tool.name, arguments=tool.arguments, has_token=bool(token))
            case HeldTool(tool=tool, decision=decision):
                self._log("held_tool", id=tool.id, name=tool.name, arguments=tool.arguments, decision=decision)

    def _say(self, text: str, checkpoint: str) -> None:
        speech = self._agent.library.say(text, "agent")
        length = self._lengths_ms[checkpoint] = length_ms(speech.audio)
        self._log("says", text=text, checkpoint=checkpoint, ms=length, voice=speech.source)
        self._mouth.say(speech.audio, wire.checkpoint(self._stream_id, checkpoint))
        self._set_timer(SPEECH_TIMER + checkpoint, length + ACK_SLACK_MS)

    def _hush(self) -> None:
        self._mouth.hush()
        for name in [name for name in self._timers if name.startswith(SPEECH_TIMER)]:
            self._cancel(name)

    async def _send(self, text: str) -> None:
        """Send if somebody is there. What must arrive is in the outbox; speech nobody hears is not repeated."""
        if self._socket is None:
            return
        try:
            await self._socket.send(text)
        except ConnectionClosed:
            self._socket = None

    def _set_timer(self, name: str, after_ms: int) -> None:
        self._cancel(name)
        after_s = after_ms / 1000 / self._agent.pace.speed
        self._timers[name] = asyncio.get_running_loop().call_later(after_s, self._agent.spawn, self._timer_ran, name)

    def _cancel(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer:
            timer.cancel()

    async def _timer_ran(self, name: str) -> None:
        self._timers.pop(name, None)
        if not name.startswith(SPEECH_TIMER):
            await self._happened(TimerRan(name))
            return
        checkpoint = name.removeprefix(SPEECH_TIMER)
        self._log("checkpoint_overdue", checkpoint=checkpoint)
        await self._speech_played(checkpoint)

    def _log(self, what: str, **detail: Any) -> None:
        self._agent.log(self.call_id, what, detail)


def caller_recordings(scenario: Scenario, library: AudioLibrary) -> dict[str, bytes]:
    """The recordings of a scenario's caller lines by line id."""
    lines = (step for step in scenario.steps() if isinstance(step, CallerLine))
    return {line.id: library.say(line.text, "caller").audio for line in lines}


@dataclass(slots=True)
class ScriptedAgent:
    """The server. One may serve the calls of many scenarios and agents."""

    scenarios: Mapping[str, Scenario]
    library: AudioLibrary
    pace: Pace = field(default_factory=Pace)
    is_supervised: bool = True
    log: Log = lambda call_id, what, detail: None
    _calls: dict[str, AgentCall] = field(default_factory=dict, init=False)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    async def listen(self, host: str, port: int) -> Server:
        """Start to serve; port 0 takes a free one. Close the returned server to stop."""
        return await serve(self._connection, host, port, compression=None, max_queue=None)

    def spawn(self, work: Callable[[str], Coroutine[Any, Any, None]], name: str) -> None:
        """Run ``work(name)`` beside the connections; it is kept from being collected until it is done."""
        task = asyncio.create_task(work(name))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connection(self, socket: ServerConnection) -> None:
        start = await self._first_message(socket)
        if start is None:
            await socket.close(1008, "the first message must be start")
            return
        call_id, stream_id = str(start["start"]["callId"]), str(start["start"]["streamId"])
        call = self._call(call_id, str(start.get("extra_headers", "")), socket.request.path if socket.request else "")
        if call is None:
            self.log(call_id, "unknown_call", {})
            await socket.close(1008, "no scenario for this call")
            return
        self.log(call_id, "connected", {"stream_id": stream_id})
        await call.serve(socket, stream_id)
        self.log(call_id, "disconnected", {})
        self._forget_later(call)

    async def _first_message(self, socket: ServerConnection) -> dict[str, Any] | None:
        try:
            message = wire.read_json(await socket.recv())
        except (wire.FrameRefused, ConnectionClosed):
            return None
        return message if message.get("event") == "start" and isinstance(message.get("start"), dict) else None

    def _call(self, call_id: str, headers: str, path: str) -> AgentCall | None:
        if call_id not in self._calls:
            scenario = scenario_of(self.scenarios, call_id=call_id, headers=headers, path=path)
            if scenario is None:
                return None
            self._calls[call_id] = AgentCall(call_id, scenario, self)
        return self._calls[call_id]

    def _forget_later(self, call: AgentCall) -> None:
        """Keep a call for a minute, in case its connection comes back."""
        asyncio.get_running_loop().call_later(60, self._forget, call)

    def _forget(self, call: AgentCall) -> None:
        if not call.is_connected:
            call.end()
            self._calls.pop(call.call_id, None)
