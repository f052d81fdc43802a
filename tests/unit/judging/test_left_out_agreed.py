"""Tier 0 over words that the customer brought up and agreed to at a read-back, and the call has nowhere."""

from __future__ import annotations

import pytest

from tests.unit.judging.helpers import call_so_far, calls, checks_that_fire, decide

SONG = {"song": "Blue Hour"}


@pytest.mark.parametrize(
    ("check", "lines", "arguments"),
    [
        ("left_out", ["c: Put on Blue Hour in the attic.", "a: Blue Hour in the attic, right?", "c: Yes."], SONG),
        ("left_out", ["c: Blue Hour, with lyrics.", "a: Please confirm: Blue Hour with lyrics.", "c: Yes."], SONG),
        ("left_out", ["c: Blue Hour for me, the Deluxe cut.", "a: A Deluxe cut of Blue Hour, right?", "c: Yes."], SONG),
        # something else stands in its place
        (
            "stale_argument",
            ["a: Blue Hour in the cellar?", "c: Rather in the attic.", "a: Blue Hour in the attic, right?", "c: Yes."],
            SONG | {"room": "cellar"},
        ),
    ],
)
def test_what_was_agreed_to_and_left_out_is_stopped(check: str, lines: list[str], arguments: dict[str, object]) -> None:
    assert check in checks_that_fire(call_so_far(*lines), calls("start_it", arguments))


@pytest.mark.parametrize(
    ("lines", "arguments"),
    [
        (["c: Blue Hour in the attic.", "a: Blue Hour in the attic, right?", "c: Yes."], SONG | {"room": "Attic"}),
        # the call names it
        (["c: Blue Hour with lyrics.", "a: Blue Hour with lyrics, right?", "c: Yes."], SONG | {"lyrics": True}),
        (
            ["c: And with large lyrics.", "a: Blue Hour with large lyrics, right?", "c: Yes."],
            SONG | {"has_lyrics": True},
        ),
        # spoken of first by the agent, or for something before
        (["a: It is on the Indigo album.", "c: Fine, Indigo.", "a: Blue Hour on Indigo, right?", "c: Yes."], SONG),
        (
            ["c: Songs of Norway?", "a: Blue Hour.", "c: That one.", "a: So you want Blue Hour of Norway?", "c: Yes."],
            SONG,
        ),
        # no part of what is wanted
        (["c: I like the singer with the beard.", "a: Blue Hour, right?", "c: Yes."], SONG),
        (["c: This is Ada Bell.", "a: Blue Hour for Bell, right?", "c: Yes."], SONG),
        (["c: Blue Hour without lyrics.", "a: Blue Hour without lyrics, right?", "c: Yes."], SONG),
        # a yes to an offer, and a no
        (["c: What is there in the attic?", "a: I found Blue Hour in the attic, right?", "c: Yes."], SONG),
        (["c: Blue Hour in the attic.", "a: Blue Hour in the attic, right?", "c: No, not there."], SONG),
    ],
)
def test_what_was_not_agreed_to_passes(lines: list[str], arguments: dict[str, object]) -> None:
    assert not checks_that_fire(call_so_far(*lines), calls("start_it", arguments))


def test_the_agent_repeats_it() -> None:
    conversation = call_so_far("c: Blue Hour in the attic.", "a: Blue Hour in the attic, right?", "c: Yes.")
    assert "attic" in decide(conversation, calls("start_it", SONG)).correction
