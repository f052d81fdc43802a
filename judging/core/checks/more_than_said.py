"""A value of an item that says more than the customer did: "extra large" for "large", "red onions" beside "onions".

The value shares a word with what was said, so nothing else objects to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from judging.core.arguments import Argument
from judging.core.ledger import Entry
from judging.core.said_items import Item, items_of, means, order_turn
from judging.core.text import stem
from judging.core.types import Evidence, Finding, Status
from judging.core.view import TurnView
from judging.core.wording import subject

# Words of a value that say how much of it there is. Alone they ground nothing.
_DEGREES = frozenset("extra double triple super very light half".split())
_SHORT_SIZES = frozenset("x xl xxl xtra xlarge".split())


def find(view: TurnView) -> Iterator[Finding]:
    for index, arguments in enumerate(view.calls):
        if not any(" " in one.value for one in arguments):
            continue
        items = items_of(arguments) if any(one.is_listed for one in arguments) else ()
        entry = order_turn(view, items) if items else None
        if entry is None:
            continue
        for item in items:
            for value in item.values:
                if len(value.content) > 1 and _is_more(value, item, entry):
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
    said = entry.line.split()
    words = [stem(word) for word in value.content]
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
