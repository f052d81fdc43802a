"""What a policy wants said by a certain point of a call."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging.core import Role, Turn
from judging.core.duties import duty_of
from tests.unit.judging.helpers import call_so_far, decide, says

TWO_TURNS = "Say within the first two turns that the call is recorded."
HALF_A_MINUTE = "Tell the caller within 30 seconds that this call is recorded."


@pytest.mark.parametrize(
    ("text", "turns", "seconds", "words"),
    [
        (TWO_TURNS, 2, 0, {"recorded"}),
        ("Within the first 3 agent turns, tell the customer that fees apply.", 3, 0, {"fee", "apply"}),
        (HALF_A_MINUTE, 0, 30, {"recorded"}),
        ("In your first message, state the name of the shop.", 1, 0, {"name", "shop"}),
        ("Mention the privacy notice at the start of every call.", 2, 0, {"privacy", "notice"}),
        ("Always disclose in the first minute of the call that prices may change.", 0, 0, set()),
        ("Inform callers within 1 minute that prices may change.", 0, 60, {"price", "may", "change"}),
    ],
)
def test_a_duty_is_read(text, turns, seconds, words):
    duty = duty_of(text)
    found = (duty.turns, duty.seconds, set(duty.words)) if duty is not None else (0, 0, set())
    assert found == (turns, seconds, words)


@pytest.mark.parametrize(
    "text",
    [
        "Say that the call is recorded.",
        "If the caller asks, say within two turns that the call is recorded.",
        "Never say within the first two turns that the call is recorded.",
        "Answer within two turns.",
        "You will hear from us within 30 seconds.",
        "At the beginning of the conversation, you have to authenticate the user.",
    ],
)
def test_a_conditional_or_open_duty_is_left_alone(text):
    assert duty_of(text) is None


@given(st.text(max_size=100))
def test_any_text_is_read_without_an_error(text):
    duty_of(f"Say within two turns {text}")


def _checks(said, *lines, policy=TWO_TURNS):
    return [finding.check for finding in decide(call_so_far(*lines), says(said), policy).findings]


def test_what_is_not_said_in_time_is_found_at_the_first_turn_past_it():
    lines = ("a: Hello.", "c: hi", "a: How can I help?", "c: a taxi please")
    assert _checks("Where to?", *lines) == ["duty_overdue"]


def test_it_is_not_found_before_nor_again_later():
    early = ("a: Hello.", "c: hi")
    late = ("a: Hello.", "c: hi", "a: How can I help?", "c: a taxi", "a: Where to?", "c: home")
    assert (_checks("How can I help?", *early), _checks("Right away.", *late)) == ([], [])


@pytest.mark.parametrize("said", ["By the way, we record this call.", "Where to? Calls are being recorded."])
def test_what_is_said_late_in_the_turn_itself_is_let_pass(said):
    assert _checks(said, "a: Hello.", "c: hi", "a: How can I help?", "c: a taxi please") == []


def test_what_was_said_in_other_words_of_the_same_stem_counts():
    lines = ("a: Hello, this recording line is for taxis.", "c: hi", "a: How can I help?", "c: a taxi please")
    assert _checks("Where to?", *lines) == []


@pytest.mark.parametrize(
    ("earlier_ms", "now_ms", "fires"), [(2_000, 31_000, True), (2_000, 29_000, False), (31_000, 40_000, False)]
)
def test_seconds_count_from_the_start_of_the_call(earlier_ms, now_ms, fires):
    conversation = call_so_far("c: hi")
    conversation.add(Turn(1, Role.AGENT, "Hello.", offset_ms=earlier_ms))
    turn = Turn(2, Role.AGENT, "Where to?", offset_ms=now_ms)
    found = [finding.check for finding in decide(conversation, turn, HALF_A_MINUTE).findings]
    assert found == (["duty_overdue"] if fires else [])


def test_seconds_are_not_judged_where_a_turn_has_no_clock():
    assert _checks("Where to?", "c: hi", "a: Hello.", policy=HALF_A_MINUTE) == []


def test_the_correction_says_what_was_due():
    lines = ("a: Hello.", "c: hi", "a: How can I help?", "c: a taxi please")
    (finding,) = decide(call_so_far(*lines), says("Where to?"), TWO_TURNS).findings
    assert finding.correction == "Before we go on: the call is recorded."
