"""How much of each turn the caller has heard, after a model of the carrier's queue."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.playhead import Played, Playhead

MS = st.floats(0, 20_000, allow_nan=False)

TURNS = st.sampled_from(["a", "b", "c"])
STEPS = st.lists(
    st.tuples(st.sampled_from(["send", "mark", "marked", "finished", "clear"]), TURNS, st.floats(0, 500)), max_size=40
)


@given(STEPS)
def test_no_turn_is_played_longer_than_it_is_nor_less_than_nothing(steps):
    head, now_ms, sent = Playhead(), 0.0, 0.0
    for kind, turn, number in steps:
        now_ms += number
        if kind == "send":
            head.send(turn, number, now_ms=now_ms)
            sent += number
        elif kind == "mark":
            head.mark(turn)
        elif kind == "marked":
            head.marked(turn, now_ms=now_ms)
        found = head.clear(now_ms=now_ms) if kind == "clear" else head.finished(now_ms=now_ms)
        for one in [*found, head.played(turn, now_ms=now_ms)]:
            assert 0 <= one.played_ms <= one.total_ms + 1e-6
            assert one.total_ms <= sent + 1e-6
        if kind == "clear":
            assert head.clear(now_ms=now_ms) == []
            assert head.queued_until_ms == 0.0


@given(st.lists(st.tuples(TURNS, st.floats(1, 500)), min_size=1, max_size=20), MS)
def test_audio_sent_at_once_plays_in_order_at_real_speed(pieces, now_ms):
    head = Playhead()
    for turn, length_ms in pieces:
        head.send(turn, length_ms, now_ms=0)
    total = sum(length for _, length in pieces)
    assert head.queued_until_ms == pytest.approx(total)
    played = sum(head.played(turn, now_ms=now_ms).played_ms for turn in {turn for turn, _ in pieces})
    assert played == pytest.approx(min(total, now_ms))


def test_audio_that_comes_after_a_pause_starts_when_it_comes():
    head = Playhead()
    head.send("a", 100, now_ms=0)
    head.send("a", 100, now_ms=500)
    assert head.played("a", now_ms=520) == Played("a", 120, 200)


def test_clearing_tells_what_each_turn_got_played():
    head = Playhead()
    head.send("a", 100, now_ms=0)
    head.send("b", 100, now_ms=0)
    assert head.clear(now_ms=130) == [Played("a", 100, 100), Played("b", 30, 100)]


def test_a_late_checkpoint_moves_what_comes_after_it():
    head = Playhead()
    head.send("a", 100, now_ms=0)
    head.mark("end of a")
    head.send("b", 100, now_ms=0)
    assert head.marked("end of a", now_ms=160)
    assert head.played("b", now_ms=200) == Played("b", 40, 100)


def test_a_late_checkpoint_in_the_middle_of_a_turn_moves_the_rest_of_it():
    head = Playhead()
    head.send("a", 100, now_ms=0)
    head.mark("half")
    head.send("a", 100, now_ms=0)
    head.marked("half", now_ms=150)
    assert head.queued_until_ms == 250
    assert head.played("a", now_ms=200) == Played("a", 150, 200)


def test_a_delay_counts_once_although_two_checkpoints_tell_of_it():
    head = Playhead()
    for turn in "abc":
        head.send(turn, 100, now_ms=0)
        head.mark(turn)
    head.marked("a", now_ms=150)
    head.marked("b", now_ms=250)
    assert head.played("c", now_ms=300) == Played("c", 50, 100)


def test_an_early_checkpoint_moves_the_rest_forward():
    head = Playhead()
    head.send("a", 100, now_ms=0)
    head.mark("m")
    head.send("b", 100, now_ms=0)
    head.marked("m", now_ms=80)
    assert head.queued_until_ms == 180


@pytest.mark.parametrize("name", ["unknown", "twice"])
def test_a_checkpoint_nobody_waits_for_changes_nothing(name):
    head = Playhead()
    head.send("a", 100, now_ms=0)
    head.mark("twice")
    assert head.marked("twice", now_ms=100)
    assert not head.marked(name, now_ms=400)
    assert head.queued_until_ms == 100


def test_a_turn_is_finished_once_it_has_played_and_another_follows():
    head = Playhead()
    head.send("a", 100, now_ms=0)
    assert head.finished(now_ms=500) == []
    head.send("b", 100, now_ms=500)
    assert head.finished(now_ms=500) == [Played("a", 100, 100)]
    assert head.finished(now_ms=900) == []
