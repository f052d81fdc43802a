"""What the figures' page says of answers: its diagram, its thresholds, and what rounding costs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bench.tier1.diagram import svg, tenths
from bench.tier1.evaluate import Scored
from bench.tier1.examples import Ask, Example, share_of
from bench.tier1.policies import PolicyScore
from bench.tier1.precision import comparison
from bench.tier1.tables import act_threshold, hold_outs, uses
from judging.core import Kind


def premise_of(*, is_choosing: bool) -> str:
    return next(text for text in map(str, range(99)) if (share_of(text) < 0.5) is is_choosing)


CHOOSING, SHOWING = premise_of(is_choosing=True), premise_of(is_choosing=False)


def scored_one(source: str, split: str, logit: float, is_true: bool, premise: str = CHOOSING) -> Scored:
    ask = Ask("The agent pays.", is_true, wording="dev")
    return Scored(Example(premise, (ask,), source, "", "g", split), ask, logit)


def rule(kind: Kind, value: float, is_broken: bool) -> PolicyScore:
    return PolicyScore("policy_sgd", "", "", "", kind, value, is_broken)


def test_tenths_have_the_share_that_is_true():
    found = tenths([(0.95, True), (0.91, False), (1.0, True), (0.05, False)])
    assert [one.count for one in found] == [1, 3]
    assert found[1].true == 2 / 3


def test_an_honest_model_lies_on_the_diagonal():
    rows = [(0.25, at % 4 == 0) for at in range(40)] + [(0.75, at % 4 != 0) for at in range(40)]
    points = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', svg(tenths(rows), "t"))
    found = [(float(x) - 60, 36 + 360 - float(y)) for x, y in points]
    assert found == [(90.0, 90.0), (270.0, 270.0)]


def test_a_kind_may_decide_only_where_enough_broken_rules_show_the_precision():
    good = [rule(Kind.FORBIDDEN_ACT, 0.97, True)] * 60 + [rule(Kind.FORBIDDEN_ACT, 0.2, False)] * 60
    few = [rule(Kind.CONDITION, 0.97, True)] * 30
    wrong = [rule(Kind.REQUIRED_BEFORE, 0.97, at % 2 == 0) for at in range(200)]
    found = uses([*good, *few, *wrong], 0.9)
    assert {kind for kind, use in found.items() if not use["is_observed"]} == {Kind.FORBIDDEN_ACT.value}


def test_the_threshold_comes_from_made_acts_that_were_never_trained_on():
    held = [scored_one("acts", "held", 4.0, True)] * 40 + [
        scored_one("acts", "held", 2.0, at % 2 == 0) for at in range(40)
    ]
    easy = [scored_one("sgd_acts", "held", 1.0, True)] * 100
    assert act_threshold(held + easy, 1.0) > 0.95
    assert act_threshold(easy, 1.0) == 1.0  # nothing shows it: never


def test_the_threshold_is_shown_on_other_turns_than_it_was_chosen_on():
    chosen = [scored_one("acts", "held", 4.0, True)] * 40
    shown = [scored_one("acts", "held", 4.0, at % 2 == 0, SHOWING) for at in range(40)]
    assert act_threshold(chosen, 1.0) == act_threshold(chosen + shown, 1.0)
    assert "| made turns, new act, the other half | 40 | 20 | 0.500 | 0.500 | 1.000 |" in hold_outs(chosen + shown, 0.0)


def test_each_answer_stands_in_one_hold_out():
    rows = [
        scored_one("acts", "dev", 1, True),
        scored_one("acts", "held", 1, True),
        scored_one("sgd_turns", "held", 1, True),
    ]
    lines = [line for line in hold_outs(rows, 0.0).splitlines() if line.startswith(("| a ", "| an "))]
    assert [line.split("|")[2].strip() for line in lines] == ["1", "1", "1"]


def test_rounding_is_compared_question_by_question():
    rows = [
        scored_one("acts", "held", 3.0, True),
        scored_one("acts", "held", -1.0, True),
        scored_one("snli", "dev", 1.0, False),
    ]

    def full(premise: str, hypotheses: Sequence[str]) -> list[float]:
        return [2.0 for _ in hypotheses]

    found = comparison(rows, full)
    assert found["acts"].right == (0.5, 1.0)
    assert [pair.asked for pair in found.values()] == [2, 1]
