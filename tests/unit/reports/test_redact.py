import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging.core.types import Role, ToolCall, Turn
from reports.redact import Redactor


def masked(text: str, *said: str) -> str:
    redactor = Redactor(numbers=["+14155550100"])
    redactor.learn([Turn(index, Role.CUSTOMER, line) for index, line in enumerate(said)])
    return redactor.mask(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Call 415-555-2671 now", "Call [phone-1] now"),
        ("(415) 555 2671 is +1 415 555 2671", "[phone-1] is [phone-1]"),
        ("+44 20 7946 0958", "[phone-1]"),
        ("four one five, five five five, two six seven one", "[phone-1]"),
        ("double five five one two three four", "[number-1]"),
        ("write to Ann.Lee@example.com", "write to [email-1]"),
        ("ann dot lee at example dot com", "[email-1]"),
        ("card 4111 1111 1111 1111 please", "card [card-1] please"),
        ("DE89 3704 0044 0532 0130 00 thanks", "[iban-1] thanks"),
        ("account 123456789", "account [number-1]"),
    ],
)
def test_masks(text, expected):
    assert masked(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "two large pizzas and three cokes at 7 30",
        "on 2026-11-22 50 people, 12.50 13.50 19.99",
        "flight UA 1234 on 22/11/2026 at 14:30",
        "meet me at noon, dot the i",
        "that is 1,234,567.00 dollars",
        "DE12 is a gate",
        "one two three",
    ],
)
def test_leaves_alone(text):
    assert masked(text) == text


@pytest.mark.parametrize(
    "said",
    [
        "my name is john smith and i want two",
        "My name's John Smith.",
        "the name is John Smith",
        "this is John Smith speaking",
    ],
)
def test_a_name_given_as_such_is_masked_wherever_it_stands(said):
    assert masked("Thanks John, or Mr. Smith; JOHN SMITH!", said) == "Thanks [name-1], or Mr. [name-1]; [name-1]!"


@pytest.mark.parametrize(
    "said", ["this is wrong", "my name is on the booking", "the order is under way", "call me back"]
)
def test_words_that_only_look_like_a_name_are_left(said):
    assert masked(said, said) == said


def test_a_name_that_answers_the_agent_s_question_is_masked():
    redactor = Redactor()
    redactor.learn([Turn(0, Role.AGENT, "May I have your name?"), Turn(1, Role.CUSTOMER, "It's Maria Lopez.")])
    assert redactor.mask("Thank you, Maria.") == "Thank you, [name-1]."


def test_a_person_s_name_in_tool_arguments_is_masked_and_an_item_s_is_not():
    call = ToolCall("book", {"passenger_name": "Ann Lee", "items": [{"name": "margherita"}]})
    redactor = Redactor()
    redactor.learn([Turn(0, Role.AGENT, "", tool_calls=(call,))])
    assert redactor.mask_json(call.arguments) == {"passenger_name": "[name-1]", "items": [{"name": "margherita"}]}


def test_first_and_last_name_are_one_person_also_inside_an_id():
    call = ToolCall("book", {"passengers": [{"first_name": "Ivan", "last_name": "Muller"}]})
    redactor = Redactor()
    redactor.learn([Turn(0, Role.AGENT, "", tool_calls=(call,))])
    assert redactor.mask("Ivan Muller, Ivan, ivan_muller_7015, ivanka") == "[name-1], [name-1], [name-1]_7015, ivanka"


def test_different_numbers_have_different_labels():
    assert masked("415-555-2671 or 415-555-2672 or 415-555-2671") == "[phone-1] or [phone-2] or [phone-1]"


WORDS = st.lists(
    st.sampled_from(
        ["two", "pizzas", "john", "at", "dot", "one", "415-555-2671", "4111111111111111", "a@b.co", "12.50", "[x]"]
    )
)


@given(st.text() | WORDS.map(" ".join))
def test_masking_twice_equals_masking_once(text):
    redactor = Redactor(numbers=["+14155550100"])
    redactor.learn([Turn(0, Role.CUSTOMER, "my name is john")])
    once = redactor.mask(text)
    assert redactor.mask(once) == once


@given(
    st.text(alphabet="abc .,", max_size=20), st.integers(2_000_000, 9_999_999), st.text(alphabet="abc .,", max_size=20)
)
def test_no_planted_phone_number_survives(before, tail, after):
    number = f"+1415{tail:07d}"
    result = masked(f"{before} {number} {after}")
    assert number[1:] not in re.sub(r"\D", "", result)
