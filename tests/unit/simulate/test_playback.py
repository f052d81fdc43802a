"""The playback queue: order, real speed, checkpoints, clears."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.simulate.playback import Cleared, ClockWentBack, PlaybackQueue, Played, Reached


def test_plays_eight_bytes_a_millisecond():
    queue = PlaybackQueue()
    queue.play(1600, "greeting", now_ms=100)
    assert queue.advance(150) == [Played("greeting", 100, 400)]
    assert queue.queued_bytes == 1200


def test_reaches_a_checkpoint_only_when_all_before_it_has_played_out():
    queue = PlaybackQueue()
    queue.play(800, "line", now_ms=0)
    assert queue.checkpoint("c", now_ms=0) == []
    assert queue.advance(99) == [Played("line", 0, 792)]
    assert queue.advance(100) == [Played("line", 99, 8), Reached("c", 100)]


def test_reaches_a_checkpoint_at_once_on_an_empty_queue():
    assert PlaybackQueue().checkpoint("c", now_ms=7) == [Reached("c", 7)]


def test_tells_the_moment_a_checkpoint_was_passed_not_the_moment_it_was_noticed():
    queue = PlaybackQueue()
    queue.play(80, "a", now_ms=0)
    queue.checkpoint("c", now_ms=0)
    queue.play(80, "b", now_ms=0)
    assert queue.advance(500) == [Played("a", 0, 80), Reached("c", 10), Played("b", 10, 80)]
    assert queue.quiet_ms(500) == 480


def test_clear_drops_the_rest_and_its_checkpoints_for_good():
    queue = PlaybackQueue()
    queue.play(800, "line", now_ms=0)
    queue.checkpoint("c", now_ms=0)
    heard, cleared = queue.clear(now_ms=40)
    assert (heard, cleared) == ([Played("line", 0, 320)], Cleared(480, ("c",)))
    assert queue.advance(10_000) == []
    assert queue.quiet_ms(100) == 60


def test_a_pause_between_two_lines_is_not_made_up_for():
    queue = PlaybackQueue()
    queue.play(80, "a", now_ms=0)
    queue.advance(1000)
    queue.play(80, "b", now_ms=1000)
    assert queue.advance(1005) == [Played("b", 1000, 40)]


def test_a_clock_that_goes_back_is_refused_and_changes_nothing():
    queue = PlaybackQueue(now_ms=10)
    queue.play(80, "a", now_ms=10)
    with pytest.raises(ClockWentBack):
        queue.play(80, "b", now_ms=9)
    assert queue.queued_bytes == 80


STEPS = st.lists(
    st.tuples(
        st.integers(0, 300),  # ms since the step before
        st.one_of(
            st.tuples(st.just("play"), st.integers(0, 4000)),
            st.tuples(st.just("checkpoint"), st.just(0)),
            st.tuples(st.just("clear"), st.just(0)),
            st.tuples(st.just("advance"), st.just(0)),
        ),
    ),
    max_size=40,
)


class Run:
    """One random run, keeping the books that the properties are about."""

    def __init__(self, steps):
        self.queue, self.now_ms = PlaybackQueue(), 0
        self.given = self.dropped = 0
        self.set_marks, self.lost_marks, self.events = [], set(), []
        for number, (gap_ms, (action, size)) in enumerate(steps):
            self.now_ms += gap_ms
            self.step(action, size, f"{action}-{number}")

    def step(self, action, size, name):
        if action == "play":
            self.given += size
            self.events += self.queue.play(size, name, now_ms=self.now_ms)
        elif action == "checkpoint":
            self.set_marks.append(name)
            self.events += self.queue.checkpoint(name, now_ms=self.now_ms)
        elif action == "clear":
            heard, cleared = self.queue.clear(now_ms=self.now_ms)
            self.events += heard
            self.dropped += cleared.byte_count
            self.lost_marks |= set(cleared.checkpoints)
        else:
            self.events += self.queue.advance(self.now_ms)

    @property
    def played(self):
        return sum(event.byte_count for event in self.events if isinstance(event, Played))

    @property
    def reached(self):
        return [event.name for event in self.events if isinstance(event, Reached)]


@given(STEPS)
def test_every_byte_is_heard_dropped_or_still_queued(steps):
    run = Run(steps)
    assert run.given == run.played + run.dropped + run.queue.queued_bytes


@given(STEPS)
def test_nothing_plays_faster_than_real_time_or_at_two_moments_at_once(steps):
    run = Run(steps)
    end_ms = 0
    for event in run.events:
        start_ms = event.start_ms if isinstance(event, Played) else event.at_ms
        assert start_ms >= end_ms - 1  # a stretch may end inside a millisecond
        end_ms = start_ms + (event.byte_count // 8 if isinstance(event, Played) else 0)
    assert run.played <= run.now_ms * 8


@given(STEPS)
def test_each_checkpoint_is_reached_once_in_order_or_cleared(steps):
    run = Run(steps)
    run.events += run.queue.advance(run.now_ms + 1_000_000)
    assert run.reached == [name for name in run.set_marks if name not in run.lost_marks]
