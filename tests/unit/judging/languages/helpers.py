"""Short forms for tests of languages: the values of a text as plain words."""

from __future__ import annotations

from datetime import date

from judging.core.languages import language_of
from judging.core.languages.phrases import Phrases
from judging.core.mentions import Kind, Mention
from judging.core.text import tokenize

_TODAY = date(2024, 3, 1)  # a Friday


def phrases_of(code: str) -> Phrases:
    phrases = language_of(code).phrases
    assert phrases is not None
    return phrases


def _mentions(code: str, text: str, kind: Kind) -> list[Mention]:
    language = language_of(code)
    tokens = tokenize(text)
    if language.split is not None:
        tokens = language.split(tokens)
    return [one for one in language.read_mentions(tokens, _TODAY) if one.kind is kind]


def numbers_in(code: str, text: str) -> list[float]:
    """The numbers of a text that are no dates, times or amounts; none that is an article."""
    return [one.number for one in _mentions(code, text, Kind.NUMBER) if not one.is_weak]


def amounts_in(code: str, text: str) -> list[float]:
    return [one.number for one in _mentions(code, text, Kind.MONEY)]


def times_in(code: str, text: str) -> set[str]:
    return {
        f"{minutes // 60:02}:{minutes % 60:02}" for one in _mentions(code, text, Kind.TIME) for minutes in one.times
    }


def dates_in(code: str, text: str) -> set[str]:
    """The days that the dates of a text may mean, "*" for any year."""
    return {
        f"{year or '*'}-{month:02}-{day:02}"
        for one in _mentions(code, text, Kind.DATE)
        for year, month, day in one.dates
    }
