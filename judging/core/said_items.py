"""The things that a call orders, item by item, set beside the words with which the customer ordered them.

An item is one object of a list in the arguments (``items.0``), or the whole of a call that has no such list. What was
said is read from one turn of the customer, the one with the order in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from judging.core.arguments import Argument, Shape
from judging.core.conversation import Conversation
from judging.core.grounding import is_akin, is_short_for
from judging.core.ledger import Entry, Ledger
from judging.core.mentions import Kind, Mention
from judging.core.numbers import VAGUE
from judging.core.text import STOP_WORDS, stem
from judging.core.types import Json, Role

_COUNTS = frozenset({"quantity", "qty", "count"})
_STEM = 3
# An agent's turn with one of these may say that something is not to be had or stays out.
_REFUSES = frozenset(
    "no not without out sorry unfortunately don't doesn't can't won't isn't aren't unable unavailable skip leave "
    "hold instead afraid".split()
)
_PHRASE = 3  # words between two numbers of one phrase


class Item(NamedTuple):
    """One item of a call: where it stands, how many, its values and what it leaves out."""

    path: str
    quantity: Argument | None
    values: tuple[Argument, ...]
    excluded: tuple[Argument, ...]
    words: frozenset[str]  # stems of all its values

    @property
    def elements(self) -> tuple[Argument, ...]:
        """The values that stand in lists of the item's own."""
        return tuple(value for value in self.values if value.is_element)


def items_of(arguments: Sequence[Argument]) -> tuple[Item, ...]:
    """The items of a call in order; none for a call without a list and without a count."""
    groups: dict[str, list[Argument]] = {}
    for argument in arguments:
        groups.setdefault(_owner(argument.path) if argument.is_listed else "", []).append(argument)
    items = [_item(path, group) for path, group in groups.items() if path]
    if not items and any(_is_count(one) or one.is_element for one in arguments):
        return (_item("", list(arguments)),)
    return tuple(items)


def _item(path: str, group: Sequence[Argument]) -> Item:
    texts = [one for one in group if one.shape is Shape.TEXT]
    return Item(
        path,
        next((one for one in group if _is_count(one)), None),
        tuple(one for one in texts if not one.is_excluded),
        tuple(one for one in texts if one.is_excluded),
        frozenset(word for one in texts for word in one.content),
    )


def _owner(path: str) -> str:
    """``items.0`` of ``items.0.toppings.1``; "" for ``toppings.1``."""
    parts = path.split(".")
    at = next((at for at, part in enumerate(parts[:-1]) if part.isdecimal()), 0)
    return ".".join(parts[: at + 1]) if at else ""


def _is_count(argument: Argument) -> bool:
    return argument.shape is Shape.NUMBER and bool(_COUNTS.intersection(argument.words))


class Order(NamedTuple):
    """The items of a call and the turn in which the customer ordered them."""

    items: tuple[Item, ...]
    entry: Entry


def order_of(conversation: Conversation, arguments: Sequence[Argument]) -> Order | None:
    """Set a call with items beside the turn they were ordered in; None where there is no one such turn."""
    items = items_of(arguments) if any(one.is_listed for one in arguments) else ()
    entry = _order_turn(conversation, items) if items else None
    return None if entry is None else Order(items, entry)


def _order_turn(conversation: Conversation, items: Sequence[Item]) -> Entry | None:
    """The one turn since the last call for items in which the customer speaks of these; None where there are more."""
    made = [index for index, call in conversation.made_calls if any(map(_is_list, call.arguments.values()))]
    since = max(made, default=-1)
    ledger = conversation.ledger
    places = {at for item in items for word in item.words for at in ledger.words.get(word, ())}
    said = (entry for at in places if (entry := ledger.entries[at]).role is Role.CUSTOMER)
    found = list(islice((one for one in said if one.turn_index is None or one.turn_index > since), 2))
    return found[0] if len(found) == 1 else None


def is_measure(entry: Entry, mention: Mention) -> bool:
    """Whether a number says what kind of thing it is, not how many: "a two liter bottle", "one two topping pizza".

    It stands right behind an article, or in one phrase with another count, before a word that is no plural.
    """
    tokens, following = entry.tokens, entry.tokens[mention.end].low if mention.end < len(entry.tokens) else ""
    if mention.number <= 1 or not following[:1].isalpha() or stem(following) != following:
        return False
    if mention.start and tokens[mention.start - 1].low in ("a", "an"):
        return tokens[mention.start].low not in VAGUE
    before = [other for other in entry.mentions if other.end <= mention.start and other.kind is Kind.NUMBER]
    if not before or mention.start - before[-1].end > _PHRASE:
        return False
    between = [token.low for token in tokens[before[-1].end : mention.start]]
    return STOP_WORDS.isdisjoint(between) and all(stem(low) == low for low in between)


def _is_list(value: Json) -> bool:
    return isinstance(value, (list, tuple))


def means(word: str, said: str) -> bool:
    """Whether a word of a value is a said word, spelling, form and abbreviation aside."""
    if word[0] != said[0]:
        return False
    if word == said or is_akin(word, said):
        return True
    is_form = min(len(word), len(said)) > _STEM and word[:_STEM] == said[:_STEM]  # "veggie", "vegetable"
    return is_form or is_short_for(word, said) or is_short_for(said, word)


def is_said_again(ledger: Ledger, entry: Entry, start: int, end: int) -> bool:
    """Whether some words of a turn came up again later other than in a read-back, or the customer changed anything."""
    words = {stem(token.low) for token in entry.tokens[start:end]}
    for later in ledger.entries[entry.position + 1 :]:
        if later.is_no or later.is_correction or later.may_exclude:
            return True
        if words.isdisjoint(later.line.split()) or later.role is Role.TOOL:
            continue
        is_question = later.asks_to_confirm or "?" in later.text
        is_read_back = is_question and _REFUSES.isdisjoint([token.low for token in later.tokens])
        if not (is_read_back and ledger.is_accepted(later)):
            return True
    return False
