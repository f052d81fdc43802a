"""Whatever happens in whatever order, a call keeps its promises."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from calls import snapshot
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
    ClientMessage,
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
    SendIntervention,
    SendToolDecision,
    SendVerdict,
    SetTimer,
    SpeechBegan,
    SpeechFailed,
    TimerFired,
    ToolGateRequested,
    ToolResultReceived,
)
from calls.gate import arguments_hash
from calls.transitions import State
from judging.core import Answer, FailMode, GateDecision, JudgeSettings, SentenceSplitter, ToolCall
from tests.unit.calls.cast import BAD, GOOD, KIND, REFUND, VIOLATION, session_make

TURN_IDS = st.sampled_from([f"turn-{i}" for i in range(8)])
GATE_IDS = st.sampled_from([f"gate-{i}" for i in range(4)])
TEXTS = st.sampled_from(
    [BAD, GOOD, "", "A pizza, please.", "Actually, no pizza.", "Yes.", f"{GOOD} {BAD} Anything else?"]
)
TOOL_CALLS = st.lists(
    st.builds(
        ToolCall,
        name=st.sampled_from(["place_order", "charge_card", "find_menu"]),
        arguments=st.sampled_from([{}, {"item": "pizza"}, {"item": "salad", "count": 2}]),
        id=st.sampled_from(["tool-1", "tool-2", "tool-3"]),
    ),
    max_size=3,
).map(tuple)
ANSWERS = st.one_of(
    st.sampled_from(["timeout", "provider_error", "garbage", "circuit_open", "unavailable"]).map(
        lambda failure: Answer(failure=failure)
    ),
    st.lists(st.sampled_from([0.0, 0.5, 0.99]), max_size=3).map(lambda scores: Answer(scores=tuple(scores))),
    st.sampled_from([VIOLATION, "not JSON", '{"violation": false, "score": 0.1, "reason": "fine"}']).map(
        lambda text: Answer(text=text)
    ),
)
CORRECTIONS = st.sampled_from(["", BAD, "Sorry, let me check that.", "Tell the customer to wait.", "word " * 60])
MODES = st.sampled_from(FailMode)


class AnyCall(RuleBasedStateMachine):
    """Sends events as a careless driver would: early, late, twice, for things that never were."""

    @initialize(
        tiers=st.sampled_from([{0}, {0, 2}, {0, 1, 2}]),
        is_streaming=st.booleans(),
        is_spoken_by_mirror=st.booleans(),
        has_generator=st.booleans(),
        fail_mode=MODES,
        cooldown_ms=st.sampled_from([0.0, 10_000.0]),
    )
    def starts(self, tiers: set[int], fail_mode: FailMode, **settings: Any) -> None:
        judge = JudgeSettings(tiers=frozenset(tiers), is_pre_gate_enabled=False, default_fail_mode=fail_mode)
        self.make = lambda: session_make(judge=judge, **settings)
        self.session = self.make()
        self.now_ms = 0.0
        self.seq = 0
        self.running: str | None = None
        self.recorded: dict[int, str] = {}
        self.allowed: set[tuple[str, str]] = set()
        self.requested: set[str] = set()
        self.decisions: dict[str, SendToolDecision] = {}
        self.tokens: dict[str, str] = {}
        self.finals: Counter[str] = Counter()
        self.prefixes: Counter[str] = Counter()
        self.said: dict[str, SentenceSplitter] = {}
        self.sentences: Counter[str] = Counter()
        self.timers: dict[str, float] = {}
        self.asked: list[str] = ["r-unknown"]
        self.corrections: list[str] = ["i-unknown"]
        self.is_over = False

    # --- what can be told -----------------------------------------------------------------------------------------

    @rule(turn_id=TURN_IDS, text=TEXTS)
    def customer_speaks(self, turn_id: str, text: str) -> None:
        self.tell(CustomerTurnCompleted(turn_id, text))

    @rule(turn_id=TURN_IDS, text=TEXTS, calls=TOOL_CALLS)
    def agent_speaks(self, turn_id: str, text: str, calls: tuple[ToolCall, ...]) -> None:
        if self.tell(AgentTurnCompleted(turn_id, text, calls)) and calls:
            self.requested.add(turn_id)

    @rule(turn_id=TURN_IDS, text=TEXTS)
    def delta_comes(self, turn_id: str, text: str) -> None:
        if self.tell(AgentDeltaReceived(turn_id, f"{text} ")) and not self.is_over:
            self.sentences[turn_id] += len(self.said.setdefault(turn_id, SentenceSplitter()).feed(f"{text} "))

    @rule(turn_id=TURN_IDS, calls=TOOL_CALLS)
    def deltas_end(self, turn_id: str, calls: tuple[ToolCall, ...]) -> None:
        if self.tell(AgentTurnFinished(turn_id, calls)) and calls:
            self.requested.add(turn_id)

    @rule(gate_id=GATE_IDS, turn_id=TURN_IDS, calls=TOOL_CALLS.filter(bool))
    def gate_is_asked(self, gate_id: str, turn_id: str, calls: tuple[ToolCall, ...]) -> None:
        if self.tell(ToolGateRequested(gate_id, calls, turn_id)):
            self.requested.add(gate_id)

    @rule(
        tool_call_id=st.sampled_from(["tool-1", "tool-2", "gone"]), result=st.sampled_from([None, {"ok": True}, "done"])
    )
    def tool_returns(self, tool_call_id: str, result: Any) -> None:
        self.tell(ToolResultReceived(tool_call_id, "place_order", result))

    @rule(state=st.sampled_from(PlaybackState), played_ms=st.integers(0, 5000), turn_id=TURN_IDS)
    def turn_is_played(self, state: PlaybackState, played_ms: int, turn_id: str) -> None:
        self.tell(PlaybackReported(state, played_ms, turn_id=turn_id))

    @rule(state=st.sampled_from(PlaybackState), number=st.integers(1, 3))
    def intervention_is_played(self, state: PlaybackState, number: int) -> None:
        self.tell(PlaybackReported(state, 100, intervention_id=f"i{number}"))

    @rule(number=st.integers(1, 3), part=st.sampled_from(["buffer", "correction", "other"]))
    def checkpoint_comes(self, number: int, part: str) -> None:
        self.tell(CheckpointPlayed(f"mirror-i{number}-{part}"))

    @rule()
    def caller_speaks_over(self) -> None:
        self.tell(CallerSpoke())

    @rule(number=st.integers(1, 3), part=st.sampled_from(["buffer", "correction"]), play_ms=st.integers(0, 5000))
    def mirror_is_on_air(self, number: int, part: str, play_ms: int) -> None:
        self.tell(SpeechBegan(f"i{number}", part, float(play_ms)))

    @rule(number=st.integers(1, 3), part=st.sampled_from(["buffer", "correction"]), can_agent_speak=st.booleans())
    def mirror_has_no_voice(self, number: int, part: str, can_agent_speak: bool) -> None:
        self.tell(SpeechFailed(f"i{number}", part, can_agent_speak))

    @rule(number=st.integers(1, 3))
    def note_is_taken(self, number: int) -> None:
        self.tell(NoteTaken(f"i{number}"))

    @rule(answer=ANSWERS, which=st.integers(0, 50))
    def model_answers(self, answer: Answer, which: int) -> None:
        self.tell(ModelAnswered(self.asked[-1 - which % len(self.asked)], answer))

    @rule(text=CORRECTIONS, which=st.integers(0, 5))
    def correction_comes(self, text: str, which: int) -> None:
        self.tell(CorrectionMade(self.corrections[-1 - which % len(self.corrections)], text))

    @rule(by_ms=st.sampled_from([0.0, 50.0, 700.0, 5_000.0, 20_000.0]))
    def time_passes(self, by_ms: float) -> None:
        self.now_ms += by_ms
        for key in [key for key, at_ms in self.timers.items() if at_ms <= self.now_ms]:
            if self.timers.pop(key, None) is not None:
                self.tell(TimerFired(key))

    @rule(key=st.sampled_from(["review:r1", "review:r2", "intervention:i1", "correction:i1", "nothing"]))
    def timer_fires_out_of_turn(self, key: str) -> None:
        self.tell(TimerFired(key))

    @precondition(lambda self: not self.session.reviews.open)
    @rule(policies=st.sampled_from([(), (REFUND,), (KIND, REFUND)]))
    def policies_change(self, policies: Any) -> None:
        self.tell(PoliciesActivated(2, policies))

    @rule(is_sure=st.integers(0, 9))
    def call_ends(self, is_sure: int) -> None:
        if is_sure == 0:
            self.tell(CallEnded("done"))

    @rule(turn_id=TURN_IDS)
    def message_is_sent_again(self, turn_id: str) -> None:
        before = self.kept()
        again = ClientMessage(max(1, self.seq), "customer.turn", {})
        if self.seq:
            found = self.session.receive(CustomerTurnCompleted(turn_id, "again"), now_ms=self.now_ms, message=again)
            assert found == []
            assert self.kept() == before

    # --- what must hold --------------------------------------------------------------------------------------------

    def kept(self) -> Any:
        return json.loads(snapshot.dumps(self.session))

    def tell(self, event: CallEvent) -> bool:
        """Tell the session as a client message; check what it does. False: it was refused."""
        before = self.kept()
        message = ClientMessage(self.seq + 1, "x", {}) if self.is_client(event) else None
        try:
            effects = self.session.receive(event, now_ms=self.now_ms, message=message)
        except IllegalEvent:
            assert self.kept() == before
            return False
        if self.is_over:
            assert effects == []
            return True
        if message is not None:
            self.seq += 1
            assert self.session.last_seq == self.seq
        for effect in effects:
            self.check(effect)
        return True

    @staticmethod
    def is_client(event: CallEvent) -> bool:
        ours = TimerFired | ModelAnswered | CorrectionMade | PoliciesActivated | CheckpointPlayed | CallerSpoke
        return not isinstance(event, ours | SpeechBegan | SpeechFailed)

    def check(self, effect: Effect) -> None:
        assert not self.is_over, f"{effect} after the end"
        match effect:
            case Record():
                self.check_record(effect)
            case Amend():
                assert self.recorded[effect.n] == effect.table
            case SendVerdict():
                self.check_verdict(effect)
            case SendToolDecision():
                self.check_decision(effect)
            case SendIntervention():
                is_handed_over = self.running == effect.intervention_id and not effect.is_spoken_by_mirror
                assert self.running is None or is_handed_over, "two interventions at once"
                self.running = effect.intervention_id
            case ResumeAgent():
                assert self.running is not None
                self.running = None
            case AskModel():
                self.asked.append(effect.review_id)
            case MakeCorrection():
                self.corrections.append(effect.intervention_id)
            case SetTimer():
                self.timers[effect.key] = effect.at_ms
            case CancelTimer():
                self.timers.pop(effect.key, None)
            case EndCall():
                self.is_over = True

    def check_record(self, row: Record) -> None:
        assert row.n == len(self.recorded) + 1
        self.recorded[row.n] = row.table
        json.dumps(row.fields)
        if row.table == "tool_decision" and row.fields["decision"] == "allow":
            self.allowed.add((row.fields["gate_id"], row.fields["tool_call_id"]))

    def check_verdict(self, said: SendVerdict) -> None:
        kind = self.finals if said.is_final else self.prefixes
        kind[said.turn_id] += 1
        assert self.finals[said.turn_id] <= 1
        if said.suppressed:
            assert said.decision == "intervene"

    def check_decision(self, said: SendToolDecision) -> None:
        first = self.decisions.setdefault(said.gate_id, said)
        assert said == first
        for call in said.calls:
            verdict = call.verdict
            if verdict.decision is GateDecision.ALLOW:
                assert (said.gate_id, verdict.tool_call.id) in self.allowed
            if call.commit_token:
                assert verdict.decision is GateDecision.ALLOW
                key = arguments_hash(verdict.tool_call.name, verdict.tool_call.arguments)
                assert self.tokens.setdefault(key, call.commit_token) == call.commit_token

    @invariant()
    def tokens_are_not_shared(self) -> None:
        assert len(set(self.tokens.values())) == len(self.tokens)

    @invariant()
    def the_state_says_what_is_under_way(self) -> None:
        expected = (
            State.ENDED
            if self.is_over
            else State.INTERVENING
            if self.running
            else State.REVIEWING
            if self.session.reviews.open
            else State.LIVE
        )
        assert self.session.state is expected
        assert self.session.n == len(self.recorded)

    @invariant()
    def prefixes_are_judged_once(self) -> None:
        for turn_id, count in self.prefixes.items():
            assert count <= self.sentences[turn_id] + 1

    @invariant()
    def nothing_waits_without_a_deadline(self) -> None:
        for review in self.session.reviews.open.values():
            assert review.timer_key in self.timers

    @invariant()
    def a_gate_with_nothing_under_way_is_decided(self) -> None:
        if not self.session.reviews.open:
            assert self.requested <= self.decisions.keys()

    @invariant()
    def a_restored_session_is_the_same_session(self) -> None:
        kept = self.kept()
        if not kept["reviews"]:
            again = self.make()
            again.revision = self.session.revision
            snapshot.restore(again, kept, now_ms=self.now_ms)
            assert json.loads(snapshot.dumps(again)) == kept


AnyCall.TestCase.settings = hypothesis_settings(max_examples=120, stateful_step_count=40, deadline=None)
TestAnyCall = AnyCall.TestCase
