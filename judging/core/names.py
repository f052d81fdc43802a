"""Names in a turn: runs of capitalised words, except where only the start of a sentence asks for the capital."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from judging.core.languages import ENGLISH
from judging.core.ledger import Entry
from judging.core.mentions import Kind
from judging.core.text import STOP_WORDS, Token, stem

_JOINS = frozenset({"", "-", "&", "'", "’", '"', "“", "”"})
_SENTENCE_ENDS = (".", "!", "?", ";", ">")
_SPEAKER = frozenset("i i'm i'd i'll i've".split())
# Words that name nothing, however they are written.
PLAIN_WORDS = STOP_WORDS | frozenset(
    (
        "ok okay yes yeah yep yup no nope not never hi hello hey thanks thank sorry well oh right sure exactly "
        "absolutely definitely certainly indeed course correct perfect great good nice fine cool awesome excellent "
        "wonderful amazing alright confirmed confirm agreed true wrong negative actually also then than what whats "
        "what's where where's wheres when when's who who's whose whom why how how's which whether if but so because "
        "however though although while until since after before instead rather maybe perhaps just only even still "
        "already now again here there there's theres thats that's its it's he she they them his her him their let "
        "let's lets may might must shall should would could can't cant don't dont didn't doesn't won't isn't any some "
        "all each every both another other others else more most much many few several same such very too find search "
        "look show check try get give tell know want wish need like love prefer enjoy make change book reserve buy "
        "order play call go going come take see have has had got am been being suggest help think guess mean say said "
        "hope keep put set use add something anything nothing everything someone anyone everyone one ones thing things "
        "way lot bit new old next last first second third today tomorrow tonight morning afternoon evening night day "
        "week month year time date mr mrs ms dr miss sir madam"
    ).split()
)
_LEAST_SMALL = 0.2  # a turn with fewer words without a capital is written so throughout: they name nothing
_SHORT = 4
_LEAST = 3  # letters of a word that can be a value
_ARTICLES = frozenset({"a", "an", "another"})


class Name(NamedTuple):
    """A run of tokens of one turn; ``words`` are the stems that carry meaning, never empty."""

    entry: Entry
    start: int
    end: int
    words: tuple[str, ...]

    @property
    def text(self) -> str:
        return self.entry.text[self.entry.tokens[self.start].start : self.entry.tokens[self.end - 1].end]

    @property
    def is_capitalised(self) -> bool:
        return self.entry.tokens[self.start].is_capitalised

    @property
    def is_long(self) -> bool:
        """Whether it has two words of its own, and so is no word that somebody merely capitalised."""
        return len(self.words) > 1


def named(entry: Entry, start: int, end: int) -> Name | None:
    """The tokens between two indexes as a name; None where no word of them can name anything."""
    words = tuple(stem(token.low) for token in entry.tokens[start:end] if token.low not in PLAIN_WORDS)
    if end > start and entry.text.startswith(":", entry.tokens[end - 1].end):
        return None  # "Account Holder: ...": the name of a field
    return Name(entry, start, end, words) if words else None


@lru_cache(maxsize=4096)
def names_in(entry: Entry) -> tuple[Name, ...]:
    """The names of an English turn in order; remembered, because every later turn of the call asks again."""
    if entry.language is not ENGLISH:
        return ()  # other languages write other words with capitals
    tokens = entry.tokens
    small = sum(token.raw[0].islower() for token in tokens)
    if small == len(tokens) or (len(tokens) > _SHORT and small < _LEAST_SMALL * len(tokens)):
        return ()
    return tuple(_runs(entry))


def words_in(entry: Entry) -> Iterator[Name]:
    """The words without a capital that may be a value of their own, each as a name of one word."""
    counted: set[int] = set()
    for one in entry.mentions:
        if one.kind is not Kind.NUMBER or entry.tokens[one.start].low not in _ARTICLES:
            counted.update(range(one.start, one.end + len(one.units)))
    for at, token in enumerate(entry.tokens):
        word = stem(token.low)
        is_own = len(token.low) >= _LEAST and token.low not in PLAIN_WORDS and word not in PLAIN_WORDS
        if is_own and token.raw[0].islower() and at not in counted:
            yield Name(entry, at, at + 1, (word,))


def _runs(entry: Entry) -> Iterator[Name]:
    typed = {at for mention in entry.mentions if not mention.is_weak for at in range(mention.start, mention.end)}
    tokens, at = entry.tokens, 0
    while at < len(tokens):
        end = at
        while end < len(tokens) and end not in typed and _is_part(tokens[end]) and (end == at or adjoins(entry, end)):
            end += 1
        start = at + 1 if end > at and opens_sentence(entry, at) else at
        name = named(entry, start, end)
        if name is not None:
            yield name
        at = max(end, at + 1)


def _is_part(token: Token) -> bool:
    return token.is_capitalised and token.low not in _SPEAKER


def adjoins(entry: Entry, at: int) -> bool:
    """Whether only a blank or what binds a name stands between a token and the one before."""
    return entry.text[entry.tokens[at - 1].end : entry.tokens[at].start].strip() in _JOINS


def opens_sentence(entry: Entry, at: int) -> bool:
    if at == 0:
        return True
    gap = entry.text[entry.tokens[at - 1].end : entry.tokens[at].start]
    return "\n" in gap or gap.rstrip().endswith(_SENTENCE_ENDS)
