"""Tier 0 over what the latest words ask for and a call does not have."""

from __future__ import annotations

import pytest

from judging.core.names import names_in
from tests.unit.judging.helpers import call_so_far, calls, checks_that_fire, decide

NAMES = [
    ("Please take me to Green Park and then to Soho", ["Green Park", "Soho"]),
    ("Tell Anna Bergman that I like tea", ["Anna Bergman"]),
    ("Yes, That is Right. What is the Address? I am Fine", ["Address"]),
    ("on Friday March 8th at Noon", []),
    ("BRING ME TWO PIZZAS WITH HAM", []),
    ("my details are\nAccount Holder: Eva Lind", ["Eva Lind"]),
    ("no capitals at all", []),
]

FIRES = [
    ("stale_argument", ["c: some pizzeria in Turin", "a: Nothing is free.", "c: How about Verona?"], TURIN := {
        "city": "Turin",
    }),
    ("stale_argument", ["c: a table in Turin", "a: At what time?", "c: I'd rather eat in Verona, at 5 pm"], {
        "city": "Turin", "time": "17:00",
    }),
    ("stale_argument", ["c: call me a Geologist", "a: Where?", "c: In Rome. I want a Radiologist"], {
        "kind": "Geologist", "city": "Rome",
    }),
    # changed at a read-back, and the agent took it up
    ("stale_argument", [
        "c: read me Moby Dick",
        "a: Shall I read Moby Dick on the hall speaker?",
        "c: No, in my attic.",
        "a: Shall I read it on the attic speaker?",
        "c: Yes.",
    ], {"book": "Moby Dick", "device": "hall speaker"}),
    ("stale_argument", [
        "c: a visit to Rose Court",
        "a: A visit to Rose Court, is that right?",
        "c: No, we want to see Elm House.",
        "a: A visit to Elm House, is that right?",
        "c: Yes, at noon.",
    ], {"home": "Rose Court"}),
    # confirmed by a yes, or changed with a question
    (
        "stale_argument",
        ["c: a room in Turin", "c: rather one at the Grand Palace", "a: A room at the Grand Palace, right?", "c: Yes"],
        {"place": "Turin"},
    ),
    (
        "stale_argument",
        ["a: I read it on the hall speaker, right?", "c: Can you use my attic?", "a: On the attic speaker.", "c: Yes"],
        {"device": "hall speaker"},
    ),
    # names that begin alike, short forms, and words without capitals
    ("stale_argument", ["c: some pizzeria in San Remo", "a: None is free.", "c: How about one in San Marino?"], {
        "city": "San Remo",
    }),
    ("stale_argument", ["c: trains from NH", "a: When?", "c: And are there trains from Dover?"], {
        "origin": "New Haven",
    }),
    ("stale_argument", ["c: some pizzeria in turin", "a: None is free.", "c: how about one in verona"], {
        "city": "Turin",
    }),
    # the same kind of name, put in another's place
    ("stale_argument", [
        "a: Kindly check: Falcon Trains at 7 pm, is that right?",
        "c: No, I'd like Heron Trains.",
        "a: Please confirm: Heron Trains.",
        "c: Yes.",
    ], {"company": "Falcon Trains", "time": "19:00"}),
    # counts, in whatever words
    (
        "stale_argument",
        ["a: One night for two, is that right?", "c: No, three people.", "a: For three people, right?", "c: Yes."],
        {"guests": 2, "nights": 1},
    ),
    (
        "stale_argument",
        ["a: A room for 3 nights, right?", "c: No, just one night.", "a: For 1 night, right?", "c: Yes."],
        {"rooms": 1, "nights": 3},
    ),
    ("stale_argument", ["c: two baths, please", "a: Here it is.", "c: I need three baths"], {"baths": 2, "beds": 3}),
    # dates, times and counts
    ("left_out", ["a: For three on March 7th at Luigi's, right?", "c: Yes"], {"restaurant": "Luigi's", "guests": 3}),
    ("left_out", ["c: I want a table at Luigi's for four people"], {"restaurant": "Luigi's"}),
    ("stale_argument", ["c: at 5 pm", "a: On March 7th at 6 pm, right?", "c: Yes"], {"time": "17:00"}),
    # the wrong way round
    ("swapped_arguments", ["c: a train from Turin to Milan"], {"origin": "Milan", "destination": "Turin"}),
    (
        "swapped_arguments",
        ["a: Where are you leaving from?", "c: Turin", "a: And what is your destination?", "c: Milan"],
        {"from_city": "Milan", "to_city": "Turin"},
    ),
    ("swapped_arguments", ["c: I am leaving Turin for Milan"], {"departure": "Milan", "arrival": "Turin"}),
    # asked for, and nowhere in the call
    ("left_out", ["c: play Blue Moon by Billie Holiday"], {"song": "Blue Moon"}),
]  # fmt: skip

DOES_NOT_FIRE = [
    (["c: a table in Turin", "c: How about Verona?"], {"city": "Verona"}),
    (["c: a table in Turin", "c: it is for my cousin Bruno"], {"city": "Turin"}),
    (["c: a table in Turin", "c: This is Carla Bruni speaking"], {"city": "Turin"}),
    # says more of what the call has, or says it in other words
    (["c: from Turin", "c: to Springfield, Illinois"], {"from": "Turin", "to": "Springfield"}),
    (["c: a table in Turin", "c: something for Vegans"], {"city": "Turin", "kind": "plant-based"}),
    (["c: in New Delhi"], {"city": "Delhi"}),
    # what a name in a list to choose from is called by the caller, and what only describes the next word
    (["a: A talk or a Course, maybe?", "c: I want a Lecture, like a talk"], {"kind": "Talk"}),
    (["c: a table in Turin", "c: How about some in the Garden section?", "c: What else is there?"], {"city": "Turin"}),
    # where one leaves from is no other place of a stay
    (["c: a room around Turin", "c: We are leaving from Verona.", "c: What else is there?"], {"city": "Turin"}),
    # callers without capitals who name no place
    (["c: some pizzeria in turin", "c: how about one in general, pay in cash"], {"city": "Turin"}),
    # taken back in the same breath, or ruled out
    (["c: play Blue Moon by Nina Simone, no, Billie Holiday"], {"song": "Blue Moon", "artist": "Billie Holiday"}),
    (["c: a bus to Turin", "c: anything but not Verona"], {"to": "Turin"}),
    # a side question after a yes
    (["c: a table in Turin", "a: In Turin, is that right?", "c: Yes. Do they have Wifi there?"], {"city": "Turin"}),
    # what an offer lays out, a price, a part of a name, a thing with a number in it
    (["c: a table in Turin", "a: I found 3 tables at Bella Vista. Does that work?", "c: Yes"], {"city": "Turin"}),
    (["a: I play Summer of Sixty Nine on Friday, right?", "c: Yes"], {"song": "Summer of Sixty Nine", "day": "Friday"}),
    (["c: a two litre bottle of water, please"], {"item": "water"}),
    (["c: a table at Luigi's", "c: March 7th is too soon, what else is there?"], {"restaurant": "Luigi's"}),
    # counts that the call has
    (
        ["a: A room for 3 nights, right?", "c: No, two rooms.", "a: 2 rooms, right?", "c: Yes."],
        {"rooms": 2, "nights": 3},
    ),
    (["c: two beds", "c: and I need three baths"], {"beds": 2, "baths": 3}),
    # the right way round, or said of neither
    (["c: a train to Milan from Turin"], {"origin": "Turin", "destination": "Milan"}),
    (["c: Turin and Milan"], {"origin": "Milan", "destination": "Turin"}),
    # changed twice
    (
        [
            "c: read Moby Dick",
            "a: Read Moby Dick, right?",
            "c: No, Bleak House.",
            "a: Read Bleak House, right?",
            "c: No, Moby Dick.",
            "a: Read Moby Dick, right?",
            "c: Yes",
        ],
        {"book": "Moby Dick"},
    ),
]


@pytest.mark.parametrize(("text", "names"), NAMES)
def test_names_of_a_turn(text, names):
    entry = call_so_far(f"c: {text}").ledger.entries[0]
    assert [name.text for name in names_in(entry)] == names


@pytest.mark.parametrize(("check", "lines", "arguments"), FIRES)
def test_fires(check, lines, arguments):
    assert check in checks_that_fire(call_so_far(*lines), calls("do_it", arguments))


@pytest.mark.parametrize(("lines", "arguments"), DOES_NOT_FIRE)
def test_does_not_fire(lines, arguments):
    assert checks_that_fire(call_so_far(*lines), calls("do_it", arguments)) == set()


def test_the_correction_names_what_stands_and_what_it_replaces():
    verdict = decide(call_so_far(*FIRES[0][1]), calls("find_table", TURIN))
    assert verdict.correction == "Just to confirm: Verona, not Turin?"
    assert [item.as_json() for item in verdict.evidence] == [
        {"value": "Turin", "source_turn": 0, "status": "superseded", "argument": "city", "replaced_by": "Verona"}
    ]


def test_where_two_names_were_asked_about_only_the_new_one_is_repeated():
    conversation = call_so_far("a: From Turin to Milan, correct?", "c: No sorry, I meant Verona.")
    verdict = decide(conversation, calls("book_train", {"origin": "Turin", "destination": "Milan"}))
    assert (verdict.check, verdict.correction) == ("left_out", "Just to confirm: Verona?")


def test_a_name_in_capitals_only_by_german_spelling_is_no_wish():
    conversation = call_so_far("c: Guten Tag, ich brauche einen Tisch in Turin.", "c: Haben Sie auch eine Terrasse?")
    assert checks_that_fire(conversation, calls("find_table", {"city": "Turin"})) == set()
