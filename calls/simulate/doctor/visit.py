"""One call of the doctor: dials an agent's stream as the carrier, speaks, speaks over the agent, and listens."""

from __future__ import annotations

import asyncio
import time
import uuid
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from calls.simulate.doctor.exam import Exam
from calls.simulate.doctor.remarks import Level, Remark
from calls.simulate.frames import CarrierFrames
from calls.simulate.g711 import FRAME_MS, SILENT_FRAME, decode, frames
from calls.simulate.pace import Pace
from calls.wire.media import MediaFormat

DIAL_WITHIN_S: Final = 5.0
SLOW_DIAL_MS: Final = 1_000
PAUSE_MS: Final = 700  # of the agent, after which the caller answers
BARGE_IN_AFTER_MS: Final = 800
LONG_GREETING_MS: Final = 5_000
_ACCOUNT: Final = "MAMIRRORSTREAMDOCTOR"


@dataclass(frozen=True, slots=True)
class Visit:
    """What to dial and for how long. ``line`` is mu-law audio of the caller; ``headers`` go with the handshake."""

    url: str
    line: bytes
    media_format: MediaFormat = field(default_factory=MediaFormat)
    seconds: float = 20.0
    headers: Mapping[str, str] = field(default_factory=dict)
    pace: Pace = field(default_factory=Pace)


async def examine(visit: Visit) -> list[Remark]:
    """Make the call and say what was found. Never raises for what the agent does."""
    began = time.monotonic()
    try:
        socket = await connect(
            visit.url,
            additional_headers=dict(visit.headers),
            compression=None,
            proxy=None,
            open_timeout=DIAL_WITHIN_S,
            max_size=16 * 1024 * 1024,
        )
    except (OSError, TimeoutError, InvalidHandshake, InvalidURI, ConnectionClosed) as error:
        return [_unreachable(error)]
    dialled_ms = (time.monotonic() - began) * 1000
    async with socket:
        remarks = await _Call(visit, socket).run()
    if dialled_ms > SLOW_DIAL_MS:
        remarks.append(Remark(Level.WARN, "slow_to_answer", f"the handshake took {dialled_ms:.0f} ms"))
    return remarks


def _unreachable(error: Exception) -> Remark:
    if isinstance(error, InvalidStatus):
        status = error.response.status_code
        advice = "the address or the credentials are wrong" if status in (401, 403, 404) else ""
        return Remark(Level.FAIL, "refused", f"the server answered HTTP {status}, not a web socket", advice)
    if isinstance(error, TimeoutError):
        return Remark(Level.FAIL, "no_answer", f"no web socket within {DIAL_WITHIN_S:.0f} s")
    return Remark(Level.FAIL, "unreachable", f"{type(error).__name__}: {error}")


class _Call:
    def __init__(self, visit: Visit, socket: ClientConnection) -> None:
        self._visit, self._socket = visit, socket
        self._exam = Exam(visit.media_format)
        self._frames = CarrierFrames(str(uuid.uuid4()), str(uuid.uuid4()), _ACCOUNT)
        self._line = frames(visit.line)
        self._saying: list[bytes] = []
        self._lines_said = 0
        self._heard_since_ms: int | None = None

    async def run(self) -> list[Remark]:
        visit, pace = self._visit, self._visit.pace
        reader = asyncio.create_task(self._read())
        closed_ms: int | None = None
        try:
            await self._socket.send(self._frames.start(visit.media_format))
            await self._send(reader)
        except ConnectionClosed:
            closed_ms = pace.now_ms()
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
        if reader.done() and not reader.cancelled() and closed_ms is None:
            closed_ms = pace.now_ms()
        remarks = self._exam.remarks(pace.now_ms())
        if closed_ms is not None:
            remarks.append(self._hung_up(closed_ms))
        return remarks

    def _hung_up(self, at_ms: int) -> Remark:
        code = self._socket.close_code
        level = Level.NOTE if code in (1000, 1005) else Level.FAIL
        return Remark(level, "hung_up", f"the agent closed the stream after {at_ms / 1000:.1f} s with code {code}")

    async def _send(self, reader: asyncio.Task[None]) -> None:
        pace, next_ms = self._visit.pace, self._visit.pace.now_ms()
        while not reader.done() and pace.now_ms() < self._visit.seconds * 1000:
            now_ms = pace.now_ms()
            await self._answer(self._exam.passed(now_ms))
            await self._socket.send(self._frames.media(self._frame(now_ms), timestamp_ms=int(time.time() * 1000)))
            next_ms += FRAME_MS
            await pace.until(next_ms)

    def _frame(self, now_ms: int) -> bytes:
        """The next 20 ms of the caller, in the stream's format."""
        if not self._saying and self._is_my_turn(now_ms):
            self._exam.spoke(now_ms)
            self._saying, self._heard_since_ms = list(self._line), None
            self._lines_said += 1
        frame = self._saying.pop(0) if self._saying else SILENT_FRAME
        return in_format(frame, self._visit.media_format)

    def _is_my_turn(self, now_ms: int) -> bool:
        """First when the agent has greeted or keeps silent, then over its answer, then whenever it is quiet.

        A greeting without an end is spoken over, too.
        """
        if not self._exam.is_playing(now_ms):
            self._heard_since_ms = None
            return self._exam.quiet_ms(now_ms) >= PAUSE_MS * (1 if self._exam.tally.audio_ms else 4)
        if self._heard_since_ms is None:
            self._heard_since_ms = now_ms
        after_ms = {0: LONG_GREETING_MS, 1: BARGE_IN_AFTER_MS}.get(self._lines_said)
        return after_ms is not None and now_ms - self._heard_since_ms >= after_ms

    async def _read(self) -> None:
        try:
            async for text in self._socket:
                await self._answer(self._exam.took(text, self._visit.pace.now_ms()))
        except ConnectionClosed:
            return

    async def _answer(self, events: list[tuple[str, str]]) -> None:
        for event, name in events:
            told = self._frames.played_stream(name) if event == "playedStream" else self._frames.cleared_audio()
            await self._socket.send(told)


def in_format(frame: bytes, media_format: MediaFormat) -> bytes:
    """Mu-law at 8 kHz as a stream's own format; 16 kHz by repeating samples, good enough for a test voice."""
    if not media_format.is_linear:
        return frame
    repeat = media_format.sample_rate // 8000
    samples = array("h", (sample for sample in decode(frame) for _ in range(repeat)))
    return samples.tobytes()
