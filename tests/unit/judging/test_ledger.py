"""Values said, accepted, replaced, returned."""

from __future__ import annotations

from datetime import date

import pytest

from judging.core import Role, Status, Turn
from judging.core.ledger import read_entry
from judging.core.mentions import Kind, Mention
from judging.core.text import stem
from tests.unit.judging.helpers import FRIDAY, call_so_far, says


def values(*lines: str) -> list[tuple[str, str, Status]]:
    ledger = call_so_far(*lines).ledger
    return [(value.value, value.kind.value, value.status) for value in ledger.values()]


def mentions(text: str, kind: Kind) -> list[Mention]:
    entry = read_entry(Turn(0, Role.CUSTOMER, text), FRIDAY.date(), 0)
    return [mention for mention in entry.mentions if mention.kind is kind]


def test_values_are_listed_with_how_they_stand():
    found = values("c: two pizzas at 5 pm", "a: For $30 then?", "c: yes. Actually at 6 pm", "t: price 30")
    assert found == [
        ("two", "number", Status.GROUNDED),
        ("5 pm", "time", Status.SUPERSEDED),
        ("$30", "money", Status.UNCONFIRMED),
        ("6 pm", "time", Status.GROUNDED),
        ("30", "number", Status.GROUNDED),
    ]


@pytest.mark.parametrize(
    "answer",
    ["That is not right.", "That isn't right.", "That's not quite correct.", "It is not what I said.", "that's wrong"],
)
def test_an_answer_that_denies_is_no_yes(answer):
    entry = read_entry(Turn(0, Role.CUSTOMER, answer), FRIDAY.date(), 0)
    assert (entry.is_yes, entry.is_no) == (False, True)


@pytest.mark.parametrize("answer", ["That is right.", "that's all right", "It is.", "That sounds really good."])
def test_an_answer_that_agrees_is_a_yes(answer):
    entry = read_entry(Turn(0, Role.CUSTOMER, answer), FRIDAY.date(), 0)
    assert (entry.is_yes, entry.is_no) == (True, False)


def test_an_offer_answered_with_a_yes_is_accepted():
    assert values("a: At 7 pm?", "c: yes please") == [("7 pm", "time", Status.GROUNDED)]
    assert values("a: At 7 pm?", "c: no thanks") == [("7 pm", "time", Status.UNCONFIRMED)]


def test_facts_stand_before_the_first_turn():
    conversation = call_so_far("c: hi", facts=["price: 40 dollars"])
    assert [(value.value, value.source_turn) for value in conversation.ledger.values()] == [("40 dollars", None)]


def test_a_judged_turn_is_read_once_and_entered_as_read():
    conversation = call_so_far("c: hi")
    turn = says("At 5 pm.", index=1)
    entry = conversation.read(turn)
    conversation.add(turn)
    assert conversation.ledger.entries[-1] is entry
    assert conversation.next_index == 2


def test_an_entry_read_before_another_turn_came_is_read_again():
    conversation = call_so_far("c: hi")
    turn = says("At 5 pm.", index=2)
    entry = conversation.read(turn)
    conversation.add(Turn(1, Role.CUSTOMER, "wait"))
    conversation.add(turn)
    assert conversation.ledger.entries[-1] is not entry
    assert [entry.position for entry in conversation.ledger.entries] == [0, 1, 2]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on March 7th", {(0, 3, 7)}),
        ("the 7th of March 2025", {(2025, 3, 7)}),
        ("march the seventh", {(0, 3, 7)}),
        ("on the 12th", {(0, 0, 12)}),
        ("tomorrow", {(2024, 3, 2)}),
        ("the day after tomorrow", {(2024, 3, 3)}),
        ("next Friday", {(2024, 3, 8), (2024, 3, 15)}),
        ("Tuesday", {(2024, 3, 5), (2024, 3, 12)}),
        ("in 3 days", {(2024, 3, 4)}),
        ("two years ago", {(2022, 0, 0)}),
        ("2024-03-09", {(2024, 3, 9)}),
        ("03/09/2024", {(2024, 3, 9), (2024, 9, 3)}),
    ],
)
def test_dates_in_speech(text, expected):
    assert [set(mention.dates) for mention in mentions(text, Kind.DATE)] == [expected]


@pytest.mark.parametrize(
    "text", ["a 1st class ticket", "the 2nd floor", "the third one", "may I march in?", "5th Avenue"]
)
def test_what_is_no_date(text):
    assert mentions(text, Kind.DATE) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at 5 pm", {1020}),
        ("5:30 p.m.", {1050}),
        ("5.30 pm", {1050}),
        ("half past three in the afternoon", {930}),
        ("quarter to 8 am", {465}),
        ("ten past nine in the morning", {550}),
        ("noon", {720}),
        ("15:45", {945}),
        ("at seven thirty pm", {1170}),
        ("6 o'clock in the evening", {1080}),
        ("12 am", {0}),
        ("4:15", {255, 975}),
    ],
)
def test_times_in_speech(text, expected):
    assert [set(mention.times) for mention in mentions(text, Kind.TIME)] == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("two hundred and fifty", [250]),
        ("1,200.50", [1200.5]),
        ("three thousand four hundred twelve", [3412]),
        ("twenty one", [21]),
        ("two dozen", [24]),
        ("half a dozen", [6]),
        ("one two three", [1, 2, 3]),
        ("a hundred", [100]),
        ("a couple", [2]),
    ],
)
def test_numbers_in_speech(text, expected):
    assert [mention.number for mention in mentions(text, Kind.NUMBER)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("$45.50", 45.5), ("twelve dollars", 12), ("€ 1,000", 1000), ("fifty cents", 0.5), ("20 bucks", 20)],
)
def test_money_in_speech(text, expected):
    assert [mention.number for mention in mentions(text, Kind.MONEY)] == [expected]


@pytest.mark.parametrize("text", ["I like this one", "one of them", "a 3d film", "flight BX201", "call 415 555 0123"])
def test_what_counts_nothing_is_weak(text):
    assert all(mention.is_weak for mention in mentions(text, Kind.NUMBER))


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("pizzas", "pizza"),
        ("berries", "berry"),
        ("dishes", "dish"),
        ("bus", "bus"),
        ("glass", "glass"),
        ("people", "person"),
    ],
)
def test_stems(word, expected):
    assert stem(word) == expected


def test_without_a_date_of_the_call_relative_dates_are_open():
    entry = read_entry(Turn(0, Role.CUSTOMER, "tomorrow"), None, 0)
    assert [set(mention.dates) for mention in entry.mentions] == [{(0, 0, 0)}]
    assert read_entry(Turn(0, Role.CUSTOMER, "tomorrow"), date(2024, 3, 1), 0).mentions != entry.mentions
