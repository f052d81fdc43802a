"""When tiers 1 and 2 are asked, and that the reason is kept with the verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging.core import Answer, JudgeSettings, Policy, judge, run
from judging.core.pregate import Sign, sign_of
from judging.core.view import TurnView
from tests.unit.judging.helpers import call_so_far, calls, says

POLICIES = (Policy("Never promise a refund."), Policy("Do not cancel a membership on the phone."))
NO_OFFERS = (Policy("Never suggest an upgrade."),)
NO_OFFERS_AT_ALL = (Policy("Do not offer anything that was not asked for."),)


def sign(*lines, turn=None, policies=POLICIES, follows=False, **settings):
    view = TurnView(call_so_far(*lines), turn or says("Fine."), policies, JudgeSettings(**settings))
    return sign_of(view, follows_intervention=follows)


@pytest.mark.parametrize(
    ("lines", "turn", "expected"),
    [
        ((), calls("look_up"), Sign.TOOL_CALL),
        (("c: hello",), says("It is $5."), Sign.NUMBERS),
        (("c: hello",), says("That makes twenty dollars."), Sign.NUMBERS),
        (("c: hello",), says("We open on Friday."), Sign.NUMBERS),
        (("c: a table for two",), says("Fine."), Sign.NUMBERS),
        (("c: tomorrow please",), says("Fine."), Sign.NUMBERS),
        (("c: actually the blue one",), says("Fine."), Sign.CORRECTION),
        (("c: scratch that",), says("Fine."), Sign.CORRECTION),
        (("c: no, the blue one",), says("Fine."), Sign.CORRECTION),
        (("c: wait, not like that",), says("Fine."), Sign.CORRECTION),
        (("c: hello",), says("We can arrange refunds."), Sign.POLICY_WORD),
        (("c: hello",), says("The cancellation is done."), Sign.POLICY_WORD),
        (("c: I want my membership ended",), says("Done."), Sign.POLICY_WORD),
        (("c: with milk", "a: Ok.", "c: without sugar"), says("Fine."), Sign.DISAGREEMENT),
        (("c: ham and olives", "a: Ok.", "c: hold the olives please"), says("Fine."), Sign.DISAGREEMENT),
        (("c: who plays", "t: Band: Night Owls"), says("That is by Red Foxes."), Sign.NAMES),
        (("c: hello",), says("Hi there."), Sign.QUIET),
        (("c: ham and olives", "a: Ok.", "c: and mushrooms please"), says("Fine."), Sign.QUIET),
        (("c: who plays",), says("That is by Red Foxes."), Sign.QUIET),
        (("c: hello",), says("How can I help you?"), Sign.QUIET),
    ],
)
def test_the_first_sign_is_given(lines, turn, expected):
    assert sign(*lines, turn=turn) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Would you like the larger one?", Sign.QUESTION),
        ("I can also put in the larger one.", Sign.QUESTION),
        ("Then, which one", Sign.QUESTION),
        ("Here you are.", Sign.QUIET),
    ],
)
def test_questions_count_where_a_policy_is_about_asking_or_offering(text, expected):
    found = [sign("c: hello", turn=says(text), policies=policies) for policies in (NO_OFFERS, NO_OFFERS_AT_ALL)]
    assert found == [expected, expected]
    assert sign("c: hello", turn=says(text), policies=POLICIES) is Sign.QUIET


def test_what_follows_an_intervention_is_asked():
    assert sign("c: hello", turn=says("Hi there."), follows=True) is Sign.AFTER_INTERVENTION


def test_switched_off_it_lets_everything_through():
    assert sign("c: hello", is_pre_gate_enabled=False) is Sign.OFF


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"is_scored_on_tool_call": True}, Sign.TOOL_CALL),
        ({"is_scored_on_tool_call": False}, Sign.TOOL_CALL),  # the gate waits for it
        ({"is_scored_on_tool_call": False, "is_tool_gate_enabled": False}, Sign.QUIET),
        ({"is_scored_on_tool_call": True, "is_tool_gate_enabled": False}, Sign.TOOL_CALL),
    ],
)
def test_only_a_tool_that_is_neither_gated_nor_forced_can_be_passed_over(settings, expected):
    assert sign("c: hello", turn=calls("look_up"), **settings) is expected
    assert sign("c: hello", turn=calls("place_order"), **settings) is Sign.TOOL_CALL


def fails(ask):
    return Answer(failure="timeout")


def answers(ask):
    return Answer(scores=(0.0, 0.0), text='{"violation": false, "score": 0}')


@pytest.mark.parametrize("tiers", [{0, 1}, {0, 2}, {0, 1, 2}])
def test_the_sign_is_kept_with_every_verdict(tiers):
    settings = JudgeSettings(tiers=frozenset(tiers))

    def signs(turn):
        call = call_so_far("c: hello")
        return {run(judge(call, turn, POLICIES, settings), answering).pre_gate for answering in (fails, answers)}

    assert signs(says("Hi there.")) == {"quiet"}
    assert signs(says("We open on Friday.")) == {"numbers"}
    assert signs(says("I will give you a refund.")) == {"policy_word"}


def test_without_models_there_is_nothing_to_pass_over():
    settings = JudgeSettings(tiers=frozenset({0}))
    verdict = run(judge(call_so_far("c: hello"), says("It is $5."), POLICIES, settings), lambda ask: Answer())
    assert verdict.pre_gate == ""


@given(st.lists(st.text(max_size=40), max_size=4), st.text(max_size=60))
def test_no_text_breaks_it_and_tier_0_is_never_skipped(said, text):
    lines = [f"c: {words}" for words in said]
    with_models = JudgeSettings(tiers=frozenset({0, 1, 2}))
    call, turn = call_so_far(*lines), says(text + " I will give you a refund.")
    verdict = run(judge(call, turn, POLICIES, with_models), lambda ask: Answer(failure="timeout"))
    alone = run(judge(call, turn, POLICIES, replace(with_models, tiers=frozenset({0}))), lambda ask: Answer())
    assert alone.findings == verdict.findings
