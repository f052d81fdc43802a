"""Where a speaker interrupts a sentence to put something right: "the Rhine, no, the Danube".

Three parts: the words before the interruption, the words that interrupt, and those that go on after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import islice

from judging.core.ledger import Entry
from judging.core.text import STOP_WORDS, Token, sentence_at

_GAP = " \t,.…–-"
_CLOSING = frozenset("actually instead rather please".split())
_SPAN = 5
_WINDOW = 400  # letters on each side; what was taken back in one breath is nearer
_MOST = 12  # interruptions that are read of one turn
_READ_CHARS = 4_096

OPENERS = frozenset(
    "what which who whom whose when where why how tell do does did is are was were can could would will".split()
)
DETERMINERS = frozenset("the a an my your our their his her its this that these those some any".split())
LEADS = DETERMINERS | frozenset("in on at of to for from with by about near into as under over between and".split())
NO_NAMES = (
    OPENERS
    | STOP_WORDS
    | frozenset(
        "after before during according under between if but as since while than then not so because has have had "
        "would just only also too there here besides other below above i'm i'd i'll i've".split()
    )
)


class Strength(IntEnum):
    """How surely an interruption corrects: a pause hardly ever, "no" often, "I mean" always."""

    PAUSE = 0
    WEAK = 1
    STRONG = 2


@dataclass(frozen=True, slots=True)
class Repair:
    """One interruption: its turn, the words of the sentence before it and those after it.

    ``is_choice``: it opens with "or", which without a word that corrects may as well offer a choice.
    """

    entry: Entry
    strength: Strength
    before: tuple[Token, ...]
    after: tuple[Token, ...]
    is_choice: bool


def may_interrupt(entry: Entry) -> bool:
    """Whether a turn has any word that could interrupt."""
    return not entry.language.repairs.words.isdisjoint(entry.lows)


def repairs_of(entry: Entry) -> Iterator[Repair]:
    """Yield the interruptions of a turn in order."""
    patterns = entry.language.repairs
    for found in islice(patterns.marker.places_in(entry.text[:_READ_CHARS]), _MOST):
        words = entry.text[found.start() : found.end()].strip(_GAP)
        at, strength = entry.text.index(words, found.start()), _strength(found)
        if strength is None or patterns.none.fullmatch(words) or _belongs_before(entry, at, words):
            continue
        before, after = _sides(entry, at, at + len(words), is_across=patterns.own_sentence.search(words) is not None)
        meant = _meant(entry, after) if after else ()
        if before and meant and not _is_plain_no(words, after[0]):
            yield Repair(entry, strength, before, meant, words.lower().startswith("or"))


def _strength(found: re.Match[str]) -> Strength | None:
    """How sure a marker is, None for words that only fill the gap. A pattern without a group ``weak`` has no such."""
    known = found.groupdict()
    if known["strong"]:
        return Strength.STRONG
    if "weak" not in known or known["weak"]:
        return Strength.WEAK
    return Strength.PAUSE if known.get("pause") else None


def _belongs_before(entry: Entry, at: int, words: str) -> bool:
    """ "Tuesday actually, in town": a word that closes a phrase interrupts nothing."""
    end = at + len(words)
    return entry.text[at - 2].isalnum() and entry.text[end : end + 1] == "," and words.lower() in _CLOSING


def _sides(entry: Entry, at: int, end: int, *, is_across: bool) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
    """The words of the sentence before and after an interruption; the end of a sentence ends most of them."""
    text, start = entry.text, max(0, at - _WINDOW)
    start += 0 if is_across else sentence_at(text[start : at + 1], at - start)[0]
    rest = text[end : end + _WINDOW]
    end += len(rest) - len(rest.lstrip(_GAP if is_across else _GAP.replace(".", "")))
    last = end + sentence_at(text[end : end + _WINDOW], 0)[1]
    before = tuple(token for token in entry.tokens if start <= token.start and token.end <= at)
    return before, tuple(token for token in entry.tokens if end <= token.start < last)


def _is_plain_no(words: str, first: Token) -> bool:
    """ "no onions", "no refunds": the word leaves something out."""
    is_thing = not first.is_capitalised and first.raw[0].isalpha() and first.low not in NO_NAMES | LEADS
    return is_thing and words.lower() == "no"


def _meant(entry: Entry, after: tuple[Token, ...]) -> tuple[Token, ...]:
    """What comes after "but" in "not the fifties but the twenties", or after the comma in "not Rome, Paris"."""
    if after[0].low != "not":
        return after
    for at in range(1, min(len(after), _SPAN + 1)):
        if after[at].low == "but":
            return after[at + 1 :]
        if at > 1 and "," in entry.text[after[at - 1].end : after[at].start]:
            return after[at:]
    return after
