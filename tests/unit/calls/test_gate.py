"""The tool gate of a call: held, allowed once, repeated."""

from __future__ import annotations

import json
from itertools import count

import pytest

from calls import snapshot
from calls.events import (
    AgentTurnCompleted,
    AskModel,
    CallEnded,
    Record,
    SendToolDecision,
    SendVerdict,
    ToolGateRequested,
    ToolResultReceived,
)
from calls.gate import GateBook, arguments_hash
from judging.core import Answer, FailMode, GateDecision, GateVerdict, JudgeSettings, Role, ToolCall
from tests.unit.calls.cast import KIND, LOOKUP, PIZZA, Line, of, one, session_make


def agreed(**settings):
    """The caller has ordered a pizza and said yes to it."""
    line = Line(**settings)
    line.customer("A pizza, please.")
    line.agent("So that is one pizza, right?")
    line.customer("Yes.")
    return line


def gate(line, gate_id="g1", *calls):
    return one(line(ToolGateRequested(gate_id, calls or (PIZZA,))), SendToolDecision)


def test_an_agreed_call_is_allowed_with_a_token():
    decision = gate(agreed())
    assert (decision.decision, decision.calls[0].commit_token) == (GateDecision.ALLOW, "token-1")


def test_an_allowed_call_counts_as_made_after_the_words_it_came_with():
    line = agreed()
    line.agent("Placing it now.", PIZZA)
    words, made = line.session.conversation.turns[-2:]
    assert (words.text, words.tool_calls, made.role, made.tool_calls) == (
        "Placing it now.",
        (),
        Role.TOOL_CALL,
        (PIZZA,),
    )
    assert made.index == words.index + 1


def test_a_call_that_is_held_does_not_count_as_made():
    line = Line()
    line.agent("Placing it now.", PIZZA)
    assert [turn.tool_calls for turn in line.session.conversation.turns] == [()]


def test_what_nobody_said_is_sent_back_without_a_token():
    decision = gate(Line())
    assert (decision.decision, decision.calls[0].commit_token) == (GateDecision.CONFIRM, "")
    assert "which item would you like?" in decision.instruction
    assert "pizza" not in decision.instruction


def test_a_reversible_call_needs_no_token():
    assert gate(agreed(), "g1", LOOKUP).calls[0].commit_token == ""


def test_a_turn_with_calls_gets_a_verdict_and_one_decision_named_after_it():
    line = agreed()
    effects = line(AgentTurnCompleted("a9", "Placing it.", (PIZZA,)))
    assert one(effects, SendVerdict).turn_id == "a9"
    assert one(effects, SendToolDecision).gate_id == "a9"


def test_the_strictest_call_decides_for_all():
    other = ToolCall("charge_card", {"amount": "99 dollars"}, "tool-9")
    decision = gate(agreed(), "g1", PIZZA, other)
    assert decision.decision is GateDecision.CONFIRM
    assert [call.verdict.decision for call in decision.calls] == [GateDecision.ALLOW, GateDecision.CONFIRM]


def test_every_decision_is_recorded_before_it_is_sent():
    effects = agreed()(ToolGateRequested("g1", (PIZZA,)))
    kinds = [type(effect) for effect in effects]
    assert kinds.index(Record) < kinds.index(SendToolDecision)
    fields = one(effects, Record).fields
    assert (fields["decision"], fields["arguments_hash"]) == ("allow", arguments_hash(PIZZA.name, PIZZA.arguments))


def test_the_same_request_gets_the_same_decision_without_a_second_row():
    line = agreed()
    first = gate(line)
    assert line(ToolGateRequested("g1", (PIZZA,))) == [first]


def test_the_same_request_gets_the_same_decision_after_a_restore():
    line = Line()
    first = gate(line)
    line.customer("A pizza, please.")
    line.agent("So that is one pizza, right?")
    line.customer("Yes.")
    again = session_make()
    snapshot.restore(again, json.loads(snapshot.dumps(line.session)), now_ms=0)
    assert again.receive(ToolGateRequested("g1", (PIZZA,)), now_ms=0) == [first]


def test_a_repeat_of_a_committed_call_gets_the_first_outcome():
    line = agreed()
    gate(line)
    line(ToolResultReceived(PIZZA.id, PIZZA.name, {"order": 7}))
    again = ToolCall(PIZZA.name, dict(PIZZA.arguments), "another-id")
    call = gate(line, "g2", again).calls[0]
    assert (call.commit_token, call.repeat_of, call.first_result) == ("token-1", "g1", {"order": 7})


def test_other_arguments_are_another_call():
    line = agreed()
    line.customer("And a salad, please.")
    line.agent("One salad as well, right?")
    line.customer("Yes.")
    first = gate(line).calls[0]
    second = gate(line, "g2", ToolCall(PIZZA.name, {"item": "salad"}, "tool-8")).calls[0]
    assert second.repeat_of == ""
    assert second.commit_token != first.commit_token


# --- nobody can tell ---

UNANSWERED = {
    FailMode.CONFIRM: GateDecision.CONFIRM,
    FailMode.ALLOW: GateDecision.ALLOW,
    FailMode.BLOCK: GateDecision.BLOCK,
}


@pytest.mark.parametrize("failure", ["timeout", "provider_error", "garbage", "circuit_open", "unavailable"])
@pytest.mark.parametrize("mode", FailMode)
def test_without_an_answer_the_tools_fail_mode_decides(mode, failure):
    judge = JudgeSettings(tool_fail_modes={"place_order": mode})
    line = Line(judge=judge, policies=(KIND,))
    line.customer("A pizza, please.")
    asked = one(line(ToolGateRequested("g1", (PIZZA,))), AskModel)
    effects = line.answers(Answer(failure=failure), review_id=asked.review_id)
    effects += line.answers(Answer(failure=failure), review_id=asked.review_id)
    decision = one(effects, SendToolDecision)
    assert decision.decision is UNANSWERED[mode]
    assert bool(decision.calls[0].commit_token) is (mode is FailMode.ALLOW)
    assert one([e for e in effects if isinstance(e, Record)], Record).fields["check_name"] == "undecided"


def test_an_ended_call_leaves_no_request_without_a_decision():
    line = agreed(judge=JudgeSettings(), policies=(KIND,))
    assert of(line(ToolGateRequested("g9", (PIZZA,))), SendToolDecision) == []
    assert [d.gate_id for d in of(line(CallEnded("bye")), SendToolDecision)] == ["g9"]


# --- the book ---


def book():
    tokens = count(1)
    return GateBook(irreversible=frozenset({"place_order"}), mint=lambda gate_id, key: f"token-{next(tokens)}")


def allowed(call):
    return GateVerdict(call, GateDecision.ALLOW)


def test_a_book_comes_back_from_its_snapshot():
    kept = book()
    kept.decide("g1", [allowed(PIZZA)])
    kept.take_result(PIZZA.id, "done")
    again = book()
    again.restore(kept.snapshot())
    assert again.snapshot() == kept.snapshot()
    assert again.decided("g1") == kept.decided("g1")


def test_a_book_forgets_old_decisions_but_no_commitment():
    kept = book()
    kept.decide("g0", [allowed(PIZZA)])
    for i in range(1, 600):
        kept.decide(f"g{i}", [allowed(LOOKUP)])
    assert kept.decided("g0") is None
    assert kept.decide("g600", [allowed(PIZZA)]).calls[0].repeat_of == "g0"


def test_only_the_first_result_counts():
    kept = book()
    kept.decide("g1", [allowed(PIZZA)])
    assert kept.take_result(PIZZA.id, "first")
    assert kept.take_result(PIZZA.id, "second")
    assert kept.decide("g2", [allowed(PIZZA)]).calls[0].first_result == "first"


@pytest.mark.parametrize("tool_call_id", ["", "unknown"])
def test_a_result_of_no_committed_call_is_not_taken(tool_call_id):
    kept = book()
    kept.decide("g1", [allowed(ToolCall("place_order", {}, ""))])
    assert not kept.take_result(tool_call_id, "x")


def test_a_refused_call_commits_nothing():
    kept = book()
    kept.decide("g1", [GateVerdict(PIZZA, GateDecision.CONFIRM)])
    assert kept.decide("g2", [allowed(PIZZA)]).calls[0].repeat_of == ""


def test_the_order_of_arguments_does_not_matter_but_their_values_do():
    assert arguments_hash("t", {"a": 1, "b": [1, 2]}) == arguments_hash("t", {"b": [1, 2], "a": 1})
    others = [arguments_hash("t", {"a": value}) for value in (1, "1", [1], None, True)]
    assert len({*others, arguments_hash("u", {"a": 1}), arguments_hash("t", {"b": 1})}) == 7


def test_arguments_with_lone_surrogates_have_a_hash():
    assert arguments_hash("t", {"a": "\ud800"}) != arguments_hash("t", {"a": "?"})
