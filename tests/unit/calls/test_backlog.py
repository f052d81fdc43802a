"""What waits to be sent to one side of a stream."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.backlog import Backlog


def backlog(*, max_messages=4, max_characters=100):
    return Backlog(max_messages=max_messages, max_characters=max_characters)


def taken(waiting):
    return [waiting.take()[0] for _ in range(len(waiting))]


def test_what_is_put_in_comes_out_in_order_with_its_mark():
    waiting = backlog()
    waiting.put("a", is_audio=True)
    waiting.put("b", is_audio=True, mark="m")
    assert [waiting.take(), waiting.take()] == [("a", ""), ("b", "m")]
    with pytest.raises(IndexError):
        waiting.take()


def test_the_oldest_audio_goes_first():
    waiting = backlog()
    waiting.put("once", is_audio=False)
    assert [waiting.put(f"a{i}", is_audio=True) for i in range(5)] == [0, 0, 0, 1, 1]
    assert taken(waiting) == ["once", "a2", "a3", "a4"]


def test_without_audio_the_oldest_of_the_rest_goes():
    waiting = backlog(max_messages=2)
    assert [waiting.put(text, is_audio=False) for text in "abc"] == [0, 0, 1]
    assert taken(waiting) == ["b", "c"]


def test_what_alone_is_too_much_is_not_taken():
    waiting = backlog()
    waiting.put("a", is_audio=False)
    assert waiting.put("x" * 101, is_audio=True) == 1
    assert taken(waiting) == ["a"]


def test_emptying_the_audio_leaves_the_rest():
    waiting = backlog()
    for text, is_audio in (("a", True), ("once", False), ("b", True)):
        waiting.put(text, is_audio=is_audio)
    waiting.drop_audio()
    assert (waiting.characters, taken(waiting)) == (4, ["once"])


@given(st.lists(st.tuples(st.integers(0, 120), st.booleans(), st.sampled_from(["put", "take", "drop"])), max_size=60))
def test_it_never_grows_past_its_bounds_and_loses_nothing_it_does_not_tell_of(steps):
    waiting, put, gone, dropped, emptied = backlog(), 0, 0, 0, 0
    for size, is_audio, step in steps:
        if step == "put":
            put += 1
            dropped += waiting.put("x" * size, is_audio=is_audio)
        elif step == "take" and len(waiting):
            waiting.take()
            gone += 1
        elif step == "drop":
            before = len(waiting)
            waiting.drop_audio()
            emptied += before - len(waiting)
        assert len(waiting) <= 4
        assert waiting.characters <= 100
        assert 0.0 <= waiting.fill <= 1.0
        assert put == len(waiting) + gone + dropped + emptied
    assert sum(map(len, taken(waiting))) <= 100
    assert waiting.characters == 0
