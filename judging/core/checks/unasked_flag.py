"""A choice switched on in a tool call that nobody spoke of."""

from __future__ import annotations

from collections.abc import Iterator

from judging.core.arguments import Argument, Shape
from judging.core.grounding import is_akin
from judging.core.text import STOP_WORDS
from judging.core.types import Evidence, Finding, Status
from judging.core.view import TurnView
from judging.core.wording import subject

_NOISE = STOP_WORDS | frozenset(
    ("has have is are can allow allowed welcome good want need require required include add use with service").split()
)


def find(view: TurnView) -> Iterator[Finding]:
    for index, arguments in enumerate(view.calls):
        for argument in arguments:
            if (
                argument.shape is Shape.FLAG
                and argument.value.lower() in ("true", "yes")
                and not is_spoken_of(view, argument)
            ):
                yield Finding(
                    check="unasked_flag",
                    score=0.7,
                    reason=f"{subject(argument)} switched on, but nobody spoke of it",
                    is_sure=False,  # people name a choice in words of their own
                    evidence=(Evidence(argument.value, Status.NEVER_SAID, None, argument.path),),
                    tool_call_index=index,
                )


def is_spoken_of(view: TurnView, argument: Argument) -> bool:
    words = [word for word in argument.words if word not in _NOISE]
    if not words:
        return True
    return any(is_akin(word, said) for word in words for said in view.ledger.words)
