"""The promises of an intervention, in a few of the benchmark's made-up calls; the benchmark runs a thousand."""

from __future__ import annotations

import asyncio

import pytest

from bench.streams import cases, made_up
from bench.streams.cases import LATE_CONTROL_MS, LATE_CORRECTION_MS, Cases, measure_cases
from bench.streams.made_up import FRAME_MS

# Of floating point, and of a step of the watcher.
_ROUNDING_MS = 1.5


@pytest.fixture(scope="module")
def found() -> Cases:
    return measure_cases(streams=20, calls=10, say=lambda line: None)


def test_nothing_bad_is_heard_in_hold_and_nothing_good_is_lost(found):
    assert found.held.bad_turns > 0
    assert found.held.heard_letters == 0
    assert found.held.good_cut == 0


def test_a_lost_checkpoint_delays_the_correction_and_control_by_no_more_than_promised(found):
    for one in found.lost_marks:
        assert one.correction_ms <= LATE_CORRECTION_MS + _ROUNDING_MS
        assert one.control_ms <= LATE_CONTROL_MS + _ROUNDING_MS
    assert max(one.correction_ms for one in found.lost_marks) > 100, "no checkpoint was lost"


def test_a_caller_over_the_correction_silences_it_within_a_frame(found):
    for one in found.barge_ins:
        assert 0 <= one.stopped_ms <= FRAME_MS
        assert one.frames_after == 0


def test_a_hundred_bad_turns_are_one_intervention(found):
    assert set(found.interventions) == {1}


def test_the_same_seed_makes_the_same_call(found):
    assert measure_cases(streams=1, calls=3, say=lambda line: None).lost_marks == found.lost_marks[:3]


def test_made_up_time_passes_without_waiting():
    async def story() -> float:
        began_ms = made_up.now_ms()
        await asyncio.sleep(3_600)
        return made_up.now_ms() - began_ms

    assert made_up.run(story()) == pytest.approx(3_600_000)


def test_lines_tell_each_target(found):
    assert all("target" in line for line in cases.cases_lines(found))
