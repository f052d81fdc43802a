"""Precision and recall with intervals."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging.core.scoring import Rate, Score, Sweep, auroc, score, sweep


def test_counts_and_rates():
    found = score([(True, True)] * 8 + [(True, False)] * 2 + [(False, True)] * 4 + [(False, False)] * 6)
    assert found == Score(8, 2, 4, 6)
    assert (found.precision.value, found.recall.value, found.false_positive_rate.value) == (0.8, 8 / 12, 0.25)
    assert found.f1 == pytest.approx(2 * 0.8 * (8 / 12) / (0.8 + 8 / 12))


@pytest.mark.parametrize(
    ("hits", "trials", "interval"),
    [(0, 0, (0.0, 1.0)), (0, 10, (0.0, 0.2775)), (10, 10, (0.7225, 1.0)), (81, 263, (0.2553, 0.3662))],
)
def test_wilson_intervals(hits, trials, interval):
    assert Rate(hits, trials).interval == pytest.approx(interval, abs=5e-5)


def test_a_sweep_counts_each_threshold():
    found = sweep([(0.9, True), (0.7, False), (0.7, True), (0.0, False)], [0.7, 0.8])
    assert found == {0.7: Score(2, 1, 0, 1), 0.8: Score(1, 0, 1, 2)}


def test_a_score_of_nothing_is_never_flagged():
    assert sweep([(0.0, True)], [0.0])[0.0] == Score(0, 0, 1, 0)


def test_unlabelled_verdicts_are_counted_as_flagged_only():
    counted = Sweep([0.5])
    counted.add(0.9, None)
    counted.add(0.9, True)
    assert (counted.total, counted.labelled, counted.flagged, counted.scores()) == (2, 1, {0.5: 2}, {0.5: Score(1)})


@pytest.mark.parametrize("found", [Score(80, 10, 30, 200), Score(12, 1, 3, 40), Score(300, 4, 60, 500)])
def test_the_interval_of_f1_is_that_of_resampled_counts(found):
    cells = [found.true_positives, found.false_positives, found.false_negatives, found.true_negatives]
    rng = random.Random(7)
    again = (Counter(rng.choices(range(4), cells, k=found.total)) for _ in range(2000))
    f1s = sorted(Score(*(counted[cell] for cell in range(4))).f1 for counted in again)
    assert found.f1_interval == pytest.approx((f1s[50], f1s[1949]), abs=0.6 / found.total**0.5 * 0.5)


def test_the_interval_of_f1_holds_f1():
    found = Score(8, 2, 4, 6)
    low, high = found.f1_interval
    assert low < found.f1 < high
    assert Score().f1_interval == (0.0, 1.0)


def test_scores_add_up():
    assert Score(1, 2, 3, 4) + Score(10, 20, 30, 40) == Score(11, 22, 33, 44)


LABELLED = st.lists(st.tuples(st.sampled_from([0.0, 0.2, 0.7, 0.9]), st.booleans()), max_size=30)


@given(LABELLED)
def test_the_area_is_the_share_of_pairs_in_the_right_order(labelled):
    broken = [value for value, violation in labelled if violation]
    good = [value for value, violation in labelled if not violation]
    pairs = [(bad > fine) + (bad == fine) / 2 for bad in broken for fine in good]
    expected = sum(pairs) / len(pairs) if pairs else None
    assert auroc(Counter(labelled)) == (None if expected is None else pytest.approx(expected))


@given(LABELLED, st.integers(0, 30))
def test_sweeps_of_parts_add_up_to_that_of_the_whole(labelled, cut):
    whole, first, second = Sweep([0.5, 0.8]), Sweep([0.5, 0.8]), Sweep([0.5, 0.8])
    for at, (value, violation) in enumerate(labelled):
        (first if at < cut else second).add(value, violation)
        whole.add(value, violation)
    first.merge(second)
    assert (first.total, first.labelled, first.flagged) == (whole.total, whole.labelled, whole.flagged)
    assert first.scores() == whole.scores()
