"""Calls as callers make them: what was taken back, replaced or put right must not be ordered, booked or charged."""

from __future__ import annotations

import pytest

from judging.core import Conversation, Decision, JudgeSettings, Role, ToolCall, Turn, judge, run, unavailable
from judging.core import correction_line as line_of

TIER_0 = JudgeSettings(tiers=frozenset({0}))
PIZZA = (
    ("customer", "A pepperoni pizza please."),
    ("agent", "One pepperoni pizza, got it."),
    ("customer", "Actually, no pepperoni. Make it mushroom."),
)
SPOKEN = (
    ("customer", "I'd like a pepperoni pizza please"),
    ("agent", "Sure, one pepperoni pizza. Anything else?"),
    ("customer", "Actually no, no pepperoni, make it mushroom"),
)
BURGERS = (
    ("customer", "Two burgers and a large fries."),
    ("agent", "Two burgers and a large fries. Anything to drink?"),
    ("customer", "A coke. Oh wait, make that one burger."),
)
FRIES = (
    ("customer", "A burger and fries."),
    ("agent", "A burger and fries. Anything else?"),
    ("customer", "Hmm, drop the fries, I'm not that hungry."),
)
AUSTIN = (
    ("customer", "Book me to Boston on Friday."),
    ("agent", "Boston on Friday, correct?"),
    ("customer", "No sorry, I meant Austin."),
)


def ordered(item):
    return ToolCall("place_order", {"item": item, "quantity": 1})


def burgers(count):
    items = [{"name": "burger", "quantity": count}, {"name": "fries", "quantity": 1}, {"name": "coke", "quantity": 1}]
    return ToolCall("place_order", {"items": items})


def booked(city):
    return ToolCall("book_flight", {"destination": city, "date": "Friday"})


def judged(said, text, *calls):
    conversation = Conversation.from_turns(Turn(at, Role(role), words) for at, (role, words) in enumerate(said))
    return run(judge(conversation, Turn(len(said), Role.AGENT, text, tool_calls=calls), (), TIER_0), unavailable)


@pytest.mark.parametrize(
    ("said", "text", "calls", "check", "correction"),
    [
        (PIZZA, "", [ordered("pepperoni pizza")], "exclusion_put_in", "mushroom pizza, not pepperoni pizza?"),
        (SPOKEN, "Okay.", [ordered("pepperoni pizza")], "exclusion_put_in", "mushroom pizza, not pepperoni pizza?"),
        (PIZZA, "Great, one pepperoni pizza coming up.", [], "taken_back", "mushroom, not pepperoni?"),
        (BURGERS, "Placing your order.", [burgers(2)], "stale_argument", "one burger, not two?"),
        (
            FRIES,
            "Placing it.",
            [ToolCall("place_order", {"items": ["burger", "fries"]})],
            "exclusion_put_in",
            "burger, no fries?",
        ),
        (AUSTIN, "", [booked("Boston")], "stale_argument", "Austin, not Boston?"),
    ],
)
def test_what_the_customer_changed_is_caught(said, text, calls, check, correction):
    verdict = judged(said, text, *calls)
    assert (verdict.decision, verdict.check) == (Decision.INTERVENE, check)
    assert line_of(verdict.findings[0]) == f"Just to confirm: {correction}"


@pytest.mark.parametrize(
    ("said", "text", "calls"),
    [
        (PIZZA, "Great, one mushroom pizza coming up.", [ordered("mushroom pizza")]),
        (SPOKEN, "Okay, no pepperoni, one mushroom pizza coming up.", [ordered("mushroom pizza")]),
        (PIZZA, "I've taken the pepperoni off. That's one mushroom pizza.", []),
        (PIZZA, "So no more pepperoni pizza, is that right?", []),
        (BURGERS, "Placing your order.", [burgers(1)]),
        (FRIES, "Placing it.", [ToolCall("place_order", {"items": ["burger"]})]),
        (FRIES, "", [ToolCall("remove_item", {"item": "fries"})]),
        (AUSTIN, "", [booked("Austin")]),
        # What is ruled out is another thing than the value's part.
        ((("customer", "A cheese pizza, no cheese sticks today."),), "", [ordered("cheese pizza")]),
        # The customer came back to it.
        (
            (
                *PIZZA,
                ("customer", "Oh no, do put pepperoni on it."),
            ),
            "",
            [ordered("pepperoni pizza")],
        ),
    ],
)
def test_what_the_customer_wants_passes(said, text, calls):
    assert judged(said, text, *calls).decision is Decision.PASS
