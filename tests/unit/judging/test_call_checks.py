"""Tier 0 over tool calls: each case is a call so far, the arguments, and whether the named check fires."""

from __future__ import annotations

import pytest

from tests.unit.judging.helpers import call_so_far, calls, checks_that_fire, decide

HI = "a: Hi, how can I help?"

FIRES = [
    # nobody said it
    ("ungrounded_argument", ["c: a table at Luigi's please"], {"restaurant": "Golden Dragon"}),
    ("ungrounded_argument", ["c: one pizza with ham"], {"toppings": ["ham", "olives"]}),
    ("wrong_date", ["c: a table on March 7th"], {"date": "2024-03-08"}),
    ("wrong_date", ["c: a table tomorrow"], {"date": "2024-03-04"}),
    ("wrong_time", ["c: at half past six in the evening"], {"time": "19:30"}),
    ("wrong_time", ["c: around 5 pm"], {"time": "05:00"}),
    ("wrong_quantity", ["c: three large pizzas"], {"quantity": 6}),
    ("wrong_amount", ["c: a refund of forty five dollars"], {"amount": 54}),
    # ruled out
    ("exclusion_put_in", ["c: a pizza with ham, no pepperoni"], {"toppings": ["ham", "pepperoni"]}),
    ("exclusion_put_in", ["c: a salad without onions or olives"], {"extras": ["olives"]}),
    ("exclusion_put_in", ["c: hold the mayo please"], {"sauce": "mayo"}),
    (
        "exclusion_put_in",
        ["c: with ham and pepperoni", "c: take the pepperoni off"],
        {"toppings": ["ham", "pepperoni"]},
    ),
    ("exclusion_put_in", ["c: with ham and olives", "c: forget the olives"], {"toppings": ["ham", "olives"]}),
    (
        "exclusion_put_in",
        ["c: on Friday", "c: Morning, please. And make that Saturday instead of Friday."],
        {"day": "Friday"},
    ),
    # said, then replaced
    ("stale_argument", ["c: two medium pizzas", "c: make it just one pizza instead of two"], {"quantity": 2}),
    (
        "stale_argument",
        ["c: book it for March 7th", "a: For the 7th, right?", "c: No, the 9th"],
        {"date": "2024-03-07"},
    ),
    ("stale_argument", ["c: at 5 pm", "a: 5 pm, right?", "c: Actually 6 pm"], {"time": "17:00"}),
    ("stale_argument", ["c: two tickets", "a: Two tickets, right?", "c: Make it 4"], {"tickets": 2}),
    ("stale_argument", ["c: Two large pizzas. Actually, make it one."], {"quantity": 2}),
    ("stale_argument", ["c: Two large pizzas.", "a: Anything else?", "c: Actually, make it one."], {"quantity": 2}),
    ("stale_argument", ["c: Two large pizzas, wait, make that just one please."], {"quantity": 2}),
    ("stale_argument", ["c: One large pizza.", "a: Sure. Which one?", "c: Ham. And make it two."], {"quantity": 1}),
    ("stale_argument", ["c: a taxi to Boston", "c: no, get me a taxi to Salem"], {"to": "Boston"}),
    ("stale_argument", ["c: Who runs Acme, no, Globex?"], {"question": "Who runs Acme these days in the city?"}),
    (
        "stale_argument",
        ["a: Sending it to your office, right?", "c: no, to my house", "a: Sending it to your house, right?", "c: yes"],
        {"place": "office"},
    ),
    (
        "stale_argument",
        ["a: A room without breakfast, right?", "c: No, with breakfast"],
        {"breakfast": False},
    ),
    (
        "stale_argument",
        ["c: I like comedy films", "a: How about Airplane?", "c: Any horror films?"],
        {"genre": "comedy"},
    ),
]

DOES_NOT_FIRE = [
    # said in other words
    (["c: a table at luigis please"], {"restaurant": "Luigi's"}),
    (["c: I fly from NYC to L.A."], {"from": "New York City", "to": "Los Angeles"}),
    (["c: one pie with mushroom and olive"], {"toppings": ["mushrooms", "olives"], "kind": "pizza"}),
    (["c: peperoni please"], {"topping": "pepperoni"}),
    (["c: my number is four one five, five five five, oh one two three"], {"phone": "415-555-0123"}),
    (["c: order A B one two seven"], {"order_id": "AB-127"}),
    # dates and times in speech
    (["c: on the seventh of March"], {"date": "2024-03-07"}),
    (["c: next Friday"], {"date": "2024-03-08"}),
    (["c: the day after tomorrow"], {"date": "2024-03-03"}),
    (["c: on the 12th of this month"], {"date": "2024-03-12"}),
    (["c: in three days"], {"date": "2024-03-04"}),
    (["c: a quarter to eight in the morning"], {"time": "07:45"}),
    (["c: at noon"], {"time": "12:00"}),
    (["c: at five o'clock in the afternoon"], {"time": "17:00"}),
    (["c: evening 6"], {"time": "18:00"}),
    # numbers in speech, defaults, sums
    (["c: a couple of coffees"], {"quantity": 2}),
    (["c: a coffee"], {"quantity": 1}),
    (["c: coffee please"], {"quantity": 1}),
    (["c: half a dozen eggs"], {"quantity": 6}),
    (["c: two hundred and fifty grams"], {"grams": 250}),
    (["t: price 120", "t: fee 30"], {"total": 150}),
    (["c: something from '18"], {"year": 2018}),
    # excluded and left out, or asked for after all
    (["c: ham, no pepperoni"], {"toppings": ["ham"], "without": ["pepperoni"]}),
    (["c: no pepperoni", "c: okay, add pepperoni then"], {"toppings": ["pepperoni"]}),
    (["c: No, pepperoni is what I want"], {"toppings": ["pepperoni"]}),
    (["c: No. Mushrooms please"], {"toppings": ["mushrooms"]}),
    (["c: with olives", "c: no olives", "c: well, olives after all"], {"toppings": ["olives"]}),
    (["c: Morning, please. And make that Saturday instead of Friday."], {"day": "Saturday", "part": "morning"}),
    # corrected, and the call has the correction
    (["c: on March 7th", "a: the 7th?", "c: No, the 9th"], {"date": "2024-03-09"}),
    (["c: to Boston", "c: actually to Salem"], {"to": "Salem"}),
    (["c: Who runs Acme, no, Globex?"], {"question": "Who runs Globex these days in the city?"}),
    (["c: from the 7th until the 9th"], {"start_date": "2024-03-07", "end_date": "2024-03-09"}),
    # what was made one, or made 7, is another thing
    (["c: Two large pizzas. Actually, make it one."], {"quantity": 1}),
    (["c: Two large pizzas and the salad. Make that one large."], {"quantity": 2}),
    (["c: Two large pizzas and a cola. Actually, make it one."], {"quantity": 2}),
    (["c: Two tickets at 5 pm", "a: At 5 pm, right?", "c: Make it 7"], {"tickets": 2}),
    (["c: Two large pizzas. Make it three. No, make it two."], {"quantity": 2}),
    # a birthday is no newer travel date
    (["c: on March 7th 2024", "c: I was born January 6th 1968"], {"date": "2024-03-07"}),
    # a yes to something else
    (["c: two tickets at 5 pm", "a: It lasts 3 hours, fine?", "c: yes"], {"tickets": 2, "time": "17:00"}),
    # without a date of the call nothing relative is judged wrong
    (["c: no arguments at all"], {}),
]


@pytest.mark.parametrize(("check", "lines", "arguments"), FIRES)
def test_fires(check, lines, arguments):
    assert check in checks_that_fire(call_so_far(HI, *lines), calls("do_it", arguments))


@pytest.mark.parametrize(("lines", "arguments"), DOES_NOT_FIRE)
def test_does_not_fire(lines, arguments):
    assert checks_that_fire(call_so_far(HI, *lines), calls("do_it", arguments)) == set()


def test_a_tool_that_takes_things_out_may_name_them():
    assert checks_that_fire(call_so_far("c: cancel my Gold plan"), calls("cancel_plan", {"plan": "Gold"})) == set()


def test_relative_dates_are_open_without_the_date_of_the_call():
    conversation = call_so_far("c: next Friday", now=None)
    assert checks_that_fire(conversation, calls("do_it", {"date": "2024-03-20"})) == set()


READ_BACK = "Read the order back and get a yes before calling place_order."


@pytest.mark.parametrize(
    "lines",
    [
        ["c: two pizzas"],
        ["c: two pizzas", "a: Two pizzas, is that right?", "c: No, make it three"],
        ["c: two pizzas", "a: Two pizzas, is that right?", "c: I want three pizzas"],
        ["c: two pizzas", "a: Sounds tasty! Anything to drink?", "c: yes"],
    ],
)
def test_a_tool_is_held_until_its_details_are_confirmed(lines):
    turn = calls("place_order", {"item": "pizzas", "quantity": 3 if "three" in lines[-1] else 2})
    assert checks_that_fire(call_so_far(*lines), turn, READ_BACK) == {"missing_read_back"}


@pytest.mark.parametrize("answer", ["Yes", "yeah that's right", "Perfect, thanks", "Sounds good. What does it cost?"])
def test_a_confirmed_tool_goes_through(answer):
    conversation = call_so_far("c: two pizzas", "a: Two pizzas, is that right?", f"c: {answer}")
    turn = calls("place_order", {"item": "pizzas", "quantity": 2})
    assert checks_that_fire(conversation, turn, READ_BACK) == set()


def test_a_read_back_rule_is_about_its_own_tool_only():
    assert checks_that_fire(call_so_far("c: pizza menu"), calls("show_menu", {"item": "pizza"}), READ_BACK) == set()


PAUSE = "If the customer asks to cancel, offer a pause before calling cancel_plan."


@pytest.mark.parametrize(
    ("lines", "tool", "expected"),
    [
        (["c: cancel my plan"], "cancel_plan", {"said_too_late"}),
        (["c: cancel my plan", "a: One moment.", "c: can I pause it?"], "cancel_plan", {"said_too_late"}),
        (["c: cancel my plan", "a: We could pause it for a month instead.", "c: no"], "cancel_plan", set()),
        (["c: cancel my plan"], "show_plan", set()),
    ],
)
def test_a_tool_is_held_until_the_agent_spoke_of_what_a_rule_wants_first(lines, tool, expected):
    assert checks_that_fire(call_so_far(*lines), calls(tool), PAUSE) == expected


def test_evidence_names_value_turn_and_status():
    conversation = call_so_far("c: at 5 pm", "a: 5 pm, right?", "c: Actually 6 pm")
    verdict = decide(conversation, calls("do_it", {"time": "17:00"}))
    assert [item.as_json() for item in verdict.evidence] == [
        {"value": "17:00", "source_turn": 1, "status": "superseded", "argument": "time", "replaced_by": "6 pm"}
    ]
    assert verdict.correction == "Just to confirm: 6 pm, not 5 pm?"
