"""A carrier that behaves like Plivo towards a voice application: one simulated phone call over real sockets.

It asks the answer address, opens the stream the XML names, sends 20 ms frames by the clock, plays what it is sent at
real speed, acknowledges checkpoints only when they were reached, closes without ``stop``, and follows the XML after
the stream. All timing decisions are in ``playback`` and ``caller``; this file moves bytes.
"""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from calls.simulate import frames as wire
from calls.simulate.answer_xml import AnswerRefused, Element, Hangup, Redirect, Speak, Stream, parse_answer
from calls.simulate.caller import Caller, CallerState, Line, Manners
from calls.simulate.g711 import FRAME_MS, SILENT_FRAME, length_ms
from calls.simulate.listening import Spotter
from calls.simulate.pace import Pace
from calls.simulate.playback import PlaybackQueue, Played, Reached
from calls.simulate.plivo_signature import signed_headers
from calls.simulate.timeline import UNKNOWN, Entry, Timeline

CONNECT_TRIES: Final = 3  # Source: Plivo retries a failed first connect twice
MAX_REDIRECTS: Final = 5
MAX_CALL_MS: Final = 120_000
ACCOUNT_ID: Final = "MAMIRRORSIMULATOR000"

Log = Callable[[Entry], None]


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong on the line; all off by default."""

    jitter_ms: int = 0  # each frame leaves up to so much later
    lost_ack_share: float = 0.0  # playedStream messages that never come
    drop_after_ms: int | None = None  # the socket breaks without a close frame
    read_delay_ms: int = 0  # a slow reader: waits before each message it takes
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Dialled:
    """One call to make. ``agent_lines`` are recordings by name, so that the timeline can say what was heard."""

    call_id: str
    answer_url: str
    from_number: str
    to_number: str
    lines: tuple[Line, ...]
    agent_lines: dict[str, bytes] = field(default_factory=dict)
    extra_headers: str = ""
    auth_token: str = ""  # signs the web requests as Plivo does, when given
    direction: str = "inbound"


@dataclass(slots=True)
class SimulatedCall:
    """Makes one call; ``run`` returns its timeline when it is over."""

    dialled: Dialled
    pace: Pace = field(default_factory=Pace)
    faults: Faults = field(default_factory=Faults)
    manners: Manners = field(default_factory=Manners)
    log: Log = lambda entry: None
    timeline: Timeline = field(default_factory=Timeline, init=False)
    _queue: PlaybackQueue = field(init=False)
    _caller: Caller = field(init=False)
    _spotter: Spotter = field(init=False)
    _random: random.Random = field(init=False)
    _frames: wire.CarrierFrames = field(init=False)
    _is_line_broken: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._queue = PlaybackQueue()
        self._caller = Caller(deque(self.dialled.lines), self.manners)
        self._spotter = Spotter(self.dialled.agent_lines)
        self._random = random.Random(self.faults.seed)  # noqa: S311 - repeatable faults, no secret
        self._frames = self._new_frames("")

    async def run(self) -> Timeline:
        """Make the call. Faults of the application end the call and are in the timeline, they are not raised."""
        async with httpx.AsyncClient(timeout=15, trust_env=False) as web:
            try:
                await self._carry_out(web, self.dialled.answer_url)
            except httpx.HTTPStatusError as error:
                where = _without_query(str(error.request.url))
                self._note("application_failed", reason=f"HTTP {error.response.status_code} from {where}")
            except (AnswerRefused, httpx.HTTPError) as error:
                self._note("application_failed", reason=f"{type(error).__name__}: {error}")
        self._note("call_over", is_all_said=not self._caller.unsaid and not self._caller.lines)
        return self.timeline

    def hang_up(self) -> None:
        """The caller hangs up at the next frame, whatever is being said."""
        self._caller.leave()

    # The application's XML.

    async def _carry_out(self, web: httpx.AsyncClient, url: str) -> None:
        elements: deque[Element] = deque(await self._fetch(web, url))
        redirects = 0
        while elements:
            element = elements.popleft()
            match element:
                case Stream():
                    await self._stream(web, element)
                    if self._caller.state is CallerState.GONE:
                        return
                case Redirect(url=target):
                    redirects += 1
                    if redirects > MAX_REDIRECTS:
                        raise AnswerRefused("redirected in circles")
                    elements = deque(await self._fetch(web, target))
                case Speak(text=text):
                    self._note("carrier_spoke", text=text)
                case Hangup():
                    self._note("hung_up_by_xml")
                    return
                case _:
                    self._note("element_skipped", name=element.name)

    async def _fetch(self, web: httpx.AsyncClient, url: str) -> tuple[Element, ...]:
        reply = await self._post(web, url, self._form("in-progress"))
        reply.raise_for_status()
        elements = parse_answer(reply.content, base_url=url)
        self._note("answered", url=_without_query(url), elements=[type(element).__name__ for element in elements])
        return elements

    async def _post(self, web: httpx.AsyncClient, url: str, form: dict[str, str]) -> httpx.Response:
        headers = signed_headers(url, form, self.dialled.auth_token) if self.dialled.auth_token else {}
        return await web.post(url, data=form, headers=headers)

    def _form(self, status: str) -> dict[str, str]:
        return {
            "CallUUID": self.dialled.call_id,
            "From": self.dialled.from_number,
            "To": self.dialled.to_number,
            "Direction": self.dialled.direction,
            "CallStatus": status,
            "Event": "StartApp",
        }

    # The stream.

    async def _stream(self, web: httpx.AsyncClient, stream: Stream) -> None:
        if not stream.is_bidirectional or stream.content_type not in ("", f"{wire.MULAW};rate={wire.RATE_HZ}"):
            raise AnswerRefused(f"only bidirectional {wire.MULAW} streams are simulated, not {stream.content_type!r}")
        if not stream.keep_call_alive:
            raise AnswerRefused("without keepCallAlive Plivo runs on past <Stream> at once and the call ends")
        self._frames = self._new_frames(stream.extra_headers)
        socket = await self._connect(stream.url)
        if socket is None:
            return await self._status(web, stream, "DroppedStream")
        await self._status(web, stream, "StartStream")
        try:
            await self._talk(socket)
        finally:
            await self._close(socket)
        return await self._status(web, stream, "DroppedStream" if self._is_line_broken else "StopStream")

    def _new_frames(self, extra_headers: str) -> wire.CarrierFrames:
        headers = ",".join(filter(None, (extra_headers, self.dialled.extra_headers)))
        return wire.CarrierFrames(self.dialled.call_id, str(uuid.uuid4()), ACCOUNT_ID, headers)

    async def _connect(self, url: str) -> ClientConnection | None:
        for attempt in range(1, CONNECT_TRIES + 1):
            try:
                socket = await connect(url, compression=None, proxy=None, open_timeout=5, max_queue=None)
            except (OSError, InvalidHandshake, TimeoutError) as error:
                self._note("connect_failed", attempt=attempt, reason=f"{type(error).__name__}: {error}")
            else:
                self._note("stream_open", stream_id=self._frames.stream_id)
                return socket
        return None

    async def _status(self, web: httpx.AsyncClient, stream: Stream, event: str) -> None:
        if not stream.status_callback_url:
            return
        form = {**self._form("in-progress"), "Event": event, "StreamID": self._frames.stream_id}
        try:
            await self._post(web, stream.status_callback_url, form)
        except httpx.HTTPError as error:
            self._note("status_callback_failed", event=event, reason=type(error).__name__)

    async def _talk(self, socket: ClientConnection) -> None:
        """Send and receive until either side is gone."""
        reader = asyncio.create_task(self._read(socket))
        try:
            await socket.send(self._frames.start())
            await self._send_frames(socket, reader)
        except ConnectionClosed:
            pass  # noted by the reader, which sees the close code
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    async def _send_frames(self, socket: ClientConnection, reader: asyncio.Task[None]) -> None:
        next_ms = self.pace.now_ms()
        while not reader.done():
            now_ms = self.pace.now_ms()
            await self._report(socket, self._queue.advance(now_ms))
            frame = self._caller_frame(now_ms)
            if self._caller.state is CallerState.GONE or now_ms > MAX_CALL_MS:
                self._caller.state = CallerState.GONE
                self._note("hung_up", lines_left=len(self._caller.lines))
                return
            if self.faults.drop_after_ms is not None and now_ms >= self.faults.drop_after_ms:
                self._break_line(socket)
                return
            await socket.send(self._frames.media(frame, timestamp_ms=int(time.time() * 1000)))
            next_ms += FRAME_MS
            await self.pace.until(next_ms + self._random.randint(0, self.faults.jitter_ms))

    def _caller_frame(self, now_ms: int) -> bytes:
        was = self._caller.current
        frame = self._caller.frame(quiet_ms=self._queue.quiet_ms(now_ms))
        if self._caller.current != was:
            self._note("caller_began" if was is None else "caller_ended", line=self._caller.current or was)
        self.timeline.count_silence(FRAME_MS, is_silent=frame is SILENT_FRAME and not self._queue.is_playing)
        return frame

    def _break_line(self, socket: ClientConnection) -> None:
        self._is_line_broken = True
        self._note("line_broken")
        socket.transport.abort()

    async def _close(self, socket: ClientConnection) -> None:
        await socket.close()
        self._note("stream_closed", code=socket.close_code)

    # What the application sends.

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for text in socket:
                if self.faults.read_delay_ms:
                    await self.pace.wait(self.faults.read_delay_ms)
                await self._take(socket, text)
        except ConnectionClosed as error:
            self._note("stream_lost", reason=str(error))

    async def _take(self, socket: ClientConnection, text: str | bytes) -> None:
        now_ms = self.pace.now_ms()
        try:
            message = wire.read_from_server(text)
        except wire.FrameRefused as error:
            self._note("message_refused", reason=str(error))
            return
        match message:
            case wire.PlayAudio(audio=audio):
                spot = self._spotter.spot(audio)
                heard = self._queue.play(len(audio), spot.key if spot else UNKNOWN, now_ms=now_ms)
            case wire.Checkpoint(name=name):
                self._note("checkpoint_set", name=name)
                heard = self._queue.checkpoint(name, now_ms=now_ms)
            case wire.ClearAudio():
                heard = await self._clear(socket, now_ms)
            case wire.SendDtmf(digits=digits):
                self._note("dtmf", digits=digits)
                heard = self._queue.advance(now_ms)
        await self._report(socket, heard)

    async def _clear(self, socket: ClientConnection, now_ms: int) -> list[Played | Reached]:
        heard, cleared = self._queue.clear(now_ms=now_ms)
        self._note("cleared", dropped_ms=cleared.byte_count // 8, checkpoints=list(cleared.checkpoints))
        await socket.send(self._frames.cleared_audio())
        return heard

    async def _report(self, socket: ClientConnection, heard: list[Played | Reached]) -> None:
        for event in heard:
            if isinstance(event, Played):
                self._caller.hear(max(event.byte_count // 8, 1))
                if self.timeline.hear(event):
                    self._note("hears", label=event.label)
            elif self._random.random() < self.faults.lost_ack_share:
                self._note("ack_lost", name=event.name)
            else:
                self._note("checkpoint_played", name=event.name, reached_ms=event.at_ms)
                await socket.send(self._frames.played_stream(event.name))

    def _note(self, what: str, **detail: Any) -> None:
        self.log(self.timeline.note(self.pace.now_ms(), what, **detail))


def _without_query(url: str) -> str:
    return url.partition("?")[0]


def line_of(line_id: str, audio: bytes, barge_in_ms: int | None = None) -> Line:
    """Make a caller's line; audio of no length would never be heard and is refused."""
    if not length_ms(audio):
        raise ValueError(f"the line {line_id} has no audio")
    return Line(line_id, audio, barge_in_ms)
