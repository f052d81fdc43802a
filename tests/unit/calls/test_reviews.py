"""Speech under review: models, deadlines, deltas."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.errors import IllegalEvent
from calls.events import (
    AgentDeltaReceived,
    AgentTurnCompleted,
    AgentTurnFinished,
    Amend,
    AskModel,
    CallEnded,
    CancelTimer,
    ClientMessage,
    ModelAnswered,
    PlaybackReported,
    PlaybackState,
    PoliciesActivated,
    Record,
    SendCorrection,
    SendIntervention,
    SendVerdict,
    SetTimer,
    TimerFired,
    ToolResultReceived,
)
from calls.transitions import State
from judging.core import Answer, Decision, JudgeSettings, Mode, Policy, Role
from tests.unit.calls.cast import BAD, GOOD, KIND, MODELS, REFUND, VIOLATION, Line, names, of, one

UNSURE = Answer(scores=(0.0, 0.5))


def asked(text="You are hopeless."):
    line = Line(judge=MODELS)
    line.agent(text, turn_id="a1")
    return line


def test_a_fact_is_decided_at_once_without_a_model():
    assert names(Line(judge=MODELS).agent(BAD))[:3] == ["Record", "Record", "SendVerdict"]


def test_a_question_goes_to_a_model_with_the_reviews_deadline():
    line = Line(judge=MODELS, review_budget_ms=1500)
    effects = line.agent("You are hopeless.", after_ms=100)
    assert one(effects, SetTimer) == SetTimer("review:r1", 1600)
    assert (one(effects, AskModel).deadline_ms, one(effects, AskModel).ask.tier) == (1600, 1)
    assert line.session.state is State.REVIEWING


def test_both_models_share_one_deadline():
    second = asked().answers(UNSURE, after_ms=300)
    assert of(second, SetTimer) == []
    assert (one(second, AskModel).ask.tier, one(second, AskModel).deadline_ms) == (2, 4000)


def test_a_model_that_finds_a_violation_stops_the_turn():
    line = asked()
    line.answers(UNSURE, after_ms=30)
    effects = line.answers(Answer(text=VIOLATION), after_ms=200)
    said = one(effects, SendVerdict)
    assert (said.decision, said.tier, said.policy, said.check) == (Decision.INTERVENE, 2, KIND, "judge")
    assert (said.latency.tier1, said.latency.tier2, said.latency.total) == (30, 200, 230)
    assert CancelTimer("review:r1") in effects


CORRECTION = "Sorry, let me check that."


@pytest.mark.parametrize(
    ("share", "failure", "source"),
    [(0.01, "", "judge"), (0.99, "", "template"), (0.01, "circuit_open", "template")],
)
def test_a_correction_by_a_model_is_judged_itself_before_it_is_spoken(share, failure, source):
    line = asked()
    line.answers(UNSURE, after_ms=30)
    effects = line.answers(Answer(text=VIOLATION), after_ms=200)
    assert one(effects, SendIntervention).correction is None
    assert CORRECTION in one(effects, AskModel).ask.premise
    while vetting := of(effects, AskModel):
        scores = () if failure else tuple(share for _ in vetting[0].ask.hypotheses)
        effects = line.answers(Answer(scores=scores, failure=failure), review_id=vetting[0].review_id, after_ms=50)
    said = one(effects, SendCorrection)
    assert (said.source, said.text == CORRECTION, bool(said.text)) == (source, source == "judge", True)


def test_a_correction_that_is_vetted_too_late_is_not_spoken():
    line = asked()
    line.answers(UNSURE, after_ms=30)
    vetting = one(line.answers(Answer(text=VIOLATION), after_ms=200), AskModel)
    said = one(line(TimerFired("correction:i1"), after_ms=2_500), SendCorrection)
    assert (said.source, said.text == CORRECTION) == ("template", False)
    late = Answer(scores=tuple(0.01 for _ in vetting.ask.hypotheses))
    assert of(line.answers(late, review_id=vetting.review_id), SendCorrection) == []


def test_without_tier_1_a_judges_correction_is_there_at_once():
    line = Line(judge=JudgeSettings(tiers=frozenset({0, 2}), is_pre_gate_enabled=False))
    line.agent("You are hopeless.", turn_id="a1")
    said = one(line.answers(Answer(text=VIOLATION), after_ms=200), SendIntervention)
    assert (said.correction, said.source) == (CORRECTION, "judge")


@pytest.mark.parametrize("failure", ["timeout", "provider_error", "garbage", "circuit_open", "unavailable"])
def test_speech_that_nobody_could_judge_goes_out_undecided(failure):
    line = asked()
    line.answers(Answer(failure=failure))
    effects = line.answers(Answer(failure=failure))
    said = one(effects, SendVerdict)
    assert (said.decision, said.tier, of(effects, SendIntervention)) == (Decision.UNDECIDED, None, [])
    assert failure in said.reason


def test_a_deadline_decides_in_time_whatever_the_models_do():
    line = asked()
    effects = line(TimerFired("review:r1"), after_ms=4000)
    assert one(effects, SendVerdict).decision is Decision.UNDECIDED
    assert line(ModelAnswered("r1", Answer(text=VIOLATION))) == []
    assert line(TimerFired("review:r1")) == []


def test_an_answer_after_the_deadline_counts_as_none():
    line = asked()
    line.answers(UNSURE, after_ms=3999)
    late = line.answers(Answer(text=VIOLATION), after_ms=2)
    assert one(late, SendVerdict).decision is Decision.UNDECIDED


def test_a_call_that_ends_leaves_no_turn_without_a_verdict():
    line = asked()
    assert one(line(CallEnded("bye")), SendVerdict).turn_id == "a1"
    assert line(ModelAnswered("r1", UNSURE)) == []


def test_a_turn_under_review_does_not_hold_up_the_next():
    line = asked()
    assert one(line.agent(BAD, turn_id="a2"), SendVerdict).turn_id == "a2"


def test_no_model_is_paid_for_speech_that_could_not_be_stopped_anyway():
    line = Line(judge=MODELS)
    line.agent(BAD)
    assert of(line.agent("You are hopeless."), AskModel) == []


def test_a_shadowed_policy_is_told_and_stops_nothing():
    shadow = Policy(REFUND.text, id="refund", mode=Mode.SHADOW)
    effects = Line(policies=(shadow,)).agent(BAD)
    said = one(effects, SendVerdict)
    assert (said.decision, said.is_shadow, of(effects, SendIntervention)) == (Decision.PASS, True, [])


def test_activated_policies_judge_the_next_turn():
    line = Line(policies=(KIND,))
    assert one(line.agent(BAD), SendVerdict).decision is Decision.PASS
    line(PoliciesActivated(2, (REFUND,)))
    assert one(line.agent(BAD), SendVerdict).decision is Decision.INTERVENE
    assert line.session.revision == 2


# --- deltas ---


def deltas(line, *pieces, turn_id="a1"):
    return [effect for piece in pieces for effect in line(AgentDeltaReceived(turn_id, piece))]


def test_a_violation_is_stopped_at_its_sentences_end_before_the_rest_is_said():
    line = Line(is_streaming=True)
    before = deltas(line, "Let me look. ", "I will give you a ", "full refund.")
    assert [said.decision for said in of(before, SendVerdict)] == [Decision.PASS]
    effects = deltas(line, " And")
    assert (one(effects, SendVerdict).is_final, one(effects, SendIntervention).turn_id) == (False, "a1")
    assert deltas(line, " more. And", " more. ") == []
    last = one(line(AgentTurnFinished("a1")), SendVerdict)
    assert (last.is_final, last.suppressed) == (True, "intervening")


def test_without_streaming_only_the_whole_turn_is_judged():
    line = Line()
    assert deltas(line, "Let me look. ", BAD, " More. ") == []
    assert one(line(AgentTurnFinished("a1")), SendVerdict).is_final


def test_a_turn_shorter_than_a_sentence_is_judged_when_it_is_done():
    line = Line(is_streaming=True)
    assert deltas(line, "Hel", "lo") == []
    assert one(line(AgentTurnFinished("a1")), SendVerdict).is_final


def test_the_words_of_the_deltas_become_one_turn():
    line = Line()
    deltas(line, "Let me ", "look.")
    row = of(line(AgentTurnFinished("a1")), Record)[0]
    assert (row.fields["text"], row.fields["turn_id"]) == ("Let me look.", "a1")


@pytest.mark.parametrize("next_one", [AgentTurnCompleted("a2", GOOD), AgentDeltaReceived("a2", GOOD)])
def test_a_new_turn_ends_the_one_whose_end_was_never_sent(next_one):
    line = Line()
    deltas(line, "Let me look.")
    assert of(line(next_one), SendVerdict)[0].turn_id == "a1"


def test_an_end_without_deltas_is_refused():
    with pytest.raises(IllegalEvent) as refused:
        Line()(AgentTurnFinished("a1"))
    assert refused.value.code == "turn_unknown"


@pytest.mark.parametrize("again", [AgentTurnCompleted("a1", GOOD), AgentDeltaReceived("a1", GOOD)])
def test_a_turn_that_was_said_is_not_said_again(again):
    line = Line()
    line.agent(GOOD, turn_id="a1")
    with pytest.raises(IllegalEvent) as refused:
        line(again)
    assert refused.value.code == "turn_exists"


@given(st.lists(st.integers(1, 120), max_size=12), st.booleans())
def test_the_decisions_on_streamed_text_do_not_depend_on_how_it_is_cut(cuts, is_streaming):
    text = f"{GOOD} {BAD} Is there anything else?"
    edges = [0, *sorted({cut for cut in cuts if cut < len(text)}), len(text)]
    line = Line(is_streaming=is_streaming)
    deltas(line, *(text[start:end] for start, end in pairwise(edges)))
    line(AgentTurnFinished("a1"))
    assert len(of(line.effects, SendIntervention)) == 1
    assert of(line.effects, SendVerdict)[-1].is_final
    assert line.session.conversation.turns[0].text == text


# --- the rest of what is told ---


def test_a_message_seen_before_does_nothing():
    line = Line()
    message = ClientMessage(5, "agent.turn", {})
    assert line(AgentTurnCompleted("a1", GOOD), message=message)
    assert line(AgentTurnCompleted("a2", GOOD), message=message) == []
    assert line(AgentTurnCompleted("a3", GOOD), message=ClientMessage(4, "agent.turn", {})) == []
    assert line.session.last_seq == 5


def test_a_message_is_recorded_as_it_came():
    row = of(Line()(AgentTurnCompleted("a1", GOOD), message=ClientMessage(5, "agent.turn", {"at": 7})), Record)[0]
    assert (row.table, row.n, row.fields) == ("message", 1, {"seq": 5, "type": "agent.turn", "payload": {"at": 7}})


def test_a_refused_message_uses_up_no_number():
    line = Line()
    with pytest.raises(IllegalEvent):
        line(AgentTurnFinished("a1"), message=ClientMessage(1, "agent.done", {}))
    assert (line.session.last_seq, line.session.n) == (0, 0)


def test_after_the_end_nothing_is_taken():
    line = Line()
    line(CallEnded("bye"))
    for event in (AgentTurnCompleted("a1", GOOD), CallEnded("again"), ToolResultReceived("t", "n", None)):
        with pytest.raises(IllegalEvent) as refused:
            line(event)
        assert refused.value.code == "call_ended"


def test_a_tools_result_is_a_fact_the_agent_may_use():
    line = Line()
    line(ToolResultReceived("t1", "find_menu", {"price": "12 dollars"}))
    turn = line.session.conversation.turns[-1]
    assert (turn.role, turn.result) == (Role.TOOL, {"price": "12 dollars"})


@pytest.mark.parametrize(
    ("state", "heard"),
    [(PlaybackState.FINISHED, GOOD), (PlaybackState.CLEARED, "Let me look")],
)
def test_what_was_played_of_a_turn_is_what_was_heard(state, heard):
    line = Line()
    line.agent(GOOD, turn_id="a1")
    amended = one(line(PlaybackReported(state, 500, turn_id="a1", total_ms=1100)), Amend)
    assert (amended.table, amended.n, amended.fields) == ("turn", 1, {"heard_text": heard, "heard_ms": 500})


def test_playback_of_an_unknown_turn_changes_nothing():
    assert Line()(PlaybackReported(PlaybackState.FINISHED, 500, turn_id="a1")) == []
