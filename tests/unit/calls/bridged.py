"""A bridged call in one process: an agent, a carrier that plays in real time, and a voice, without sockets."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from calls.bridge import Bridge
from calls.runtime import CallRuntime
from calls.voice.base import Speech
from calls.wire.dialect import event_of
from calls.wire.dialects import dialect_of
from calls.wire.media import MediaFormat

START = json.dumps({"event": "start", "start": {"callId": "c-1", "streamId": "s-1", "accountId": "MA1"}})
LOUD = bytes([0x10]) * 160  # mu-law, far above any noise
QUIET = bytes([0xFF]) * 160
Body = dict[str, Any]


class Agent:
    """The agent's stream as the bridge dials it. ``say`` is what the agent sends, ``got`` what it received."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.taken_count = 0
        self.is_reading = asyncio.Event()
        self.is_reading.set()
        self.is_orderly = False
        self._said: asyncio.Queue[str | None] = asyncio.Queue()
        self.endless: str | None = None

    def say(self, *texts: str) -> None:
        for text in texts:
            self._said.put_nowait(text)

    def mirror(self, type_: str, seq: int, **fields: Any) -> None:
        self.say(json.dumps({"event": "mirror", "message": {"type": type_, "seq": seq, **fields}}))

    async def send(self, text: str) -> None:
        await self.is_reading.wait()
        self.got.append(text)

    async def __aiter__(self) -> AsyncIterator[str]:
        while True:
            text = self.endless if self.endless is not None else await self._said.get()
            if text is None:
                return
            self.taken_count += 1
            yield text
            if self.endless is not None and self.taken_count % 50 == 0:
                await asyncio.sleep(0)

    async def close(self) -> None:
        self._said.put_nowait(None)

    @property
    def bodies(self) -> list[Body]:
        return [body for text in self.got if (body := event_of(text)) is not None]

    def events(self) -> list[str]:
        return [body["event"] for body in self.bodies]

    def mirrored(self, type_: str) -> list[Body]:
        """Messages of Mirror's own, of one type."""
        told = [body["message"] for body in self.bodies if body["event"] == "mirror" and "message" in body]
        return [message for message in told if message["type"] == type_]


class Phone:
    """The carrier: plays at real speed and gives marks back, or loses them."""

    def __init__(self, bridge: Bridge, *, loses_marks: bool = False) -> None:
        self.bridge, self.loses_marks = bridge, loses_marks
        self.got: list[tuple[float, Body]] = []
        self.is_reading = asyncio.Event()
        self.is_reading.set()
        self._plays_until = 0.0
        self._loop = asyncio.get_running_loop()
        self._marks: set[asyncio.TimerHandle] = set()
        bridge.carrier_joined(bridge_dialect())
        self._writer = asyncio.create_task(bridge.write_carrier(self._take))

    async def _take(self, text: str) -> None:
        await self.is_reading.wait()
        now, body = self._loop.time(), event_of(text)
        if body is None:
            return
        self.got.append((now, body))
        if body["event"] == "playAudio":
            seconds = len(base64.b64decode(body.get("media", {}).get("payload", ""))) / 8000
            self._plays_until = max(now, self._plays_until) + seconds
        elif body["event"] == "clearAudio":
            self._plays_until = now
            for mark in self._marks:
                mark.cancel()
            self._marks.clear()
            self.bridge.carrier_sent(json.dumps({"event": "clearedAudio", "streamId": "s-1"}))
        elif body["event"] == "checkpoint" and not self.loses_marks:
            played = json.dumps({"event": "playedStream", "streamId": "s-1", "name": body["name"]})
            self._marks.add(self._loop.call_at(max(now, self._plays_until), self.bridge.carrier_sent, played))

    def caller(self, audio: bytes, count: int = 1) -> None:
        media = {"track": "inbound", "payload": base64.b64encode(audio).decode()}
        for _ in range(count):
            self.bridge.carrier_sent(json.dumps({"event": "media", "media": media}))

    @property
    def audio(self) -> list[tuple[float, bytes]]:
        """What came to be played: when, and the bytes."""
        return [(at, base64.b64decode(b["media"]["payload"])) for at, b in self.got if "media" in b]

    @property
    def events(self) -> list[str]:
        return [body["event"] for _, body in self.got]

    async def hang_up(self) -> None:
        self._writer.cancel()
        await asyncio.gather(self._writer, return_exceptions=True)
        for mark in self._marks:
            mark.cancel()


class SpokenVoice:
    """Says each text in ``lengths_ms``; None there is a voice that fails."""

    def __init__(self, **lengths_ms: float | None) -> None:
        self.lengths_ms = lengths_ms
        self.asked: list[str] = []
        self.prepared: list[str] = []

    def _length_ms(self, text: str) -> float | None:
        return self.lengths_ms["buffer" if text == BUFFER else "correction"]

    async def speech(self, text: str, *, language: str, media_format: MediaFormat, deadline_s: float) -> Speech | None:
        self.asked.append(text)
        length_ms = self._length_ms(text)
        if length_ms is None:
            return None
        code = b"\x70" if text == BUFFER else b"\x71"
        return Speech(code * round(length_ms * media_format.bytes_per_ms), media_format, "made")

    async def prepare(self, text: str, *, language: str, media_format: MediaFormat) -> None:
        self.prepared.append(text)


BUFFER = "Hm."


def bridge_dialect() -> Any:
    found = dialect_of(START)
    assert found is not None
    return found


def bridge_make(runtime: CallRuntime, agent: Agent, voice: SpokenVoice | None = None) -> Bridge:
    bridge = Bridge(runtime=runtime, upstream=agent, dialect=bridge_dialect(), voice=voice)
    runtime.ports.append(bridge)
    return bridge


def play(code: int = 0x20, ms: int = 20) -> str:
    payload = base64.b64encode(bytes([code]) * (8 * ms)).decode()
    return json.dumps({"event": "playAudio", "media": {"contentType": "audio/x-mulaw", "payload": payload}})


async def until(is_it: Callable[[], bool], within_s: float = 10.0) -> None:
    async with asyncio.timeout(within_s):
        while not is_it():  # noqa: ASYNC110  (the bridge has no event for what a test wants to see)
            await asyncio.sleep(0.005)
