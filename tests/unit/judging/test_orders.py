"""Orders of several items: each count, size and part belongs to its own item, and nothing named may get lost."""

from __future__ import annotations

import pytest

from judging.core import correction_line
from tests.unit.judging.helpers import call_so_far, calls, checks_that_fire, decide


def item(name, quantity=1, **others):
    return {"name": name, "quantity": quantity, **others}


def fired(said, *items, tool="place_order"):
    lines = [said] if isinstance(said, str) else said
    conversation = call_so_far(*(line if line[1:2] == ":" else f"c: {line}" for line in lines))
    return checks_that_fire(conversation, calls(tool, {"items": list(items)}))


BURGER = "I'd like a burger with onions, pickles and cheddar and two colas"


@pytest.mark.parametrize(
    ("said", "items"),
    [
        (BURGER, [item("burger", extras=["onions", "cheddar"]), item("cola", 2)]),
        (BURGER, [item("burger", extras=["pickles", "cheddar"]), item("cola", 2)]),
        (
            "can i get a latte with oat milk and caramel syrup please",
            [item("latte", extras=["oat milk"])],
        ),
        ("a wrap with beans on it and i want guacamole too", [item("wrap", fillings=["beans"])]),
        ("one salad with tomatoes olives and feta", [item("salad", extras=["olives", "feta"])]),
        ("get me a ham sandwich with extra mustard", [item("sandwich", extras=["ham"])]),
        ("two turkey and bacon subs on rye bread", [item("sub", 2, bread="rye", fillings=["turkey"])]),
    ],
)
def test_a_part_that_got_lost_is_caught(said, items):
    assert fired(said, *items) == {"dropped_value"}


@pytest.mark.parametrize(
    ("said", "items"),
    [
        (BURGER, [item("burger", extras=["onions", "pickles", "cheddar"]), item("cola", 2)]),
        ("a burger with red onions and aged cheddar cheese", [item("burger", extras=["onions", "cheddar"])]),
        ("a burger with onions and please hurry up", [item("burger", extras=["onions"])]),
        ("a burger with onions and charge my card", [item("burger", extras=["onions"])]),
        ("a burger with onions and no pickles", [item("burger", extras=["onions"], without=["pickles"])]),
        ("a burger with onions but hold the pickles", [item("burger", extras=["onions"])]),
        ("a beef and onion hoagie with peppers", [{"kind": "sandwich", "extras": ["beef", "onions", "peppers"]}]),
        (
            "two small hoagies with ham and onions",
            [{"kind": "sandwich", "quantity": 2, "extras": ["ham", "onions"]}],
        ),
        ("a latte with oat milk for Anna and a muffin for Ben", [item("latte", extras=["oat milk"]), item("muffin")]),
        ("a burger with bbq sauce and onions", [item("burger", extras=["barbecue sauce", "onions"])]),
    ],
)
def test_an_order_that_is_whole_passes(said, items):
    assert fired(said, *items) == set()


@pytest.mark.parametrize(
    "lines",
    [
        ["a burger with onions and pickles", "a: Sorry, we are out of pickles.", "Fine then"],
        ["a burger with onions and pickles", "a: Okay.", "Actually skip the pickles"],
        ["a burger with onions and pickles", "a: With onions, no pickles, right?", "Yes"],
    ],
)
def test_a_part_that_was_spoken_of_again_is_left_open(lines):
    assert "dropped_value" not in fired(lines, item("burger", extras=["onions"]))


def test_a_call_that_adds_one_item_need_not_have_the_rest():
    order = call_so_far("c: a burger with onions and fries and a cola with ice")
    assert checks_that_fire(order, calls("add_item", {"name": "burger", "extras": ["onions"]})) == set()


def test_what_got_lost_is_asked_for():
    verdict = decide(
        call_so_far("c: a burger with onions and pickles"),
        calls("place_order", {"items": [item("burger", extras=["onions"])]}),
    )
    assert correction_line(verdict.findings[0]) == "Just to confirm: with pickles, too?"


@pytest.mark.parametrize(
    ("said", "items"),
    [
        ("two lattes and a blueberry muffin please", [item("latte", 2)]),
        ("two lattes, a large cola, and three bagels", [item("latte", 2), item("bagel", 3)]),
    ],
)
def test_an_item_that_got_lost_is_caught(said, items):
    assert fired(said, *items) == {"dropped_value"}


@pytest.mark.parametrize(
    ("said", "items"),
    [
        ("two lattes and a blueberry muffin please", [item("latte", 2), item("muffin")]),
        ("two lattes and a bit of patience", [item("latte", 2)]),
        ("two lattes for a friend and me", [item("latte", 2)]),
        ("two lattes in a hurry", [item("latte", 2)]),
        ("a hammer and two boxes of nails", [item("hammer"), item("nails", 2)]),
        ("two pies with a thin crust", [{"kind": "pizza", "quantity": 2, "style": "thin crust"}]),
        ("a brownie and two of those lattes", [item("brownie"), item("latte", 2)]),
        (["two lattes and a muffin", "a: The muffins are gone.", "Okay"], [item("latte", 2)]),
        (["two lattes and a muffin", "a: Sure.", "No, no muffin"], [item("latte", 2)]),
    ],
)
def test_an_order_with_all_its_items_passes(said, items):
    assert "dropped_value" not in fired(said, *items)


TWO = "two large lattes with soy milk, one espresso and a dozen bagels"


@pytest.mark.parametrize(
    ("said", "items"),
    [
        (TWO, [item("latte", 1, size="large", extras=["soy milk"]), item("espresso"), item("bagel", 12)]),
        (TWO, [item("latte", 2, size="large", extras=["soy milk"]), item("espresso", 2), item("bagel", 12)]),
        (TWO, [item("latte", 2, size="large", extras=["soy milk"]), item("espresso"), item("bagel", 2)]),
        ("half a dozen eggs and a loaf", [item("egg", 12), item("loaf")]),
        ("a couple of teas", [item("tea", 1)]),
        ("one red pen and another two blue pens", [item("pen", 1, color="red"), item("pen", 1, color="blue")]),
        ("3 pens and 5 pads", [item("pen", 5), item("pad", 5)]),
    ],
)
def test_a_count_of_another_item_is_caught(said, items):
    assert "wrong_quantity" in fired(said, *items)


@pytest.mark.parametrize(
    ("said", "items"),
    [
        (TWO, [item("latte", 2, size="large", extras=["soy milk"]), item("espresso"), item("bagel", 12)]),
        ("half a dozen eggs and a loaf", [item("egg", 6), item("loaf")]),
        ("one red pen and another two blue pens", [item("pen", 1, color="red"), item("pen", 2, color="blue")]),
        ("a latte, make it two", [item("latte", 2)]),
        ("bagels please, I need twelve of them", [item("bagel", 12)]),
        ("a two liter bottle of cola", [item("cola", 1, volume="2 liter")]),
        ("one large two shot latte", [item("latte", 1, size="large")]),
        ("oat milk in my coffee and two sugars", [item("coffee", 1, extras=["oat milk", "sugar"])]),
        ("a coffee and two sugars in it", [item("coffee", 1, extras=["sugar"])]),
        ("two lattes with small brownie", [item("latte", 2), item("brownie", 1, size="small")]),
        ("a double espresso", [item("espresso", 1, style="double")]),
        (["a latte", "a: One latte?", "No, two please"], [item("latte", 2)]),
        (
            "two teas, one with milk and one with lemon",
            [item("tea", 1, extras=["milk"]), item("tea", 1, extras=["lemon"])],
        ),
    ],
)
def test_a_count_that_was_said_passes(said, items):
    assert fired(said, *items) == set()


@pytest.mark.parametrize(
    ("said", "items"),
    [
        ("a large latte with extra foam", [item("latte", size="extra large", extras=["foam"])]),
        ("a small latte with extra foam", [item("latte", size="extra large", extras=["foam"])]),
        ("a bagel with onions", [item("bagel", extras=["onions", "red onions"])]),
        ("a bagel with extra cheese", [item("bagel", extras=["extra cheese", "extra ham"])]),
    ],
)
def test_a_value_that_says_more_than_was_said_is_caught(said, items):
    assert fired(said, *items) == {"ungrounded_argument"}


@pytest.mark.parametrize(
    ("said", "items"),
    [
        ("an extra large latte", [item("latte", size="extra large")]),
        ("an xl latte", [item("latte", size="extra large")]),
        ("a bagel with onions and red onions", [item("bagel", extras=["onions", "red onions"])]),
        ("a bagel with more cheese", [item("bagel", extras=["extra cheese"])]),
    ],
)
def test_a_value_in_other_words_passes(said, items):
    assert fired(said, *items) == set()
