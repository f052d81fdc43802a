"""A date or time in a tool call that nobody said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from judging.core.arguments import Argument, Shape
from judging.core.calendar import ANY_DATE, fits
from judging.core.grounding import KIND_OF, matches
from judging.core.ledger_index import Found
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView
from judging.core.wording import said, subject

_NAMES = {Shape.DATE: "wrong_date", Shape.TIME: "wrong_time"}


def find(view: TurnView) -> Iterator[Finding]:
    for index, arguments in enumerate(view.calls):
        for argument in arguments:
            if argument.shape in _NAMES and not is_said(view, argument):
                finding = _never_said(view, argument, index)
                if finding is not None:
                    yield finding


def is_said(view: TurnView, argument: Argument) -> bool:
    kind = KIND_OF[argument.shape]
    if any(matches(argument, found.mention) for found in view.ledger.found(kind)):
        return True
    return any(argument.value in entry.text for entry in view.ledger.entries)


def _never_said(view: TurnView, argument: Argument, index: int) -> Finding | None:
    """Only where another value of the kind was said: else it may come from where the ledger cannot see."""
    spoken = list(view.ledger.found(KIND_OF[argument.shape]))
    if not spoken or any(_is_open(found) for found in spoken):
        return None
    standing = next((found for found in spoken if found.entry.role is Role.CUSTOMER), spoken[0])
    return Finding(
        check=_NAMES[argument.shape],
        score=0.95,
        reason=f"{subject(argument)} {argument.value}, which nobody said; the last one said is {standing.raw}",
        is_sure=not _may_be_next_day(view, argument),
        evidence=(Evidence(argument.value, Status.NEVER_SAID, None, argument.path, standing.raw),),
        tool_call_index=index,
        correction=f"Just to confirm: {said(standing.raw)}?",
    )


def _may_be_next_day(view: TurnView, argument: Argument) -> bool:
    """Whether a date is the day after one that was said, in a call whose tools may have made it so: a night trip."""
    if argument.day is None or not any(entry.role is Role.TOOL for entry in view.ledger.entries):
        return False
    day = argument.day - timedelta(days=1)
    return any(fits(found.mention.dates, day) for found in view.ledger.found(KIND_OF[argument.shape]))


def _is_open(found: Found) -> bool:
    return ANY_DATE in found.mention.dates
