"""A number in a tool call that nobody said, where it is no usual default."""

from __future__ import annotations

from collections.abc import Iterator

from judging.core.arguments import Argument, Shape
from judging.core.grounding import is_derived, matches
from judging.core.mentions import Kind
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView

_LARGE = 20  # small numbers are counts and are said as they are; large ones may be worked out
_DEFAULTS = frozenset({0.0, 1.0})


def find(view: TurnView) -> Iterator[Finding]:
    for index, arguments in enumerate(view.calls):
        for argument in arguments:
            if argument.shape is Shape.NUMBER and argument.number not in _DEFAULTS and not _is_said(view, argument):
                yield _finding(view, argument, index)


def _is_said(view: TurnView, argument: Argument) -> bool:
    for entry in view.ledger.entries:
        if any(matches(argument, mention) for mention in entry.mentions):
            return True
        if f" {argument.value.lower()} " in entry.line or (entry.role is Role.TOOL and argument.value in entry.text):
            return True
    return argument.number >= _LARGE and is_derived(view.ledger, argument.number)


def _finding(view: TurnView, argument: Argument, index: int) -> Finding:
    standing = next(
        (
            found.raw
            for found in view.ledger.found(Kind.NUMBER)
            if not found.mention.is_weak and not found.mention.units.isdisjoint(argument.words)
        ),
        "",
    )
    return Finding(
        check="wrong_quantity",
        score=0.95,
        reason=f"{argument.path} is {argument.value}, which nobody said",
        evidence=(Evidence(argument.value, Status.NEVER_SAID, None, argument.path, standing),),
        tool_call_index=index,
    )
