"""The stream bridge of one call: carrier on one side, the tenant's agent on the other, Mirror in between.

Nothing here waits for a judge: both readers only queue. The carrier's socket may be replaced while the call lives,
because carriers dial again; the agent's stays the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from calls import metrics
from calls.audio_gate import AudioGate, Passed
from calls.errors import IllegalEvent, MessageRefused, UpstreamLost
from calls.events import (
    AgentDeltaReceived,
    AgentTurnCompleted,
    CallEvent,
    CheckpointPlayed,
    ClearAudio,
    PlaybackReported,
    PlaybackState,
)
from calls.heard import Played, Playhead
from calls.runtime import AudioEffect, CallRuntime
from calls.upstream import Upstream
from calls.wire import plivo, supervise
from calls.wire.media import MediaFormat
from judging.core import Json

logger = logging.getLogger(__name__)

# 20 ms a frame: what an agent that does not read may lag behind before its oldest audio is dropped.
MAX_TO_AGENT = 500
MAX_TO_CARRIER = 20_000

SendText = Callable[[str], Awaitable[None]]


class Bridge:
    """A ``Port`` of the call's runtime. All methods belong to the event loop."""

    def __init__(self, *, runtime: CallRuntime, upstream: Upstream, media_format: MediaFormat) -> None:
        self.runtime = runtime
        self.stream_id = ""
        self.carriers_count = 0
        self._carrier_replaced = asyncio.Event()
        self.agent_gone = asyncio.Event()
        self._upstream = upstream
        self._format = media_format
        told = runtime.agent.judging.settings
        self._gate = AudioGate(hold_budget_ms=float(told.hold_budget_ms) if told.release == "hold" else None)
        self._playhead = Playhead()
        self._to_agent: deque[str] = deque()
        self._to_carrier: deque[str] = deque()
        self._agent_wakes, self._carrier_wakes = asyncio.Event(), asyncio.Event()
        self._speaks_mirror = False
        self._release: asyncio.TimerHandle | None = None
        self._tasks = [asyncio.create_task(self._read_agent()), asyncio.create_task(self._write_agent())]

    # --- carrier to agent ------------------------------------------------------------------------------------------

    def carrier_sent(self, text: str) -> None:
        """One message of the carrier. Audio is relayed without being read."""
        if '"payload"' not in text:
            body = plivo.event_of(text)
            if body is not None:
                self._note_carrier_event(body)
        self._queue_to_agent(text)

    def _note_carrier_event(self, body: dict[str, Any]) -> None:
        if body["event"] == "start" and (start := plivo.start_of(body)) is not None:
            self.stream_id = start.stream_id
        elif body["event"] in ("playedStream", "played") and isinstance(body.get("name"), str):
            self._playhead.marked(body["name"], now_ms=self.runtime.now_ms())
            self.runtime.tell(CheckpointPlayed(body["name"]))
            self._report_finished()

    def _queue_to_agent(self, text: str) -> None:
        if len(self._to_agent) >= MAX_TO_AGENT:
            self._drop_oldest_audio()
        self._to_agent.append(text)
        self._agent_wakes.set()

    def _drop_oldest_audio(self) -> None:
        """Only audio: a decision on a tool or a ``playedStream`` comes once."""
        oldest = next((i for i, text in enumerate(self._to_agent) if '"payload"' in text), 0)
        del self._to_agent[oldest]
        metrics.AUDIO_DROPPED.labels("slow_agent").inc()

    async def _write_agent(self) -> None:
        try:
            while True:
                await self._agent_wakes.wait()
                while self._to_agent:
                    await self._upstream.send(self._to_agent.popleft())
                self._agent_wakes.clear()
        except UpstreamLost:
            self.agent_gone.set()

    # --- agent to carrier ------------------------------------------------------------------------------------------

    async def _read_agent(self) -> None:
        try:
            async for text in self._upstream:
                try:
                    self._agent_sent(text)
                except Exception:  # outer edge: a message that breaks us costs that message, never the call
                    logger.exception("agent message failed", extra=self.runtime.log_context())
        finally:
            self.agent_gone.set()

    def _agent_sent(self, text: str) -> None:
        body = plivo.event_of(text)
        kind = body["event"] if body is not None else ""
        if kind == "mirror" and body is not None:
            self._agent_said(body.get("message"), is_too_large=supervise.is_too_large(text))
        elif kind == "playAudio" and body is not None:
            self._pass(text, plivo.audio_length_ms(body, self._format))
        elif kind == "checkpoint":
            self._pass(text, 0.0)
        elif kind == "clearAudio":
            self._gate.agent_cleared()
            self._clear_carrier(text)
        else:
            self._queue_to_carrier(text)

    def _pass(self, text: str, length_ms: float) -> None:
        before = self._gate.dropped_count
        self._forward(self._gate.agent_sent(text, length_ms, now_ms=self.runtime.now_ms()))
        if self._gate.dropped_count > before:
            metrics.AUDIO_DROPPED.labels("interrupted").inc()
        self._plan_release()

    def _forward(self, passed: list[Passed]) -> None:
        now_ms = self.runtime.now_ms()
        for one in passed:
            if one.length_ms:
                self._playhead.send(one.turn_id, one.length_ms, now_ms=now_ms)
            elif (body := plivo.event_of(one.text)) is not None and isinstance(body.get("name"), str):
                self._playhead.mark(body["name"])
            self._queue_to_carrier(one.text)
        self._report_finished()

    def _plan_release(self) -> None:
        due_ms = self._gate.next_release_ms
        if due_ms is None or self._release is not None:
            return
        in_s = max(0.0, (due_ms - self.runtime.now_ms()) / 1000.0)
        self._release = asyncio.get_running_loop().call_later(in_s, self._release_held)

    def _release_held(self) -> None:
        self._release = None
        self._forward(self._gate.tick(now_ms=self.runtime.now_ms()))
        self._plan_release()

    def _queue_to_carrier(self, text: str) -> None:
        if len(self._to_carrier) >= MAX_TO_CARRIER:
            metrics.AUDIO_DROPPED.labels("slow_carrier").inc()
            return
        self._to_carrier.append(text)
        self._carrier_wakes.set()

    async def write_carrier(self, send: SendText) -> None:
        """Run until cancelled: one carrier socket at a time."""
        while True:
            await self._carrier_wakes.wait()
            while self._to_carrier:
                await send(self._to_carrier.popleft())
            self._carrier_wakes.clear()

    # --- in-band messages --------------------------------------------------------------------------------------------

    def _agent_said(self, message: Json, *, is_too_large: bool) -> None:
        self._speaks_mirror = True
        try:
            if is_too_large:
                detail = f"a message may have {supervise.MAX_MESSAGE_BYTES} bytes"
                raise MessageRefused("message_too_large", detail)
            incoming = supervise.parse_body(message)
            content = incoming.content
            if isinstance(content, supervise.Ping):
                self.send(supervise.pong())
            elif isinstance(content, supervise.CallStart):
                raise MessageRefused(
                    "not_here", "in a stream the carrier's start opens the call", seq=incoming.message.seq
                )
            seq = incoming.message.seq
            if isinstance(content, supervise.Ping):
                self.runtime.note_message(incoming.message, lambda: self.send(supervise.ack(seq)))
                return
            self.runtime.receive(content, message=incoming.message, on_durable=lambda: self.send(supervise.ack(seq)))
        except MessageRefused as refused:
            self.send(supervise.error(refused.code, refused.detail, seq=refused.seq, is_retryable=refused.is_retryable))
        except IllegalEvent as illegal:
            seq_told = message.get("seq") if isinstance(message, dict) else None
            self.send(supervise.error(illegal.code, illegal.detail, seq=seq_told))

    # --- the call's side (Port) --------------------------------------------------------------------------------------

    def heard(self, event: CallEvent) -> None:
        """Text of a new turn, from this socket or from a supervise socket of the same call."""
        match event:
            case AgentTurnCompleted() | AgentDeltaReceived():
                self._gate.turn_started(event.turn_id)
            case PlaybackReported() if event.intervention_id and event.state is PlaybackState.STARTED:
                self._gate.agent_speaks()

    def playing(self) -> Sequence[PlaybackReported]:
        now_ms = self.runtime.now_ms()
        return [_report_of(played, PlaybackState.PLAYING) for played in self._playhead.playing(now_ms=now_ms)]

    def send(self, body: dict[str, Json]) -> None:
        if body["type"] == "verdict" and (body["decision"] != "intervene" or "suppressed" in body):
            now_ms = self.runtime.now_ms()
            self._forward(self._gate.judged(body["turn_id"], is_final=bool(body["final"]), now_ms=now_ms))
        # An agent that knows nothing of Mirror never sees an event it does not know.
        if self._speaks_mirror:
            self._queue_to_agent(plivo.mirror_message(body))

    def control(self, effect: AudioEffect) -> None:
        if isinstance(effect, ClearAudio):
            running = self.runtime.session.intervention
            turn_id = running.turn_id if running else self._gate.turn_id
            self._gate.interrupted(turn_id)
            if turn_id not in self._clear_carrier(plivo.clear_audio(self.stream_id)):
                # Stopped before any of its audio was sent on: nothing of it was heard.
                self._report(Played(turn_id, 0.0, 0.0), PlaybackState.CLEARED)

    def _clear_carrier(self, clear: str) -> set[str]:
        """Empty our own queue of audio, then the carrier's, and settle what was heard; return the turns cut."""
        kept = [text for text in self._to_carrier if '"playAudio"' not in text and '"checkpoint"' not in text]
        self._to_carrier.clear()
        self._to_carrier.extend(kept)
        self._queue_to_carrier(clear)
        cleared = self._playhead.clear(now_ms=self.runtime.now_ms())
        for played in cleared:
            self._report(played, PlaybackState.CLEARED)
        return {played.turn_id for played in cleared}

    def _report_finished(self) -> None:
        for played in self._playhead.finished(now_ms=self.runtime.now_ms()):
            self._report(played, PlaybackState.FINISHED)

    def _report(self, played: Played, state: PlaybackState) -> None:
        if played.turn_id:
            self.runtime.tell(_report_of(played, state))

    def let_go(self) -> None:
        """The carrier has dialled another process: the agent is called again from there."""
        self.agent_gone.set()

    def settle_heard(self) -> None:
        """The stream is over: what had played by now was heard."""
        for played in self._playhead.clear(now_ms=self.runtime.now_ms()):
            state = PlaybackState.FINISHED if played.played_ms >= played.total_ms else PlaybackState.CLEARED
            self._report(played, state)

    def carrier_joined(self) -> int:
        """Return the number of the carrier's socket; a later one replaces the earlier."""
        self.carriers_count += 1
        self._carrier_replaced.set()
        self._carrier_replaced = asyncio.Event()
        return self.carriers_count

    @property
    def carrier_replaced(self) -> asyncio.Event:
        """Set when another socket of the carrier takes the place of the one that joined last."""
        return self._carrier_replaced

    @property
    def end_reason(self) -> str:
        """Why the call ends when the agent is gone."""
        return "agent_hung_up" if self._upstream.is_orderly else "agent_lost"

    async def close(self) -> None:
        """Hang up on the agent. Its tasks end with it."""
        if self._release is not None:
            self._release.cancel()
        with contextlib.suppress(UpstreamLost, OSError, TimeoutError):
            await self._upstream.close()
        for task in self._tasks:
            task.cancel()


def _report_of(played: Played, state: PlaybackState) -> PlaybackReported:
    return PlaybackReported(state, round(played.played_ms), played.turn_id, total_ms=round(played.total_ms))
