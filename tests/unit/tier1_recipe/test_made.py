"""What the classifier is measured on stays out of what it learns from."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from bench.tier1 import actions
from bench.tier1.evaluate import auc, calibration_error, fitted_temperature, threshold_for
from bench.tier1.examples import Ask, Example, share_of
from bench.tier1.made import Maker
from bench.tier1.needs import FILES, missing
from bench.tier1.pieces import HELD_SPEECH, HELD_TOPICS
from bench.tier1.speech_acts import speech_acts
from bench.tier1.topics import topics
from bench.tier1.varied import varied
from bench.tier1.wordings import ACTS, RELATIONS, TOPICS

ROW = {"customer_text": "A bus to the coast, please.", "agent_text": "For which day?", "domain": "Coaches"}


def made(split: str, count: int = 150) -> list[Example]:
    maker = Maker(split, 0, [(ROW, frozenset({"REQUEST:leaving_date"}))])
    return [maker.example(number) for number in range(count)]


def patterns(ways: dict[str, tuple[list[str], list[str]]], which: int) -> list[str]:
    return [text for lists in ways.values() for text in lists[which]]


@pytest.mark.parametrize("ways", [RELATIONS, TOPICS, ACTS, actions.RELATIONS])
def test_a_wording_is_for_training_or_for_measuring(ways: dict[str, tuple[list[str], list[str]]]):
    assert not set(patterns(ways, 0)) & set(patterns(ways, 1))


def test_held_acts_are_never_trained_on():
    kinds = {ask.kind for example in made("train") for ask in example.asks}
    assert not {kind for kind in kinds if kind.split("/")[0].removeprefix("topic:") in HELD_TOPICS}
    assert not {kind for kind in kinds if kind.removeprefix("speech:") in HELD_SPEECH}


def test_held_names_are_real_ones():
    assert {topic.key for topic in topics()} >= HELD_TOPICS
    assert {act.key for act in speech_acts()} >= HELD_SPEECH


def test_acts_and_topics_have_one_name_each_and_enough_to_choose_from():
    acts, found = speech_acts(), topics()
    assert len({act.key for act in acts}) == len(acts)
    assert len({topic.key for topic in found}) == len(found)
    assert all(len(act.hypotheses) >= 3 and act.yes for act in acts)
    assert all(len(topic.nouns) >= 2 and topic.lines["s"] for topic in found)


def test_marked_acts_and_topics_are_held_out():
    marked = {f"speech:{act.key}" for act in speech_acts() if act.is_held}
    marked |= {f"topic:{topic.key}" for topic in topics() if topic.is_held}
    assert len(marked) > 20
    trained = {ask.kind.split("/")[0] for example in made("train", 400) for ask in example.asks}
    assert not marked & trained


def test_further_ways_to_speak_are_none_of_those_measured():
    for base, more in ((actions.AGENT, actions.MORE_AGENT), (actions.CUSTOMER, actions.MORE_CUSTOMER)):
        assert set(more) <= set(base)
        assert all(not set(more[force]) & set(base[force]) for force in more)


def test_an_answer_to_a_wish_is_asked_about_both():
    """The customer wants something and the agent speaks of the same: neither is taken for the other."""
    maker = Maker("train", 1, [])
    for _ in range(50):
        asked, answered = maker.asked_and_answered()
        assert (asked.who, answered.who) == ("customer", "agent")
        assert asked.words == answered.words
        assert all(ask.text.startswith("The customer") for ask in asked.untrue)
        assert all(ask.text.startswith("The agent") for ask in answered.untrue)


def test_what_training_lacks_is_said_before_it_runs(tmp_path: Path):
    found = missing(tmp_path)
    assert any("nli.jsonl.gz" in what and "DATA=" in what for what in found)
    for name in FILES:
        (tmp_path / name).touch()
    assert not any("labelled data" in what for what in missing(tmp_path))


def test_actions_of_the_splits_are_different_ones():
    trained, held = Maker("train", 0, []).actions, Maker("held", 0, []).actions
    assert not {action.noun for action in trained} & {action.noun for action in held}


def test_nothing_is_asked_as_true_and_as_untrue_of_one_turn():
    for example in made("train") + made("held"):
        true = {ask.text for ask in example.asks if ask.is_entailed}
        assert not true & {ask.text for ask in example.asks if not ask.is_entailed}, example.premise


def test_every_filler_is_filled():
    for example in made("train"):
        assert not re.search(r"[{}]", example.premise + "".join(ask.text for ask in example.asks))


def test_the_same_seed_makes_the_same_examples():
    assert made("train", 20) == made("train", 20)


def test_measured_wordings_are_not_reached_by_other_words():
    def filled(text: str) -> str:
        return text.format(noun="a refund", base="refund it", done="refunded it", ing="refunding it")

    kept = {filled(text) for text in patterns(actions.RELATIONS, 1)}
    rng = random.Random(1)
    reached = {
        varied(Ask(filled(text), True), rng, []).text for text in patterns(actions.RELATIONS, 0) for _ in range(60)
    }
    assert not kept & reached


def test_a_split_by_text_does_not_move():
    assert share_of("a") == share_of("a")
    assert 0 <= share_of("b") < 1


def test_auc_counts_ties_as_half():
    assert auc([(1.0, True), (0.0, False)]) == 1.0
    assert auc([(0.0, True), (0.0, False)]) == 0.5


def test_an_overconfident_model_gets_a_temperature_above_one():
    rows = [(6.0, at % 4 != 0) for at in range(100)] + [(-6.0, at % 4 == 0) for at in range(100)]
    temperature = fitted_temperature(rows)
    assert temperature > 3
    assert calibration_error(rows, temperature) < 0.02 < calibration_error(rows, 1.0)


def test_a_threshold_keeps_its_precision():
    rows = [(float(at), at >= 50) for at in range(100)]
    assert threshold_for(rows, 1.0) == 50.0
    assert threshold_for([(1.0, False)] * 40, 0.9) == float("inf")
