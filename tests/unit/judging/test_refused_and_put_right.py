"""What a customer refuses, and the amounts a customer puts right."""

from __future__ import annotations

import pytest

from judging.core import Conversation, Decision, JudgeSettings, Role, ToolCall, Turn, Verdict, judge, run, unavailable
from judging.core.types import Json


def verdict_of(said: list[str], name: str, arguments: dict[str, Json]) -> Verdict:
    """Judge a call after turns by customer and agent in turn."""
    turns = [Turn(at, Role.AGENT if at % 2 else Role.CUSTOMER, text) for at, text in enumerate(said)]
    call = Turn(len(turns), Role.AGENT, "", tool_calls=(ToolCall(name, arguments),))
    steps = judge(Conversation.from_turns(turns), call, (), JudgeSettings(tiers=frozenset({0})))
    return run(steps, unavailable)


@pytest.mark.parametrize(
    ("question", "answer", "tool"),
    [
        ("Shall I cancel it now?", "No wait, keep it.", "cancel_subscription"),
        ("All good. Should I book it for you?", "No.", "book_flight"),
        ("I have your card here. Do you want me to charge it?", "Not yet, sorry.", "charge_card"),
    ],
)
def test_a_refused_act_is_stopped(question: str, answer: str, tool: str) -> None:
    verdict = verdict_of(["I have a question on my plan.", question, answer], tool, {})
    assert (verdict.decision, verdict.check) == (Decision.INTERVENE, "declined")


@pytest.mark.parametrize(
    ("question", "answer", "tool"),
    [
        ("Shall I cancel it now?", "Yes please.", "cancel_subscription"),
        ("Do you want to keep it?", "No.", "cancel_subscription"),
        ("Wouldn't you rather cancel it?", "No.", "cancel_subscription"),
        ("Shall I book it for Friday?", "No, book it for Saturday.", "book_flight"),
        ("Anything else before I look it up?", "No thanks.", "find_booking"),
    ],
)
def test_other_answers_refuse_nothing(question: str, answer: str, tool: str) -> None:
    assert verdict_of(["I have a question on my plan.", question, answer], tool, {}).check != "declined"


@pytest.mark.parametrize(
    ("said", "amount", "correction"),
    [
        (
            ["Charge 40 dollars.", "40 dollars, right?", "No, thirty."],
            40,
            "Just to confirm: the amount is 30?",
        ),
        (
            ["Move 200 euros to my son.", "200 euros, correct?", "Sorry, 250."],
            200,
            "Just to confirm: the amount is 250?",
        ),
        (
            ["I want to pay.", "It is 85 dollars, shall I charge it all?", "Actually just 50 dollars."],
            85,
            "Just to confirm: the amount is 50 dollars?",
        ),
    ],
)
def test_an_amount_put_right_is_stale(said: list[str], amount: int, correction: str) -> None:
    verdict = verdict_of(said, "charge_card", {"amount": amount})
    assert (verdict.decision, verdict.check, verdict.correction) == (Decision.INTERVENE, "stale_argument", correction)


def test_an_amount_that_stands_passes() -> None:
    said = ["I want to pay.", "It is 85 dollars, shall I charge it all?", "Actually just 50 dollars."]
    assert verdict_of(said, "charge_card", {"amount": 50}).decision is Decision.PASS
    back = [*said, "The least is 85 dollars, is that fine?", "Okay then."]
    assert verdict_of(back, "charge_card", {"amount": 85}).decision is Decision.PASS


def test_ten_times_an_amount_is_no_amount_of_the_call() -> None:
    said = ["Charge 40 dollars.", "40 dollars, right?", "Yes."]
    assert verdict_of(said, "charge_card", {"amount": 400}).check == "wrong_amount"
    tickets = ["Three tickets at 40 dollars each, please.", "Three tickets at 40 dollars?", "Yes."]
    assert verdict_of(tickets, "charge_card", {"amount": 120}).decision is Decision.PASS


def test_an_hour_is_no_count() -> None:
    said = ["A table for four at 7 pm tomorrow.", "A table for four at 7.", "Sorry, make it five people at 8."]
    verdict = verdict_of(said, "book_table", {"guests": 4})
    assert verdict.correction == "Just to confirm: five guests, not four?"


@pytest.mark.parametrize("answer", ["No thanks.", "No, I don't want breakfast."])
@pytest.mark.parametrize("then", [[], ["Two nights then, right?", "Yes, that's right."]])
def test_a_choice_that_was_declined_stays_off(answer: str, then: list[str]) -> None:
    said = ["A room for two nights.", "Would you like breakfast with the room?", answer, *then]
    verdict = verdict_of(said, "book_room", {"breakfast_included": True})
    assert (verdict.decision, verdict.correction) == (Decision.INTERVENE, "Just to confirm: no breakfast?")
    assert verdict_of(said, "book_room", {"breakfast_included": False}).decision is Decision.PASS


def test_a_no_to_leaving_something_out_leaves_it_in() -> None:
    said = ["A room for two nights.", "Would you like it without breakfast?", "No, with breakfast."]
    assert verdict_of(said, "book_room", {"breakfast_included": True}).decision is Decision.PASS


def test_a_count_after_a_part_of_the_day_is_no_hour() -> None:
    said = [
        "One seat to Lyon on Sunday.",
        "Lyon on Sunday morning, one traveller. Is that right?",
        "Yes, Sunday morning.",
    ]
    call = {"destination": "Lyon", "day": "Sunday", "time_of_day": "morning", "travellers": 1}
    assert verdict_of(said, "book_seat", call).decision is Decision.PASS
