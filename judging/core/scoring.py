"""Precision, recall and false alarms over labelled verdicts, with intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its Wilson 95 % interval. With no trials the interval is the whole range."""

    hits: int
    trials: int

    @property
    def value(self) -> float:
        return self.hits / self.trials if self.trials else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        if not self.trials:
            return 0.0, 1.0
        share, n, z2 = self.value, self.trials, _Z95 * _Z95
        centre = (share + z2 / (2 * n)) / (1 + z2 / n)
        half = _Z95 * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
        return max(0.0, centre - half), min(1.0, centre + half)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.3f} [{low:.3f}-{high:.3f}]"


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


def score(labelled: Iterable[tuple[bool, bool]]) -> Score:
    """Count pairs of (is flagged, is a violation)."""
    counts = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
    for flagged, violation in labelled:
        counts[flagged, violation] += 1
    return Score(counts[True, True], counts[True, False], counts[False, True], counts[False, False])


def sweep(labelled: Sequence[tuple[float, bool]], thresholds: Sequence[float]) -> dict[float, Score]:
    """Score pairs of (score, is a violation) at each threshold; a score at the threshold is flagged."""
    return {
        threshold: score((value >= threshold > 0 or value > threshold, violation) for value, violation in labelled)
        for threshold in thresholds
    }
