"""Typed values found in one text: dates, times, amounts of money, numbers.

Extraction is one walk over the tokens, and no walk at all for a text without a number-like word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from judging.core.calendar import DATE_WORDS, DatePattern, read_date
from judging.core.clocktime import TIME_WORDS, read_time
from judging.core.numbers import NUMBER_WORDS, ORDINALS, UNITS, VAGUE, read_number
from judging.core.text import STOP_WORDS, Token, stem


class Kind(StrEnum):
    DATE = "date"
    TIME = "time"
    MONEY = "money"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Mention:
    """One value in a text. Exactly one of ``dates``, ``times``, ``number`` says what it may mean.

    ``start`` and ``end`` are token indexes. A weak mention ("a pizza", "this one") may ground a value but never
    speaks against one. ``units`` are the stems of the words a number counts ("3 small pizzas": small, pizza).
    """

    kind: Kind
    start: int
    end: int
    dates: frozenset[DatePattern] = frozenset()
    times: frozenset[int] = frozenset()
    number: float = 0.0
    is_weak: bool = False
    units: frozenset[str] = frozenset()

    def same_value(self, other: Mention) -> bool:
        """Whether both may mean one thing."""
        if self.kind is not other.kind:
            return False
        if self.kind is Kind.DATE:
            return any(_overlap(mine, its) for mine in self.dates for its in other.dates)
        if self.kind is Kind.TIME:
            return not self.times.isdisjoint(other.times)
        return self.number == other.number


def _overlap(left: DatePattern, right: DatePattern) -> bool:
    return all(mine == its or not mine or not its for mine, its in zip(left, right, strict=True))


_CURRENCY_SIGNS = frozenset("$€£¥₹")
_CURRENCY_WORDS = frozenset("dollar dollars buck bucks usd euro euros eur pound pounds quid cent cents rupees".split())
_TRIGGERS = NUMBER_WORDS | DATE_WORDS | TIME_WORDS | frozenset(ORDINALS) | _CURRENCY_SIGNS | {"a", "an", "another"}
_UNIT_ENDS = STOP_WORDS | frozenset(
    "there here now then but if when so please thanks who which because since until".split()
)
_PRONOUN_BEFORE = frozenset(
    "this that the another which no any every each other good nice last only same right".split()
)
_AFTER_MADE = frozenset("please instead then now thanks thank actually though".split())
_NOT_COUNTED = frozenset({"of", "that", "which", "", "way", "more", "thing", "time"})


def find_mentions(tokens: Sequence[Token], today: date | None) -> tuple[Mention, ...]:
    """Return the typed values of a text in order."""
    lows = [token.low for token in tokens]
    # Digits and signs sort before every letter: the smallest token tells whether there is one.
    if not lows or (min(lows) >= ":" and _TRIGGERS.isdisjoint(lows)):
        return ()
    found, end = [], 0
    for at in [at for at, low in enumerate(lows) if low in _TRIGGERS or low[:1].isdecimal()]:
        mention = _read(tokens, at, today) if at >= end else None
        if mention is not None:
            found.append(mention)
            end = mention.end
    return tuple(found)


def _read(tokens: Sequence[Token], at: int, today: date | None) -> Mention | None:
    low = tokens[at].low
    if low in ("a", "an", "another"):
        return _read_article(tokens, at)
    if low in _CURRENCY_SIGNS:
        amount = read_number(tokens, at + 1) if at + 1 < len(tokens) else None
        return Mention(Kind.MONEY, at, amount[1], number=amount[0]) if amount else None
    spoken_date = read_date(tokens, at, today)
    if spoken_date is not None:
        return Mention(Kind.DATE, at, spoken_date[1], dates=spoken_date[0])
    spoken_time = read_time(tokens, at)
    if spoken_time is not None:
        return Mention(Kind.TIME, at, spoken_time[1], times=spoken_time[0])
    return _read_quantity(tokens, at)


def _read_article(tokens: Sequence[Token], at: int) -> Mention | None:
    """ "a pizza" is one pizza, weakly; "a couple", "a hundred" and "a dozen" are numbers of their own."""
    following = tokens[at + 1].low if at + 1 < len(tokens) else ""
    if following in VAGUE or following in NUMBER_WORDS:
        return None
    return Mention(Kind.NUMBER, at, at + 1, number=1.0, is_weak=True, units=units_after(tokens, at + 1))


def _read_quantity(tokens: Sequence[Token], at: int) -> Mention | None:
    low = tokens[at].low
    if low in VAGUE:
        value = VAGUE[low]
        is_half = low == "dozen" and at > 0 and tokens[at - 1].low in ("half", "a") and _before(tokens, at, "half")
        number = 6.0 if is_half else float(value)
        return Mention(
            Kind.NUMBER, at, at + 1, number=number, is_weak=low != "dozen", units=units_after(tokens, at + 1)
        )
    read = read_number(tokens, at)
    if read is None:
        return None
    number, end = read
    if at and tokens[at - 1].end == tokens[at].start and tokens[at - 1].raw[-1].isalpha():
        return Mention(Kind.NUMBER, at, end, number=number, is_weak=True)  # part of a code: "HAT023"
    following = tokens[end].low if end < len(tokens) else ""
    if following in VAGUE and VAGUE[following] == 12:
        number, end = number * 12, end + 1
    if following in _CURRENCY_WORDS:
        return Mention(Kind.MONEY, at, end + 1, number=number / 100 if following.startswith("cent") else number)
    if _is_in_digit_run(tokens, at):
        return Mention(Kind.NUMBER, at, end, number=number, is_weak=True)  # part of a phone number or an id
    if end < len(tokens) and tokens[end].start == tokens[end - 1].end and tokens[end].raw[0].isalpha():
        return Mention(Kind.NUMBER, at, end, number=number, is_weak=True)  # part of a name: "3d", "4k"
    is_weak = _is_pronoun(tokens, at, end)
    return Mention(Kind.NUMBER, at, end, number=number, is_weak=is_weak, units=units_after(tokens, end))


def _is_in_digit_run(tokens: Sequence[Token], at: int) -> bool:
    """Whether a token stands among three groups of digits in a row."""
    low = max(0, at - 2)
    run = [token.raw.isdecimal() and len(token.raw) > 1 for token in tokens[low : at + 3]]
    here = at - low
    return any(
        all(run[start : start + 3]) and len(run[start : start + 3]) == 3 for start in range(max(0, here - 2), here + 1)
    )


def units_after(tokens: Sequence[Token], end: int) -> frozenset[str]:
    """Stems of up to three words right after a number, as far as they belong to it."""
    found = []
    for token in tokens[end : end + 3]:
        if not token.raw[0].isalpha() or token.low in _UNIT_ENDS:
            break
        found.append(stem(token.low))
    return frozenset(found)


def _before(tokens: Sequence[Token], at: int, word: str) -> bool:
    return any(tokens[back].low == word for back in range(max(0, at - 2), at))


def is_made(tokens: Sequence[Token], at: int) -> bool:
    """Whether a number, the last word of its clause, sets how many there shall be: "make it one", "make that just two".

    "make that one large" speaks of a thing instead.
    """
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    # A gap of more than a blank holds the end of a sentence or a clause.
    if following is not None and following.start - tokens[at].end < 2 and following.low not in _AFTER_MADE:
        return False
    return follows_make(tokens, at)


def follows_make(tokens: Sequence[Token], at: int) -> bool:
    """Whether "make it" or "make that just" stands right before."""
    back = at - 1
    while back >= 0 and tokens[back].low in ("just", "only"):
        back -= 1
    return back >= 1 and tokens[back].low in ("it", "that", "them") and tokens[back - 1].low in ("make", "making")


def _is_pronoun(tokens: Sequence[Token], at: int, end: int) -> bool:
    """ "this one", "the first one", "one of them": no quantity."""
    if tokens[at].low not in UNITS or UNITS[tokens[at].low] != 1 or is_made(tokens, at):
        return False
    before = tokens[at - 1].low if at else ""
    following = tokens[end].low if end < len(tokens) else ""
    return before in _PRONOUN_BEFORE or before in ORDINALS or following in _NOT_COUNTED or before == "or"
