"""``CallSession``: one live call, sans-IO. Every change of a call's state is in this file.

Feed it events with the time they happened; perform the effects it returns, in order. It opens no socket, reads no clock
and asks no model: a paused judge becomes an ``AskModel`` effect, a deadline a ``SetTimer``. The parts it is made of
(``reviews``, ``gate``, ``intervention``, ``heard``) keep their own state and decide nothing about the call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from calls import rows
from calls.errors import IllegalEvent
from calls.events import (
    AgentDeltaReceived,
    AgentTurnCompleted,
    AgentTurnFinished,
    Amend,
    AskModel,
    CallEnded,
    CallerSpoke,
    CallEvent,
    CancelTimer,
    CheckpointPlayed,
    ClearAudio,
    CorrectionMade,
    CustomerTurnCompleted,
    Effect,
    EndCall,
    MakeCorrection,
    ModelAnswered,
    NoteTaken,
    PlaybackReported,
    PlaybackState,
    PoliciesActivated,
    Record,
    ResumeAgent,
    SendCorrection,
    SendIntervention,
    SendVerdict,
    SetTimer,
    Speak,
    TimerFired,
    ToolGateRequested,
    ToolResultReceived,
)
from calls.gate import GateBook
from calls.heard import heard_text, speech_ms
from calls.intervention import (
    AGENT_SPEECH_SLACK_MS,
    BUFFER_SLACK_MS,
    CORRECTION_BUDGET_MS,
    CORRECTION_SLACK_MS,
    Intervention,
    Stage,
)
from calls.reviews import Review, ReviewKind
from calls.settings import CallSettings
from calls.transitions import TRANSITIONS, State
from judging.core import (
    Answer,
    Ask,
    Conversation,
    Decision,
    Finding,
    GateDecision,
    Json,
    Policy,
    Role,
    SentenceSplitter,
    ToolCall,
    Turn,
    Verdict,
    agent_voice,
    correction_line,
    gate_calls,
    judge,
    resolve_ramp,
    run,
    system_note,
    unavailable,
)


@dataclass(frozen=True, slots=True)
class ClientMessage:
    """The wire message an event came from: ``seq`` dedupes, ``payload`` is logged as it came."""

    seq: int
    type: str
    payload: Mapping[str, Json]


@dataclass(slots=True)
class Streamed:
    """An agent turn whose deltas are still coming."""

    turn_id: str
    index: int
    splitter: SentenceSplitter
    has_intervened: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """The one-shot system note that waits for the agent."""

    intervention_id: str
    text: str
    turns_left: int


class CallSession:
    """One call. ``mint`` returns a fresh secret; ``stopwatch`` returns seconds and only measures tier 0."""

    def __init__(
        self,
        *,
        call_key: str,
        settings: CallSettings,
        policies: tuple[Policy, ...],
        revision: int,
        conversation: Conversation,
        mint: Callable[[], str],
        stopwatch: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.call_key = call_key
        self.settings = settings
        self.revision = revision
        self.policies = resolve_ramp(policies, call_key)
        self.conversation = conversation
        self.state = State.LIVE
        self.last_seq = 0
        self.generation = 0
        self.cooldown_until_ms = 0.0
        self.gates = GateBook(irreversible=settings.judge.irreversible_tools, mint=mint)
        self.note: Note | None = None
        self.intervention: Intervention | None = None
        self.interventions_count = 0
        self._stopwatch = stopwatch
        self.n = 0
        self.reviews: dict[str, Review] = {}
        self.reviews_count = 0
        self.next_index = conversation.next_index
        self.streamed: Streamed | None = None
        self.turn_ids: dict[str, int] = {}  # turn_id -> n of its row
        self.turns: dict[str, Turn] = {}
        self.follows_intervention = False
        self._effects: list[Effect] = []
        self._now_ms = 0.0

    # --- the one door --------------------------------------------------------------------------------------------

    def receive(self, event: CallEvent, *, now_ms: float, message: ClientMessage | None = None) -> list[Effect]:
        """Return what the caller must do, in order. A message whose ``seq`` was seen before returns nothing.

        Raises:
            IllegalEvent: the event does not fit the state; nothing changed.
        """
        if message is not None and message.seq <= self.last_seq:
            return []
        reachable = TRANSITIONS[self.state].get(type(event))
        if reachable is None:
            raise IllegalEvent("call_ended", "the call has ended; open another one with call.start")
        self._check(event)
        self._now_ms, self._effects = now_ms, []
        if message is not None:
            self.last_seq = message.seq
            self._record("message", {"seq": message.seq, "type": message.type, "payload": message.payload})
        if self.state is not State.ENDED:
            self._handle(event)
            self._settle()
        if self.state not in reachable:
            raise RuntimeError(f"{type(event).__name__} led to {self.state}, which the transition table does not allow")
        return self._effects

    def go_on(self, unfinished: Sequence[tuple[Turn, ReviewKind, bool, str, bool]], *, now_ms: float) -> list[Effect]:
        """After a restore: review again what had no verdict yet and give a running intervention its deadline."""
        self._now_ms, self._effects = now_ms, []
        for turn, kind, is_final, gate_id, has_intervened in unfinished:
            self._review(turn, kind, is_final=is_final, gate_id=gate_id, has_intervened=has_intervened)
        running = self.intervention
        if running is not None:
            self._do(SetTimer(running.timer_key, now_ms + AGENT_SPEECH_SLACK_MS))
            if not running.correction:
                self._do(SetTimer(running.correction_timer_key, now_ms))
        self._settle()
        return self._effects

    def _check(self, event: CallEvent) -> None:
        """Refuse what is legal in the state but not after what was said before."""
        streamed_id = self.streamed.turn_id if self.streamed else None
        if isinstance(event, AgentTurnCompleted | CustomerTurnCompleted) and (
            event.turn_id in self.turn_ids or event.turn_id == streamed_id
        ):
            raise IllegalEvent("turn_exists", f"turn {event.turn_id!r} was sent before")
        if isinstance(event, AgentDeltaReceived) and event.turn_id in self.turn_ids:
            raise IllegalEvent("turn_exists", f"turn {event.turn_id!r} is complete; no delta can be added")
        if isinstance(event, AgentTurnFinished) and event.turn_id != streamed_id:
            raise IllegalEvent("turn_unknown", f"no delta of turn {event.turn_id!r} is waiting for its end")

    def _handle(self, event: CallEvent) -> None:
        match event:
            case CustomerTurnCompleted():
                self._on_customer_turn(event)
            case AgentTurnCompleted():
                self._close_stream()
                self._on_agent_turn(event.turn_id, event.text, event.tool_calls, index=None, has_intervened=False)
            case AgentDeltaReceived():
                self._on_delta(event)
            case AgentTurnFinished():
                self._on_stream_end(event.tool_calls)
            case ToolGateRequested():
                self._on_gate(event)
            case ToolResultReceived():
                self._on_tool_result(event)
            case PlaybackReported():
                self._on_playback(event)
            case CheckpointPlayed():
                self._on_checkpoint(event.name)
            case CallerSpoke():
                self._on_caller_spoke()
            case NoteTaken():
                self._on_note_taken(event.intervention_id)
            case ModelAnswered():
                self._on_model_answer(event.review_id, event.answer)
            case CorrectionMade():
                self._on_correction(event.intervention_id, event.text, "generated")
            case TimerFired():
                self._on_timer(event.key)
            case PoliciesActivated():
                self.revision, self.policies = event.revision, resolve_ramp(event.policies, self.call_key)
            case CallEnded():
                self._on_end(event.reason)

    def _settle(self) -> None:
        if self.state is State.ENDED:
            return
        if self.intervention is not None:
            self.state = State.INTERVENING
        else:
            self.state = State.REVIEWING if self.reviews else State.LIVE

    def _do(self, effect: Effect) -> None:
        self._effects.append(effect)

    def _record(self, table: str, fields: Mapping[str, Json]) -> int:
        self.n += 1
        self._do(Record(table, self.n, max(0, round(self._now_ms)), fields))
        return self.n

    # --- turns ---------------------------------------------------------------------------------------------------

    def _take_index(self) -> int:
        self.next_index += 1
        return self.next_index - 1

    def _record_turn(self, turn: Turn, *, is_judged: bool = True) -> None:
        n = self._record("turn", rows.turn(turn, is_judged=is_judged))
        if turn.turn_id:
            self.turn_ids[turn.turn_id] = n
            self.turns[turn.turn_id] = turn

    def _on_customer_turn(self, event: CustomerTurnCompleted) -> None:
        turn = Turn(self._take_index(), Role.CUSTOMER, event.text, event.turn_id)
        self.conversation.add(turn)
        self._record_turn(turn)
        running = self.intervention
        # An answer to the correction: the correction was heard, so the agent has the floor again.
        if running is not None and running.stage is Stage.CORRECTION:
            self._finish_intervention("answered", is_cut=False)

    def _on_agent_turn(
        self, turn_id: str, text: str, calls: tuple[ToolCall, ...], *, index: int | None, has_intervened: bool
    ) -> None:
        index = self._take_index() if index is None else index
        turn = Turn(index, Role.AGENT, text, turn_id, calls)
        self._record_turn(turn)
        gated = any(self.settings.judge.is_gated(call.name) for call in calls)
        self._use_note_turn()
        self._review(turn, ReviewKind.SPEECH, gate_id=turn_id if gated else "", has_intervened=has_intervened)
        # A call counts as made once it is allowed; until then only the words were said.
        self.conversation.add(replace(turn, tool_calls=()) if calls else turn)
        if calls and not gated:
            self._enter_calls(calls)

    def _enter_calls(self, calls: tuple[ToolCall, ...]) -> None:
        self.conversation.add(Turn(self._take_index(), Role.TOOL_CALL, "", tool_calls=calls))

    def _on_delta(self, event: AgentDeltaReceived) -> None:
        if self.streamed is None or self.streamed.turn_id != event.turn_id:
            self._close_stream()
            self.streamed = Streamed(event.turn_id, self._take_index(), SentenceSplitter())
        streamed = self.streamed
        finished = streamed.splitter.feed(event.delta)
        if not finished or not self.settings.is_streaming or streamed.has_intervened:
            return
        prefix = streamed.splitter.finished.strip()
        self._review(Turn(streamed.index, Role.AGENT, prefix, event.turn_id), ReviewKind.SPEECH, is_final=False)

    def _close_stream(self) -> None:
        """A new turn began although the last one's end was never sent: it ended with what is there."""
        if self.streamed is not None:
            self._on_stream_end(())

    def _on_stream_end(self, calls: tuple[ToolCall, ...]) -> None:
        streamed, self.streamed = self.streamed, None
        if streamed is not None:
            text = streamed.splitter.text.strip()
            self._on_agent_turn(
                streamed.turn_id, text, calls, index=streamed.index, has_intervened=streamed.has_intervened
            )

    def _on_tool_result(self, event: ToolResultReceived) -> None:
        turn = Turn(
            self._take_index(),
            Role.TOOL,
            rows.result_text(event.result),
            tool_name=event.name,
            result=event.result,
        )
        self.conversation.add(turn)
        self._record("turn", rows.turn(turn))
        if self.gates.take_result(event.tool_call_id, event.result):
            self.note = None  # the tool the note was about is committed

    # --- judging -------------------------------------------------------------------------------------------------

    def _review(
        self,
        turn: Turn,
        kind: ReviewKind,
        *,
        is_final: bool = True,
        gate_id: str = "",
        has_intervened: bool = False,
    ) -> None:
        self.reviews_count += 1
        review = Review(
            f"r{self.reviews_count}", kind, turn, is_final, self._now_ms, gate_id, has_intervened=has_intervened
        )
        settings = self.settings.judge
        if self._is_quiet() and not turn.tool_calls:
            settings = replace(settings, tiers=settings.tiers & {0})
        steps = judge(self.conversation, turn, self.policies, settings, follows_intervention=self.follows_intervention)
        review.deadline_ms = self._now_ms + self.settings.review_budget_ms
        self.reviews[review.review_id] = review
        self._advance(review, review.start(steps, self._stopwatch))

    def _is_quiet(self) -> bool:
        """Speech cannot be intervened on now, so nothing is paid for an answer."""
        return self.intervention is not None or self._now_ms < self.cooldown_until_ms

    def _advance(self, review: Review, step: Ask | Verdict) -> None:
        if isinstance(step, Ask):
            review.ask(step, now_ms=self._now_ms)
            if len(review.model_ms) == 0:
                self._do(SetTimer(review.timer_key, review.deadline_ms))
            self._do(AskModel(review.review_id, step, review.deadline_ms))
            return
        del self.reviews[review.review_id]
        if review.asked_tier is not None:
            self._do(CancelTimer(review.timer_key))
        self._conclude(review, step)

    def _on_model_answer(self, review_id: str, answer: Answer) -> None:
        review = self.reviews.get(review_id)
        if review is None:
            return  # too late: decided by the deadline
        if self._now_ms > review.deadline_ms and not answer.failure:
            answer = Answer(failure="timeout")
        self._advance(review, review.answer(answer, now_ms=self._now_ms))

    def _fail_review(self, review: Review, failure: str) -> None:
        """Answer with the failure until the judge concludes: at most once per tier."""
        while review.review_id in self.reviews:
            step = review.answer(Answer(failure=failure), now_ms=self._now_ms)
            if isinstance(step, Ask):
                review.ask(step, now_ms=self._now_ms)
            else:
                self._advance(review, step)

    def _conclude(self, review: Review, verdict: Verdict) -> None:
        if review.kind is ReviewKind.SPEECH:
            acts = self._say_verdict(review, verdict)
            if acts:
                self._intervene(review, verdict)
        if review.gate_id:
            self._decide_gate(review, verdict)
        if review.is_final and review.kind is ReviewKind.SPEECH:
            self.follows_intervention = verdict.decision is Decision.INTERVENE

    def _say_verdict(self, review: Review, verdict: Verdict) -> bool:
        """Record and send; return whether an intervention follows."""
        suppressed = ""
        is_hit = verdict.decision is Decision.INTERVENE and bool(review.turn.text.strip())
        if is_hit and (self.intervention is not None or review.has_intervened):
            suppressed = "intervening"
        elif is_hit and self._now_ms < self.cooldown_until_ms:
            suppressed = "cooldown"
        latency = review.latency(now_ms=self._now_ms)
        policy = self.policies[verdict.policy_index] if verdict.policy_index is not None else None
        self._record(
            "verdict",
            rows.verdict(review.turn, verdict, self.policies, latency, is_final=review.is_final, suppressed=suppressed),
        )
        self._do(
            SendVerdict(
                turn_id=review.turn.turn_id,
                decision=verdict.decision,
                score=verdict.score,
                tier=verdict.tier,
                policy=policy,
                check=verdict.check,
                reason=verdict.reason,
                evidence=verdict.evidence,
                is_shadow=bool(verdict.shadow) and verdict.decision is not Decision.INTERVENE,
                is_final=review.is_final,
                latency=latency,
                suppressed=suppressed,
            )
        )
        return is_hit and not suppressed

    # --- tool gate -----------------------------------------------------------------------------------------------

    def _on_gate(self, event: ToolGateRequested) -> None:
        again = self.gates.decided(event.gate_id)
        if again is not None:
            self._do(again)
            return
        if any(review.gate_id == event.gate_id for review in self.reviews.values()):
            return  # its decision is under way
        said = self.turns.get(event.turn_id)
        index = said.index if said is not None else self._take_index()
        turn = Turn(index, Role.AGENT, "", event.turn_id, event.tool_calls)
        self._review(turn, ReviewKind.GATE, gate_id=event.gate_id)

    def _decide_gate(self, review: Review, verdict: Verdict) -> None:
        turn = review.turn
        verdicts = gate_calls(verdict, self.conversation, turn, self.settings.judge)
        decision = self.gates.decide(review.gate_id, verdicts)
        for decided in decision.calls:
            self._record("tool_decision", rows.tool_decision(decision.gate_id, decided, turn.index))
        self._do(decision)
        allowed = tuple(
            c.verdict.tool_call for c in decision.calls if c.verdict.decision is GateDecision.ALLOW and not c.repeat_of
        )
        if allowed:
            self._enter_calls(allowed)

    # --- intervention --------------------------------------------------------------------------------------------

    def _intervene(self, review: Review, verdict: Verdict) -> None:
        if self.streamed is not None and self.streamed.turn_id == review.turn.turn_id:
            self.streamed.has_intervened = True
        finding = verdict.findings[0] if verdict.findings else Finding(verdict.check, verdict.score, verdict.reason)
        correction, source = self._known_correction(verdict, finding)
        self.interventions_count += 1
        self.generation += 1
        fallback = self._safe(correction_line(finding))
        running = Intervention(
            intervention_id=f"i{self.interventions_count}",
            n=self.n + 1,
            turn_id=review.turn.turn_id,
            turn_index=review.turn.index,
            turn_text=review.turn.text,
            generation=self.generation,
            buffer_text=self.settings.buffer_text,
            fallback=fallback,
            system_note=system_note(finding, correction or fallback, list(self.conversation.turns)),
            is_spoken_by_mirror=self.settings.is_spoken_by_mirror,
            correction=correction,
            source=source,
        )
        running.step("started", now_ms=self._now_ms)
        self._record("intervention", rows.intervention(running, verdict_n=self.n))
        self.intervention = running
        self.note = Note(running.intervention_id, running.system_note, self.settings.note_turns)
        self._start_speaking(running, verdict)

    def _known_correction(self, verdict: Verdict, finding: Finding) -> tuple[str, str]:
        """The correction that is there at once, with its source; "" while a model has to write it."""
        judged = self._passes(agent_voice(verdict.correction)) if verdict.tier == 2 else ""
        if judged:
            return judged, "judge"
        if self.settings.has_generator:
            return "", ""
        return self._safe(correction_line(finding)), "template"

    def _passes(self, text: str) -> str:
        """The correction itself is judged before it is spoken; "" when it would break a rule."""
        if not text:
            return ""
        turn = Turn(self.next_index, Role.AGENT, text)
        settings = replace(self.settings.judge, tiers=frozenset({0}))
        verdict = run(judge(self.conversation, turn, self.policies, settings), unavailable)
        return "" if verdict.decision is Decision.INTERVENE else text

    def _safe(self, text: str) -> str:
        return self._passes(text) or SAFE_CORRECTION

    def _start_speaking(self, running: Intervention, verdict: Verdict) -> None:
        self._do(ClearAudio(running.generation))
        self._do(
            SendIntervention(
                intervention_id=running.intervention_id,
                turn_id=running.turn_id,
                buffer_text=running.buffer_text,
                buffer_checkpoint=running.buffer_checkpoint,
                correction=running.correction or None,
                correction_checkpoint=running.correction_checkpoint,
                source=running.source,
                system_note=running.system_note,
                is_spoken_by_mirror=running.is_spoken_by_mirror,
            )
        )
        if running.is_spoken_by_mirror:
            self._do(self._speak(running, "buffer", running.buffer_text, running.buffer_checkpoint))
        play_ms = self.settings.buffer_play_ms or speech_ms(running.buffer_text)
        self._do(SetTimer(running.timer_key, self._now_ms + play_ms + BUFFER_SLACK_MS))
        if not running.correction:
            deadline = self._now_ms + CORRECTION_BUDGET_MS
            text = self.policies[verdict.policy_index].text if verdict.policy_index is not None else ""
            self._do(SetTimer(running.correction_timer_key, deadline))
            self._do(MakeCorrection(running.intervention_id, running.turn_text, verdict.reason, text, deadline))

    def _speak(self, running: Intervention, part: str, text: str, checkpoint: str) -> Speak:
        return Speak(running.intervention_id, part, text, checkpoint, running.generation)

    def _on_correction(self, intervention_id: str, text: str, source: str) -> None:
        running = self.intervention
        if running is None or running.intervention_id != intervention_id or running.correction:
            return
        made = self._passes(agent_voice(text))
        running.correction, running.source = (made, source) if made else (running.fallback, "template")
        running.step("correction_ready", now_ms=self._now_ms)
        self._do(CancelTimer(running.correction_timer_key))
        self._do(SendCorrection(running.intervention_id, running.correction, running.source, running.system_note))
        self._amend_intervention(running)
        if running.stage is Stage.WAITING:
            self._start_correction(running)

    def _end_buffer(self, running: Intervention, how: str) -> None:
        running.step(f"buffer_{how}", now_ms=self._now_ms)
        if running.correction:
            self._start_correction(running)
        else:
            running.stage = Stage.WAITING  # the correction's own timer ends this wait

    def _start_correction(self, running: Intervention) -> None:
        running.stage = Stage.CORRECTION
        running.step("correction_started", now_ms=self._now_ms)
        slack = CORRECTION_SLACK_MS if running.is_spoken_by_mirror else AGENT_SPEECH_SLACK_MS
        if running.is_spoken_by_mirror:
            self._do(self._speak(running, "correction", running.correction, running.correction_checkpoint))
        self._do(SetTimer(running.timer_key, self._now_ms + speech_ms(running.correction) + slack))
        turn = Turn(self._take_index(), Role.AGENT, running.correction, running.intervention_id)
        self.conversation.add(turn)
        self._record_turn(turn, is_judged=False)
        self._amend_intervention(running, state="corrected")

    def _finish_intervention(self, how: str, *, is_cut: bool) -> None:
        running = self.intervention
        if running is None:
            return
        if running.stage is not Stage.CORRECTION and not is_cut:
            self._start_correction(running)
        running.stage = Stage.DONE
        running.step(how, now_ms=self._now_ms)
        self._do(CancelTimer(running.timer_key))
        self._do(CancelTimer(running.correction_timer_key))
        self._amend_intervention(running, state="cut" if is_cut else "completed")
        self.intervention = None
        self.cooldown_until_ms = self._now_ms + self.settings.cooldown_ms
        self._do(ResumeAgent(running.generation))

    def _amend_intervention(self, running: Intervention, *, state: str | None = None) -> None:
        self._do(Amend("intervention", running.n, rows.intervention_progress(running, state=state)))

    def _on_checkpoint(self, name: str) -> None:
        running = self.intervention
        if running is None:
            return
        if name == running.buffer_checkpoint and running.stage is Stage.BUFFER:
            self._end_buffer(running, "played")
        elif name == running.correction_checkpoint:
            self._finish_intervention("played", is_cut=False)

    def _on_caller_spoke(self) -> None:
        running = self.intervention
        if running is not None and running.is_spoken_by_mirror and running.stage is Stage.CORRECTION:
            self._do(ClearAudio(running.generation))
            self._finish_intervention("barge_in", is_cut=True)

    # --- playback and notes --------------------------------------------------------------------------------------

    def _on_playback(self, event: PlaybackReported) -> None:
        running = self.intervention
        if event.intervention_id:
            if running is not None and running.intervention_id == event.intervention_id:
                self._on_own_playback(running, event.state)
            return
        turn = self.turns.get(event.turn_id)
        if turn is None or event.state is PlaybackState.STARTED:
            return
        heard = turn.text
        if event.state is PlaybackState.CLEARED:
            heard = heard_text(turn.text, event.played_ms, event.total_ms)
        self._do(Amend("turn", self.turn_ids[event.turn_id], {"heard_text": heard, "heard_ms": event.played_ms}))

    def _on_own_playback(self, running: Intervention, state: PlaybackState) -> None:
        if state is PlaybackState.STARTED:
            running.step("speaking", now_ms=self._now_ms)
        else:
            self._finish_intervention(state.value, is_cut=state is PlaybackState.CLEARED)

    def _on_note_taken(self, intervention_id: str) -> None:
        if self.note is not None and self.note.intervention_id == intervention_id:
            self.note = None

    def _use_note_turn(self) -> None:
        if self.note is not None and self.intervention is None:
            left = self.note.turns_left - 1
            self.note = replace(self.note, turns_left=left) if left > 0 else None

    # --- deadlines and the end -----------------------------------------------------------------------------------

    def _on_timer(self, key: str) -> None:
        review = next((r for r in self.reviews.values() if r.timer_key == key), None)
        if review is not None:
            self._fail_review(review, "timeout")
            return
        running = self.intervention
        if running is None:
            return
        if key == running.correction_timer_key:
            self._on_correction(running.intervention_id, running.fallback, "template")
        elif key == running.timer_key:
            if running.stage is Stage.BUFFER:
                self._end_buffer(running, "timed_out")
            elif running.stage is Stage.CORRECTION:
                self._finish_intervention("timed_out", is_cut=False)

    def _on_end(self, reason: str) -> None:
        self._close_stream()
        for review in list(self.reviews.values()):
            self._fail_review(review, "call_ended")
        self._finish_intervention("call_ended", is_cut=True)
        self.state = State.ENDED
        self._do(EndCall(reason))


# Said when even the template would break one of the tenant's rules.
SAFE_CORRECTION = "Sorry, give me a moment to double-check that."
