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
