"""The read-backs at which the customer changed something, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from judging.core.ledger import Entry, Ledger, remembered
from judging.core.patterns import AnyCase
from judging.core.types import Role

# What a turn lays out to choose from; it reads nothing back.
OFFERS = AnyCase(r"\b(?:found|able to find|there(?:'s| is| are)|one of|(?:how|what) about|how does)\b")
_WISHES = AnyCase(r"\b(?:(?:can|could|would|will) (?:you|i|we)|(?:how|what) about|instead|actually)\b")

_PEOPLE = frozenset({Role.AGENT, Role.CUSTOMER})


@remembered
def is_offer(entry: Entry) -> bool:
    """Whether a turn lays something out to choose from; remembered, because several checks ask."""
    return OFFERS.is_in(entry.text)


class Change(NamedTuple):
    """A customer's turn between the agent's turn before it and the read-back that took it up."""

    before: Entry
    said: Entry
    repeated: Entry


def changes(ledger: Ledger) -> Iterator[Change]:
    """Yield the changes that end the call so far, newest first; none where the last answer is not a plain one."""
    spoken = (entry for entry in reversed(ledger.entries) if entry.role in _PEOPLE)
    last, repeated = next(spoken, None), next(spoken, None)
    if last is None or last.role is not Role.CUSTOMER or last.is_no or last.is_correction:
        return
    is_first = True
    while repeated is not None and (said := next(spoken, None)) and (before := next(spoken, None)):
        is_answered = is_first and last.is_yes and not is_offer(repeated)
        is_exchange = said.role is Role.CUSTOMER and before.role is Role.AGENT and repeated.role is Role.AGENT
        if not is_exchange or not (repeated.asks_to_confirm or is_answered):
            return
        if (before.asks_to_confirm or said.is_no or said.is_correction) and not _asks(said):
            yield Change(before, said, repeated)
        elif not said.is_yes and not any(not mention.is_weak for mention in said.mentions):
            return
        repeated, is_first = before, False


def _asks(entry: Entry) -> bool:
    """Whether a turn asks to be told something; "can you make it three?" asks for it to be done."""
    return "?" in entry.text and not _WISHES.is_in(entry.text)
