"""Whether a tool's result tells of success, and what follows for "I have done it"."""

from __future__ import annotations

import pytest

from judging.core import Role, ToolCall, Turn
from judging.core.outcomes import succeeded, value_of
from tests.unit.judging.helpers import call_so_far, checks_that_fire, says


@pytest.mark.parametrize(
    "text",
    ["False", "null", "Error: card expired", "(True, False)", '{"success": false}', '{"error": "no such order"}',
     '{"status": "failed", "id": 4}'],
)  # fmt: skip
def test_a_failure_is_told(text):
    assert not succeeded(Turn(0, Role.TOOL, text))


@pytest.mark.parametrize(
    "text", ["True", "", "(True, 12)", '{"success": true}', '{"error": null, "id": 4}', '{"wifi": false}', "booked"]
)
def test_anything_else_is_no_failure(text):
    assert succeeded(Turn(0, Role.TOOL, text))


def test_the_value_of_a_pair_is_its_second_part():
    assert value_of(Turn(0, Role.TOOL, "(True, 12.5)")) == "12.5"


def _after_results(*texts):
    conversation = call_so_far("c: book me a table and send the bill")
    for text in texts:
        conversation.add(Turn(conversation.next_index, Role.TOOL, text, tool_name="book_table"))
    return conversation


def test_what_a_tool_failed_to_do_is_not_done():
    assert checks_that_fire(_after_results("Error: full"), says("I have booked it.")) == {"done_claim"}


@pytest.mark.parametrize("texts", [("booked",), ("Error: full", "booked")])
def test_what_a_tool_did_at_last_is_done(texts):
    assert checks_that_fire(_after_results(*texts), says("I have booked it.")) == set()


def test_a_call_that_is_made_again_may_do_it():
    again = Turn(9, Role.AGENT, "I have booked it.", tool_calls=(ToolCall("book_table", {}),))
    assert "done_claim" not in checks_that_fire(_after_results("Error: full"), again)
