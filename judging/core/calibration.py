"""How much a classifier's certainty is worth: the temperature under which its scores are honest.

Fitted on labelled scores; ``Tier1Use.temperature`` applies it. Only the order of scores is the model's: dividing their
log-odds by one number keeps it and makes "0.9" mean nine in ten.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

_LEAST, _MOST = 0.05, 20.0
_STEPS = 60
_GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0
_EDGE = 1e-6


def fit_temperature(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """Return the temperature that makes the labels likeliest; 1.0 where there is nothing to learn from.

    The loss has one minimum in the inverse of the temperature, so a golden-section search finds it.
    """
    if len(scores) != len(labels):
        raise ValueError("one label per score")
    if len(set(labels)) < 2:
        return 1.0
    odds = [_log_odds(score) for score in scores]
    low, high = 1.0 / _MOST, 1.0 / _LEAST
    for _ in range(_STEPS):
        step = (high - low) * _GOLDEN
        left, right = high - step, low + step
        if _loss(odds, labels, left) < _loss(odds, labels, right):
            high = right
        else:
            low = left
    return 2.0 / (low + high)


def calibration_error(scores: Sequence[float], labels: Sequence[bool], bins: int = 10) -> float:
    """Return by how much certainty and truth differ on average, over bins of equal width weighted by their size."""
    if not scores:
        return 0.0
    sums = [[0.0, 0.0, 0.0] for _ in range(bins)]
    for score, label in zip(scores, labels, strict=True):
        found = sums[min(bins - 1, int(score * bins))]
        found[0] += 1
        found[1] += score
        found[2] += label
    return sum(abs(said - true) for _, said, true in sums) / len(scores)


def _log_odds(score: float) -> float:
    share = min(1.0 - _EDGE, max(_EDGE, score))
    return math.log(share / (1.0 - share))


def _loss(odds: Sequence[float], labels: Sequence[bool], sharpness: float) -> float:
    """The mean negative log-likelihood with the odds multiplied by ``sharpness``."""
    total = 0.0
    for value, label in zip(odds, labels, strict=True):
        signed = -value * sharpness if label else value * sharpness
        total += max(signed, 0.0) + math.log1p(math.exp(-abs(signed)))
    return total / len(odds)
