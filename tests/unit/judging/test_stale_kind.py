"""Tier 0 over classes of things that the customer replaced by others."""

from __future__ import annotations

import pytest

from tests.unit.judging.helpers import call_so_far, calls, checks_that_fire, decide


@pytest.mark.parametrize(
    ("lines", "arguments"),
    [
        (["c: I need a plumber in Hull.", "a: I found Pipe and Sons.", "c: Could you find me a roofer?"], {
            "trade_type": "Plumber", "city": "Hull",
        }),
        (["c: Any trade would do.", "a: There is Pipe and Sons, a plumber.", "c: I'd rather have a roofer in Hull."], {
            "trade_type": "Plumber", "city": "Hull",
        }),
        # in the words of the customer, of which the value is one form
        (["c: Show me some poetical tales.", "a: There are two.", "c: And what horror tales are there?"], {
            "genre": "Poetry",
        }),
        (["c: Play me jazz.", "a: Here is Blue Hour.", "c: What about techno?"], {"genre": "Jazz"}),
        (["c: Play some jazz songs.", "a: Here is Blue Hour.", "c: How about techno songs?"], {"genre": "Jazz"}),
        # two words that only begin alike
        (["c: I need an astronomer.", "a: In Hull?", "c: No, find me an astrologer."], {
            "trade_type": "Astronomer",
        }),
    ],
)  # fmt: skip
def test_the_class_that_was_replaced_is_stopped(lines: list[str], arguments: dict[str, str]) -> None:
    assert "stale_argument" in checks_that_fire(call_so_far(*lines), calls("find_it", arguments))


@pytest.mark.parametrize(
    ("lines", "arguments"),
    [
        # heard before: what the class is called in general
        (["c: I need a tradesman.", "a: Of which kind?", "c: A plumber.", "a: In Hull?", "c: Is there a tradesman?"], {
            "trade_type": "Plumber",
        }),
        # the value stands in the last words
        (["c: I need a plumber.", "a: Where?", "c: In Hull, a plumber with a van, what about weekends?"], {
            "trade_type": "Plumber",
        }),
        # a known thing, and a question about it
        (["c: Some comic books.", "a: Here is Fizz.", "c: Is it longer? I like the blurry books too."], {
            "genre": "Comedy",
        }),
        (["c: I need a plumber.", "a: There is Pipe and Sons.", "c: What time do they open, is there a lunch?"], {
            "trade_type": "Plumber",
        }),
        # a yes to a read-back asks for nothing else
        (["c: Play me jazz.", "a: You want jazz, right?", "c: Yes, in stereo."], {"genre": "Jazz"}),
        # what the customer calls a class that was not said, and a phrase that goes on
        (["c: Play me jazz.", "a: There are two songs.", "c: How about soft songs?"], {
            "genre": "Jazz", "volume_mode": "Quiet",
        }),
        (["c: I need a plumber.", "a: In Hull?", "c: Yes, for a leak-prone kitchen."], {"trade_type": "Plumber"}),
        # another argument has it
        (["c: I need a plumber.", "a: Where?", "c: Is there a woman?"], {"trade_type": "Plumber", "who": "Woman"}),
    ],
)  # fmt: skip
def test_the_class_that_still_stands_passes(lines: list[str], arguments: dict[str, str]) -> None:
    assert "stale_argument" not in checks_that_fire(call_so_far(*lines), calls("find_it", arguments))


def test_the_agent_says_the_new_one() -> None:
    conversation = call_so_far("c: I need a plumber.", "a: Where?", "c: In Hull. No wait, find me a roofer.")
    assert "roofer" in decide(conversation, calls("find_it", {"trade_type": "Plumber"})).correction
