"""Sentence ends in streamed text."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging.core import SentenceSplitter


def split(*deltas: str) -> list[str]:
    splitter = SentenceSplitter()
    sentences = [sentence for delta in deltas for sentence in splitter.feed(delta)]
    rest = splitter.flush()
    return [*sentences, rest] if rest else sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Hello. How are you?", ["Hello.", "How are you?"]),
        ("It costs $3.50 today. Fine!", ["It costs $3.50 today.", "Fine!"]),
        ("Come at 5 p.m. on Friday. Bye.", ["Come at 5 p.m. on Friday.", "Bye."]),
        ("Come at 5 p.m. We close at 6.", ["Come at 5 p.m.", "We close at 6."]),
        ("Dr. Jones is in. He waits.", ["Dr. Jones is in.", "He waits."]),
        ("J. Smith called. Really?!", ["J. Smith called.", "Really?!"]),
        ('He said "no." Then he left.', ['He said "no."', "Then he left."]),
        ("First line\nsecond line", ["First line", "second line"]),
        ("So did I. It works.", ["So did I.", "It works."]),
        ("Wait... what?", ["Wait...", "what?"]),
        ("no end", ["no end"]),
        ("", []),
    ],
)
def test_sentences_end_where_they_end(text, sentences):
    assert split(text) == sentences


@given(
    st.text(alphabet=st.sampled_from('aI5.?! \n$p,m"D'), max_size=60),
    st.lists(st.integers(min_value=0, max_value=60), max_size=8),
)
def test_the_cut_of_the_deltas_does_not_matter(text, cuts):
    bounds = [0, *sorted(cut for cut in cuts if cut <= len(text)), len(text)]
    deltas = [text[start:end] for start, end in pairwise(bounds)]
    assert split(*deltas) == split(text)


@given(st.text(max_size=80))
def test_nothing_but_white_space_is_lost(text):
    assert "".join("".join(split(text)).split()) == "".join(text.split())


def test_a_sentence_is_held_back_until_what_follows_is_known():
    splitter = SentenceSplitter()
    assert splitter.feed("It costs 3.") == []
    assert splitter.feed("50 today.") == []
    assert splitter.feed(" Fine") == ["It costs 3.50 today."]
    assert (splitter.finished, splitter.flush(), splitter.flush()) == ("It costs 3.50 today.", "Fine", "")
