"""``CallSession``: one live call, sans-IO.

Feed it events with the time they happened; perform the effects it returns, in order. It opens no socket, reads no
clock and asks no model: a paused judge becomes an ``AskModel`` effect, a deadline a ``SetTimer``. Which event is legal
when is in ``transitions``. Its parts hold state of their own and only ``CallSession`` drives them: ``reviews`` (paused
judges), ``interventions``, ``gating`` (what was allowed), ``book`` (what was said), all writing to one ``desk``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from calls import rows
from calls.desk import Desk
from calls.errors import IllegalEvent
from calls.events import (
    AgentDeltaReceived,
    AgentTurnCompleted,
    AgentTurnFinished,
    CallEnded,
    CallerSpoke,
    CallEvent,
    CheckpointPlayed,
    ClientMessage,
    CorrectionMade,
    CustomerTurnCompleted,
    DecisionLost,
    Effect,
    EndCall,
    ModelAnswered,
    NoteTaken,
    PlaybackReported,
    PlaybackState,
    PoliciesActivated,
    SendVerdict,
    SpeechBegan,
    SpeechFailed,
    TimerFired,
    ToolGateRequested,
    ToolResultReceived,
)
from calls.gate import GateBook, Mint
from calls.gating import Gating
from calls.intervention import Interventions
from calls.reviews import Review, ReviewKind, Reviews
from calls.running import Intervention, Note
from calls.settings import CallSettings
from calls.streamed import Streamed
from calls.transitions import TRANSITIONS, State
from calls.turn_book import TurnBook
from judging.core import (
    Conversation,
    Decision,
    Policy,
    Role,
    ToolCall,
    Turn,
    Verdict,
    judge,
    resolve_ramp,
    run,
    unavailable,
)

# Verdicts of a model come a few turns late at most.
_PASSED_KEPT = 8


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A review that had no verdict yet when its session was snapshotted."""

    turn: Turn
    kind: ReviewKind
    is_final: bool
    gate_id: str
    has_intervened: bool


class CallSession:
    """One call. ``mint`` makes commit tokens; ``stopwatch`` returns seconds and only measures tier 0."""

    def __init__(
        self,
        *,
        call_key: str,
        settings: CallSettings,
        policies: tuple[Policy, ...],
        revision: int,
        conversation: Conversation,
        mint: Mint,
        stopwatch: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.call_key, self.settings, self.revision = call_key, settings, revision
        self.policies = resolve_ramp(policies, call_key)
        self.state = State.LIVE
        self.last_seq = 0
        self.streamed: Streamed | None = None
        self.follows_intervention = False
        self._unentered: Turn | None = None  # the turn that is judged before its words are entered
        self._allowed: tuple[ToolCall, ...] = ()
        self._passed: dict[str, int] = {}  # by turn: so much of its text was judged fine
        self.desk = Desk()
        self.book = TurnBook(self.desk, conversation)
        self.interventions = Interventions(
            self.desk,
            settings,
            passes=self._passes,
            said=self.book.add_correction,
            cut=self.book.cut_correction,
            vet=self._vet,
        )
        self.reviews = Reviews(
            self.desk, budget_ms=settings.review_budget_ms, stopwatch=stopwatch, conclude=self._conclude
        )
        self.gating = Gating(
            self.desk,
            self.book,
            self.reviews,
            settings=settings.judge,
            gates=GateBook(irreversible=settings.judge.irreversible_tools, mint=mint),
            ask=self._ask_gate,
            judge_now=self._judge_facts,
        )

    def voice_set(self, *, is_mirror: bool) -> None:
        """Who speaks what an intervention says; one that runs goes on as it began."""
        self.settings = replace(self.settings, is_spoken_by_mirror=is_mirror)
        self.interventions.settings_set(self.settings)

    @property
    def conversation(self) -> Conversation:
        """What the judge knows of the call."""
        return self.book.conversation

    @property
    def gates(self) -> GateBook:
        """What the tool gate decided."""
        return self.gating.gates

    @property
    def n(self) -> int:
        """How many rows the call has recorded."""
        return self.desk.n

    @property
    def intervention(self) -> Intervention | None:
        """The one that runs."""
        return self.interventions.running

    @property
    def note(self) -> Note | None:
        """The system note that waits for the agent."""
        return self.interventions.note

    # --- the one door --------------------------------------------------------------------------------------------

    def receive(self, event: CallEvent, *, now_ms: float, message: ClientMessage | None = None) -> list[Effect]:
        """Return what the caller must do, in order.

        A message whose ``seq`` was seen before returns nothing but the decision that it asked for: its sender sends it
        again because nothing came back.

        Raises:
            IllegalEvent: the event does not fit the state; nothing changed.
        """
        if message is not None and message.seq <= self.last_seq:
            return self._decided_before(event)
        reachable = TRANSITIONS[self.state].get(type(event))
        if reachable is None:
            raise IllegalEvent("call_ended", "the call has ended; open another one with call.start")
        self._check(event)
        effects = self.desk.open(now_ms)
        if message is not None:
            self.last_seq = message.seq
            self.desk.record("message", {"seq": message.seq, "type": message.type, "payload": message.payload})
        if self.state is not State.ENDED:
            self._handle(event)
            self._settle()
        if self.state not in reachable:
            raise RuntimeError(f"{type(event).__name__} led to {self.state}, which the transition table does not allow")
        return effects

    def _decided_before(self, event: CallEvent) -> list[Effect]:
        if isinstance(event, ToolGateRequested):
            gate_id = event.gate_id
        elif isinstance(event, AgentTurnCompleted | AgentTurnFinished) and event.tool_calls:
            gate_id = event.turn_id
        else:
            return []
        decided = None if self.gating.is_taken(gate_id, event.tool_calls) else self.gates.decided(gate_id)
        return [decided] if decided is not None else []

    def go_on(
        self, unfinished: Sequence[Unfinished], requests: Sequence[ToolGateRequested] = (), *, now_ms: float
    ) -> list[Effect]:
        """After a restore: review again what had no verdict yet and give a running intervention its deadline.

        ``requests`` are those to the tool gate that the record has; one without a decision is asked again.
        """
        effects = self.desk.open(now_ms)
        for one in unfinished:
            if one.kind is ReviewKind.CORRECTION:
                self._vet(one.turn.turn_id, one.turn.text)
                continue
            self._review(
                one.turn,
                one.kind,
                is_final=one.is_final,
                gate_id=one.gate_id,
                has_intervened=one.has_intervened,
                conversation=self.book.before(one.turn),
            )
        for request in requests:
            is_gated = any(self.settings.judge.is_gated(call.name) for call in request.tool_calls)
            if is_gated and not self.gating.is_known(request.gate_id):
                self.gating.requested(request)
        self.interventions.go_on()
        self._settle()
        return effects

    def _check(self, event: CallEvent) -> None:
        """Refuse what is legal in the state but not after what was said before."""
        streamed_id = self.streamed.turn_id if self.streamed else None
        if isinstance(event, AgentTurnCompleted | CustomerTurnCompleted) and (
            event.turn_id in self.book.row_of or event.turn_id == streamed_id
        ):
            raise IllegalEvent("turn_exists", f"turn {event.turn_id!r} was sent before")
        if isinstance(event, AgentDeltaReceived) and event.turn_id in self.book.row_of:
            raise IllegalEvent("turn_exists", f"turn {event.turn_id!r} is complete; no delta can be added")
        if isinstance(event, AgentTurnFinished) and event.turn_id != streamed_id:
            raise IllegalEvent("turn_unknown", f"no delta of turn {event.turn_id!r} is waiting for its end")
        if isinstance(event, AgentTurnCompleted | AgentTurnFinished):
            self._check_gate(event.turn_id, event.tool_calls)
        elif isinstance(event, ToolGateRequested):
            self._check_gate(event.gate_id, event.tool_calls)

    def _check_gate(self, gate_id: str, calls: tuple[ToolCall, ...]) -> None:
        if calls and self.gating.is_taken(gate_id, calls):
            raise IllegalEvent("gate_exists", f"gate {gate_id!r} was used for other tool calls; choose another gate_id")

    def _handle(self, event: CallEvent) -> None:
        match event:
            case CustomerTurnCompleted():
                self.book.add_customer(event)
                self.interventions.customer_answered()
            case AgentTurnCompleted():
                self._close_stream()
                self._on_agent_turn(event.turn_id, event.text, event.tool_calls)
            case AgentDeltaReceived():
                self._on_delta(event)
            case AgentTurnFinished():
                self._on_stream_end(event.tool_calls)
            case ToolGateRequested():
                self.gating.requested(event)
            case ToolResultReceived():
                self.book.add_result(event)
                if self.gates.take_result(event.tool_call_id, event.result):
                    self.interventions.tool_committed()
            case PlaybackReported() if event.intervention_id:
                self.interventions.playback(event.intervention_id, event.state)
            case PlaybackReported():
                self._on_playback(event)
            case PoliciesActivated():
                self.revision, self.policies = event.revision, resolve_ramp(event.policies, self.call_key)
            case CallEnded():
                self._on_end(event.reason)
            case _:
                self._hand_on(event)

    def _hand_on(self, event: CallEvent) -> None:
        """Events that concern one part only."""
        match event:
            case CheckpointPlayed():
                self.interventions.checkpoint_played(event.name)
            case CallerSpoke():
                self.interventions.caller_spoke(event.played_ms)
            case SpeechBegan():
                self.interventions.speech_began(event)
            case SpeechFailed():
                self.interventions.speech_failed(event)
            case NoteTaken():
                self.interventions.note_taken(event.intervention_id)
            case CorrectionMade():
                self.interventions.correction_made(event.intervention_id, event.text, "generated")
            case DecisionLost():
                self.gating.lost(event.gate_id)
            case ModelAnswered():
                self.reviews.answered(event.review_id, event.answer)
            case TimerFired():
                if not self.reviews.timer_fired(event.key):
                    self.interventions.timer_fired(event.key)

    def _settle(self) -> None:
        if self.state is State.ENDED:
            return
        if self.interventions.running is not None:
            self.state = State.INTERVENING
        else:
            self.state = State.REVIEWING if self.reviews.open else State.LIVE

    # --- turns ---------------------------------------------------------------------------------------------------

    def _on_agent_turn(
        self, turn_id: str, text: str, calls: tuple[ToolCall, ...], streamed: Streamed | None = None
    ) -> None:
        index = streamed.index if streamed is not None else self.book.take_index()
        turn = Turn(index, Role.AGENT, text, turn_id, calls, offset_ms=int(self.desk.now_ms))
        self.book.record(turn)
        gated = any(self.settings.judge.is_gated(call.name) for call in calls)
        decided = self.gates.decided(turn_id) if gated else None
        is_asked = gated and self.gating.is_known(turn_id)
        self.interventions.agent_turn_passed()
        self._unentered = turn
        self._review(
            turn,
            ReviewKind.SPEECH,
            gate_id=turn_id if gated and not is_asked else "",
            has_intervened=streamed is not None and streamed.has_intervened,
        )
        if decided is not None:
            self.desk.do(decided)  # the gate was asked before the turn came
        # A call counts as made once it is allowed; until then only the words were said.
        self.book.enter(replace(turn, tool_calls=()) if calls else turn)
        allowed, self._allowed, self._unentered = self._allowed, (), None
        if allowed or (calls and not gated):
            self.book.enter_calls(allowed or calls)

    def _on_delta(self, event: AgentDeltaReceived) -> None:
        if self.streamed is None or self.streamed.turn_id != event.turn_id:
            self._close_stream()
            self.streamed = Streamed(event.turn_id, self.book.take_index())
            self.book.begin(event.turn_id)
        streamed = self.streamed
        for prefix in streamed.feed(event.delta):
            if self.settings.is_streaming and not streamed.has_intervened:
                turn = Turn(streamed.index, Role.AGENT, prefix, streamed.turn_id, offset_ms=int(self.desk.now_ms))
                self._review(turn, ReviewKind.SPEECH, is_final=False)

    def _close_stream(self) -> None:
        """A new turn began although the last one's end was never sent: it ended with what is there."""
        if self.streamed is not None:
            self._on_stream_end(())

    def _on_stream_end(self, calls: tuple[ToolCall, ...]) -> None:
        streamed, self.streamed = self.streamed, None
        if streamed is not None:
            self._on_agent_turn(streamed.turn_id, streamed.text, calls, streamed)

    def _on_playback(self, event: PlaybackReported) -> None:
        is_news = self.book.played(event)
        if is_news and event.state is PlaybackState.CLEARED:
            self.interventions.turn_heard(
                event.turn_id, self.book.heard_of(event.turn_id, self._text_of(event.turn_id))
            )

    def _text_of(self, turn_id: str) -> str:
        """The text of an agent's turn as far as it has come."""
        if self.streamed is not None and self.streamed.turn_id == turn_id:
            return self.streamed.text
        turn = self.book.by_id.get(turn_id)
        return turn.text if turn is not None else ""

    # --- judging -------------------------------------------------------------------------------------------------

    def _review(
        self,
        turn: Turn,
        kind: ReviewKind,
        *,
        is_final: bool = True,
        gate_id: str = "",
        has_intervened: bool = False,
        conversation: Conversation | None = None,
    ) -> None:
        settings = self.settings.judge
        is_quiet = self.interventions.running is not None or self.interventions.is_cooling
        if is_quiet and not turn.tool_calls:
            # Speech cannot be intervened on now, so nothing is paid for an answer.
            settings = replace(settings, tiers=settings.tiers & {0})
        known = conversation or self._known_for(turn)
        steps = judge(known, turn, self.policies, settings, follows_intervention=self.follows_intervention)
        review = self.reviews.make(
            turn, kind, self.policies, is_final=is_final, gate_id=gate_id, has_intervened=has_intervened
        )
        self.reviews.start(review, steps)

    def _known_for(self, turn: Turn) -> Conversation:
        """A tool call rests on what the caller heard; speech is judged by what was said."""
        return self.book.heard(is_strict=False) if turn.tool_calls else self.conversation

    def _conclude(self, review: Review, verdict: Verdict) -> None:
        if review.kind is ReviewKind.CORRECTION:
            self.interventions.vetted(review.turn.turn_id, is_fine=verdict.decision is Decision.PASS)
            return
        if review.kind is ReviewKind.SPEECH and self._say_verdict(review, verdict):
            self._intervene(review, verdict)
        elif review.kind is ReviewKind.SPEECH and verdict.decision is not Decision.INTERVENE:
            self._note_passed(review.turn)
        if review.gate_id:
            self._made(review.turn, self.gating.decide(review, verdict))
        if review.is_final and review.kind is ReviewKind.SPEECH:
            self.follows_intervention = verdict.decision is Decision.INTERVENE or review.has_intervened

    def _note_passed(self, turn: Turn) -> None:
        known = self._passed.pop(turn.turn_id, 0)
        self._passed[turn.turn_id] = max(known, len(turn.text))
        if len(self._passed) > _PASSED_KEPT:
            del self._passed[next(iter(self._passed))]

    def _say_verdict(self, review: Review, verdict: Verdict) -> bool:
        """Record and send; return whether an intervention follows."""
        turn = review.turn
        is_hit = verdict.decision is Decision.INTERVENE and bool(turn.text.strip())
        suppressed = self._suppressed_by(review) if is_hit else ""
        latency = review.latency(now_ms=self.desk.now_ms)
        self.desk.record(
            "verdict",
            rows.verdict(turn, verdict, review.policies, latency, is_final=review.is_final, suppressed=suppressed),
        )
        self.desk.do(
            SendVerdict(
                turn_id=turn.turn_id,
                decision=verdict.decision,
                score=verdict.score,
                tier=verdict.tier,
                policy=review.policy(verdict),
                check=verdict.check,
                reason=verdict.reason,
                evidence=verdict.evidence,
                is_shadow=bool(verdict.shadow) and verdict.decision is not Decision.INTERVENE,
                is_final=review.is_final,
                latency=latency,
                suppressed=suppressed,
                judged_text=turn.text,
            )
        )
        return is_hit and not suppressed

    def _suppressed_by(self, review: Review) -> str:
        is_stopped = self.streamed is not None and self.streamed.turn_id == review.turn.turn_id
        if self.interventions.running is not None or review.has_intervened:
            return "intervening"
        if is_stopped and self.streamed is not None and self.streamed.has_intervened:
            return "intervening"
        return "cooldown" if self.interventions.is_cooling else ""

    def _passes(self, text: str) -> str:
        """A correction is judged itself before it is spoken; "" when it would break a rule."""
        if not text:
            return ""
        verdict = self._judge_facts(Turn(self.book.next_index, Role.AGENT, text))
        return "" if verdict.decision is Decision.INTERVENE else text

    def _vet(self, intervention_id: str, text: str) -> None:
        """Have tiers 0 and 1 judge what a model wrote to be spoken."""
        turn = Turn(self.book.next_index, Role.AGENT, text, intervention_id)
        tiers = self.settings.judge.tiers & {0, 1}
        settings = replace(self.settings.judge, tiers=tiers, is_pre_gate_enabled=False)
        review = self.reviews.make(
            turn, ReviewKind.CORRECTION, self.policies, is_final=False, gate_id="", has_intervened=False
        )
        self.reviews.start(review, judge(self.conversation, turn, self.policies, settings))

    def _judge_facts(self, turn: Turn) -> Verdict:
        """Tier 0 alone, after all that was said by now."""
        settings = replace(self.settings.judge, tiers=frozenset({0}))
        return run(judge(self._known_for(turn), turn, self.policies, settings), unavailable)

    def _intervene(self, review: Review, verdict: Verdict) -> None:
        if self.streamed is not None and self.streamed.turn_id == review.turn.turn_id:
            self.streamed.has_intervened = True
        self.reviews.turn_stopped(review.turn.index)
        self.book.stopped(review.turn.turn_id)
        passed_length = self._passed.get(review.turn.turn_id, 0)
        turns = self.conversation.turns
        self.interventions.start(review.turn, verdict, review.policy(verdict), turns, passed_length=passed_length)

    # --- tool gate -----------------------------------------------------------------------------------------------

    def _ask_gate(self, turn: Turn, *, gate_id: str) -> None:
        self._review(turn, ReviewKind.GATE, gate_id=gate_id)

    def _made(self, turn: Turn, calls: tuple[ToolCall, ...]) -> None:
        """These calls of the turn were allowed."""
        if self._unentered is turn:
            self._allowed = calls  # the turn's words come first
        elif calls:
            self.book.enter_calls(calls)

    # --- the end -------------------------------------------------------------------------------------------------

    def _on_end(self, reason: str) -> None:
        self._close_stream()
        self.reviews.fail_all("call_ended")
        self.interventions.finish("call_ended", is_cut=True)
        self.state = State.ENDED
        self.desk.do(EndCall(reason))
