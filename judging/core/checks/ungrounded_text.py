"""A name, place, item or id in a tool call that nobody said and no tool returned."""

from __future__ import annotations

from collections.abc import Iterator

from judging.core.arguments import Argument, Shape
from judging.core.grounding import is_mentioned
from judging.core.types import Evidence, Finding, Status
from judging.core.view import TurnView
from judging.core.wording import subject

_CODE_LETTERS = 4


# In other languages a value may be the translation of what was said; what nobody said is then a question for a model.


def _is_code(argument: Argument) -> bool:
    """Whether a value is a code that stands for a name the caller may have said: "JFK" for New York."""
    return argument.value.isupper() and argument.value.isalpha() and len(argument.value) <= _CODE_LETTERS


def find(view: TurnView) -> Iterator[Finding]:
    for index, arguments in enumerate(view.calls):
        for argument in arguments:
            if argument.shape is Shape.TEXT and not argument.is_excluded and not is_mentioned(view.ledger, argument):
                yield Finding(
                    check="ungrounded_argument",
                    score=0.9,
                    reason=f"{subject(argument)} {argument.value!r}, which nobody said and no tool returned",
                    is_sure=view.is_english and not argument.is_label and not _is_code(argument),
                    evidence=(Evidence(argument.value, Status.NEVER_SAID, None, argument.path),),
                    tool_call_index=index,
                )
