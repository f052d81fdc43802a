"""Names in a turn: runs of capitalised words, except where only the start of a sentence asks for the capital."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from judging.core.ledger import Entry, remembered
from judging.core.mentions import Kind
from judging.core.text import STOP_WORDS, stem

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
_MOST_CAPITALS = 0.8  # a turn with more of them is written in capitals throughout: they name nothing
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


@remembered
def names_in(entry: Entry) -> tuple[Name, ...]:
    """The names of an English turn in order; remembered, because every later turn of the call asks again."""
    if not entry.language.is_english:
        return ()  # other languages write other words with capitals
    capitals = [at for at, token in enumerate(entry.tokens) if token[0][0].isupper()]
    size = len(entry.tokens)
    if not capitals or (size > _SHORT and len(capitals) > _MOST_CAPITALS * size):
        return ()
    return tuple(_runs(entry, capitals))


def words_in(entry: Entry, wanted: Collection[str]) -> Iterator[Name]:
    """The words with one of these stems and no capital that may be values of their own, as names of one word."""
    counted: set[int] = set()
    for one in entry.mentions:
        if one.kind is not Kind.NUMBER or entry.tokens[one.start].low not in _ARTICLES:
            counted.update(range(one.start, one.end + len(one.units)))
    for at, token in enumerate(entry.tokens):
        word = stem(token.low)
        if word in wanted and at not in counted and token.raw[0].islower() and _is_own(token.low, word):
            yield Name(entry, at, at + 1, (word,))


def _is_own(low: str, word: str) -> bool:
    return len(low) >= _LEAST and low not in PLAIN_WORDS and word not in PLAIN_WORDS


def _runs(entry: Entry, capitals: Sequence[int]) -> Iterator[Name]:
    typed = {at for mention in entry.mentions if not mention.is_weak for at in range(mention.start, mention.end)}
    parts = [at for at in capitals if at not in typed and entry.tokens[at].low not in _SPEAKER]
    following = 0
    while following < len(parts):
        at = parts[following]
        end = at + 1
        following += 1
        while following < len(parts) and parts[following] == end and adjoins(entry, end):
            end += 1
            following += 1
        start = at + 1 if opens_sentence(entry, at) else at
        name = named(entry, start, end) if end > start else None
        if name is not None:
            yield name


def adjoins(entry: Entry, at: int) -> bool:
    """Whether only a blank or what binds a name stands between a token and the one before."""
    return entry.text[entry.tokens[at - 1].end : entry.tokens[at].start].strip() in _JOINS


def opens_sentence(entry: Entry, at: int) -> bool:
    if at == 0:
        return True
    gap = entry.text[entry.tokens[at - 1].end : entry.tokens[at].start]
    is_list_start = gap.rstrip().endswith(":") and entry.tokens[at].low.endswith("ing")  # "confirm: Playing ..."
    return "\n" in gap or gap.rstrip().endswith(_SENTENCE_ENDS) or is_list_start
