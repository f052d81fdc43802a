"""What a policy asks to hold before a tool is called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging.core import Role, Turn
from judging.core.conditions import Bound, Condition, ConditionKind, conditions_of
from tests.unit.judging.helpers import call_so_far, calls, decide

IN, AUTH, LIMIT = ConditionKind.LOGGED_IN, ConditionKind.AUTHENTICATED, ConditionKind.LIMIT
LIST = """Before open_safe: ALL of these must hold:
• The guest is logged in.
• The fee "fee" must not exceed 80.
• ANY ONE of these must hold:
  • The guest "age" must be at least 60.
  • The guest has a card.
• The loyalty score must be higher than 10."""


def _kinds(text):
    tool, conditions = conditions_of(text)
    return tool, [(one.kind, one.bound, one.number) if one.kind is LIMIT else one.kind for one in conditions]


@pytest.mark.parametrize(
    ("text", "tool", "found"),
    [
        ("Before calling pay_out, the caller must be logged in.", "pay_out", [IN]),
        ("Never call pay_out unless the caller is signed in.", "pay_out", [IN]),
        ("Do not call pay_out if the caller is not logged in.", "pay_out", [IN]),
        ("Never call payOut before the caller has been authenticated.", "payOut", [AUTH]),
        ("Only call pay_out if the amount is at most 500.", "pay_out", [(LIMIT, Bound.AT_MOST, 500)]),
        ("Never call pay_out if the amount is more than $1,500.50.", "pay_out", [(LIMIT, Bound.AT_MOST, 1500.5)]),
        ("Before pay_out: the amount must not exceed 90.", "pay_out", [(LIMIT, Bound.AT_MOST, 90)]),
        ("Before pay_out: the score must be no less than 7.", "pay_out", [(LIMIT, Bound.AT_LEAST, 7)]),
        (LIST, "open_safe", [IN, (LIMIT, Bound.AT_MOST, 80), (LIMIT, Bound.MORE, 10)]),
    ],
)
def test_conditions_are_read(text, tool, found):
    assert _kinds(text) == (tool, found)


@pytest.mark.parametrize(
    "text",
    [
        "Be polite to callers who are logged in.",
        "Never call pay_out if the caller is logged in.",
        "Before calling pay_out, the caller must be logged in or over 18.",
        "Never call pay_out when the amount is over 90 unless a manager agreed.",
        "Before calling pay_out or take_in, the caller must be logged in.",
        "Before pay_out: the booking must be less than 30 days old.",
        "After calling pay_out the caller is logged in.",
        "Use pay_out for amounts at most 500.",
    ],
)
def test_what_is_not_certain_is_left_alone(text):
    assert conditions_of(text) == ("", ())


@pytest.mark.parametrize(("value", "holds"), [(9, True), (10, False), (11, False)])
def test_a_bound_holds_on_one_side(value, holds):
    assert Condition(LIMIT, "", bound=Bound.LESS, number=10).holds(value) is holds


@given(st.text(max_size=120), st.sampled_from(["Before a_b: ", "Never call a_b if ", "Only call a_b if "]))
def test_any_policy_is_read_without_an_error(text, start):
    conditions_of(start + text)


SIGNED_IN = "Before calling pay_out, the caller must be logged in."
CAPPED = 'Before pay_out: The amount "amount" must not exceed 500.'
SCORED = "Only call pay_out if the loyalty score is at least 40."
SHARE = 'Before pay_out: "amount" must not exceed 10 percent of the "deposit".'


def _checks(policy, arguments, *results):
    conversation = call_so_far("c: pay me 700 of my 900 please")
    for name, text in results:
        conversation.add(Turn(conversation.next_index, Role.TOOL, text, tool_name=name))
    return [finding.check for finding in decide(conversation, calls("pay_out", arguments), policy).findings]


@pytest.mark.parametrize(
    ("policy", "arguments", "results"),
    [
        (SIGNED_IN, {}, ()),
        (SIGNED_IN, {}, (("log_in", "False"),)),
        (SIGNED_IN, {}, (("loginUser", '{"success": false}'),)),
        (SIGNED_IN, {}, (("log_in", "True"), ("log_out", "True"))),
        ("Never call pay_out before the caller is authenticated.", {}, (("authenticate", "False"),)),
        (CAPPED, {"amount": 700}, ()),
        (SCORED, {}, (("get_loyalty_score", "39"),)),
        (SCORED, {}, (("get_member", '{"loyalty_score": 12, "age": 50}'),)),
        (SCORED, {}, (("get_loyalty_score", "(True, 12)"),)),
        (SHARE, {"amount": 700, "deposit": 900}, ()),
    ],
)
def test_a_condition_that_does_not_hold_fires(policy, arguments, results):
    assert "condition_not_met" in _checks(policy, arguments, *results)


@pytest.mark.parametrize(
    ("policy", "arguments", "results"),
    [
        (SIGNED_IN, {}, (("log_in", "True"),)),
        (SIGNED_IN, {}, (("log_in", "False"), ("log_in", "True"))),
        (SIGNED_IN, {}, (("loginUser", '{"success": true, "user": "ann"}'),)),
        ("Never call pay_out before the caller is authenticated.", {}, ()),
        ("Before calling close_shop, the caller must be logged in.", {}, ()),
        (CAPPED, {"amount": 500}, ()),
        (CAPPED, {"other": 700}, ()),
        (SCORED, {}, ()),
        (SCORED, {}, (("get_loyalty_score", "40"),)),
        (SCORED, {}, (("get_member", '{"age": 12}'),)),
        (SHARE, {"amount": 700}, ()),
    ],
)
def test_a_condition_that_holds_or_is_not_known_does_not_fire(policy, arguments, results):
    assert "condition_not_met" not in _checks(policy, arguments, *results)
