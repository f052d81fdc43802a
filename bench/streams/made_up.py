"""A bridged call in made-up time: the product's own bridge, session and voice; a carrier, an agent and a caller.

The event loop's clock jumps to whatever is due next, so a call of ten seconds takes some milliseconds, and the same
seed gives the same call.
"""

from __future__ import annotations

import asyncio
import base64
import json
import selectors
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import uuid4

from calls.bridge import Bridge
from calls.events import CallEvent, ClearAudio, PlaybackReported, ResumeAgent
from calls.live_agent import LiveAgent
from calls.runtime import AudioEffect, CallRuntime
from calls.services import OpenedCall
from calls.voice.base import Speech
from calls.wire.dialect import Dialect
from calls.wire.dialects import dialect_of
from calls.wire.media import MediaFormat
from judging.config import AgentJudging
from judging.core import Json, JudgeSettings, Policy
from judging.live import LiveModels
from tenants.agent_settings import AgentSettings

FRAME_MS = 20
BUFFER = "One moment, please."
BAD = "I will give you a full refund."
LOUD, QUIET = bytes([0x10]) * 160, bytes([0xFF]) * 160
_START = json.dumps({"event": "start", "start": {"callId": "c", "streamId": "s", "accountId": "MABENCH"}})
_CODES = {"buffer": b"\x70", "correction": b"\x71", "agent": b"\x20"}

_T = TypeVar("_T")


class _Jumping(selectors.SelectSelector):
    """Does not wait: moves the clock on."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise RuntimeError("nothing is left to happen")
        self.now_s += max(0.0, timeout)
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now_s


def run(story: Coroutine[Any, Any, _T]) -> _T:
    """Run it in made-up time."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(story)


def now_ms() -> float:
    return asyncio.get_running_loop().time() * 1000.0


class _Runtime(CallRuntime):
    def now_ms(self) -> float:
        return now_ms()


@dataclass
class Spy:
    """A port that only notes what it is told, and when."""

    cleared_ms: list[float] = field(default_factory=list)
    resumed_ms: list[float] = field(default_factory=list)

    def heard(self, event: CallEvent) -> None:
        return

    def playing(self) -> Sequence[PlaybackReported]:
        return ()

    def send(self, body: dict[str, Json]) -> None:
        return

    def control(self, effect: AudioEffect) -> None:
        if isinstance(effect, ClearAudio):
            self.cleared_ms.append(now_ms())
        elif isinstance(effect, ResumeAgent):
            self.resumed_ms.append(now_ms())

    def let_go(self) -> None:
        return


@dataclass
class ScriptedVoice:
    """Says each part in so many milliseconds, ready so long after it was asked."""

    lengths_ms: dict[str, float]
    made_in_ms: float = 0.0

    async def speech(self, text: str, *, language: str, media_format: MediaFormat, deadline_s: float) -> Speech | None:
        part = "buffer" if text == BUFFER else "correction"
        await asyncio.sleep(self.made_in_ms / 1000.0 if part == "correction" else 0.0)
        return Speech(_CODES[part] * round(self.lengths_ms[part] * media_format.bytes_per_ms), media_format, "scripted")

    async def prepare(self, text: str, *, language: str, media_format: MediaFormat) -> None:
        return


class Agent:
    """The agent's stream, as the bridge dials it."""

    is_orderly = False

    def __init__(self) -> None:
        self._said: asyncio.Queue[str | None] = asyncio.Queue()
        self._seq = 0

    def speak(self, frames: int) -> None:
        for _ in range(frames):
            self._said.put_nowait(_play(_CODES["agent"]))

    def turn(self, turn_id: str, text: str) -> None:
        self._seq += 1
        message = {"type": "agent.turn", "seq": self._seq, "turn_id": turn_id, "text": text}
        self._said.put_nowait(json.dumps({"event": "mirror", "message": message}))

    async def send(self, text: str) -> None:
        return

    async def __aiter__(self) -> AsyncIterator[str]:
        while (text := await self._said.get()) is not None:
            yield text

    async def close(self) -> None:
        self._said.put_nowait(None)


def _play(code: bytes) -> str:
    payload = base64.b64encode(code * FRAME_MS * 8).decode()
    return json.dumps({"event": "playAudio", "media": {"contentType": "audio/x-mulaw", "payload": payload}})


class Carrier:
    """Plays at real speed, each message ``delay_ms`` after it was sent. Of the first marks it loses those asked for."""

    def __init__(self, bridge: Bridge, *, delay_ms: float, is_mark_lost: Callable[[], bool]) -> None:
        self.parts_ms: dict[str, list[float]] = {part: [] for part in _CODES}
        self.clears_ms: list[float] = []
        self._bridge, self._delay_ms, self._is_mark_lost = bridge, delay_ms, is_mark_lost
        self._until_ms = 0.0
        self._marks: list[asyncio.TimerHandle] = []

    async def take(self, text: str) -> None:
        body, now = json.loads(text), now_ms()
        if body["event"] == "playAudio":
            audio = base64.b64decode(body["media"]["payload"])
            part = next(name for name, code in _CODES.items() if code == audio[:1])
            self.parts_ms[part].append(now)
            self._until_ms = max(self._until_ms, now + self._delay_ms) + len(audio) / 8
        elif body["event"] == "clearAudio":
            self.clears_ms.append(now)
            self._until_ms = now
            for mark in self._marks:
                mark.cancel()
            self._say({"event": "clearedAudio", "streamId": "s"})
        elif body["event"] == "checkpoint" and not self._is_mark_lost():
            played = {"event": "playedStream", "streamId": "s", "name": body["name"]}
            due_s = max(now, self._until_ms) / 1000.0
            self._marks.append(asyncio.get_running_loop().call_at(due_s, self._say, played))

    def _say(self, body: dict[str, Any]) -> None:
        self._bridge.carrier_sent(json.dumps(body))

    def caller(self, audio: bytes) -> None:
        self._say({"event": "media", "media": {"track": "inbound", "payload": base64.b64encode(audio).decode()}})


class Call:
    """All parties of one call. ``async with`` it."""

    def __init__(
        self, voice: ScriptedVoice, *, delay_ms: float = 20.0, is_mark_lost: Callable[[], bool] = lambda: False
    ) -> None:
        self.spy, self.agent = Spy(), Agent()
        self.runtime = _runtime()
        dialect = dialect_of(_START)
        assert dialect is not None
        self.bridge = Bridge(runtime=self.runtime, upstream=self.agent, dialect=dialect, voice=voice)
        self.runtime.ports += [self.bridge, self.spy]
        self.carrier = Carrier(self.bridge, delay_ms=delay_ms, is_mark_lost=is_mark_lost)
        self._join(dialect)

    def _join(self, dialect: Dialect) -> None:
        self.bridge.carrier_joined(dialect)
        self._writing = asyncio.create_task(self.bridge.write_carrier(self.carrier.take))

    async def __aenter__(self) -> Call:
        return self

    async def __aexit__(self, *error: object) -> None:
        self.runtime.close()
        self._writing.cancel()
        await asyncio.gather(self._writing, return_exceptions=True)
        await self.bridge.close()

    async def until(self, is_it: Callable[[], bool], within_ms: float = 60_000.0) -> bool:
        """Wait in steps of a millisecond; whether it came to be."""
        ends_ms = now_ms() + within_ms
        while not is_it() and now_ms() < ends_ms:  # noqa: ASYNC110  (in made-up time waiting is free)
            await asyncio.sleep(0.001)
        return is_it()


def _runtime() -> CallRuntime:
    judging = AgentJudging(
        tenant_id=uuid4(),
        agent_id=uuid4(),
        slug="bench",
        settings=AgentSettings(buffer_text=BUFFER, speaker="mirror"),
        judge=JudgeSettings(tiers=frozenset({0})),
        revision=1,
        policies=(Policy("Never promise a refund.", id="refund"),),
    )
    return _Runtime(
        opened=OpenedCall(uuid4(), True, False, datetime.now(UTC), "plivo"),
        external_id="c",
        transport="plivo",
        agent=LiveAgent(judging),
        is_speaking=True,
        models=LiveModels(),
        put=lambda item: True,
        has_room=lambda: True,
        on_end=lambda runtime: None,
    )
