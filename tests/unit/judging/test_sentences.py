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
        ("Wait... what?", ["Wait... what?"]),
        ("Wait... What?", ["Wait...", "What?"]),
        ("One moment… here it is. Done.", ["One moment… here it is.", "Done."]),
        ("He paid in full, e.g. by card. Fine.", ["He paid in full, e.g. by card.", "Fine."]),
        ("It is No. 5 on the list. No. It is not.", ["It is No. 5 on the list.", "No.", "It is not."]),
        ("She lives in the U.S. We ship there.", ["She lives in the U.S.", "We ship there."]),
        ("Ask U.S. Customs first. Yes.", ["Ask U.S. Customs first.", "Yes."]),
        ("At 9 a.m. Monday we open. Good.", ["At 9 a.m. Monday we open.", "Good."]),
        ("It is on Hill St. The door is red.", ["It is on Hill St.", "The door is red."]),
        ("St. Mary is near. Yes.", ["St. Mary is near.", "Yes."]),
        ("Take plan B. It is cheaper.", ["Take plan B.", "It is cheaper."]),
        ("The cat sat. Then it left.", ["The cat sat.", "Then it left."]),
        ("It is 3.5 miles. Go!", ["It is 3.5 miles.", "Go!"]),
        ("You have 5. Then 6 more.", ["You have 5.", "Then 6 more."]),
        ("1. Pay online. 2. Come by.", ["1. Pay online.", "2. Come by."]),
        (
            "See www.shop.example/a?b=1.2 or a.b@c.example. Bye.",
            ["See www.shop.example/a?b=1.2 or a.b@c.example.", "Bye."],
        ),
        ("Go to shop.example. Then log in.", ["Go to shop.example.", "Then log in."]),
        ('Is it "no!" or "yes!" then? Fine.', ['Is it "no!" or "yes!" then?', "Fine."]),
        ("(It is free.) Really.", ["(It is free.)", "Really."]),
        ("**Done.** Next?", ["**Done.**", "Next?"]),
        ("आपका ऑर्डर तैयार है। धन्यवाद।", ["आपका ऑर्डर तैयार है।", "धन्यवाद।"]),
        ("请稍等。您的订单好了！谢谢", ["请稍等。", "您的订单好了！", "谢谢"]),
        ("「はい。」わかりました？！ええ", ["「はい。」", "わかりました？！", "ええ"]),
        ("هل هذا صحيح؟ نعم.", ["هل هذا صحيح؟", "نعم."]),
        ("Das kostet z.B. 5 Euro. Gut.", ["Das kostet z.B. 5 Euro.", "Gut."]),
        ("¿Es la Sra. Ruiz? Sí.", ["¿Es la Sra. Ruiz?", "Sí."]),
        ("no end", ["no end"]),
        ("", []),
    ],
)
def test_sentences_end_where_they_end(text, sentences):
    assert split(text) == sentences
    assert split(*text) == split(text)


@given(
    st.text(alphabet=st.sampled_from('aI5.?! \n$p,m"D)…。」！।WeTheNo'), max_size=60),
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
