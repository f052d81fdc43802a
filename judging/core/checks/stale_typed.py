"""A date, time or number in a tool call that the customer replaced later in the call.

A later value of the same kind that the call does not use anywhere is what the customer wants now; the call's value was
last said before it.
"""

from __future__ import annotations

from collections.abc import Iterator

from judging.core.arguments import Argument, Shape
from judging.core.calendar import ANY_DATE
from judging.core.checks.exclusion import is_ruled_out
from judging.core.grounding import KIND_OF, matches
from judging.core.ledger import Entry
from judging.core.ledger_index import Found
from judging.core.mentions import Kind, Mention, follows_make, is_made
from judging.core.said_items import is_measure
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView
from judging.core.wording import said, subject

_END_CUES = frozenset(
    (
        "return returning returns back until till through out checkout drop dropoff dropping end ending "
        "ends inbound to by arrive arriving"
    ).split()
)
_START_CUES = frozenset(
    ("from leaving leave depart departing departure in pick pickup start starting begin outbound onward").split()
)
_CUE_REACH = 6
_MAKES_REACH = 4  # turns from the old number to the one it is made: both said, asked about and answered
_YEARS = (1900, 2100)


def find(view: TurnView) -> Iterator[Finding]:
    for index, arguments in enumerate(view.calls):
        for argument in arguments:
            if argument.shape in (Shape.DATE, Shape.TIME):
                found = _replacing(view, argument, arguments)
            elif argument.shape is Shape.NUMBER and _is_count(argument):
                found = _replacing_number(view, argument, arguments)
            else:
                continue
            if found is not None:
                yield _finding(argument, found, index)


def _is_count(argument: Argument) -> bool:
    """Whether a number counts things; a year or an amount of money does not."""
    return not _YEARS[0] <= argument.number < _YEARS[1] and not argument.is_money


def _finding(argument: Argument, newer: tuple[Found, Found], index: int) -> Finding:
    old, new = newer
    return Finding(
        check="stale_argument",
        score=0.95,
        reason=f"{subject(argument)} {argument.value}, replaced later by {new.raw}",
        evidence=(Evidence(argument.value, Status.SUPERSEDED, old.entry.turn_index, argument.path, new.raw),),
        tool_call_index=index,
        correction=f"Just to confirm: {said(new.raw)}, not {said(old.raw)}?",
    )


def _replacing(view: TurnView, argument: Argument, arguments: tuple[Argument, ...]) -> tuple[Found, Found] | None:
    """The value's last place and a later, unused one of its kind."""
    others = [other for other in arguments if other.shape is argument.shape and other is not argument]
    newer: Found | None = None
    for found in view.ledger.found(KIND_OF[argument.shape]):
        mention = found.mention
        if ANY_DATE in mention.dates:
            return None
        if is_ruled_out(found.entry, mention.start):
            continue
        if matches(argument, mention):
            is_newer = newer is not None and newer.entry is not found.entry and not _was_anothers(view, newer, others)
            return (found, newer) if newer is not None and is_newer else None
        is_used = any(matches(other, mention) for other in others)
        if newer is None and not is_used and _may_stand_for(view, found, argument):
            newer = found
    return None


def _was_anothers(view: TurnView, newer: Found, others: list[Argument]) -> bool:
    """Whether the unused value was rather the old value of another argument, whose value came up only after it."""
    return any(_first_place(view, other) > newer.entry.position for other in others)


def _first_place(view: TurnView, argument: Argument) -> int:
    for entry in view.ledger.entries:
        if any(matches(argument, mention) for mention in entry.mentions):
            return entry.position
    return -1


def _may_stand_for(view: TurnView, found: Found, argument: Argument) -> bool:
    return _stands(view, found) and not _is_other_end(found, argument) and not _is_far_off(found.mention, argument)


def _is_far_off(mention: Mention, argument: Argument) -> bool:
    """Whether a date lies so far from the argument's that it is about something else, such as a birthday."""
    years = {year for year, _, _ in mention.dates if year}
    return argument.day is not None and bool(years) and all(abs(year - argument.day.year) > 1 for year in years)


def _stands(view: TurnView, found: Found) -> bool:
    if found.mention.kind is Kind.DATE and not all(number for _, _, number in found.mention.dates):
        return False
    return found.entry.role is Role.CUSTOMER or view.ledger.is_accepted(found.entry)


def _is_other_end(found: Found, argument: Argument) -> bool:
    """Whether a value closes a span ("until the 9th") while the argument opens one, or the other way round."""
    cue = _cue_before(found)
    is_end = not _END_CUES.isdisjoint(argument.words)
    is_start = not _START_CUES.isdisjoint(argument.words)
    if cue == "end":
        return not is_end
    return cue == "start" and is_end and not is_start


def _cue_before(found: Found) -> str:
    tokens = found.entry.tokens
    for at in range(found.mention.start - 1, max(-1, found.mention.start - 1 - _CUE_REACH), -1):
        if tokens[at].low in _END_CUES:
            return "end"
        if tokens[at].low in _START_CUES:
            return "start"
    return ""


def _replacing_number(
    view: TurnView, argument: Argument, arguments: tuple[Argument, ...]
) -> tuple[Found, Found] | None:
    """The same for a number, which must count the same thing. A number nobody said has no place of its own."""
    newer: list[Found] = []
    is_said = argument.number in view.ledger.index.numbers
    for entry in reversed(view.ledger.entries):
        may_ask = _may_ask(view, entry)
        if not may_ask and argument.number not in entry.numbers:
            continue
        for mention in reversed(entry.mentions):
            if not may_ask and mention.number != argument.number:
                continue
            if not is_said and mention.units.isdisjoint(argument.words):
                continue  # only what the argument's own name counts can stand against a number that nobody said
            if mention.kind is not Kind.NUMBER or is_ruled_out(entry, mention.start):
                continue
            found = Found(entry, mention)
            if mention.number == argument.number:
                new = next((other for other in newer if _counts_same(view, found, other, argument)), None)
                new = new or next((other for other in newer if _is_made_of(view, found, other)), None)
                if new is not None or not mention.is_weak:
                    return (found, new) if new is not None else None
            elif _is_made_for(argument, arguments, entry, mention) or (
                _may_replace(view, entry, mention) and not _is_elsewhere(argument, arguments, mention)
            ):
                newer.append(found)
    named = next((found for found in newer if not found.mention.units.isdisjoint(argument.words)), None)
    return (named, named) if named is not None and named.entry.role is Role.CUSTOMER else None


def _may_ask(view: TurnView, entry: Entry) -> bool:
    """Whether what a turn says may be what the customer wants: what the agent or a tool says alone is not."""
    return entry.role is Role.CUSTOMER or view.ledger.is_accepted(entry)


def _may_replace(view: TurnView, entry: Entry, mention: Mention) -> bool:
    is_hour = not mention.units and mention.start > 0 and entry.tokens[mention.start - 1].low == "at"  # "make it at 8"
    return not (mention.is_weak or is_hour) and _may_ask(view, entry)


def _is_elsewhere(own: Argument, arguments: tuple[Argument, ...], mention: Mention) -> bool:
    """Whether another argument has the number; not where what it counts is named by this argument alone."""
    others = [one for one in arguments if one.shape is Shape.NUMBER and one.number == mention.number]
    is_own = not mention.units.isdisjoint(own.words) and all(mention.units.isdisjoint(one.words) for one in others)
    return bool(others) and not is_own


def _is_made_for(own: Argument, arguments: tuple[Argument, ...], entry: Entry, mention: Mention) -> bool:
    """Whether the customer sets how many of this very item there shall be: "make that one burger"."""
    group = own.path.rpartition(".")[0]
    if entry.role is not Role.CUSTOMER or not group or not follows_make(entry.tokens, mention.start):
        return False
    beside = [argument for argument in arguments if argument.path.rpartition(".")[0] == group]
    named = {word for argument in beside if argument.shape is Shape.TEXT for word in argument.content}
    return not mention.units.isdisjoint(named)


def _counts_same(view: TurnView, old: Found, new: Found, argument: Argument) -> bool:
    """Whether both count one thing: by the words after them, the argument's name, or as a bare correction."""
    if "." in argument.path and old.entry is new.entry and is_measure(new.entry, new.mention):
        return False  # one of several items: "one large two topping pizza"
    if not old.mention.units.isdisjoint(new.mention.units) or not new.mention.units.isdisjoint(argument.words):
        return True
    is_bare = not new.mention.units and new.entry.is_correction
    return is_bare and 0 < new.entry.position - old.entry.position < 2


def _is_made_of(view: TurnView, old: Found, new: Found) -> bool:
    """Whether the customer turned one count into another ("make it one"), and no other value came in between."""
    entry, mention = new.entry, new.mention
    is_bare = not mention.units and entry.role is Role.CUSTOMER and is_made(entry.tokens, mention.start)
    if not is_bare or old.entry.role is Role.TOOL or new.entry.position - old.entry.position > _MAKES_REACH:
        return False
    between = [
        Found(entry, other)
        for entry in view.ledger.entries[old.entry.position : new.entry.position + 1]
        for other in entry.mentions
        if (entry is not old.entry or other.start > old.mention.start)
        and (entry is not new.entry or other.start < mention.start)
    ]
    return not any(_is_of_its_own(other, old) for other in between)


def _is_of_its_own(other: Found, old: Found) -> bool:
    """Whether a value may be what was changed instead: any but the old one; of the vague ones those of the customer."""
    is_meant = not other.mention.is_weak or other.entry.role is Role.CUSTOMER
    return is_meant and not other.mention.same_value(old.mention)
