"""Where in the call a value was said, however it was spelled."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from judging.core.arguments import Argument, Shape
from judging.core.calendar import fits
from judging.core.ledger import Entry, Ledger
from judging.core.mentions import Kind, Mention
from judging.core.text import STOP_WORDS, is_near_spelling, stem, tokenize

_PREFIX = 4
_LONG = 8
KIND_OF = {Shape.DATE: Kind.DATE, Shape.TIME: Kind.TIME, Shape.NUMBER: Kind.NUMBER}


class Place(NamedTuple):
    """One place where a value was said: an entry and the index of the value's first token in it."""

    entry: Entry
    start: int
    end: int


def matches(argument: Argument, mention: Mention) -> bool:
    """Whether a mention may mean the argument's value."""
    if mention.kind is Kind.DATE:
        if argument.shape is Shape.NUMBER:
            return any(argument.number in (year, number) for year, _, number in mention.dates)
        return argument.day is not None and fits(mention.dates, argument.day)
    if mention.kind is Kind.TIME:
        return argument.shape is Shape.TIME and argument.minutes in mention.times
    if argument.shape is not Shape.NUMBER:
        return False
    is_short_year = 1900 <= argument.number < 2100 and argument.number % 100 == mention.number  # "from '18"
    return argument.number == mention.number or is_short_year


def text_places(ledger: Ledger, argument: Argument) -> Iterator[Place]:
    """Places of a text value, newest first: as a phrase, or by a name that stands for it."""
    phrase, aliases = argument.line, aliases_of(argument.value)
    for position in _positions(ledger, phrase, aliases):
        entry = ledger.entries[position]
        line = entry.line
        at = line.rfind(phrase)
        if at >= 0:
            start = line.count(" ", 0, at + 1) - 1
            yield Place(entry, start, start + phrase.count(" ") - 1)
        elif aliases and (start := _alias_at(entry, aliases)) >= 0:
            yield Place(entry, start, start + 1)


def _positions(ledger: Ledger, phrase: str, aliases: frozenset[str]) -> Sequence[int]:
    """The positions of all entries that may have a phrase or a short form of it, newest first."""
    saying = ledger.index.saying(phrase)
    short = [ledger.words[word] for alias in aliases if (word := stem(alias)) in ledger.words]
    return sorted({*saying, *chain.from_iterable(short)}, reverse=True) if short else saying[::-1]


def _alias_at(entry: Entry, aliases: frozenset[str]) -> int:
    for at, token in enumerate(entry.tokens):
        if token.low in aliases and (len(token.low) > 2 or token.raw.isupper() or _is_after_place(entry, at)):
            return at
    return -1


_PLACE = frozenset("in to from near around for at of".split())


def _is_after_place(entry: Entry, at: int) -> bool:
    """Whether a short form of two letters is meant as one, though it is not in capitals: "a hotel in sf"."""
    return at > 0 and entry.tokens[at - 1].low in _PLACE and entry.tokens[at].low not in STOP_WORDS


@lru_cache(maxsize=16384)
def aliases_of(value: str) -> frozenset[str]:
    """Short forms of a name of several words: its initials or their end, or one letter more (SF, SFO, NYC; DC)."""
    words = [token.low for token in tokenize(value) if token.raw[0].isalpha()]
    if not 2 <= len(words) <= 5 or not value[0].isupper():
        return frozenset()
    initials = "".join(word[0] for word in words)
    tails = {initials[at:] for at in range(len(initials) - 1)}
    return frozenset(tails) | frozenset(f"{initials}{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")


def is_mentioned(ledger: Ledger, argument: Argument) -> bool:
    """Whether any word of a text value was said, spelling, number and short form aside. Generous on purpose."""
    words = ledger.words
    if any(word in words for word in argument.content):
        return True
    if next(text_places(ledger, argument), None) is not None or _is_spelled_out(ledger, argument):
        return True
    content, words_with = argument.content, ledger.index.words_with
    if any(is_akin(word, said) for word in content for said in words_with(word[0])):
        return True
    letters = "".join(content)
    if any(is_short_for(said, letters) for said in words_with(letters[:1])):
        return True
    initials = set(content[0][:2]) if len(content) > 1 else ()
    if any(_is_initials(said, content) for initial in initials for said in words_with(initial)):
        return True
    return _is_written_out(ledger, argument)


_ABBREVIATED = 3  # letters of the longest abbreviation
_VOWELS = frozenset("aeiouy")
_NO_SHORT_FORMS = frozenset("pm mr mrs ms hmm vs tv".split())


def is_short_for(short: str, word: str) -> bool:
    """ "bbq" for "barbecue", "dr" for "doctor": no vowel, the first letter and others in order."""
    if not 2 <= len(short) <= _ABBREVIATED or len(word) <= len(short) or short[0] != word[0]:
        return False
    rest = iter(word)
    return _VOWELS.isdisjoint(short) and short not in _NO_SHORT_FORMS and all(letter in rest for letter in short)


def _is_initials(short: str, words: tuple[str, ...]) -> bool:
    """ "xl" for "extra large": a letter of each word, of all but the first its initial."""
    if not len(short) == len(words) > 1 or not _VOWELS.isdisjoint(short) or short in _NO_SHORT_FORMS:
        return False
    return short[0] in words[0][:2] and all(a == word[0] for a, word in zip(short[1:], words[1:], strict=True))


_WITHIN = frozenset("of the and".split())


def _is_written_out(ledger: Ledger, argument: Argument) -> bool:
    """Whether the words that initials in a value stand for were said ("Ace Corp. of America", value "ACA")."""
    initials = [token.low for token in tokenize(argument.value) if token.low.upper() == token.raw.replace(".", "")]
    wanted = [low for low in initials if 1 < len(low) <= _PREFIX and low.isalpha()]
    return bool(wanted) and any(low in _initials(entry) for entry in ledger.entries for low in wanted)


def _initials(entry: Entry) -> str:
    """The first letters of a turn's capitalised words, with a blank where another word stands between them."""
    letters = (token.low[0] if token.is_capitalised else "" if token.low in _WITHIN else " " for token in entry.tokens)
    return "".join(letters)


def _is_spelled_out(ledger: Ledger, argument: Argument) -> bool:
    """Whether an id was read out in pieces ("A B, one two, 3")."""
    wanted = "".join(char for char in argument.value.lower() if char.isalnum())
    return len(wanted) > 2 and any(wanted in ledger.alnum(entry) for entry in ledger.entries)


def is_akin(left: str, right: str) -> bool:
    """Whether two stems are spellings or forms of one word: ``romantic`` and ``romance``, ``gym`` and ``gymnasium``."""
    if left[0] != right[0]:
        return False
    short = min(len(left), len(right))
    if short >= _PREFIX and left[:_PREFIX] == right[:_PREFIX]:
        # Long words that only begin alike are two words: "astronomer" and "astrologer".
        return short < _LONG or left[: short * 3 // 5] == right[: short * 3 // 5]
    if short == _PREFIX - 1 and left[:short] == right[:short] and left not in STOP_WORDS and right not in STOP_WORDS:
        return True  # a clipped name: "Phi", "ATL"
    return is_near_spelling(left, right)


_TITLES = frozenset("dr doctor mr mrs ms miss prof sir madam".split())
# Many names begin so: "San Marino" is not "San Remo", and "Los Gatos" is no "Los Altos".
_HEADS = frozenset(
    "san santa santo sao saint st los las el la le les the new old fort ft port mount mt lake north south east west "
    "northern southern eastern western upper lower great grand little big royal".split()
)


def is_used(words: Iterable[str], arguments: Iterable[Argument]) -> bool:
    """Whether a name stands in the arguments: its first word, or most of it, spelling and short form aside.

    The first word tells names apart ("Delta Airlines"), unless many begin with it; the last ones often say what kind
    of thing it is.
    """
    wanted = [word for word in words if word not in _TITLES]
    while len(wanted) > 1 and wanted[0] in _HEADS:
        wanted = wanted[1:]
    known = list(arguments)
    used = [word for word in wanted if _stands_in(word, known)]
    return not wanted or (bool(used) and (wanted[0] in used or len(used) * 2 > len(wanted)))


def _stands_in(word: str, arguments: Iterable[Argument]) -> bool:
    for argument in arguments:
        if word in aliases_of(argument.value) or f" {word} " in argument.line:
            return True
        if any(is_akin(word, own) for own in argument.line.split()):
            return True
    return False


_MOST_TIMES = 12
_NEWEST = 60
_CENT = 0.01
_NUMERIC = frozenset({Kind.NUMBER, Kind.MONEY})


def is_derived(ledger: Ledger, number: float) -> bool:
    """Whether a number is the sum, the difference, a per cent share or a said multiple of the newest numbers said."""
    known: list[float] = []
    for entry in reversed(ledger.entries):
        known.extend(m.number for m in entry.mentions if m.kind in _NUMERIC and m.number and not m.is_weak)
        if len(known) > _NEWEST:
            break
    values = set(known)
    counts = {said for said in ledger.index.numbers if 1 < said <= _MOST_TIMES}
    if any(round(number / value, 6) in counts for value in values):
        return True
    return _is_share_of(values, number) or _is_sum(values, number)


def _is_share_of(values: set[float], number: float) -> bool:
    """Whether a number is the per cent share, one of the values, of another value."""
    known = sorted(values)
    for share in known:
        if 0 < share < 100:
            # Rounding moves no number by more than half a cent: what is farther off need not be tried.
            first, last = ((number + cents) * 100 / share for cents in (-_CENT, _CENT))
            near = known[bisect_left(known, first) : bisect_right(known, last)]
            if any(round(value * share / 100, 2) == number for value in near):
                return True
    return False


def is_reckoned(amounts: Iterable[float], number: float) -> bool:
    """Whether a number is the sum, the difference, a per cent share or a multiple of known amounts."""
    values = {*amounts} - {0.0}
    if any(round(number / value, 6) in range(2, _MOST_TIMES + 1) for value in values):
        return True
    shares = (round(number / value * 100, 2) for value in values)
    if any(share < 100 and (share in values or round(100 - share, 2) in values) for share in shares):
        return True
    return _is_sum(values, number)


def _is_sum(values: set[float], number: float) -> bool:
    """Whether a number is the sum or the difference of two known ones."""
    return any(round(number - value, 2) in values or round(number + value, 2) in values for value in values)


def is_share(amounts: Iterable[float], number: float) -> bool:
    """Whether a number is the per cent share that one known amount is of another."""
    values = set(amounts)
    return any(round(value * number / 100, 2) in values for value in values if value)
