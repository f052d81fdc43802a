"""Something the customer ruled out ("no pepperoni") that the call puts in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from judging.core.arguments import Argument, Shape
from judging.core.ledger import Entry
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView

# Stems that open an exclusion, and those that end its reach.
_OPENERS = (
    " no ", " without ", " hold the ", " hold any ", " avoid ", " not any ", " not ", " skip the ", " leave off ", " leave out ",
    " don't want ", " don't put ", " don't add ", " don't include ", " dont want ", " exclude ", " minus ", " except ", " free of ",
    " hate ", " nothing with ", " hold ", " never ", " lose the ", " take off ", " remove ", " do not want ", " do not add ",
)
_CLOSERS = re.compile(r" (?:but|with|and also|plus|add|also|please|thank|instead|i|we|just|only|then|make|can|could) ")
_REACH_WORDS = 8


def find(view: TurnView) -> Iterator[Finding]:
    for index, arguments in enumerate(view.calls):
        for argument in arguments:
            if argument.shape is not Shape.TEXT or argument.is_excluded:
                continue
            entry = excluded_in(view, argument)
            if entry is not None:
                yield Finding(
                    check="exclusion_put_in",
                    score=0.95,
                    reason=f"{argument.path} has {argument.value!r}, which the customer ruled out",
                    evidence=(Evidence(argument.value, Status.SUPERSEDED, entry.turn_index, argument.path),),
                    tool_call_index=index,
                    correction=f"Just to confirm: no {argument.value}?",
                )


def excluded_in(view: TurnView, argument: Argument) -> Entry | None:
    """The customer's turn that rules the value out, when nobody asked for it elsewhere."""
    excluding = None
    for entry in view.ledger.entries:
        if argument.line not in entry.line:
            continue
        if entry.role is not Role.CUSTOMER or not _is_only_excluded(entry.line, argument.line):
            return None
        excluding = entry
    return excluding


def _is_only_excluded(line: str, phrase: str) -> bool:
    start = line.find(phrase)
    while start >= 0:
        if not _reached_by_opener(line[: start + 1]):
            return False
        start = line.find(phrase, start + 1)
    return True


def _reached_by_opener(before: str) -> bool:
    found = max((before.rfind(opener) + len(opener) for opener in _OPENERS if opener in before), default=-1)
    if found < 0:
        return False
    between = f" {before[found:].strip()} "
    return len(between.split()) <= _REACH_WORDS and _CLOSERS.search(between) is None
