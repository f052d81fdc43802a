"""The record form of a case."""

from __future__ import annotations

from datetime import datetime

import pytest

from judging.core import CaseInvalid, Mode, Role, Severity, ToolCall, case_from_record, case_to_record

RECORD = {
    "id": "c1",
    "policies": ["Be kind.", {"text": "Never lie.", "mode": "shadow", "severity": "low"}],
    "history": [
        {"role": "agent", "text": "Hi"},
        {"role": "tool_call", "name": "look_up", "args": {"q": "x"}},
        {"role": "tool", "name": "look_up", "text": '{"price": 5}'},
    ],
    "customer_text": "two please",
    "agent_text": "Sure.",
    "tool_calls": [{"name": "order", "args": {"n": 2}}],
    "evidence": ["price: 5"],
    "now": "2024-03-01T10:00:00",
    "split": "dev",
    "meta": {"anything": 1},
}


def test_a_record_becomes_a_case():
    case = case_from_record(RECORD)
    assert [(turn.index, turn.role, turn.text) for turn in case.history] == [
        (0, Role.AGENT, "Hi"),
        (1, Role.CUSTOMER, "two please"),
        (2, Role.TOOL_CALL, ""),
        (3, Role.TOOL, '{"price": 5}'),
    ]
    assert case.history[3].result == {"price": 5}
    assert (case.turn.index, case.turn.text, case.turn.tool_calls) == (4, "Sure.", (ToolCall("order", {"n": 2}),))
    assert (case.facts, case.now) == (("price: 5",), datetime(2024, 3, 1, 10, 0))  # noqa: DTZ001
    assert [(policy.text, policy.mode) for policy in case.policies] == [
        ("Be kind.", Mode.ENFORCE),
        ("Never lie.", Mode.SHADOW),
    ]
    assert case.policies[1].severity is Severity.LOW


def test_writing_and_reading_again_gives_the_same_turns():
    case = case_from_record(RECORD)
    again = case_from_record(case_to_record(case, "c1"))
    assert (again.history, again.turn, again.facts, again.now) == (case.history, case.turn, case.facts, case.now)


def test_writing_keeps_policies_and_the_forms_they_are_judged_by():
    own = {"may_stop": False, "clauses": [{"kind": "forbidden_act", "when": [{"act": "The agent hums a tune."}]}]}
    case = case_from_record({"policies": ["Be kind.", {"text": "Be quiet.", "mode": "shadow", "compiled": own}]})
    assert case_from_record(case_to_record(case)).policies == case.policies


def test_little_is_required():
    case = case_from_record({})
    assert (case.history, case.turn.text, case.policies, case.now) == ((), "", (), None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"history": "no"}, "history: expected a list"),
        ({"history": [5]}, "turn 0: expected an object"),
        ({"history": [{"role": "boss", "text": ""}]}, "turn 0: role 'boss' is none of customer, agent, tool"),
        ({"history": [{"role": "agent", "text": 5}]}, "text: expected a text"),
        ({"customer_text": 5}, "customer_text: expected a text"),
        ({"tool_calls": [{"args": {}}]}, "name: expected a text"),
        ({"tool_calls": [{"name": "x", "args": []}]}, r"tool_calls\[0\].args: expected an object"),
        ({"policies": [{"text": "x", "mode": "loud"}]}, r"policies\[0\]"),
        ({"policies": [7]}, r"policies\[0\]: expected an object"),
        ({"evidence": [7]}, r"evidence\[0\]: expected a text"),
        ({"now": "soon"}, "now: not a date"),
        ({"now": 5}, "now: not a date"),
    ],
)
def test_a_wrong_field_is_named(change, message):
    with pytest.raises(CaseInvalid, match=message):
        case_from_record(RECORD | change)


@pytest.mark.parametrize("record", [None, [], "x", 5])
def test_a_record_is_an_object(record):
    with pytest.raises(CaseInvalid, match="record: expected an object"):
        case_from_record(record)
