"""Precision, recall and false alarms over labelled verdicts, with intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

_Z95 = 1.959963984540054

Interval: TypeAlias = tuple[float, float]


def with_interval(value: float, interval: Interval) -> str:
    """Return "0.912 [0.880-0.936]"."""
    return f"{value:.3f} [{interval[0]:.3f}-{interval[1]:.3f}]"


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its Wilson 95 % interval. With no trials the interval is the whole range."""

    hits: int
    trials: int

    @property
    def value(self) -> float:
        return self.hits / self.trials if self.trials else 0.0

    @property
    def interval(self) -> Interval:
        if not self.trials:
            return 0.0, 1.0
        share, n, z2 = self.value, self.trials, _Z95 * _Z95
        centre = (share + z2 / (2 * n)) / (1 + z2 / n)
        half = _Z95 * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
        return max(0.0, centre - half), min(1.0, centre + half)

    def __str__(self) -> str:
        return with_interval(self.value, self.interval)


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one threshold: flagged and broken, flagged and fine, missed, rightly passed."""

    true_positives: int = 0
    false_positives: int = 0
    false_negatives: int = 0
    true_negatives: int = 0

    @property
    def precision(self) -> Rate:
        return Rate(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> Rate:
        return Rate(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def false_positive_rate(self) -> Rate:
        return Rate(self.false_positives, self.false_positives + self.true_negatives)

    @property
    def f1(self) -> float:
        both = 2 * self.true_positives + self.false_positives + self.false_negatives
        return 2 * self.true_positives / both if both else 0.0

    @property
    def f1_interval(self) -> Interval:
        """The 95 % interval of F1.

        F1 is 2j / (1 + j), where j is the share of the true positives in all that is flagged or broken, and rises with
        j. So the ends of j's Wilson interval give those of F1; resampling the counts gives the same to two digits.
        """
        low, high = Rate(
            self.true_positives, self.true_positives + self.false_positives + self.false_negatives
        ).interval
        return 2 * low / (1 + low), 2 * high / (1 + high)

    @property
    def total(self) -> int:
        return self.true_positives + self.false_positives + self.false_negatives + self.true_negatives

    def __add__(self, other: Score) -> Score:
        return Score(
            self.true_positives + other.true_positives,
            self.false_positives + other.false_positives,
            self.false_negatives + other.false_negatives,
            self.true_negatives + other.true_negatives,
        )


def auroc(counts: Mapping[tuple[float, bool], int]) -> float | None:
    """Return how often a violation scores above a good turn, a tie counting half; None without one of each.

    ``counts`` has how often each (score, is a violation) came.
    """
    broken = sum(count for (_, violation), count in counts.items() if violation)
    good = sum(counts.values()) - broken
    if not broken or not good:
        return None
    good_below, won = 0, 0.0
    for value in sorted({value for value, _ in counts}):
        good_here = counts.get((value, False), 0)
        won += counts.get((value, True), 0) * (good_below + good_here / 2)
        good_below += good_here
    return won / (broken * good)


def score(labelled: Iterable[tuple[bool, bool]]) -> Score:
    """Count pairs of (is flagged, is a violation)."""
    counts = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
    for flagged, violation in labelled:
        counts[flagged, violation] += 1
    return Score(counts[True, True], counts[True, False], counts[False, True], counts[False, False])


class Sweep:
    """Scores at several thresholds, counted as verdicts come: memory does not grow with their number."""

    def __init__(self, thresholds: Sequence[float]) -> None:
        self._counts = {threshold: [0, 0, 0, 0] for threshold in thresholds}
        self.flagged = dict.fromkeys(thresholds, 0)
        self.total = 0
        self.labelled = 0

    def add(self, value: float, violation: bool | None) -> None:
        """Count one verdict's score; ``violation`` is None where there is no label. 0 is never flagged."""
        self.total += 1
        self.labelled += violation is not None
        for threshold, counts in self._counts.items():
            is_flagged = is_at(value, threshold)
            self.flagged[threshold] += is_flagged
            if violation is not None:
                counts[2 * (not violation) + (not is_flagged)] += 1

    def merge(self, other: Sweep) -> None:
        """Take in what another sweep over the same thresholds has counted."""
        self.total += other.total
        self.labelled += other.labelled
        for threshold, counts in other._counts.items():
            self.flagged[threshold] += other.flagged[threshold]
            self._counts[threshold] = [
                mine + theirs for mine, theirs in zip(self._counts[threshold], counts, strict=True)
            ]

    def scores(self) -> dict[float, Score]:
        """Return the score at each threshold, in the order given."""
        return {
            threshold: Score(hit, false_alarm, missed, passed)
            for threshold, (hit, missed, false_alarm, passed) in self._counts.items()
        }


def is_at(value: float, threshold: float) -> bool:
    return value > 0 and value >= threshold


def sweep(labelled: Iterable[tuple[float, bool]], thresholds: Sequence[float]) -> dict[float, Score]:
    """Score pairs of (score, is a violation) at each threshold; a score at the threshold is flagged."""
    counted = Sweep(thresholds)
    for value, violation in labelled:
        counted.add(value, violation)
    return counted.scores()
