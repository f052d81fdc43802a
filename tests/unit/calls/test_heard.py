"""From played milliseconds back to words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.heard import heard_text, speech_ms

TEXT = "Sure, that is two pizzas."
TEXTS = st.text(alphabet=st.sampled_from("ab ,.\n\té😀"), max_size=60)
MS = st.floats(0, 20_000, allow_nan=False)


@given(TEXTS, MS, MS)
def test_more_playing_never_means_fewer_words(text, first, second):
    low, high = sorted((first, second))
    assert heard_text(text, high).startswith(heard_text(text, low))


@given(TEXTS, MS, st.one_of(st.none(), st.floats(1, 20_000)))
def test_what_was_heard_is_how_the_text_begins_and_ends_with_a_word(text, played_ms, total_ms):
    heard = heard_text(text, played_ms, total_ms)
    assert text.startswith(heard)
    if heard != text:
        assert not heard[-1:].isspace()
        assert not heard or text[len(heard)].isspace()


@given(TEXTS, st.floats(1, 20_000))
def test_at_the_end_all_of_it_was_heard(text, total_ms):
    assert heard_text(text, total_ms, total_ms) == text
    assert heard_text(text, speech_ms(text)) == (text if text.strip() else "")


@pytest.mark.parametrize("played_ms", [0, -5])
def test_nothing_played_is_nothing_heard(played_ms):
    assert heard_text(TEXT, played_ms, 1000) == ""


@pytest.mark.parametrize(
    ("share", "heard"), [(0.05, ""), (0.1, "Sure,"), (0.35, "Sure, that"), (0.8, "Sure, that is two"), (0.9, TEXT)]
)
def test_a_word_counts_once_half_of_it_was_played(share, heard):
    assert heard_text(TEXT, share * 1000, 1000) == heard


@pytest.mark.parametrize(("text", "expected"), [("", 0.0), ("  \n", 0.0), ("Hi", 300.0), ("a" * 30, 2000.0)])
def test_the_length_of_speech_is_estimated_from_its_letters(text, expected):
    assert speech_ms(text) == expected
