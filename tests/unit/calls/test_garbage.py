"""When old objects are looked through: never for the sake of calls that live."""

from __future__ import annotations

import gc

import pytest

from calls.garbage import IDLE_EVERY_S, LATEST_AFTER_S, MOST_ENDED, Garbage, garbage_settle


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def looks() -> list[int]:
    return []


@pytest.fixture
def garbage(clock: Clock, looks: list[int]) -> Garbage:
    return Garbage(clock=clock, collect=lambda: looks.append(1))


def test_live_calls_are_left_alone_for_half_an_hour(garbage, clock, looks):
    clock.now_s = LATEST_AFTER_S - 1
    assert not garbage.look(live_count=1, ended_count=MOST_ENDED - 1)
    clock.now_s = LATEST_AFTER_S
    assert garbage.look(live_count=1, ended_count=0)
    assert looks == [1]


def test_many_ended_calls_are_cleaned_up_after_while_others_live(garbage, looks):
    assert not garbage.look(live_count=50, ended_count=MOST_ENDED - 1)
    assert garbage.look(live_count=50, ended_count=MOST_ENDED)
    assert not garbage.look(live_count=50, ended_count=2 * MOST_ENDED - 1)
    assert garbage.look(live_count=50, ended_count=2 * MOST_ENDED)
    assert looks == [1, 1]


def test_an_idle_process_looks_once_a_minute(garbage, clock):
    assert not garbage.look(live_count=0, ended_count=0)
    clock.now_s = IDLE_EVERY_S
    assert garbage.look(live_count=0, ended_count=0)
    clock.now_s += IDLE_EVERY_S - 1
    assert not garbage.look(live_count=0, ended_count=0)


def test_settling_keeps_old_objects_from_being_looked_through_by_themselves():
    before = gc.get_threshold()
    try:
        garbage_settle()
        young, _, old = gc.get_threshold()
        assert old >= 1_000_000
        assert young > 0
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
