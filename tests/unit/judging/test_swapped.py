"""Two like arguments of a tool call with each other's values."""

from __future__ import annotations

import pytest

from judging.core import Conversation, Decision, JudgeSettings, Role, ToolCall, Turn, Verdict, judge, run, unavailable
from judging.core.types import Json

SAVINGS = {"from_account": "savings", "to_account": "checking"}


def verdict_of(said: list[tuple[str, str]], name: str, arguments: dict[str, Json]) -> Verdict:
    roles = {"c": Role.CUSTOMER, "a": Role.AGENT}
    turns = [Turn(at, roles[role], text) for at, (role, text) in enumerate(said)]
    call = Turn(len(turns), Role.AGENT, "", tool_calls=(ToolCall(name, arguments),))
    steps = judge(Conversation.from_turns(turns), call, (), JudgeSettings(tiers=frozenset({0})))
    return run(steps, unavailable)


SWAPPED = [
    (
        [("c", "Please move 200 dollars from my savings to checking.")],
        {"from_account": "checking", "to_account": "savings", "amount": 200},
        "Just to confirm: from savings to checking?",
    ),
    (
        [("c", "Can a courier come to Leeds?"), ("a", "Where does it leave from?"), ("c", "York, please.")],
        {"pickup_city": "Leeds", "dropoff_city": "York"},
        "Just to confirm: from York to Leeds?",
    ),
    (
        [("c", "The room is for us from the 3rd of May until the 9th of May.")],
        {"start_date": "2026-05-09", "end_date": "2026-05-03"},
        "Just to confirm: from May 3rd to May 9th?",
    ),
    (
        [("c", "I want a van. I return it at 5 pm, and I pick it up at 9 am.")],
        {"pickup_time": "17:00", "return_time": "09:00"},
        "Just to confirm: from 9 am to 5 pm?",
    ),
    (
        [("c", "I am leaving for Lyon on Monday. I depart from Nice.")],
        {"origin": "Lyon", "destination": "Nice"},
        "Just to confirm: from Nice to Lyon?",
    ),
]


@pytest.mark.parametrize(("said", "arguments", "correction"), SWAPPED)
def test_swapped_arguments_are_put_right(
    said: list[tuple[str, str]], arguments: dict[str, Json], correction: str
) -> None:
    verdict = verdict_of(said, "arrange", arguments)
    assert (verdict.decision, verdict.check) == (Decision.INTERVENE, "swapped_arguments")
    assert verdict.correction == correction


@pytest.mark.parametrize(("said", "arguments", "correction"), SWAPPED)
def test_the_same_values_the_right_way_round_pass(
    said: list[tuple[str, str]], arguments: dict[str, Json], correction: str
) -> None:
    first, second, *rest = arguments.items()
    right = {first[0]: second[1], second[0]: first[1], **dict(rest)}
    assert verdict_of(said, "arrange", right).decision is Decision.PASS


def test_the_way_back_of_a_journey_is_no_swap() -> None:
    said = [("c", "I need a train from Oslo to Bergen on Monday and back to Oslo on Friday.")]
    assert verdict_of(said, "book", {"origin": "Bergen", "destination": "Oslo"}).decision is Decision.PASS


def test_ends_said_both_ways_are_left_alone() -> None:
    said = [
        ("c", "Move 50 from savings to checking."),
        ("a", "Done. Anything else?"),
        ("c", "Now 20 from checking to savings."),
    ]
    call = {"from_account": "checking", "to_account": "savings", "amount": 20}
    assert verdict_of(said, "transfer", call).decision is Decision.PASS
    assert verdict_of(said, "transfer", {**SAVINGS, "amount": 20}).check != "swapped_arguments"
