"""A value of a tool call that the read-back which the customer agreed to did not have, though it had all the others.

"A table at the Fig Tree on Monday at 7 pm for two, right?", "Yes.", and the call books it in another town. Fires where
the read-back was a whole one: every other value of the call was in it, and the read-back before it, which only one
change separates from the last, does not stand in for it. What callers say of themselves is seldom read back.
Measured on labelled training calls: 583 right, 1 wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from judging.core.arguments import Argument, Shape
from judging.core.checks.stale_flag import correction_of
from judging.core.checks.unasked_flag import is_spoken_of
from judging.core.exchanges import is_offer
from judging.core.grounding import KIND_OF, aliases_of, is_akin, is_mentioned, matches
from judging.core.last_words import calls_of_last_words
from judging.core.ledger import Entry
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView
from judging.core.wording import subject

_VALUES = frozenset({Shape.TEXT, *KIND_OF})
_WHOLE = 4  # other values of a read-back that leaves nothing out
_MOSTLY = 3
# What a caller is asked for once and nobody reads back.
_OWN = frozenset(
    "customer caller user contact guest passenger first last full surname phone mobile email mail card account member "
    "note notes comment reason message description password pin zip postal language currency".split()
)


def find(view: TurnView) -> Iterator[Finding]:
    if any(argument.is_listed for arguments in view.calls for argument in arguments):
        return  # of a list of things not each is read back
    asked, said = _confirmed(view)
    if asked is None or said is None or not view.is_english:
        return
    for index in calls_of_last_words(view):
        arguments = view.calls[index]
        values = [argument for argument in arguments if argument.shape in _VALUES]
        missing = _missing(values, asked, said)
        if missing is None:
            continue
        if missing and _is_wrong(view, asked, missing[0], len(values) - 1):
            yield _finding(missing[0], asked, index)
        elif not missing and len(values) > 1:
            yield from _never_asked(view, asked, arguments, index)


def _missing(values: Sequence[Argument], asked: Entry, said: Entry) -> list[Argument] | None:
    """The one value that neither the read-back nor the answer has; None where it read back another call or a part."""
    missing, unread = list[Argument](), 0
    for value in values:
        if _has(asked, value):
            continue
        unread += 1
        if not _has(said, value):
            missing.append(value)
        if len(missing) > 1 or unread * 2 > len(values):
            return None
    return missing


def _confirmed(view: TurnView) -> tuple[Entry | None, Entry | None]:
    """The last read-back and the yes to it."""
    said, asked = view.ledger.last(Role.CUSTOMER), view.ledger.last(Role.AGENT)
    if said is None or asked is None or asked.position > said.position:
        return None, None
    if not (said.is_yes and asked.asks_to_confirm) or is_offer(asked):
        return None, None
    return asked, said


def _has(entry: Entry, argument: Argument) -> bool:
    if argument.shape is not Shape.TEXT:
        is_counted = any(matches(argument, mention) and not mention.is_weak for mention in entry.mentions)
        return is_counted or argument.value in entry.text
    if argument.line in entry.line:
        return True
    aliases = aliases_of(argument.value)
    if aliases and any(token.low in aliases for token in entry.tokens):
        return True
    said = entry.line.split()
    return all(any(is_akin(word, other) for other in said) for word in argument.content)


def _is_wrong(view: TurnView, asked: Entry, argument: Argument, others: int) -> bool:
    """Whether the one value that the read-back lacks cannot be one that was only left out of it."""
    if argument.shape is not Shape.TEXT or argument.is_excluded or argument.is_code or not others:
        return False
    if not is_mentioned(view.ledger, argument):
        return True
    if not _OWN.isdisjoint(argument.words) and not argument.is_label:
        return False
    if any(place.entry.role is Role.TOOL for place in view.places(argument)):
        return False
    if others >= _WHOLE:
        return True
    was_read_back = _was_read_back(view, asked, argument)
    if others == _MOSTLY:
        return not was_read_back and not argument.is_label
    return others == 1 and was_read_back


def _was_read_back(view: TurnView, asked: Entry, argument: Argument) -> bool:
    before = view.ledger.entries[: asked.position]
    return any(entry.role is Role.AGENT and entry.asks_to_confirm and _has(entry, argument) for entry in before)


def _never_asked(view: TurnView, asked: Entry, arguments: Sequence[Argument], index: int) -> Iterator[Finding]:
    """A choice that is on, and neither in the read-back nor in anything that was said."""
    for argument in arguments:
        is_on = argument.shape is Shape.FLAG and argument.value.lower() in ("true", "yes")
        if is_on and not is_spoken_of(view, argument):
            yield _finding(argument, asked, index)


def _finding(argument: Argument, asked: Entry, index: int) -> Finding:
    return Finding(
        check="not_read_back",
        score=0.9,
        reason=f"{subject(argument)} {argument.value!r}, which the customer was not asked when agreeing to the rest",
        evidence=(Evidence(argument.value, Status.UNCONFIRMED, asked.turn_index, argument.path),),
        tool_call_index=index,
        correction=correction_of(argument) if argument.shape is Shape.FLAG else "",
    )
