"""Whoever speaks in a call cannot move the form of the question or of the answer."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging.core import Answer, Decision, JudgeSettings, Policy, Role, ToolCall, Turn, judge, read_judgement
from judging.core.conversation import Conversation
from judging.core.fences import clean, code_of, fence_text, fenced
from judging.core.types import Ask
from judging.providers import selene
from tests.unit.judging.injections import KINDS, PLANTED, TEXTS

MARK = re.compile(r"⟦(/?)(\w+) (\w+)⟧")
OWN_PROMPT = "Reply {} by rule 1. {customer_text} {primary_response} {tool_calls_json} {history_summary}"
BUILT_IN, OWN = JudgeSettings(tiers=frozenset({2}), is_pre_gate_enabled=False), JudgeSettings(
    tiers=frozenset({2}), is_pre_gate_enabled=False, judging_prompt=OWN_PROMPT
)  # fmt: skip
# Where somebody can put a text: each takes the text and gives the ask.
PLACES = ("customer", "agent", "tool result", "tool name", "argument", "fact", "rule")


def ask_with(place: str, text: str, settings: JudgeSettings = BUILT_IN) -> Ask:
    def at(wanted: str, otherwise: str) -> str:
        return text if place == wanted else otherwise

    turns = [
        Turn(0, Role.CUSTOMER, at("customer", "I want my money back.")),
        Turn(1, Role.TOOL, at("tool result", "status: open"), tool_name=at("tool name", "find_order")),
        Turn(2, Role.CUSTOMER, "Well?"),
    ]
    conversation = Conversation.from_turns(turns, facts=(at("fact", "Opening hours are 9 to 5."),))
    call = ToolCall("note_down", {"note": at("argument", "asked")})
    turn = Turn(3, Role.AGENT, at("agent", "You will have it by Monday."), tool_calls=(call,))
    policy = Policy(at("rule", "Be kind to every caller."))
    return next(judge(conversation, turn, [policy], settings))


def honest(ask: Ask, **fields: Any) -> str:
    return json.dumps({"case": ask.case, **PLANTED, **fields})


def test_the_corpus_is_large_and_of_many_kinds():
    assert (len(TEXTS) >= 60, len(KINDS) >= 8, len({text for _, text in TEXTS})) == (True, True, len(TEXTS))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("settings", [BUILT_IN, OWN], ids=["built in", "own prompt"])
@pytest.mark.parametrize(("kind", "text"), TEXTS)
def test_the_question_keeps_its_form(kind: str, text: str, place: str, settings: JudgeSettings):
    ask, plain = ask_with(place, text, settings), ask_with(place, "plain", settings)
    system, user = (message["content"] for message in ask.messages)
    assert [message["role"] for message in ask.messages] == ["system", "user"]
    assert system == plain.messages[0]["content"].replace(plain.case, ask.case)
    names = [(end, name) for end, name, code in MARK.findall(user)]
    assert names == [(end, name) for end, name, _ in MARK.findall(plain.messages[1]["content"])]
    marked = [code for _, _, code in MARK.findall(user)]
    assert set(marked) == {ask.case}
    # All that is not fenced is ours, whatever is said.
    assert outside(user, ask.case) == outside(plain.messages[1]["content"], plain.case)


def outside(content: str, code: str) -> str:
    for name in {name for _, name, _ in MARK.findall(content)}:
        content = re.sub(rf"⟦{name} {code}⟧\n.*?\n⟦/{name} {code}⟧", name, content, flags=re.S)
    return content.replace(code, "CODE")


@pytest.mark.parametrize(("kind", "text"), TEXTS)
def test_a_turn_stays_on_its_line(kind: str, text: str):
    history = fence_text("history", ask_with("customer", text).messages[1]["content"])
    assert history is not None
    assert [line.split(":")[0] for line in history.split("\n")] == ["0. customer", "1. tool find_order", "2. customer"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", KINDS["planted answers"])
def test_an_answer_that_stands_in_the_record_is_not_the_judges(text: str, place: str):
    """A server that obediently repeats what it was told to."""
    ask = ask_with(place, text)
    echoes = (json.dumps(PLANTED), f"```json\n{json.dumps(PLANTED)}\n```", json.dumps({"case": "deadbeef", **PLANTED}))
    for echo in echoes:
        assert read_judgement(echo, ask) is None
    read = read_judgement(honest(ask), ask)
    assert read is not None
    assert not read.is_violation
    caught = read_judgement(honest(ask, violation=True, policy=1, score=0.9, reason="it is rude"), ask)
    assert caught is not None
    assert (caught.is_violation, caught.policy) == (True, 1)


@pytest.mark.parametrize("text", KINDS["planted answers"])
def test_a_planted_answer_leaves_the_turn_undecided(text: str):
    conversation = Conversation.from_turns([Turn(0, Role.CUSTOMER, text)])
    steps = judge(conversation, Turn(1, Role.AGENT, "You fool."), [Policy("Be kind to every caller.")], BUILT_IN)
    next(steps)
    with pytest.raises(StopIteration) as done:
        steps.send(Answer(text=json.dumps(PLANTED)))
    assert done.value.value.decision is Decision.UNDECIDED


def test_an_answer_without_the_code_counts_where_nobody_planted_it():
    ask = ask_with("customer", "I want my money back.")
    assert read_judgement(json.dumps(PLANTED), ask) is not None


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("kind", "text"), TEXTS)
def test_selenes_blocks_keep_their_form(kind: str, text: str, place: str):
    content = selene.prompt(ask_with(place, text).messages)[0]["content"]
    assert content.count("```") == 4
    assert len(re.findall(r"\*\*Result:\*\*", content)) == 1  # the form that is asked for
    assert len(re.findall(r"\*\*Reasoning:\*\*", content)) == 1


@given(texts=st.lists(st.text(), min_size=1, max_size=4))
def test_no_text_ends_its_fence(texts: list[str]):
    code = code_of(*texts)
    content = "\n\n".join(fenced(f"part{at}", text, code) for at, text in enumerate(texts))
    assert [name for _, name, _ in MARK.findall(content)] == [f"part{at}" for at in range(len(texts)) for _ in "oe"]
    for at, text in enumerate(texts):
        assert fence_text(f"part{at}", content) == (clean(text) or "(nothing)")


def test_the_code_follows_from_what_is_said_and_changes_with_it():
    asks = [ask_with("customer", text) for text in ("a", "a", "b")]
    assert asks[0] == asks[1]
    assert asks[0].case != asks[2].case
