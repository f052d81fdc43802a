"""The temperature under which scores are honest."""

from __future__ import annotations

import math
import random

import pytest

from judging.core.act_scores import tempered
from judging.core.calibration import calibration_error, fit_temperature


def drawn(count: int, sharpened: float) -> tuple[list[float], list[bool]]:
    """Labels drawn by honest shares, and the shares as a model shows them that is too sure by ``sharpened``."""
    rng = random.Random(7)
    shares = [rng.uniform(0.02, 0.98) for _ in range(count)]
    labels = [rng.random() < share for share in shares]
    return [1 / (1 + math.exp(-math.log(s / (1 - s)) * sharpened)) for s in shares], labels


@pytest.mark.parametrize("sharpened", [0.5, 1.0, 3.0])
def test_the_temperature_undoes_what_a_model_is_too_sure_of(sharpened):
    scores, labels = drawn(20_000, sharpened)
    fitted = fit_temperature(scores, labels)
    assert fitted == pytest.approx(sharpened, rel=0.06)
    cooled = [tempered(score, fitted) for score in scores]
    assert calibration_error(cooled, labels) < 0.02
    assert calibration_error(cooled, labels) <= calibration_error(scores, labels) + 0.001


@pytest.mark.parametrize("labels", [[], [True, True], [False, False]])
def test_without_both_kinds_of_label_nothing_is_learnt(labels):
    assert fit_temperature([0.4] * len(labels), labels) == 1.0


def test_certain_scores_are_taken():
    assert fit_temperature([0.0, 1.0, 1.0, 0.0], [False, True, False, True]) > 1.0


def test_a_label_too_few_is_an_error():
    with pytest.raises(ValueError, match="one label"):
        fit_temperature([0.5], [])


def test_no_scores_are_off_by_nothing():
    assert calibration_error([], []) == 0.0
    assert calibration_error([1.0, 1.0], [True, False]) == pytest.approx(0.5)
