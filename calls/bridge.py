"""The stream bridge of one call: carrier on one side, the tenant's agent on the other, Mirror in between.

Nothing here waits for a judge. The carrier's socket may be replaced while the call lives, because carriers dial again;
the agent's stays the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from calls import metrics
from calls.agent_side import AgentSide, Room
from calls.allowance import Allowance
from calls.audio_gate import AudioGate, Passed, letters
from calls.carrier_side import CarrierSide, SendText
from calls.events import (
    AgentDeltaReceived,
    AgentTurnCompleted,
    CallEvent,
    CheckpointPlayed,
    ClearAudio,
    PlaybackReported,
    PlaybackState,
    ResumeAgent,
    SendVerdict,
    Speak,
    SpeechFailed,
)
from calls.in_band import in_band_receive
from calls.playhead import Played
from calls.runtime import AudioEffect, CallRuntime
from calls.speaker import Speaker, is_ours
from calls.upstream import Upstream
from calls.voice.base import Voice
from calls.wire import supervise
from calls.wire.dialect import (
    CLEARED,
    MEDIA,
    Audio,
    Clear,
    Dialect,
    InBand,
    Mark,
    MarkAck,
    mirror_message,
)
from judging.core import Decision, Json

# An agent may send ahead of what is played by this much; then it is read no faster than the carrier plays.
MAX_AHEAD_MS = 120_000.0
# Held audio counts twice: here it waits for the verdict, at the carrier for its turn.
MAX_HELD_CHARACTERS = 4 * 1024 * 1024
# Messages in-band a second, and at once. A model's deltas come at half of that at most; each costs a judgement, which
# every other call of the process would wait for.
WORDS_PER_S, WORDS_AT_ONCE = 200.0, 400.0


class Bridge:
    """A ``Port`` of the call's runtime. All methods belong to the event loop."""

    def __init__(
        self, *, runtime: CallRuntime, upstream: Upstream, dialect: Dialect, voice: Voice | None = None
    ) -> None:
        self.runtime = runtime
        self.carriers_count = 0
        self._carrier_replaced = asyncio.Event()
        self._dialect = dialect
        told = runtime.agent.judging.settings
        self._gate = AudioGate(float(told.hold_budget_ms) if told.release == "hold" else None)
        self._carrier = CarrierSide(
            dialect, now_ms=runtime.now_ms, finished=lambda played: self._report(played, PlaybackState.FINISHED)
        )
        self._speaker = self._speaker_of(voice) if voice is not None else None
        self._agent = AgentSide(
            upstream, take=self._agent_sent, room=Room(is_flooded=self._is_flooded, fill=lambda: self._carrier.fill)
        )
        self._speaks_mirror = False
        self._words = Allowance(WORDS_PER_S, WORDS_AT_ONCE)
        self._told_to_speak = ""  # the intervention that the agent was last told to speak
        self._release: asyncio.TimerHandle | None = None

    def _speaker_of(self, voice: Voice) -> Speaker:
        told = self.runtime.agent.judging.settings
        made = Speaker(
            voice,
            carrier=self._carrier,
            language=told.language or "en",
            now_ms=self.runtime.now_ms,
            tell=self.runtime.tell,
            can_agent_speak=lambda: self._can_agent_speak,
        )
        made.prepare(told.buffer_text)
        return made

    @property
    def _can_agent_speak(self) -> bool:
        """Whether anybody takes Mirror's messages for the agent, here or on a supervise socket."""
        return self._speaks_mirror or any(port is not self for port in self.runtime.ports)

    # --- carrier to agent ------------------------------------------------------------------------------------------

    def carrier_sent(self, text: str) -> None:
        """One message of the carrier. All but the answers to our own messages reaches the agent as it came."""
        said = self._dialect.from_carrier(text)
        if said is MEDIA:
            self._agent.put(text, is_audio=True)
            if self._speaker is not None:
                self._speaker.caller_sent(text)
        elif isinstance(said, MarkAck):
            self._acked(text, said)
        elif said is not CLEARED or self._carrier.cleared():
            self._agent.put(text, is_audio=False)

    def _acked(self, text: str, ack: MarkAck) -> None:
        if self._carrier.acked(ack):
            self._agent.put(text, is_audio=False)
            running = self.runtime.session.intervention
            # What Mirror speaks ends with marks of its own, whatever the agent calls its.
            if not ack.is_cancelled and not (running is not None and running.is_spoken_by_mirror):
                self.runtime.tell(CheckpointPlayed(ack.name))

    # --- agent to carrier ------------------------------------------------------------------------------------------

    def _agent_sent(self, text: str) -> None:
        said = self._dialect.from_agent(text)
        if isinstance(said, Audio):
            self._pass(text, said.length_ms)
        elif isinstance(said, Mark):
            self._pass(text, 0.0)
        elif isinstance(said, InBand):
            self._agent_said(said.message, is_too_large=supervise.is_too_large(text))
        elif isinstance(said, Clear):
            self._agent_cleared(text)
        else:
            self._carrier.relay(text)

    def _pass(self, text: str, length_ms: float) -> None:
        gate, before = self._gate, self._gate.dropped_count
        until_ms = self._carrier.playhead.queued_until_ms
        self._forward(gate.agent_sent(text, length_ms, now_ms=self.runtime.now_ms(), queued_until_ms=until_ms))
        if gate.dropped_count > before:
            metrics.AUDIO_DROPPED.labels("interrupted").inc()

    def _forward(self, passed: list[Passed]) -> None:
        for one in passed:
            if one.length_ms:
                self._carrier.play(one.text, one.turn_id, one.length_ms)
            elif isinstance(mark := self._dialect.from_agent(one.text), Mark):
                self._carrier.mark(one.text, mark.name)
        self._plan_release()

    def _plan_release(self) -> None:
        due_ms = self._gate.next_release_ms
        if due_ms is None or self._release is not None:
            return
        in_s = max(0.0, (due_ms - self.runtime.now_ms()) / 1000.0)
        self._release = asyncio.get_running_loop().call_later(in_s, self._release_held)

    def _release_held(self) -> None:
        """Let go what may go now; the timer is set again for what may not."""
        if self._release is not None:
            self._release.cancel()
            self._release = None
        until_ms = self._carrier.playhead.queued_until_ms
        self._forward(self._gate.tick(now_ms=self.runtime.now_ms(), queued_until_ms=until_ms))

    def _agent_cleared(self, text: str) -> None:
        if self._speaker is not None and self._speaker.is_speaking:
            # What plays is Mirror's: nothing of the agent's is left there, as it wants.
            self._gate.agent_cleared()
            if (answer := self._dialect.cleared()) is not None:
                self._agent.put(answer, is_audio=False)
            return
        reports = self._cut_reports(self._carrier.clear(text))
        self._gate.agent_cleared()
        self._tell(reports)

    def _is_flooded(self) -> bool:
        gate = self._gate
        has_much = self._carrier.ahead_ms + gate.held_ms > MAX_AHEAD_MS or gate.held_characters > MAX_HELD_CHARACTERS
        return has_much or self._words.is_overdrawn(now_ms=self.runtime.now_ms())

    def _agent_said(self, message: Json, *, is_too_large: bool) -> None:
        self._speaks_mirror = True
        self._words.take(now_ms=self.runtime.now_ms())
        in_band_receive(self.runtime, message, is_too_large=is_too_large, send=self.send)

    # --- the call's side (Port) --------------------------------------------------------------------------------------

    def heard(self, event: CallEvent) -> None:
        """Text of a turn, from this socket or from a supervise socket of the same call."""
        match event:
            case AgentTurnCompleted():
                self._gate.turn_told(event.turn_id, event.text)
            case AgentDeltaReceived():
                self._gate.turn_told(event.turn_id, event.delta)
            case PlaybackReported() if event.state is PlaybackState.STARTED:
                if event.intervention_id and event.intervention_id == self._told_to_speak:
                    self._gate.agent_speaks()

    def playing(self) -> Sequence[PlaybackReported]:
        playing = self._carrier.playhead.playing(now_ms=self.runtime.now_ms())
        return [self._report_of(one, PlaybackState.PLAYING) for one in playing if not is_ours(one.turn_id)]

    def send(self, body: dict[str, Json]) -> None:
        if body["type"] == "intervention":
            is_asked = any(step["do"] == "speak" for step in body["steps"])
            self._told_to_speak = str(body["intervention_id"]) if is_asked else ""
            self._gate.is_paused = not is_asked  # Mirror speaks: what the agent says meanwhile comes after it
        elif body["type"] == "intervention.correction" and self._speaker is not None and not self._told_to_speak:
            running = self.runtime.session.intervention
            self._speaker.foresee(str(body["text"]), running.language if running is not None else "")
        # An agent that knows nothing of Mirror never sees an event it does not know.
        if self._speaks_mirror:
            self._agent.put(mirror_message(body), is_audio=False)

    def control(self, effect: AudioEffect) -> None:
        match effect:
            case SendVerdict():
                self._judged(effect)
            case ClearAudio() if effect.turn_id:
                self._stop_turn(effect.turn_id)
            case ClearAudio():
                self._stop_speaking()
            case Speak():
                self._speak(effect)
            case ResumeAgent():
                self._resume()

    def _judged(self, verdict: SendVerdict) -> None:
        if verdict.decision is not Decision.INTERVENE or verdict.suppressed:
            self._gate.judged(verdict.turn_id, letters(verdict.judged_text), is_final=verdict.is_final)
            self._release_held()

    def _stop_turn(self, turn_id: str) -> None:
        cut = self._carrier.clear()
        if turn_id not in {played.turn_id for played in cut}:
            # Stopped before any of its audio was sent on: nothing of it was heard.
            cut.append(Played(turn_id, 0.0, 0.0))
        reports = self._cut_reports(cut)
        self._gate.interrupted(turn_id)
        self._tell(reports)

    # --- Mirror's own voice ------------------------------------------------------------------------------------------

    def _speak(self, part: Speak) -> None:
        if self._speaker is None:
            self.runtime.tell(SpeechFailed(part.intervention_id, part.part, self._can_agent_speak))
            return
        running = self.runtime.session.intervention
        if part.part == "buffer" and running is not None:
            self._speaker.foresee(running.correction, running.language)
        self._speaker.say(part)

    def _stop_speaking(self) -> None:
        if self._speaker is not None and self._speaker.stop():
            self._carrier.clear()

    def _resume(self) -> None:
        if self._speaker is not None:
            self._speaker.resume()
        self._gate.is_paused = False
        self._release_held()

    # --- what was heard ----------------------------------------------------------------------------------------------

    def _cut_reports(self, cut: list[Played]) -> list[PlaybackReported]:
        return [self._report_of(one, PlaybackState.CLEARED) for one in cut if one.turn_id and not is_ours(one.turn_id)]

    def _tell(self, reports: list[PlaybackReported]) -> None:
        for report in reports:
            self.runtime.tell(report)

    def _report(self, played: Played, state: PlaybackState) -> None:
        if played.turn_id and not is_ours(played.turn_id):
            self.runtime.tell(self._report_of(played, state))

    def _report_of(self, played: Played, state: PlaybackState) -> PlaybackReported:
        total_ms = max(played.total_ms, self._gate.sent_ms(played.turn_id))
        is_complete = self._gate.is_complete(played.turn_id, now_ms=self.runtime.now_ms())
        return PlaybackReported(
            state, round(played.played_ms), played.turn_id, total_ms=round(total_ms), is_complete=is_complete
        )

    # --- beginning and end -----------------------------------------------------------------------------------------

    def let_go(self) -> None:
        """The carrier has dialled another process: the agent is called again from there."""
        self._agent.gone.set()

    def settle_heard(self) -> None:
        """The stream is over: what had played by now was heard."""
        for played in self._carrier.playhead.clear(now_ms=self.runtime.now_ms()):
            state = PlaybackState.FINISHED if played.played_ms >= played.total_ms else PlaybackState.CLEARED
            self._report(played, state)

    def carrier_joined(self, dialect: Dialect) -> int:
        """Return the number of the carrier's socket; a later one replaces the earlier, and may be another stream."""
        self._dialect = dialect
        # What the stream before this one had queued is not played any more.
        self._tell(self._cut_reports(self._carrier.joined(dialect)))
        self.carriers_count += 1
        self._carrier_replaced.set()
        self._carrier_replaced = asyncio.Event()
        return self.carriers_count

    @property
    def carrier_replaced(self) -> asyncio.Event:
        """Set when another socket of the carrier takes the place of the one that joined last."""
        return self._carrier_replaced

    async def write_carrier(self, send: SendText) -> None:
        """Run until cancelled: one carrier socket at a time."""
        await self._carrier.write(send)

    @property
    def agent_gone(self) -> asyncio.Event:
        return self._agent.gone

    @property
    def end_reason(self) -> str:
        """Why the call ends when the agent is gone."""
        return self._agent.end_reason

    async def close(self) -> None:
        """Hang up on the agent. Its tasks end with it."""
        if self._release is not None:
            self._release.cancel()
        self._carrier.close()
        if self._speaker is not None:
            self._speaker.close()
        await self._agent.close()
