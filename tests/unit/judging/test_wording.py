"""Tool calls and values in words that an agent can say."""

from __future__ import annotations

import pytest

from judging.core import ToolCall
from judging.core.arguments import arguments_of
from judging.core.wording import call_parts, count_word, counted, money, plain_name, plural, said, subject

PIZZA = {"item": "pizza", "size": "small", "quantity": 1, "toppings": ["olives"]}


def arguments(given):
    return arguments_of(ToolCall("do_it", given))


def spoken(given, **options):
    return ", ".join(call_parts(arguments(given), **options))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (PIZZA, "one small pizza with olives"),
        (
            PIZZA | {"quantity": 3, "toppings": ["olives", "ham", "corn"]},
            "three small pizzas with olives, ham and corn",
        ),
        (PIZZA | {"toppings": [], "without": ["onions", "ham"]}, "one small pizza, no onions or ham"),
        (PIZZA | {"size": "XL 2", "address": "12 Hill Road"}, "one pizza with olives, size XL 2, address 12 Hill Road"),
        (
            {"items": [{"name": "pizza", "quantity": 2, "size": "large"}, {"name": "cola", "quantity": 1}]},
            "two large pizzas, one cola",
        ),
        ({"kind": "pizza", "style": "thin crust", "quantity": 2}, "two thin crust pizzas"),
        # what does not fit is named plainly
        ({"item": "A4 paper 500", "quantity": 2}, "A4 paper 500, quantity 2"),
        ({"item": "pizza", "dish": "pasta", "size": "small"}, "pizza, pasta, size small"),
        ({"toppings": ["olives", "ham"], "size": "small"}, "toppings olives and ham, size small"),
        ({"quantity": 3}, "quantity 3"),
        ({"order_id": "AB-127", "reason": "too_late"}, "order id AB-127, reason too late"),
        (
            {"origin": "Boston", "destination": "Denver", "day": "Friday", "passengers": 1},
            "from Boston to Denver on Friday, one passenger",
        ),
        ({"date": "2024-03-02", "time": "17:30", "number_of_guests": 13}, "on March 2nd at 5:30 pm, 13 guests"),
        ({"start_date": "2024-03-11", "end_date": "2024-03-23"}, "start date March 11th, end date March 23rd"),
        ({"time": "00:05", "pickup_time": "12:00"}, "at 12:05 am, pickup time 12 pm"),
        # money
        ({"amount_usd": 289}, "289 dollars"),
        ({"fare_eur": 12.5, "tip": 1}, "fare 12.50 euros, tip 1"),
        ({"price": "$1,200"}, "price 1200 dollars"),
        ({"gift": True, "note": None}, ""),
        ({}, ""),
    ],
)
def test_a_call_is_spoken(given, expected):
    assert spoken(given) == expected


def test_what_stands_is_said_in_place_of_what_is_wrong():
    given = {"item": "pizza", "quantity": 2, "toppings": ["ham", "olives"], "size": "small"}
    heard = {"quantity": "one", "size": "large"}
    assert spoken(given, heard=heard, left_out={"toppings.0"}) == "one large pizza with olives"


def test_a_replaced_date_is_said_as_it_was_heard():
    assert spoken({"date": "2024-03-02"}, heard={"date": "the 9th"}) == "date the 9th"


@pytest.mark.parametrize(
    ("given", "number", "expected"),
    [
        (PIZZA, 2, "two pizzas"),
        ({"quantity": 5}, 1, "one"),
        ({"tickets": 5}, 1, "one ticket"),
        ({"tickets": 5}, 4, "four tickets"),
        ({"number_of_rooms": 5}, 2, "two rooms"),
        ({"stay_length": 5}, 2, "two"),
    ],
)
def test_a_count_names_its_thing_where_it_is_known(given, number, expected):
    found = arguments(given)
    count = next(one for one in found if one.shape == "number")
    assert counted(count, number, found) == expected


@pytest.mark.parametrize(
    ("raw", "expected"), [("Two", "two"), ("11th", "the 11th"), ("March 3rd", "March 3rd"), ("Six pm", "six pm")]
)
def test_what_was_heard_fits_into_a_sentence(raw, expected):
    assert said(raw) == expected


def test_small_words():
    assert [count_word(one) for one in (0, 1, 12, 13, 2.5)] == ["zero", "one", "twelve", "13", "2.5"]
    assert [plural(one, 2) for one in ("box", "berry", "day", "fries", "dish")] == [
        "boxes", "berries", "days", "fries", "dishes",
    ]  # fmt: skip
    assert [money(1, "dollars"), money(12.5, "euros"), money(3, "")] == ["1 dollar", "12.50 euros", "3"]
    assert [plain_name(one) for one in ("a.0.fareUsd", "usd", "order_id")] == ["fare", "amount", "order id"]
    assert [subject(one) for one in arguments({"toppings": ["ham"], "extra": ["ham"], "size": "big"})] == [
        "the toppings include", "the extra list includes", "size is",
    ]  # fmt: skip
