"""A date, time or number in a tool call that nobody said, or that was replaced since."""

from __future__ import annotations

from collections.abc import Iterator

from judging.core.arguments import Argument, Shape
from judging.core.calendar import ANY_DATE, fits
from judging.core.ledger import Found
from judging.core.mentions import Kind, Mention
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView

_KIND = {Shape.DATE: Kind.DATE, Shape.TIME: Kind.TIME}
_NAMES = {Shape.DATE: "wrong_date", Shape.TIME: "wrong_time"}


def find(view: TurnView) -> Iterator[Finding]:
    for index, arguments in enumerate(view.calls):
        for argument in arguments:
            if argument.shape in _KIND and not _is_said(view, argument):
                finding = _never_said(view, argument, index)
                if finding is not None:
                    yield finding


def matches(argument: Argument, mention: Mention) -> bool:
    """Whether a mention may mean the argument's value."""
    if mention.kind is Kind.DATE:
        return argument.day is not None and fits(mention.dates, argument.day)
    if mention.kind is Kind.TIME:
        return argument.minutes in mention.times
    return argument.number == mention.number


def _is_said(view: TurnView, argument: Argument) -> bool:
    kind = _KIND[argument.shape]
    if any(matches(argument, found.mention) for found in view.ledger.found(kind)):
        return True
    return any(argument.value in entry.text for entry in view.ledger.entries)


def _never_said(view: TurnView, argument: Argument, index: int) -> Finding | None:
    """Only where another value of the kind was said: else it may come from where the ledger cannot see."""
    spoken = [found for found in view.ledger.found(_KIND[argument.shape]) if not _is_open(found)]
    if not spoken or any(_is_open(found) for found in view.ledger.found(_KIND[argument.shape])):
        return None
    standing = next((found for found in spoken if found.entry.role is Role.CUSTOMER), spoken[0])
    return Finding(
        check=_NAMES[argument.shape],
        score=0.95,
        reason=f"{argument.path} is {argument.value}, which nobody said; the last one said is {standing.raw}",
        evidence=(Evidence(argument.value, Status.NEVER_SAID, None, argument.path, standing.raw),),
        tool_call_index=index,
        correction=f"Just to confirm: {standing.raw}?",
    )


def _is_open(found: Found) -> bool:
    return ANY_DATE in found.mention.dates
