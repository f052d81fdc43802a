"""Names in a tool call of which only the common part was said."""

from __future__ import annotations

import pytest

from judging.core import Conversation, Decision, JudgeSettings, Role, ToolCall, Turn, Verdict, judge, run, unavailable


def verdict_of(said: list[tuple[str, str]], argument: str, value: str) -> Verdict:
    roles = {"c": Role.CUSTOMER, "a": Role.AGENT}
    turns = [Turn(at, roles[role], text) for at, (role, text) in enumerate(said)]
    call = Turn(len(turns), Role.AGENT, "", tool_calls=(ToolCall("book", {argument: value}),))
    steps = judge(Conversation.from_turns(turns), call, (), JudgeSettings(tiers=frozenset({0})))
    return run(steps, unavailable)


ANOTHER_NAME = [
    ([("c", "I need a dental office near me."), ("a", "Oak Street Dental?"), ("c", "Yes.")], "Cedar Dental"),
    ([("c", "Play it on the kitchen speaker, please.")], "bedroom speaker"),
    ([("a", "I can offer Rose Garden Apartments."), ("c", "Fine, I take that apartment.")], "Hill View Apartments"),
]
SAME_NAME = [
    ([("c", "I want to see the Rovers on Sunday.")], "Blackburn Rovers"),
    ([("c", "I go to vegas on Monday.")], "Las Vegas"),
    ([("c", "i go to the vegas show")], "Las Vegas"),
    ([("c", "Put me through to Dr. Grant's Dental, please.")], "Grant Dental"),
    ([("c", "A table at the Anchor, the old inn, you know it.")], "Anchor Inn"),
    ([("c", "Anything around the capital, in DC itself.")], "Washington D.C."),
]


@pytest.mark.parametrize(("said", "value"), ANOTHER_NAME)
def test_a_common_word_is_no_ground_for_a_name(said: list[tuple[str, str]], value: str) -> None:
    verdict = verdict_of(said, "where", value)
    assert (verdict.decision, verdict.check) == (Decision.INTERVENE, "ungrounded_argument")


@pytest.mark.parametrize(("said", "value"), SAME_NAME)
def test_a_short_form_of_a_name_is_that_name(said: list[tuple[str, str]], value: str) -> None:
    assert verdict_of(said, "where", value).decision is Decision.PASS
