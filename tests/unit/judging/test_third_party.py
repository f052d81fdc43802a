"""What somebody else likes is no order, when the customer says what they want themselves."""

from __future__ import annotations

import pytest

from tests.unit.judging.helpers import call_so_far, calls, checks_that_fire


def fires(said, **arguments):
    lines = [said] if isinstance(said, str) else said
    conversation = call_so_far(*(line if line[1:2] == ":" else f"c: {line}" for line in lines))
    return "third_party_preference" in checks_that_fire(conversation, calls("place_order", arguments))


@pytest.mark.parametrize(
    ("said", "arguments"),
    [
        ("My wife likes the blue kettle, but I want the green kettle.", {"item": "blue kettle"}),
        ("My wife loves the Ritz but I'd like the Savoy", {"hotel": "Ritz"}),
        ("My friend would take the night train, but I'd prefer the morning train", {"train": "night train"}),
        ("Anna recommended the salmon. I'll have the steak please.", {"items": [{"name": "salmon"}]}),
        ("I want the steak, though my husband prefers the salmon.", {"item": "salmon"}),
        ("my kids like vanilla but i want lemon", {"flavor": "vanilla"}),
        ("Everybody raves about Luigi's, but personally I'd rather go for Dino's.", {"place": "Luigi's"}),
    ],
)
def test_the_others_choice_is_caught(said, arguments):
    assert fires(said, **arguments)


@pytest.mark.parametrize(
    ("said", "arguments"),
    [
        ("My wife likes the blue kettle, but I want the green kettle.", {"item": "green kettle"}),
        # An order for two.
        ("My wife would like the salmon and I'd like the steak", {"item": "salmon"}),
        ("My wife wants the salmon but I want the steak", {"item": "salmon"}),
        ("My wife likes the salmon and I like the steak", {"item": "salmon"}),
        ("My wife likes the salmon, but I want the steak.", {"items": [{"name": "salmon"}, {"name": "steak"}]}),
        # What the customer wants is of another kind, or the same.
        ("My wife loves the Ritz, but I want a room with a view", {"hotel": "Ritz"}),
        ("My wife loves the Ritz, but I want parking", {"hotel": "Ritz"}),
        ("My wife loves the Ritz, so I want the Ritz", {"hotel": "Ritz"}),
        ("My wife likes olives but I want extra", {"toppings": ["olives"]}),
        ("My wife likes vanilla but I like it too", {"flavor": "vanilla"}),
        ("My wife likes vanilla, but I prefer the same", {"flavor": "vanilla"}),
        # Nobody else.
        ("I like the salmon but I'd prefer the steak", {"item": "salmon"}),
        # The customer came round to it.
        (
            ["My wife loves the Ritz but I'd like the Savoy", "a: The Savoy is full, the Ritz has rooms.", "Okay then"],
            {"hotel": "Ritz"},
        ),
        (["My wife loves the Ritz but I'd like the Savoy", "a: Okay.", "Oh well, the Ritz then"], {"hotel": "Ritz"}),
        ("My wife likes the blue kettle, but I want the green kettle.", {"item": "red kettle"}),
    ],
)
def test_what_may_well_be_wanted_passes(said, arguments):
    assert not fires(said, **arguments)
