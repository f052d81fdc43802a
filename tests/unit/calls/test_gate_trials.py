"""The tool gate keeps its promises whatever fails; ``python -m bench.gate_trials`` runs ten thousand of these."""

from __future__ import annotations

import pytest

from bench._gate_world import trials

FAULTS = (
    "model: timeout", "model: provider_error", "model: garbage", "model: circuit_open", "model: unavailable",
    "model: wrong form", "model: wrong number of scores", "model: late answer", "answer after the decision",
    "duplicate request", "over REST beside the socket", "playback out of order", "playback cut", "store away",
    "row refused by the store", "snapshot lost", "process death", "death between decision and record",
    "taken over by another process",
)  # fmt: skip


@pytest.mark.parametrize("hundreds", range(5))
def test_no_promise_is_broken(hundreds: int):
    counts, broken = trials(range(hundreds * 100, hundreds * 100 + 100))
    assert broken == {}
    assert counts["irreversible calls let through"] > 20


def test_every_fault_is_injected():
    counts, _ = trials(range(100))
    assert [fault for fault in FAULTS if not counts[fault]] == []
