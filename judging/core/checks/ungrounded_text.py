"""A name, place, item or id in a tool call that nobody said and no tool returned."""

from __future__ import annotations

from collections.abc import Iterator

from judging.core.arguments import Argument, Shape
from judging.core.text import is_near_spelling
from judging.core.types import Evidence, Finding, Status
from judging.core.view import TurnView


def find(view: TurnView) -> Iterator[Finding]:
    for index, arguments in enumerate(view.calls):
        for argument in arguments:
            if argument.shape is Shape.TEXT and not argument.is_excluded and not is_said(view, argument):
                yield Finding(
                    check="ungrounded_argument",
                    score=0.9,
                    reason=f"{argument.path} is {argument.value!r}, which nobody said and no tool returned",
                    is_sure=argument.is_listed or len(argument.content) > 1,
                    evidence=(Evidence(argument.value, Status.NEVER_SAID, None, argument.path),),
                    tool_call_index=index,
                )


def is_said(view: TurnView, argument: Argument) -> bool:
    """Whether any word of the value that carries meaning was said, spelling and number aside."""
    lines = [entry.line for entry in view.ledger.entries]
    if any(f" {word} " in line for line in lines for word in argument.content):
        return True
    words = {word for line in lines for word in line.split()}
    return any(is_near_spelling(word, said) for word in argument.content for said in words)
