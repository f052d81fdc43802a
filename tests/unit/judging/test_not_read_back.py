"""Tier 0 over values that a whole read-back did not have, though the customer agreed to it."""

from __future__ import annotations

import pytest

from judging.core import correction_line
from tests.unit.judging.helpers import call_so_far, calls, checks_that_fire, decide

WISH = "c: A table at the Fig Tree on May 3rd at 7 pm for two people. My name is Ada Bell. I was in Leeds last week."
READ_BACK = "a: Let me confirm: the Fig Tree in York on May 3rd at 7 pm for 2 people. Is that right?"
TABLE = {"restaurant": "Fig Tree", "city": "York", "date": "2024-05-03", "time": "19:00", "guests": 2}


@pytest.mark.parametrize(
    ("lines", "arguments"),
    [
        # said before, but the whole read-back had another in its place
        ([WISH, READ_BACK, "c: Yes please."], TABLE | {"city": "Leeds"}),
        # a class that nobody named
        ([WISH, READ_BACK, "c: Yes please."], TABLE | {"seating_class": "Terrace"}),
        # a choice that nobody spoke of
        ([WISH, READ_BACK, "c: Yes please."], TABLE | {"candles": True}),
        # read back once more with another value
        (
            [
                "a: Please confirm: Moonrise with Danish captions?",
                "c: With Dutch captions.",
                "a: Please confirm: Moonrise with Dutch captions?",
                "c: Yes.",
            ],
            {"film": "Moonrise", "captions": "Danish"},
        ),
    ],
)
def test_what_the_customer_was_not_asked_is_stopped(lines: list[str], arguments: dict[str, object]) -> None:
    assert "not_read_back" in checks_that_fire(call_so_far(*lines), calls("book_table", arguments))


@pytest.mark.parametrize(
    ("lines", "arguments"),
    [
        ([WISH, READ_BACK, "c: Yes please."], TABLE),
        # what a caller says of themselves is not read back
        ([WISH, READ_BACK, "c: Yes please."], TABLE | {"customer_name": "Ada Bell"}),
        # a tool gave it
        (["t: {'table': 'Bay Window'}", WISH, READ_BACK, "c: Yes please."], TABLE | {"table": "Bay Window"}),
        # only a part was read back, after a change
        (
            [
                WISH,
                READ_BACK,
                "c: Make it the 4th of May.",
                "a: Let me confirm: the Fig Tree on May 4th at 7 pm. Is that right?",
                "c: Yes.",
            ],
            {"restaurant": "Fig Tree", "city": "York", "date": "2024-05-04", "time": "19:00"},
        ),
        # an offer reads nothing back
        (
            [WISH, "a: I found the Fig Tree in York on May 3rd at 7 pm for 2 people, is that okay?", "c: Yes please."],
            TABLE | {"city": "Leeds"},
        ),
        # not agreed to
        ([WISH, READ_BACK, "c: Well, in Leeds I had better food."], TABLE | {"city": "Leeds"}),
        # the answer itself adds it
        ([WISH, READ_BACK, "c: Yes, with candles."], TABLE | {"candles": True}),
    ],
)
def test_what_may_have_been_left_out_of_the_read_back_passes(lines: list[str], arguments: dict[str, object]) -> None:
    assert "not_read_back" not in checks_that_fire(call_so_far(*lines), calls("book_table", arguments))


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({"seating_class": "Terrace"}, "Sorry, which seating class would you like?"),
        ({"candles": True}, "Just to confirm: no candles?"),
    ],
)
def test_the_agent_asks_for_it(more: dict[str, object], line: str) -> None:
    verdict = decide(call_so_far(WISH, READ_BACK, "c: Yes please."), calls("book_table", TABLE | more))
    finding = next(finding for finding in verdict.findings if finding.check == "not_read_back")
    assert correction_line(finding) == line
