"""How much of each turn the caller has heard, after a model of the carrier's queue."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.own_marks import OwnMarks
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


# --- against a carrier with a clock of its own ---


class Line:
    """A carrier behind a network: it begins to play late, messages are late by jitter, marks get lost.

    ``at`` is the time of the bridge; everything is decided in its order.
    """

    def __init__(self, chance: Random, *, slow_ms: float, jitter_ms: float, lost_share: float) -> None:
        self._chance = chance
        self.slow_ms, self.jitter_ms, self.lost_share = slow_ms, jitter_ms, lost_share
        self.head, self.marks = Playhead(), OwnMarks()
        self.plays_until_ms = -1_000.0
        self.pieces: list[tuple[float, float]] = []  # when each piece starts and ends for the caller
        self.acks: list[tuple[float, str]] = []
        self._arrived_ms = self._came_back_ms = 0.0

    def _late(self) -> float:
        return 20.0 + self._chance.uniform(0, self.jitter_ms)

    def send(self, length_ms: float, at: float) -> None:
        self._arrived_ms = max(self._arrived_ms, at + self._late())  # in order
        is_quiet = self._arrived_ms > self.plays_until_ms + 200.0
        start = max(self._arrived_ms + (self.slow_ms if is_quiet else 0.0), self.plays_until_ms)
        self.plays_until_ms = start + length_ms
        self.pieces.append((start, self.plays_until_ms))
        begins = self.head.send("a", length_ms, now_ms=at)
        if self.marks.is_due(length_ms, begins=begins):
            self.mark(at)

    def mark(self, at: float) -> None:
        name = self.marks.next_name()
        self.head.mark(name, now_ms=at, is_ours=True)
        if self._chance.random() >= self.lost_share:
            self._came_back_ms = max(self._came_back_ms, max(self.plays_until_ms, at) + self._late())
            self.acks.append((self._came_back_ms, name))

    def until(self, at: float) -> None:
        """Bring what came back by then."""
        for came_ms, name in sorted(self.acks):
            if came_ms <= at:
                self.head.marked(name, now_ms=came_ms)
        self.acks = [one for one in self.acks if one[0] > at]

    def heard_ms(self, at: float) -> float:
        return sum(max(0.0, min(at, end) - start) for start, end in self.pieces)


@given(
    st.integers(0, 10**9),
    st.sampled_from([0.0, 150.0, 400.0]),
    st.sampled_from([0.0, 40.0, 80.0]),
    st.sampled_from([0.0, 0.2, 1.0]),
    st.sampled_from(["real time", "three times as fast", "all at once"]),
    st.floats(50, 6_000),
)
def test_a_barge_in_cuts_the_turn_within_300_ms_of_what_was_heard(seed, slow_ms, jitter_ms, lost_share, pace, cut_ms):
    line = Line(Random(seed), slow_ms=slow_ms, jitter_ms=jitter_ms, lost_share=lost_share)
    gap_ms = {"real time": 20.0, "three times as fast": 20.0 / 3, "all at once": 0.0}[pace]
    at = 0.0
    for _ in range(250):
        if at > cut_ms:
            break
        line.until(at)
        line.send(20.0, at)
        at += gap_ms
    line.until(cut_ms)
    (played,) = line.head.clear(now_ms=cut_ms)
    assert abs(played.played_ms - line.heard_ms(cut_ms)) <= 300.0
