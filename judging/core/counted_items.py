"""The counts of an order, each with the words that it counts, and which of them speaks of which item of a call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from judging.core.ledger import Entry
from judging.core.mentions import Kind, Mention
from judging.core.said_items import Item, is_measure, means
from judging.core.text import stem

_KINDS = frozenset("double single twin both once".split())


class Counted(NamedTuple):
    """A number in an order; ``end`` is the token at which the next number starts, ``words`` the stems up to there."""

    mention: Mention
    end: int
    words: tuple[str, ...]


def counted_in(entry: Entry) -> list[Counted]:
    numbers = [mention for mention in entry.mentions if mention.kind is Kind.NUMBER]
    ends = [*(mention.start for mention in numbers[1:]), len(entry.tokens)][: len(numbers)]
    return [
        Counted(mention, end, tuple(stem(token.low) for token in entry.tokens[mention.end : end]))
        for mention, end in zip(numbers, ends, strict=True)
    ]


def is_kind(entry: Entry, mention: Mention) -> bool:
    """Whether a number says what kind of thing it is: "double cheese", "a two liter bottle"."""
    return entry.tokens[mention.start].low in _KINDS or is_measure(entry, mention)


def best_for(item: Item, counted: Sequence[Counted]) -> Counted | None:
    """The one count whose words are more of the item's than those of all others."""
    scores = [score(item, one) for one in counted]
    top = max(scores, default=0)
    return counted[scores.index(top)] if top and scores.count(top) == 1 else None


def score(item: Item, counted: Counted) -> int:
    """How many words of an item stand with a count."""
    return sum(any(means(word, said) for said in counted.words) for word in item.words)
