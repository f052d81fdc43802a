"""What is taken back in one breath must not be used, and a second name that replaces nothing must not count."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging.core import Role, Turn
from judging.core.ledger import read_entry
from judging.core.self_repairs import swaps_of
from tests.unit.judging.helpers import call_so_far, calls, checks_that_fire, says


def swaps(text):
    entry = read_entry(Turn(0, Role.CUSTOMER, text), None, 0)
    return [swap.said for swap in swaps_of(entry) if swap.is_aligned]


def fires(said, **arguments):
    return "stale_argument" in checks_that_fire(call_so_far(f"c: {said}"), calls("look_up", arguments))


@pytest.mark.parametrize(
    ("text", "swap"),
    [
        ("A ticket to Lisbon, no wait, Porto please", ("Lisbon", "Porto")),
        ("A ticket to Lisbon or rather Porto", ("Lisbon", "Porto")),
        ("A ticket to Lisbon uh Porto", ("Lisbon", "Porto")),
        ("A ticket to Lisbon, scratch that. Porto.", ("Lisbon", "Porto")),
        ("The bill for Mr Adler, sorry, for Mrs Baum", ("Mr Adler", "Mrs Baum")),
        ("Was it Baker Hall that burnt, I mean Dorset Hall?", ("Baker Hall", "Dorset Hall")),
        ("Who won in 1974 no in 1978?", ("1974", "1978")),
        ("a ticket to lisbon no to porto", ("lisbon", "porto")),
        ("the blue one i mean the green one", ("blue", "green")),
        ("some tea, I mean coffee, with sugar", ("tea", "coffee")),
        ("to Lisbon, no, Porto, no, Faro", ("Lisbon", "Faro")),
        ("in Lisbon, no, not in Lisbon but in Porto", ("Lisbon", "Porto")),
        ("in Lisbon, no, not Lisbon, Porto", ("Lisbon", "Porto")),
    ],
)
def test_the_new_value_lines_up_with_the_old_one(text, swap):
    assert swap in swaps(text)


@pytest.mark.parametrize(
    "text",
    [
        "To Porto rather than Lisbon",
        "Porto instead of Lisbon please",
        "A ticket to Lisbon or uh Porto",
        "Lisbon, actually Porto is too far",
        "Lisbon, and make it for two",
        "Lisbon, no refunds I know",
        "To Lisbon on Delta uh Saturday",
        "I was in Lisbon, oh, Porto was lovely too",
        "I'd like Lisbon. Actually, is the weather good?",
        "An appointment with Dr Adler actually, in Porto",
        "I'm not that hungry after Lisbon",
    ],
)
def test_a_second_name_alone_takes_nothing_back(text):
    assert swaps(text) == []


@pytest.mark.parametrize(
    ("said", "arguments"),
    [
        ("Fly me to Lisbon, no, Porto", {"city": "Lisbon"}),
        (
            "Who painted the ceiling in Lisbon, no sorry, when was it built in Porto?",
            {"q": "When was it built in Lisbon?"},
        ),
        ("What did Adler say about trade, no Baum?", {"q": "What did Adler say about trade?"}),
        ("Where does the Duero um tell me where the Tagus ends?", {"q": "Where does the Duero end?"}),
        ("a flight from lisbon no from porto", {"origin": "lisbon"}),
    ],
)
def test_an_argument_with_the_old_value_is_caught(said, arguments):
    assert fires(said, **arguments)


@pytest.mark.parametrize(
    ("said", "arguments"),
    [
        ("Fly me to Lisbon, no, Porto", {"city": "Porto"}),
        ("From Lisbon, no wait, I leave from Porto to Lisbon", {"origin": "Porto", "destination": "Lisbon"}),
        ("Lisbon, no wait, do you have Saturday?", {"city": "Lisbon"}),
        ("My wife is in Lisbon, I mean she loves Porto, but I go to Faro", {"city": "Faro"}),
        ("Fly me to New York, sorry, this is Anna Baum speaking", {"city": "New York"}),
        ("To San Fransisco uh Portland", {"city": "Portland"}),
        ("Who ruled Lisbon um no Porto in 1400?", {"q": "Who ruled Porto in 1400?"}),
        ("What is Lisbon actually no what does Porto export?", {"q": "What does Porto export?"}),
        (
            "Adler knows Lisbon no um lives between Porto no um Faro and the sea",
            {"q": "Adler lives between Faro and the sea"},
        ),
        ("A hot dog, no sauce", {"item": "hot dog"}),
        ("How is Adler College instead tell me how Baum College is run?", {"q": "How is Baum College run?"}),
    ],
)
def test_an_argument_with_what_stands_passes(said, arguments):
    assert checks_that_fire(call_so_far(f"c: {said}"), calls("look_up", arguments)) == set()


@pytest.mark.parametrize(
    "said",
    [
        "two, no wait, three burgers please",
        "I'd like two burgers, sorry, three",
        "2 burgers, I mean 3",
        "two uh three burgers",
    ],
)
def test_a_number_put_right_in_one_breath_is_used(said):
    fired = [
        checks_that_fire(call_so_far(f"c: {said}"), calls("order", {"items": [{"name": "burger", "quantity": number}]}))
        for number in (2, 3)
    ]
    assert "stale_argument" in fired[0]
    assert fired[1] == set()


def test_a_take_back_by_name_a_turn_later_is_heeded():
    said = call_so_far("c: Two tickets for Hamlet.", "a: Which day?", "c: No wait, not Hamlet, Macbeth.")
    assert checks_that_fire(said, calls("book", {"show": "Hamlet", "tickets": 2})) == {"exclusion_put_in"}
    assert checks_that_fire(said, calls("book", {"show": "Macbeth", "tickets": 2})) == set()


def test_an_agent_who_repeats_the_old_name_is_caught():
    said = call_so_far("c: A table at Luigi's, I mean at Dino's")
    assert checks_that_fire(said, says("Great, your table at Luigi's is booked.")) == {"taken_back"}
    assert checks_that_fire(said, says("Great, your table at Dino's is booked.")) == set()


@given(st.lists(st.sampled_from(["no", "uh", "I mean", "Lisbon", "porto", "7", ",", ".", "to", "not that", "but"])))
def test_any_stammer_is_read(words):
    for swap in swaps_of(read_entry(Turn(0, Role.CUSTOMER, " ".join(words)), None, 0)):
        assert swap.gone
        assert swap.fresh
        assert not set(swap.gone) & set(swap.fresh)


@pytest.mark.parametrize("piece", ["no, Al ", "uh I mean Bo ", "sorry, ", "Al no wait "])
def test_a_long_stammer_costs_no_more_than_milliseconds(piece):
    entry = read_entry(Turn(0, Role.CUSTOMER, piece * 2000), None, 0)
    started = time.perf_counter()
    swaps_of(entry)
    assert time.perf_counter() - started < 0.5
