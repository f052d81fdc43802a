"""A value of an item that says more than the customer did: "extra large" for "large", "red onions" beside "onions".

The value shares a word with what was said, so nothing else objects to it.
Measured on labelled training orders: 47 right, none wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from judging.core.arguments import Argument
from judging.core.ledger import Entry
from judging.core.said_items import Item, means
from judging.core.types import Evidence, Finding, Status
from judging.core.view import TurnView
from judging.core.wording import subject

# Words of a value that say how much of it there is. Alone they ground nothing.
_DEGREES = frozenset("extra double triple super very light half".split())
_SHORT_SIZES = frozenset("x xl xxl xtra xlarge".split())


def find(view: TurnView) -> Iterator[Finding]:
    if not view.is_english:
        return  # a value may be the translation of what was said
    for index, order in enumerate(view.orders):
        for item in order.items if order is not None else ():
            for value in item.values:
                if " " in value.value and order is not None and _is_more(value, item, order.entry):
                    yield _finding(value, index)


def _finding(value: Argument, index: int) -> Finding:
    return Finding(
        check="ungrounded_argument",
        score=0.9,
        reason=f"{subject(value)} {value.value!r}, which is more than anybody said",
        evidence=(Evidence(value.value, Status.NEVER_SAID, None, value.path),),
        tool_call_index=index,
    )


def _is_more(value: Argument, item: Item, entry: Entry) -> bool:
    said, words = entry.line.split(), value.content
    if len(words) == 1:
        return False
    unsaid = [word for word in words if not any(means(word, other) for other in said)]
    degrees = _DEGREES.intersection(words)
    if degrees and not _SHORT_SIZES.intersection(said):
        rest = [word for word in words if word not in degrees]
        if rest and all(word in unsaid for word in rest):
            return True
        if not value.is_element:
            return value.line not in entry.line and all(word in said for word in rest)
    return value.is_element and 0 < len(unsaid) < len(words) and _is_said_for_another(value, words[-1], item, said)


def _is_said_for_another(value: Argument, head: str, item: Item, said: Sequence[str]) -> bool:
    """Whether the word that the value ends with was said no more often than the other parts that end with it."""
    others = [one for one in item.elements if one is not value and one.content[-1] == head]
    is_theirs = any(all(any(means(word, other) for other in said) for word in one.content) for one in others)
    return is_theirs and said.count(head) <= len(others)
