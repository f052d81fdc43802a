"""A name, place, item or id in a tool call that nobody said and no tool returned."""

from __future__ import annotations

from collections.abc import Iterator

from judging.core.arguments import Argument, Shape
from judging.core.grounding import is_mentioned
from judging.core.types import Evidence, Finding, Status
from judging.core.view import TurnView


def find(view: TurnView) -> Iterator[Finding]:
    for index, arguments in enumerate(view.calls):
        for argument in arguments:
            if argument.shape is Shape.TEXT and not argument.is_excluded and not is_mentioned(view.ledger, argument):
                yield Finding(
                    check="ungrounded_argument",
                    score=0.9,
                    reason=f"{argument.path} is {argument.value!r}, which nobody said and no tool returned",
                    is_sure=not argument.is_label,
                    evidence=(Evidence(argument.value, Status.NEVER_SAID, None, argument.path),),
                    tool_call_index=index,
                )
