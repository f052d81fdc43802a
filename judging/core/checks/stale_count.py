"""A count in a tool call that the customer changed later, whatever words it was counted in.

"For two" ... "there will be three of us": at a read-back that the agent took up, or in the customer's last turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from judging.core.arguments import Argument, Shape
from judging.core.grounding import is_akin
from judging.core.ledger import Entry
from judging.core.ledger_index import Found
from judging.core.mentions import Kind, Mention
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView
from judging.core.wording import said, subject

Replaced: TypeAlias = tuple[Argument, Found, Found]
_MOST = 99  # larger numbers are years, prices and house numbers
_ARTICLES = frozenset({"a", "an", "another"})


def find(view: TurnView) -> Iterator[Finding]:
    for index, arguments in enumerate(view.calls):
        counts = [argument for argument in arguments if _is_count(argument)]
        if counts:
            yield from _stale(view, index, counts)


def _is_count(argument: Argument) -> bool:
    return argument.shape is Shape.NUMBER and 0 < argument.number <= _MOST and not argument.is_money


def _stale(view: TurnView, index: int, counts: Sequence[Argument]) -> Iterator[Finding]:
    found = next(_changed(view, counts), None) or next(_asked_last(view, counts), None)
    if found is not None:
        yield _finding(*found, index)


def _changed(view: TurnView, counts: Sequence[Argument]) -> Iterator[Replaced]:
    """What was changed at a read-back and taken up."""
    for change in view.changes:
        for new in _counts_in(change.said):
            if new.number in change.repeated.numbers:
                old = _replaced(new, counts, change.before, (change.said, change.repeated))
                if old is not None:
                    yield old[0], old[1], Found(change.said, new)


def _asked_last(view: TurnView, counts: Sequence[Argument]) -> Iterator[Replaced]:
    """What the customer counts anew in the last turn, in the same words; a yes to a read-back asks for nothing."""
    said = view.ledger.last(Role.CUSTOMER)
    new_counts = [new for new in _counts_in(said) if not new.is_weak] if said is not None else []
    if said is None or not new_counts or (said.is_yes and _answers_read_back(view, said)):
        return
    for entry in reversed(view.ledger.entries[: said.position]):
        if entry.role is Role.CUSTOMER or view.ledger.is_accepted(entry):
            for new in new_counts:
                old = _replaced(new, counts, entry, (said,))
                if old is not None and _is_same(new, old[1].mention, old[0]):
                    yield old[0], old[1], Found(said, new)


def _answers_read_back(view: TurnView, said: Entry) -> bool:
    asked = view.ledger.entries[said.position - 1] if said.position else None
    return asked is not None and asked.asks_to_confirm


def _counts_in(entry: Entry) -> Iterator[Mention]:
    """The counts of a turn; "a room" counts none, "only one room" does."""
    for mention in entry.mentions:
        is_count = mention.kind is Kind.NUMBER and entry.tokens[mention.start].low not in _ARTICLES
        if is_count and (not mention.is_weak or mention.units) and 0 < mention.number <= _MOST:
            yield mention


def _replaced(
    new: Mention, counts: Sequence[Argument], before: Entry, after: Sequence[Entry]
) -> tuple[Argument, Found] | None:
    """The argument with the count that stood before, and where it stood."""
    kept = {number for entry in after for number in entry.numbers}
    users = [one for one in counts if one.number == new.number]
    if any(_is_named(new, one) for one in users):
        return None
    found = [
        (one, old) for one in counts if one.number not in kept for old in _counts_in(before) if old.number == one.number
    ]
    same = [(one, old) for one, old in found if _is_same(new, old, one)]
    if not same and len(found) > 1:
        # What is counted by the argument's own name is no count of other things.
        found = [(one, old) for one, old in found if not (new.units and _is_named(old, one))]
    found = same or ([] if users else found)
    return (found[0][0], Found(before, found[0][1])) if len({one.path for one, _ in found}) == 1 else None


def _is_named(count: Mention, argument: Argument) -> bool:
    """Whether an argument's name has the word that a count counts: "two beds", ``number_of_beds``."""
    return any(is_akin(unit, word) for unit in count.units for word in argument.words)


def _is_same(new: Mention, old: Mention, argument: Argument) -> bool:
    """Whether two counts count one thing: by their words, or by the argument's name."""
    return not new.units.isdisjoint(old.units) or _is_named(new, argument)


def _finding(argument: Argument, old: Found, new: Found, index: int) -> Finding:
    return Finding(
        check="stale_argument",
        score=0.95,
        reason=f"{subject(argument)} {argument.value}, changed later to {new.raw}",
        evidence=(Evidence(argument.value, Status.SUPERSEDED, old.entry.turn_index, argument.path, new.raw),),
        tool_call_index=index,
        correction=f"Just to confirm: {said(new.raw)}, not {said(old.raw)}?",
    )
