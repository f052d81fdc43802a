"""A call is confirmed by a read-back of these very arguments and a plain yes to it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judging.core import Conversation, Decision, JudgeSettings, Role, ToolCall, Turn, Verdict, gate_calls
from judging.core.confirmation import is_confirmed
from tests.unit.judging.helpers import call_so_far

LAMP = {"item": "lamp", "quantity": 2, "delivery_address": "14 Birch Lane", "delivery_date": "2024-03-08"}
READ_BACK = "a: So that is two lamps to 14 Birch Lane, delivered on March 8th. Is that right?"


def confirmed(*lines: str, arguments: dict[str, Any] | None = None, name: str = "place_order") -> bool:
    return is_confirmed(call_so_far(*lines), ToolCall(name, LAMP if arguments is None else arguments))


@pytest.mark.parametrize(
    "yes",
    [
        "Yes.", "Yes please.", "Yeah, that's right, thank you.", "Correct.", "Sounds good, go ahead.",
        "Yes, two lamps to 14 Birch Lane.", "Perfect, thanks so much!", "Yep, on March 8th.",
    ],
)  # fmt: skip
def test_a_read_back_and_a_plain_yes_confirm(yes):
    assert confirmed("c: I need lamps.", READ_BACK, f"c: {yes}")


@pytest.mark.parametrize(
    "answer",
    [
        "No.", "Yes, but make it three.", "Yes, wait.", "Yes. Actually, no.", "Yes, to 16 Birch Lane.", "Yes?",
        "Yes, and a rug.", "Yes, except the date.", "Yes, if it is cheap.", "Hm.", "", "What was the price?",
        "Yes, hold on.", "Yes, I don't think so.", "Yes, on March 9th.", "Yes, in red.", "Who is this?",
    ],
)  # fmt: skip
def test_anything_but_a_plain_yes_confirms_nothing(answer):
    assert not confirmed("c: I need lamps.", READ_BACK, f"c: {answer}")


@pytest.mark.parametrize(
    "said",
    [
        "So that is a lamp to 14 Birch Lane, delivered on March 8th. Is that right?",
        "So that is three lamps to 14 Birch Lane, delivered on March 8th. Is that right?",
        "So that is two lamps to 41 Birch Lane, delivered on March 8th. Is that right?",
        "So that is two lamps to 14 Birch Lane, delivered on March 9th. Is that right?",
        "So that is two lamps to 14 Birch Lane. Is that right?",
        "So that is two rugs to 14 Birch Lane, delivered on March 8th. Is that right?",
        "Is that right?",
        "Shall I go ahead?",
        "",
    ],
)
def test_other_arguments_or_fewer_are_not_these_very_ones(said):
    assert not confirmed(f"a: {said}", "c: Yes.")


@pytest.mark.parametrize(
    "more",
    ["Anything else?", "Would you like a bulb with that?", "And what is your name?", "Do you have a coupon?",
     "Would you like that gift wrapped or plain?", "How about a rug?", "Can I get your phone number?"],
)  # fmt: skip
def test_a_yes_to_something_else_is_no_yes_to_the_read_back(more):
    assert not confirmed(f"{READ_BACK[:-15]} {more}", "c: Yes.")
    assert not confirmed(READ_BACK, f"a: {more}", "c: Yes.")


def test_the_last_question_is_what_a_yes_answers():
    other = "a: You want me to send 40 dollars to Ada Quill, is that correct?"
    assert not confirmed(READ_BACK, other, "c: Yes.")
    assert confirmed(other, "c: Yes.", READ_BACK, "c: Yes.")
    assert confirmed(READ_BACK, "a: Shall I go ahead?", "c: Yes.")
    assert not confirmed(READ_BACK, "a: Shall I add soup?", "c: Yes.")


def test_what_the_caller_says_after_the_yes_can_take_it_back():
    assert confirmed(READ_BACK, "c: Yes.", "a: One moment.", "c: Thank you.")
    assert not confirmed(READ_BACK, "c: Yes.", "c: Actually, three.")
    assert not confirmed(READ_BACK, "c: Yes.", "a: One moment.", "c: Hold on, is it in stock?")


def test_a_new_question_needs_its_own_answer():
    assert not confirmed(READ_BACK, "c: Yes.", "a: So two lamps on March 8th, is that correct?")


def test_the_read_back_must_come_before_the_yes():
    assert not confirmed("c: Yes.", READ_BACK)
    assert not confirmed("c: Two lamps to 14 Birch Lane on March 8th.", "a: Sure.", "c: Yes.")


def test_arguments_may_be_read_back_one_by_one():
    assert confirmed("a: Two lamps, is that right?", "c: Yes.", "a: To 14 Birch Lane on March 8th, correct?", "c: Yes.")
    assert not confirmed(
        "a: Two lamps, is that right?",
        "c: Yes.",
        "a: Where to?",
        "c: A rug.",
        "a: 14 Birch Lane, March 8th?",
        "c: Yes.",
    )


def test_where_the_agent_puts_itself_right_only_what_follows_counts():
    said = "a: So that is two lamps, sorry, three lamps to 14 Birch Lane, delivered on March 8th. Is that right?"
    assert not confirmed(said, "c: Yes.")


def test_a_yes_is_used_up_by_a_call_of_the_same_tool():
    conversation = call_so_far(READ_BACK, "c: Yes.")
    again = ToolCall("place_order", {"item": "lamp"})
    assert is_confirmed(conversation, again)
    conversation.add(Turn(conversation.next_index, Role.TOOL_CALL, "", tool_calls=(ToolCall("place_order", LAMP),)))
    assert not is_confirmed(conversation, again)


def test_counts_belong_to_what_they_count():
    lines = ("a: One lamp and two rugs, is that right?", "c: Yes.")
    items = [{"name": "lamp", "quantity": 1}, {"name": "rug", "quantity": 2}]
    swapped = [{"name": "lamp", "quantity": 2}, {"name": "rug", "quantity": 1}]
    assert confirmed(*lines, arguments={"items": items})
    assert not confirmed(*lines, arguments={"items": swapped})


@pytest.mark.parametrize(
    ("question", "expected"),
    [("Shall I cancel the subscription?", True), ("Shall I send you an offer?", False), ("Shall I go ahead?", False)],
)
def test_a_call_without_arguments_is_confirmed_by_its_name(question, expected):
    assert confirmed(f"a: {question}", "c: Yes.", arguments={}, name="cancel_subscription") is expected


def test_an_id_that_a_tool_gave_and_a_label_need_no_reading_out():
    lines = ("t: {'slot_id': 'sl-778', 'day': 'Friday'}", "a: Friday at 3 pm, is that right?", "c: Yes.")
    assert confirmed(*lines, arguments={"slot_id": "sl-778", "time": "15:00", "type": "standard"})
    assert not confirmed(*lines, arguments={"slot_id": "sl-779", "time": "15:00"})


def test_a_flag_that_is_set_must_be_named():
    assert not confirmed("a: One lamp, right?", "c: Yes.", arguments={"item": "lamp", "gift_wrap": True})
    assert confirmed("a: One lamp, gift wrapped, right?", "c: Yes.", arguments={"item": "lamp", "gift": True})
    assert confirmed("a: One lamp, right?", "c: Yes.", arguments={"item": "lamp", "gift_wrap": False})


# --- what the gate tells the agent to read back is what it then takes as read back ---

WORDS = st.sampled_from("lamp rug chair Bellview Harper garden copper maple window Oslo".split())
VALUES = st.one_of(
    st.integers(2, 99),
    st.tuples(WORDS, WORDS).map(" ".join),
    st.tuples(st.integers(1, 99), WORDS).map(lambda pair: f"{pair[0]} {pair[1]} Street"),
    st.dates().filter(lambda day: day.year > 1990).map(str),
    st.times().map(lambda time: f"{time.hour:02}:{time.minute:02}"),
)
NAMES = st.sampled_from("item address delivery_date start_time amount party_size from_account recipient note".split())
CALLS = st.dictionaries(NAMES, VALUES, min_size=1, max_size=8).map(lambda given: ToolCall("submit_request", given))


@settings(max_examples=300, deadline=None)
@given(call=CALLS)
def test_an_agent_that_follows_the_instruction_gets_the_call_through(call):
    judge = JudgeSettings()
    conversation = Conversation()
    turn = Turn(0, Role.AGENT, "", tool_calls=(call,))
    (held,) = gate_calls(Verdict(Decision.UNDECIDED), conversation, turn, judge)
    assert held.decision.value == "confirm"
    told = held.instruction.removeprefix("Read back: ").partition(" and get a yes")[0]
    conversation.add(Turn(0, Role.AGENT, f"Just to confirm: {told}, is that right?"))
    conversation.add(Turn(1, Role.CUSTOMER, "Yes."))
    (passed,) = gate_calls(Verdict(Decision.UNDECIDED), conversation, turn, judge)
    assert (passed.decision.value, passed.check) == ("allow", "confirmed")
