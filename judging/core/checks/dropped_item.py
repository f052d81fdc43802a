"""An item that the customer counted off with the others and the call leaves out: "two lattes and a muffin", no muffin.

Certain only where each item of the call has a count of its own in the order and one more count has words that the call
has nowhere.
Measured on labelled training orders: 13 right, none wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from judging.core.arguments import name_words
from judging.core.checks.dropped_part import NO_PARTS
from judging.core.checks.exclusion import is_ruled_out, takes_things_back
from judging.core.counted_items import Counted, best_for, counted_in, is_kind
from judging.core.ledger import Entry
from judging.core.said_items import Order, is_said_again, means
from judging.core.text import stem
from judging.core.types import Evidence, Finding, Status
from judging.core.view import TurnView

_LEADS = frozenset("and plus also with".split())
_LOOKS = 2  # words such as a size between the count and the thing
_LONGEST = 3
_CONTENT = 4  # words after "boxes of"


def find(view: TurnView) -> Iterator[Finding]:
    for index, order in enumerate(view.orders):
        if order is None or not order.entry.language.is_english or not _is_whole(view, index, order):
            continue
        words = {word for arguments in view.calls for one in arguments for word in one.content}
        for start, end in _dropped(order, words):
            if not is_said_again(view.ledger, order.entry, start, end):
                yield _finding(order.entry, start, end, order, index)


def _is_whole(view: TurnView, index: int, order: Order) -> bool:
    """Whether the call is to have all that was ordered."""
    is_adding = "add" in name_words(view.turn.tool_calls[index].name)
    return bool(order.items[0].path) and not is_adding and not takes_things_back(view, index)


def _finding(entry: Entry, start: int, end: int, order: Order, index: int) -> Finding:
    missing = entry.text[entry.tokens[start].start : entry.tokens[end - 1].end]
    path = order.items[0].path.rpartition(".")[0]
    return Finding(
        check="dropped_value",
        score=0.9,
        reason=f"{missing!r} was ordered and is missing from the call",
        evidence=(Evidence(missing, Status.GROUNDED, entry.turn_index, path),),
        tool_call_index=index,
        correction=f"Just to confirm: {missing}, too?",
    )


def _dropped(order: Order, words: set[str]) -> Iterator[tuple[int, int]]:
    """Yield the counted things that no item of the call is, as token ranges."""
    counted = counted_in(order.entry)
    taken = [best_for(item, counted) for item in order.items]
    if len(counted) <= len(taken) or None in taken:
        return
    for one in counted:
        end = _end_of_thing(order.entry, one, words)
        if end and not any(one is other for other in taken) and _goes_on(order.entry, one, counted):
            yield one.mention.start, end


def _goes_on(entry: Entry, one: Counted, counted: Sequence[Counted]) -> bool:
    """Whether a count comes in a row with others: after "and" or a comma, or right after what another counts."""
    at = one.mention.start
    if not at or is_kind(entry, one.mention) or is_ruled_out(entry, at):
        return False
    gap = entry.text[entry.tokens[at - 1].end : entry.tokens[at].start]
    return "," in gap or entry.tokens[at - 1].low in _LEADS


def _end_of_thing(entry: Entry, one: Counted, words: set[str]) -> int:
    """The token after the counted thing, 0 where it is in the call or is no thing."""
    start = one.mention.end
    end = start
    while end < one.end and end - start < _LOOKS and stem(entry.tokens[end].low) in words:
        end += 1  # "a large" of "a large cola"
    at = end
    while at < one.end and at - end < _LONGEST and _is_open(entry, at, words):
        at += 1
    after = entry.tokens[at + 1 : at + 1 + _CONTENT] if at < one.end and entry.tokens[at].low == "of" else ()
    if any(stem(token.low) in words for token in after):
        return 0  # "two boxes of nails": the nails are in the call
    is_over = at == one.end or entry.tokens[at].low in NO_PARTS
    return at if at > end and is_over else 0


def _is_open(entry: Entry, at: int, words: set[str]) -> bool:
    low = entry.tokens[at].low
    return low[0].isalpha() and low not in NO_PARTS and not any(means(word, stem(low)) for word in words)
