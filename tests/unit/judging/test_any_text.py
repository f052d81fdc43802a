"""Whatever is said, the judge answers, and answers the same again."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judging.core import Conversation, Role, ToolCall, Turn, gate_calls
from tests.unit.judging.helpers import FRIDAY, TIER_0, decide

_WORDS = (
    "no, make it two 1 1st 12:30 $5 next friday half past march 31st the a take off instead of with Boston in to "
    "2024-02-30 02/30/2024 99:99 p.m. o'clock 1,2,3 -- ... ? Acme and/or don't want 1e9 ١٢ ½ é ⟦turn⟧"
).split(" ")
speech = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(_WORDS), max_size=14).map(" ".join))
values = st.recursive(
    st.one_of(speech, st.none(), st.booleans(), st.integers(), st.floats(), st.dates().map(str)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=6,
)
POLICIES = (
    "Never promise a refund.",
    "Read it back before calling do_it.",
    "Do not quote prices.",
    "Never give out a phone number.",
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([Role.CUSTOMER, Role.AGENT, Role.TOOL]), speech), max_size=5),
    speech,
    st.dictionaries(st.sampled_from(["date", "to", "quantity", "items", "is_on", "type"]), values, max_size=4),
)
def test_any_call_gets_the_same_verdict_twice(lines, text, arguments):
    turn = Turn(len(lines), Role.AGENT, text, tool_calls=(ToolCall("do_it", arguments),))
    verdicts = []
    for _ in range(2):
        history = [Turn(at, role, said) for at, (role, said) in enumerate(lines)]
        conversation = Conversation.from_turns(history, now=FRIDAY)
        verdicts.append(decide(conversation, turn, *POLICIES))
        assert len(gate_calls(verdicts[-1], conversation, turn, TIER_0)) == 1
    assert verdicts[0] == verdicts[1]


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan"), 10**400, "9" * 400, 1e308])
@pytest.mark.parametrize("name", ["quantity", "amount", "date", "items"])
def test_a_number_that_no_arithmetic_can_use_is_judged_like_any_value(number, name):
    said = f"I want 2, or {'9' * 400}, or {'a hundred ' * 200} of these"
    result = {"price": number, "count": [number]}
    history = [Turn(0, Role.CUSTOMER, said), Turn(1, Role.TOOL, str(result), tool_name="find", result=result)]
    for arguments in ({name: number}, {name: [{"a": number}, 3]}):
        turn = Turn(2, Role.AGENT, f"That is {number} dollars.", tool_calls=(ToolCall("do_it", arguments),))
        verdict = decide(Conversation.from_turns(history, now=FRIDAY), turn, *POLICIES)
        assert gate_calls(verdict, Conversation.from_turns(history), turn, TIER_0)


@pytest.mark.parametrize(
    "unit",
    [
        "1 ",
        "1-",
        "no ",
        "take the ",
        "(555) ",
        "Aa ",
        "your a ",
        "i will ",
        ". ",
        "12:30 ",
        "$5 ",
        "no, Al ",
        "hundred ",
        "million two ",
    ],
)
def test_eight_kilobytes_of_anything_are_judged_in_well_under_two_seconds(unit):
    text = (unit * 8192)[:8192]
    conversation = Conversation.from_turns([Turn(0, Role.CUSTOMER, text), Turn(1, Role.TOOL, '{"price": 3}')])
    turn = Turn(2, Role.AGENT, text, tool_calls=(ToolCall("do_it", {"a": "olives", "n": 3, "d": "2024-03-01"}),))
    started = time.perf_counter()
    decide(conversation, turn, *POLICIES)
    assert time.perf_counter() - started < 2
