"""A streamed turn: what is judged when, and that only the text decides it, never how it was cut."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.events import (
    AgentDeltaReceived,
    AgentTurnFinished,
    AskModel,
    CallEvent,
    CheckpointPlayed,
    Effect,
    PlaybackReported,
    PlaybackState,
    SendIntervention,
    SendToolDecision,
    SendVerdict,
)
from judging.core import Answer, Decision, JudgeSettings, Policy, SentenceSplitter, ToolCall
from judging.core.fences import fence_text, one_line
from tests.unit.calls.cast import FACTS_ONLY, MODELS, REFUND, Line, of

POLICIES = (
    REFUND,
    Policy("Do not quote prices.", id="prices"),
    Policy("Phone numbers must not be read out.", id="phones"),
    Policy("Read back the order and get a yes before calling place_order.", id="read-back"),
)
SENTENCES = st.sampled_from(
    [
        "Sure.",
        "One moment… let me see.",
        "Dr. Hall is in at 5 p.m. today!",
        "I will give you a full refund.",
        "The total is $3.50.",
        "You can call us at 555 010 2030.",
        "That is No. 5, e.g. the U.S. one.",
        "I have cancelled your order.",
        "Two pizzas, right?",
        "ठीक है।",
        "好的。",
        "no end here",
        "First line\nsecond line",
    ]
)
TEXTS = st.lists(SENTENCES, min_size=1, max_size=6).map(" ".join)
CALLS = st.sampled_from(
    [(), (ToolCall("place_order", {"item": "pizza", "quantity": 7}, "t1"),), (ToolCall("find_menu", {}, "t2"),)]
)
CUTS = st.lists(st.integers(1, 200), max_size=30)
SETTINGS = st.sampled_from([FACTS_ONLY, replace(FACTS_ONLY, threshold=0.95)])


def pieces(text: str, cuts: list[int]) -> list[str]:
    edges = [0, *sorted({cut for cut in cuts if cut < len(text)}), len(text)]
    return [text[start:end] for start, end in pairwise(edges)]


def streamed(deltas: list[str], calls: tuple[ToolCall, ...], answers: Any = None, **settings: Any) -> list[Effect]:
    """Everything that a call does about one streamed turn; models answer at once."""
    line = Line(is_streaming=True, policies=POLICIES, **settings)
    line.customer("two pizzas please, no refund talk")
    events: list[CallEvent] = [AgentDeltaReceived("a1", delta) for delta in deltas]
    for event in (*events, AgentTurnFinished("a1", calls)):
        asked = of(line(event), AskModel)
        while asked:
            ask = asked.pop(0)
            asked += of(line.answers(answers(ask), review_id=ask.review_id), AskModel)
    return line.effects


def without_times(effects: list[Effect]) -> list[Effect]:
    kept = [one for one in effects if isinstance(one, SendVerdict | SendIntervention | SendToolDecision)]
    return [replace(one, latency=None) if isinstance(one, SendVerdict) else one for one in kept]  # type: ignore[arg-type]


@given(TEXTS, CUTS, CALLS, SETTINGS)
def test_what_is_found_never_depends_on_how_the_text_is_cut(text, cuts, calls, judge):
    whole = streamed([text], calls, judge=judge)
    assert without_times(streamed(pieces(text, cuts), calls, judge=judge)) == without_times(whole)
    assert without_times(streamed(list(text), calls, judge=judge)) == without_times(whole)


def rude(ask: AskModel) -> Answer:
    """A model that finds the word "total" rude."""
    if ask.ask.tier == 1:
        return Answer(scores=tuple(0.5 for _ in ask.ask.hypotheses))
    turn = str(fence_text("turn", ask.ask.messages[1]["content"]))
    found = "total" in turn or "555" in turn
    reply = {"violation": found, "policy": None, "score": 0.9 if found else 0.1, "reason": "rude", "correction": ""}
    return Answer(text=json.dumps(reply))


@given(TEXTS, CUTS, CALLS, st.sampled_from([MODELS, JudgeSettings(), replace(MODELS, scorer="llm")]))
def test_with_models_the_same_is_acted_upon_however_it_is_cut(text, cuts, calls, judge):
    def acted(deltas: list[str]) -> list[Any]:
        effects = streamed(deltas, calls, rude, judge=judge)
        hits = [one for one in of(effects, SendVerdict) if one.decision is Decision.INTERVENE and not one.suppressed]
        final = of(effects, SendVerdict)[-1]
        return [
            [(one.check, one.policy, one.reason, one.evidence) for one in hits],
            [(one.turn_id, one.correction) for one in of(effects, SendIntervention)],
            (final.decision, final.check, final.is_final),
            of(effects, SendToolDecision),
        ]

    assert acted(pieces(text, cuts)) == acted([text])


def shown(effects: list[Effect]) -> list[str]:
    """The texts that a model was asked to judge, in order."""
    return [str(fence_text("turn", ask.ask.messages[1]["content"])) for ask in of(effects, AskModel)]


def fine(ask: AskModel) -> Answer:
    return Answer(text='{"violation": false, "policy": null, "score": 0, "reason": "", "correction": ""}')


LLM = replace(MODELS, scorer="llm")


@pytest.mark.parametrize(
    ("text", "judged"),
    [
        ("Sure. It is $3.50. Bye.", ["Sure.", "Sure. It is $3.50.", "Sure. It is $3.50. Bye."]),
        ("Ask Dr. Hall at 5 p.m. today", ["Ask Dr. Hall at 5 p.m. today"]),
        ("Sure", ["Sure"]),
        ("Well... maybe. ", ["Well... maybe."]),
        ("ठीक है। अच्छा।", ["ठीक है।", "ठीक है। अच्छा।"]),
    ],
)
def test_every_sentence_end_and_the_end_of_the_turn_are_judged(text, judged):
    assert shown(streamed(list(text), (), fine, judge=LLM)) == judged


@given(TEXTS, CUTS)
def test_nothing_else_is_judged(text, cuts):
    splitter, ends = SentenceSplitter(), []
    for char in text:
        ends += [splitter.finished.strip() for _ in splitter.feed(char)]
    assert shown(streamed(pieces(text, cuts), (), fine, judge=LLM)) == [one_line(end) for end in (*ends, text)]


def test_the_earliest_sentence_is_stopped_and_no_later_one_again():
    effects = streamed(["I will give you a full refund. The total is $3.50. Bye."], ())
    said = of(effects, SendVerdict)
    assert [(one.check, one.suppressed, one.is_final) for one in said] == [
        ("forbidden_promise", "", False),
        ("forbidden_promise", "intervening", True),
    ]
    assert len(of(effects, SendIntervention)) == 1


def test_a_turn_is_stopped_once_although_answers_about_it_come_late():
    line = Line(is_streaming=True, judge=LLM, cooldown_ms=0.0)
    asks = of(line(AgentDeltaReceived("a1", "The total is high. It is ")), AskModel)
    asks += of(line(AgentDeltaReceived("a1", "so. ")), AskModel) + of(line(AgentTurnFinished("a1")), AskModel)
    for ask in asks:
        line.answers(rude(ask), review_id=ask.review_id)
        running = line.session.intervention
        if running is not None:
            line(PlaybackReported(PlaybackState.FINISHED, 100, intervention_id=running.intervention_id))
            line(CheckpointPlayed(f"mirror-{running.intervention_id}-correction"), after_ms=100)
    assert line.session.intervention is None
    assert [one.suppressed for one in of(line.effects, SendVerdict)] == ["", "intervening"]
    assert len(of(line.effects, SendIntervention)) == 1


def test_a_turn_after_one_that_was_stopped_in_the_middle_is_asked_about():
    line = Line(is_streaming=True, judge=replace(LLM, is_pre_gate_enabled=True), cooldown_ms=0.0)
    line.customer("hello")
    (ask, *_) = of(line(AgentDeltaReceived("a1", "The total is $5. Never mind. ")), AskModel)
    line.answers(rude(ask), review_id=ask.review_id)
    last = of(line(AgentTurnFinished("a1")), AskModel)
    for one in last:
        line.answers(fine(one), review_id=one.review_id)
    assert line.session.follows_intervention
