"""Tier 0 over what the agent says."""

from __future__ import annotations

import pytest

from tests.unit.judging.helpers import call_so_far, calls, checks_that_fire, says

RESULT = "t: flight: BX 201; departs: 14:00; price: 120; stops: 1; phone: 415-555-0123; city: Boston"

FIRES = [
    ("forbidden_promise", "Never promise a refund.", "Done, I will give you a full refund."),
    ("forbidden_promise", "Never promise a refund.", "Your refund has been approved."),
    ("forbidden_promise", "Do not offer a discount.", "I can give you a discount of ten percent."),
    ("forbidden_speech", "Never give out a phone number.", "You can reach them at 415-555-0199."),
    ("forbidden_speech", "Do not quote prices.", "That comes to $45."),
    ("forbidden_speech", "Never read out street addresses.", "They are at 12 Long Hill Road."),
    ("forbidden_speech", "Do not ask the customer for a date.", "Sure. On which day would you like to come?"),
    ("forbidden_speech", "Never say how many results a search returned.", "I found 7 hotels for you."),
    ("forbidden_speech", "The agent must not tell the customer that the request was completed.", "It has been booked."),
    (
        "forbidden_speech",
        "The agent must not tell the customer that the request was completed.",
        "Reservation complete.",
    ),
    ("forbidden_speech", "The agent must not tell the customer that the request was completed.", "I sent it just now."),
    ("forbidden_speech", "Do not ask the customer for a date.", "And your return date, please."),
    ("forbidden_speech", "Never say how many results a search returned.", "There's 1 ferry that would suit you."),
    ("forbidden_speech", "Never say how many results a search returned.", "The Bluebell is one of 4."),
    ("forbidden_speech", "Never offer a booking on your own.", "Are you ready to reserve?"),
    ("forbidden_speech", "Never offer a booking on your own.", "I can order it now if you wish."),
    ("forbidden_speech", "Do not offer a booking unless the customer asks for it.", "Shall I go ahead and book it?"),
]

DOES_NOT_FIRE = [
    ("Never promise a refund.", "Would you like me to ask about a refund?"),
    ("Never promise a refund.", "I cannot promise a refund, sorry."),
    ("Never promise a refund unless a manager agreed.", "I will give you a refund."),
    ("Never give out a phone number.", "I will text you the number."),
    ("Never give out a phone number.", "Your order is 4412 and it comes at 5 pm on 2024-03-08."),
    ("Do not quote prices.", "Prices are on our site."),
    ("Do not quote prices before the customer is identified.", "That comes to $45."),
    ("Do not ask the customer for a date.", "You said the 7th, which is fine."),
    ("Never say how many results a search returned.", "There is a flight at 2 pm."),
    ("The agent must not tell the customer that the request was completed.", "Shall I book it once you have paid?"),
    ("The agent must not tell the customer that the request was completed.", "Would you like it confirmed?"),
    ("Never say how many results a search returned.", "There is 1 stop on the way."),
    ("Never offer a booking on your own.", "So you want to book for 3 people, is that right?"),
    ("Do not offer a booking unless the manager agrees.", "Shall I go ahead and book it?"),
    ("Never read out street addresses.", "It starts at 8 pm in the old town square."),
    ("Never read out street addresses.", "You have 1 seat. The show takes place on Friday."),
    ("Be polite.", "It costs $45 and I booked it."),
]


@pytest.mark.parametrize(("check", "policy", "text"), FIRES)
def test_a_forbidden_turn_fires(check, policy, text):
    assert checks_that_fire(call_so_far("c: hello"), says(text), policy) == {check}


@pytest.mark.parametrize(("policy", "text"), DOES_NOT_FIRE)
def test_an_allowed_turn_does_not_fire(policy, text):
    assert checks_that_fire(call_so_far("c: hello"), says(text), policy) == set()


@pytest.mark.parametrize(
    "text",
    [
        "It leaves at 3 pm.",
        "The ticket is $140.",
        "Call them at 415-555-0777.",
        "It has 2 stops.",
        "It is run by Golden Falcon.",
    ],
)
def test_a_claim_that_no_result_supports_fires(text):
    assert "unsupported_claim" in checks_that_fire(call_so_far("c: a flight please", RESULT), says(text))


@pytest.mark.parametrize(
    "text",
    [
        "It leaves at 2 pm and costs $120.",
        "It has 1 stop.",
        "Call them at (415) 555 0123.",
        "I found 8 flights.",
        "Two tickets would be a total of $240.",
        "You will hear from us within 3 business days.",
        "Shall we say Boston?",
    ],
)
def test_a_supported_or_vague_claim_does_not_fire(text):
    assert checks_that_fire(call_so_far("c: a flight please", RESULT), says(text)) == set()


def test_a_claim_is_left_alone_where_nothing_can_be_checked():
    assert checks_that_fire(call_so_far("c: a flight please"), says("It leaves at 3 pm for $900.")) == set()


def test_an_amount_that_a_policy_names_is_known():
    conversation = call_so_far("c: baggage?", RESULT)
    assert checks_that_fire(conversation, says("A bag is $35."), "A checked bag costs 35 dollars.") == set()


def test_a_refund_that_no_tool_made_fires():
    assert checks_that_fire(call_so_far("c: money back!"), says("I have refunded you.")) == {"done_claim"}


@pytest.mark.parametrize("tool", ["issue_refund", "refundOrder", "create_credit"])
def test_a_refund_that_a_tool_made_does_not_fire(tool):
    assert checks_that_fire(call_so_far("c: money back!"), calls(tool, {}, text="I have refunded you.")) == set()


@pytest.mark.parametrize("text", ["Once I have refunded you, it takes a week.", "Have I refunded you already?"])
def test_a_refund_not_claimed_does_not_fire(text):
    assert checks_that_fire(call_so_far("c: money back!"), says(text)) == set()


def test_an_agent_that_repeats_what_was_taken_back_fires():
    conversation = call_so_far("c: two pizzas", "a: Two pizzas, right?", "c: Actually make it one pizza")
    assert checks_that_fire(conversation, says("Great, two pizzas coming up.")) == {"taken_back"}


@pytest.mark.parametrize("text", ["Great, one pizza.", "One instead of two pizzas, right?", "Sure, anything else?"])
def test_an_agent_that_follows_the_correction_does_not_fire(text):
    conversation = call_so_far("c: two pizzas", "a: Two pizzas, right?", "c: Actually make it one pizza")
    assert checks_that_fire(conversation, says(text)) == set()


def test_an_excluded_thing_said_as_settled_fires():
    conversation = call_so_far("c: a pizza but no pepperoni")
    assert checks_that_fire(conversation, says("One pizza with pepperoni, on its way.")) == {"taken_back"}


def test_a_booking_may_be_offered_to_a_customer_who_spoke_of_one():
    conversation = call_so_far("c: hello, I would like to book a cab")
    policy = "Do not offer a booking unless the customer asks for it."
    assert checks_that_fire(conversation, says("Shall I go ahead and book it?"), policy) == set()


def test_how_many_callers_there_are_makes_nothing_so_many():
    conversation = call_so_far("c: a taxi please", "a: I found 1 taxi.", "c: Actually there are two of us")
    assert checks_that_fire(conversation, says("There is 1 taxi with four seats.")) == set()
