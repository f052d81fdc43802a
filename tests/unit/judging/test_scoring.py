"""Precision and recall with intervals."""

from __future__ import annotations

import pytest

from judging.core.scoring import Rate, Score, Sweep, score, sweep


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
