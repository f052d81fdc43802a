"""Tier 0: what the agent says against what the tools returned."""

from __future__ import annotations

import pytest

from tests.unit.judging.helpers import call_so_far, checks_that_fire, decide, says

ROOM = (
    "t: name: Harbour Inn; rooms: 2; nightly price: 140; guest score: 8.1; sauna: False; dogs allowed: True; city: Oslo"
)


def _fires(said, *lines):
    return checks_that_fire(call_so_far(*(lines or ("c: a room in Oslo please", ROOM))), says(said))


@pytest.mark.parametrize(
    "said",
    [
        "I would suggest the Harbour Inn by Northgate.",
        "How about Brunswick in Oslo?",
        "It has a score of 9.4.",
        "There is a 30 percent chance that it is full.",
        "The nightly price is $180.",
        "It has a view over Lake Mjosa.",
    ],
)
def test_what_no_result_has_fires(said):
    assert "unsupported_claim" in _fires(said)


@pytest.mark.parametrize(
    "said",
    [
        "How about the Harbour Inn in Oslo?",
        "Our Customer Service Team will call you.",
        "It has a score of 8.1 and costs $140.",
        "I've found it, and the Check-in is simple.",
        "Two nights come to $280.",
        "Ten nights come to $1,400.",
        "Names such as Brunswick or Northgate are common.",
        "It is 100 percent safe.",
        "Harbour inn it is.",
        "Tell me the ETA please.",
    ],
)
def test_what_is_known_or_reckoned_does_not_fire(said):
    assert _fires(said) == set()


def test_a_name_is_no_invention_where_nothing_was_looked_up():
    assert _fires("This is Brunswick speaking.", "c: hello") == set()


def test_nouns_of_another_language_are_no_names():
    lines = ("c: Hallo, ich hätte gerne ein Zimmer mit Bad bitte", "t: preis: 90; zimmer: 2")
    assert _fires("Gerne, das ist ein Zimmer mit Balkon und Frühstück.", *lines) == set()


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ("There are 3 rooms at the Harbour Inn.", "rooms"),
        ("The nightly price is $115.", "nightly price"),
        ("It has a sauna.", "sauna"),
        ("No dogs are allowed, sorry.", "dogs allowed"),
        ("The place is dog friendly but there's a sauna.", "sauna"),
    ],
)
def test_another_value_than_the_result_has_fires(said, field):
    verdict = decide(call_so_far("c: a room in Oslo please", ROOM), says(said))
    found = [finding for finding in verdict.findings if finding.check == "contradicted_claim"]
    assert [finding.evidence[0].argument for finding in found] == [field]


@pytest.mark.parametrize(
    "said",
    [
        "There are 2 rooms at the Harbour Inn.",
        "The Harbour Inn at 2 Quay Street has it.",
        "It has no sauna.",
        "Sadly it doesn't have a sauna.",
        "Dogs are allowed.",
        "Would you like a sauna?",
        "If you want a sauna I can look further.",
        "Is it for 3 rooms?",
        "I can look for one under $115.",
        "The saunas of Oslo are famous, but I don't know if they have one.",
        "You asked for 3 rooms.",
    ],
)
def test_the_same_value_or_no_statement_does_not_fire(said):
    assert "contradicted_claim" not in _fires(said)


@pytest.mark.parametrize(
    ("asked", "said", "fires"),
    [
        ("Is there a sauna?", "Yes, there is.", True),
        ("Is there a sauna?", "No, I'm afraid not.", False),
        ("Can I bring my dog? Are dogs allowed?", "No, sorry.", True),
        ("Can I bring my dog? Are dogs allowed?", "Yes, of course.", False),
        ("Is there a sauna and are dogs allowed?", "Yes.", False),
        ("Do they not have a sauna?", "Yes.", False),
    ],
)
def test_a_bare_yes_or_no_answers_the_question(asked, said, fires):
    found = _fires(said, "c: a room please", ROOM, "a: I found one.", f"c: {asked}")
    assert found == ({"contradicted_claim"} if fires else set())


def test_results_that_differ_allow_either_answer():
    lines = ("c: rooms?", "t: name: North; sauna: False", "t: name: South; sauna: True")
    assert _fires("It has a sauna.", *lines) == set()


def test_what_the_customer_asked_for_may_be_said_again():
    assert _fires("Okay, 3 rooms for you.", "c: 3 rooms in Oslo please", ROOM) == set()


def test_an_amount_next_to_a_count_is_no_known_amount():
    lines = ("c: a room please", "a: I found 9 rooms.", "t: name: North; price: 140")
    assert "unsupported_claim" in _fires("It is $9 a night.", *lines)


@pytest.mark.parametrize("said", ["You can cancel until 2024-03-31.", "The 30 day period ends on 2024-03-31."])
def test_a_date_at_the_end_of_a_known_period_is_reckoned(said):
    lines = ("c: until when?", "t: booked: 2024-03-01; state: open")
    policy = "A booking can be cancelled for 30 days."
    assert checks_that_fire(call_so_far(*lines), says(said), policy) == set()


STALLS = (
    "c: which food stalls are there?",
    't: [{"stall": "Mill Bakery", "walk": "2 minutes", "queue": "long queue", "street": "12 Dock Lane"},'
    ' {"stall": "Green Bowl", "walk": "9 minutes", "queue": "no queue", "street": "40 Hill Road"},'
    ' {"stall": "Noodle Hut", "walk": "5 minutes", "queue": "long queue", "street": "7 Port Street"}]',
)


@pytest.mark.parametrize(
    "said",
    [
        "The Green Bowl is 2 minutes away.",
        "There is no queue at the Mill Bakery.",
        "Noodle Hut is at 12 Dock Lane.",
        "Noodle Hut is at 31 Dock Lane.",
    ],
)
def test_a_value_of_another_row_or_of_none_fires(said):
    assert _fires(said, *STALLS)


@pytest.mark.parametrize(
    "said",
    [
        "The Green Bowl is 9 minutes away.",
        "The Mill Bakery is 2 minutes away at 12 Dock Lane with a long queue.",
        "The Mill Bakery is 2 minutes and the Noodle Hut 5 minutes away.",
        "The Green Bowl isn't 2 minutes away.",
        "Is it the Green Bowl, 2 minutes away?",
        "I found 3 stalls near Dock Lane.",
    ],
)
def test_values_of_one_row_do_not_fire(said):
    assert _fires(said, *STALLS) == set()


@pytest.mark.parametrize(
    ("asked", "said", "fires"),
    [
        ("tell me about the green bowl", "The Noodle Hut has a long queue.", True),
        ("tell me about the green bowl", "It is 2 minutes away.", True),
        ("tell me about the green bowl", "It is 9 minutes away.", False),
        ("not the green bowl, what else is there", "The Noodle Hut has a long queue.", False),
        ("tell me about the green bowl", "Unlike the Green Bowl, the Noodle Hut has a long queue.", False),
    ],
)
def test_an_answer_is_about_the_thing_that_was_asked_about(asked, said, fires):
    assert _fires(said, *STALLS, "a: There are three.", f"c: {asked}") == ({"contradicted_claim"} if fires else set())
