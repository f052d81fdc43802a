"""What is said after a stop, and what the agent is told."""

from __future__ import annotations

import pytest

from judging.core import Evidence, Finding, Status, agent_voice, correction_line, system_note
from tests.unit.judging.helpers import call_so_far

STALE = Evidence("two", Status.SUPERSEDED, 1, "items.0.quantity", "one")


@pytest.mark.parametrize(
    "text",
    ["Just to confirm: one pizza?", "Sorry, I want to make sure I got that right.", "I will check that for you."],
)
def test_the_agents_voice_is_kept(text):
    assert agent_voice(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "Tell the customer that it is one pizza.",
        "Ask them to confirm.",
        "The customer wants one pizza.",
        "The agent should have said one pizza.",
        "I want one pizza, not two.",
        "No, I said one pizza.",
        "As an AI I cannot do that.",
        "",
        "word " * 41,
    ],
)
def test_another_voice_or_length_is_refused(text):
    assert agent_voice(text) == ""


@pytest.mark.parametrize(
    ("evidence", "line"),
    [
        ((STALE,), "Just to confirm: one, not two?"),
        ((Evidence("pepperoni", Status.SUPERSEDED),), "Just to confirm: no pepperoni?"),
        ((Evidence("7", Status.NEVER_SAID, None, "delivery_date"),), "Sorry, which delivery date would you like?"),
        ((), "Sorry, let me get that right. Could you tell me once more what you would like?"),
    ],
)
def test_the_line_comes_from_the_evidence(evidence, line):
    assert correction_line(Finding("check", 0.9, "why", evidence=evidence)) == line


def test_a_finding_s_own_correction_comes_first_when_it_can_be_spoken():
    own = Finding("check", 0.9, "why", evidence=(STALE,), correction="One pizza, right?")
    refused = Finding("check", 0.9, "why", evidence=(STALE,), correction="Tell the customer: one pizza.")
    assert [correction_line(own), correction_line(refused)] == ["One pizza, right?", "Just to confirm: one, not two?"]


def test_the_note_says_what_stands_what_was_said_and_how_to_go_on():
    turns = call_so_far("c: two pizzas", "a: Two.", "c: make it one").turns
    note = system_note(Finding("stale", 0.9, "quantity is 2", evidence=(STALE,)), "Just to confirm: one?", list(turns))
    for part in (
        "quantity is 2",
        "quantity is one, not two",
        '"make it one"',
        '"Just to confirm: one?"',
        "call no tool",
    ):
        assert part in note
