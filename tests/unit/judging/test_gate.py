"""The tool gate's word is a function of the verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest

from judging.core import (
    Decision,
    FailMode,
    Finding,
    GateDecision,
    JudgeSettings,
    Role,
    ToolCall,
    Turn,
    Verdict,
    gate_calls,
    strictest,
)
from tests.unit.judging.helpers import call_so_far

CALL = call_so_far("c: two pizzas")
TURN = Turn(1, Role.AGENT, "", tool_calls=(ToolCall("place_order", {"quantity": 3}), ToolCall("show_menu", {})))
FINDING = Finding("wrong_quantity", 0.95, "quantity is 3, which nobody said", tool_call_index=0)


def gate(verdict: Verdict, settings: JudgeSettings | None = None) -> list[GateDecision]:
    return [word.decision for word in gate_calls(verdict, CALL, TURN, settings or JudgeSettings())]


def found(finding: Finding, tier: int = 0) -> Verdict:
    return Verdict(Decision.INTERVENE, finding.score, tier, finding.check, findings=(finding,))


def test_a_passed_turn_is_allowed():
    assert gate(Verdict(Decision.PASS, tier=0)) == [GateDecision.ALLOW, GateDecision.ALLOW]


def test_a_finding_holds_its_own_call_only():
    assert gate(found(FINDING)) == [GateDecision.CONFIRM, GateDecision.ALLOW]


def test_a_blocking_finding_blocks():
    assert gate(found(replace(FINDING, gate=GateDecision.BLOCK))) == [GateDecision.BLOCK, GateDecision.ALLOW]


def test_an_unsure_or_weak_finding_holds_nothing():
    assert gate(Verdict(Decision.PASS, findings=(replace(FINDING, is_sure=False),))) == [GateDecision.ALLOW] * 2
    assert gate(Verdict(Decision.PASS, findings=(replace(FINDING, score=0.5),))) == [GateDecision.ALLOW] * 2


def test_a_models_verdict_on_the_whole_turn_holds_every_call():
    finding = Finding("judge", 0.9, "rude", policy_index=0)
    assert gate(found(finding, tier=2)) == [GateDecision.CONFIRM, GateDecision.CONFIRM]


@pytest.mark.parametrize("mode", list(FailMode))
def test_an_undecided_turn_falls_to_the_tools_fail_mode(mode):
    settings = JudgeSettings(tool_fail_modes={"place_order": mode}, default_fail_mode=FailMode.ALLOW)
    assert gate(Verdict(Decision.UNDECIDED), settings) == [GateDecision(mode.value), GateDecision.ALLOW]


def test_with_the_gate_off_only_irreversible_tools_are_held():
    settings = JudgeSettings(is_tool_gate_enabled=False)
    assert gate(Verdict(Decision.UNDECIDED), settings) == [GateDecision.CONFIRM, GateDecision.ALLOW]


def test_the_instruction_says_what_to_read_back():
    word = gate_calls(Verdict(Decision.UNDECIDED), CALL, TURN, JudgeSettings())[0]
    assert word.instruction == "Read back: quantity 3 and get a yes before calling place_order."


def test_the_instruction_of_a_block_gives_the_reason():
    word = gate_calls(found(replace(FINDING, gate=GateDecision.BLOCK)), CALL, TURN, JudgeSettings())[0]
    assert word.instruction == "Do not call place_order: quantity is 3, which nobody said."


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [
        ([], GateDecision.ALLOW),
        ([GateDecision.ALLOW, GateDecision.CONFIRM], GateDecision.CONFIRM),
        ([GateDecision.BLOCK, GateDecision.CONFIRM], GateDecision.BLOCK),
    ],
)
def test_the_strictest_decision_wins(decisions, expected):
    assert strictest(decisions) is expected
