"""Which tool calls can be held against what was said last."""

from __future__ import annotations

from collections.abc import Iterator

from judging.core.arguments import Shape, arguments_of
from judging.core.text import phrase_line
from judging.core.types import Role
from judging.core.view import TurnView


def calls_of_last_words(view: TurnView) -> Iterator[int]:
    """Yield the index of the call that should have all of the last words.

    None in the middle of a job of several tools: other calls may have the rest, or had it before. A call of ids alone
    only looks something up.
    """
    if len(view.calls) != 1 or _is_mid_job(view):
        return
    if any(not argument.is_code for argument in view.calls[0] if argument.shape is not Shape.EMPTY):
        yield 0


def _is_mid_job(view: TurnView) -> bool:
    """Whether a tool was used since the customer last spoke."""
    for turn in reversed(view.history):
        if turn.role is Role.CUSTOMER:
            return False
        if turn.role in (Role.TOOL, Role.TOOL_CALL) or turn.tool_calls:
            return True
    return False


def was_given_before(view: TurnView, value: str) -> bool:
    """Whether an earlier call of the agent's had a value already."""
    wanted = phrase_line(value)
    made = view.conversation.made_calls
    return any(wanted in argument.line for _, call in made for argument in arguments_of(call))


def is_first_tool(view: TurnView) -> bool:
    """Whether the call has used no tool yet: later, what was asked for may be a matter of another tool."""
    return not view.conversation.made_calls and not view.ledger.has_results
