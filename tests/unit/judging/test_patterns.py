"""Patterns that take no notice of case find what ``re`` finds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judging.core.exchanges import OFFERS
from judging.core.languages import CODES, language_of
from judging.core.lazy import lazy
from judging.core.patterns import AnyCase


def _all_patterns() -> list[AnyCase]:
    found = [OFFERS]
    for code in CODES:
        language = language_of(code)
        answers = language.answers
        found += [answers.yes, answers.no, answers.correction, answers.asks_to_confirm, language.repairs.marker]
    return found


PATTERNS = _all_patterns()
WORDS = sorted({word for pattern in PATTERNS for word in re.findall(r"[^\W\d_]+", pattern.pattern)})
GAPS = st.sampled_from([" ", ", ", "? ", ". ", "'", " - ", "", "\n"])
# Letters that are not ASCII and that ``re`` may take for one that is.
ODD = st.sampled_from(["ſ", "\u212a", "ı", "İ", "ß", "É", "’", "_", "7"])
CASES = st.sampled_from([str.lower, str.upper, str.capitalize, str.swapcase])


@st.composite
def texts(draw: st.DrawFn) -> str:
    words = draw(st.lists(st.sampled_from(WORDS) | ODD | st.text(max_size=3), max_size=8))
    return "".join(draw(CASES)(word) + draw(GAPS) for word in words)


@settings(max_examples=300)
@given(text=texts())
def test_patterns_find_what_re_finds(text: str) -> None:
    for pattern in PATTERNS:
        plain = re.compile(pattern.pattern, re.I)
        assert pattern.is_in(text) is (plain.search(text) is not None)
        assert pattern.opens(text) is (plain.match(text) is not None)
        assert [_seen(found) for found in pattern.places_in(text)] == [_seen(found) for found in plain.finditer(text)]


def _seen(found: re.Match[str]) -> tuple[tuple[int, int], set[str]]:
    return found.span(), {name for name, words in found.groupdict().items() if words is not None}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"[A-Z]at", "the hat"),
        (r"\x41t", "the hat"),
        (r"(?:no|Not)\b", "not yet"),
        (r"[!-_]x", "ax"),
        (r"a(?-i:b)", "aB"),
        ("ſo", "so"),
        (r"\\W", "\\w"),
        (r"(?P<Name>ham)\W+(?P=Name)", "ham, HAM"),
    ],
)
def test_a_pattern_that_names_capitals_is_searched_as_it_stands(source: str, text: str) -> None:
    for written in (text, text.upper(), text.lower()):
        assert AnyCase(source).is_in(written) is (re.search(source, written, re.I) is not None)


def test_a_lazy_property_is_worked_out_once() -> None:
    class Turn:
        def __init__(self) -> None:
            self.read = 0

        @lazy
        def words(self) -> int:
            self.read += 1
            return self.read

    turn, other = Turn(), Turn()
    assert (turn.words, turn.words, other.words) == (1, 1, 1)
