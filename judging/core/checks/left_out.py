"""A name that the customer asked for in the latest words and the tool call has nowhere.

The latest words are the customer's last turn, unless it only confirms, and what a customer changed at a read-back that
the agent took up. Where one argument was last said before them it is stale; where none was, or which of several it is
cannot be told, the name was left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from judging.core.arguments import Shape
from judging.core.checks.replaced import Stale, is_missing, stale_arguments
from judging.core.grounding import is_mentioned
from judging.core.ledger import Entry
from judging.core.names import Name, names_in, words_in
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView
from judging.core.wording import subject

_MOST_NAMES = 24  # no spoken turn asks for more
_WORD_FIT = 2  # a word without a capital must at least stand in the value's frame


def find(view: TurnView) -> Iterator[Finding]:
    names = (*_asked_last(view), *_changed(view))[:_MOST_NAMES] if view.calls else ()
    for index in range(len(view.calls)):
        found = (_judged(view, index, name) for name in names if is_missing(view, index, name))
        finding = next((finding for finding in found if finding is not None), None)
        if finding is not None:
            yield finding


def _asked_last(view: TurnView) -> tuple[Name, ...]:
    """The names of the customer's last turn; none where it only agrees to a read-back."""
    said = view.ledger.last(Role.CUSTOMER)
    if said is None:
        return ()
    before = reversed(view.ledger.entries[: said.position])
    asked = next((entry for entry in before if entry.role is Role.AGENT), None)
    return () if said.is_yes and asked is not None and asked.asks_to_confirm else names_in(said)


def _changed(view: TurnView) -> Iterator[Name]:
    """What the customer changed at a read-back and the agent repeated, back to the last change of a name."""
    spoken = [entry for entry in view.ledger.entries if entry.role in (Role.AGENT, Role.CUSTOMER)]
    if not spoken or spoken[-1].role is not Role.CUSTOMER or spoken[-1].is_no or spoken[-1].is_correction:
        return
    for at in range(len(spoken) - 2, 1, -2):
        repeated, change, before = spoken[at], spoken[at - 1], spoken[at - 2]
        is_exchange = change.role is Role.CUSTOMER and before.role is Role.AGENT
        if not (is_exchange and repeated.role is Role.AGENT and repeated.asks_to_confirm):
            return
        if (before.asks_to_confirm or change.is_no or change.is_correction) and "?" not in change.text:
            yield from _taken_up(before, change, repeated)
        is_typed = any(not mention.is_weak for mention in change.mentions) and not names_in(change)
        if not (change.is_yes or is_typed):
            return  # what was changed before may have been changed again here


def _taken_up(before: Entry, change: Entry, repeated: Entry) -> Iterator[Name]:
    for name in (*names_in(change), *names_in(repeated), *words_in(repeated)):
        other = repeated if name.entry is change else change
        if all(f" {word} " in other.line and f" {word} " not in before.line for word in name.words):
            yield name


def _judged(view: TurnView, index: int, name: Name) -> Finding | None:
    stale = stale_arguments(view, index, name)
    is_new = _is_new(view, name)
    if not name.is_capitalised:
        return _stale(name, stale[0], index) if stale and stale[0].fit >= _WORD_FIT and is_new else None
    if not name.is_long and _has_words_of_its_own(view, index):
        return None
    if len(stale) == 1 or (stale and stale[0].fit > stale[1].fit):
        return _stale(name, stale[0], index)
    if stale:
        return _left_out(name, index)  # which of them it stands against cannot be told
    is_free = any(argument.shape is Shape.SENTENCE for argument in view.calls[index])
    return _left_out(name, index) if name.is_long and is_new and not is_free else None


def _is_new(view: TurnView, name: Name) -> bool:
    """Whether nobody had said all of a name before the exchange that it stands in."""
    start = name.entry.position - (name.entry.role is Role.AGENT)
    return not any(all(f" {word} " in entry.line for word in name.words) for entry in view.ledger.entries[:start])


def _has_words_of_its_own(view: TurnView, index: int) -> bool:
    """Whether the call has a word that the customer never said: then a name may be what the customer calls it."""
    for argument in view.calls[index]:
        if argument.shape is not Shape.TEXT:
            continue
        if argument.is_label and not any(place.entry.role is Role.CUSTOMER for place in view.places(argument)):
            return True
        if not is_mentioned(view.ledger, argument):
            return True
    return False


def _stale(name: Name, stale: Stale, index: int) -> Finding:
    argument, value = stale.argument, stale.argument.value
    old = stale.place.entry.turn_index
    return Finding(
        check="stale_argument",
        score=0.9,
        reason=f"{subject(argument)} {value!r}, but the latest words have {name.text!r}, which the call has nowhere",
        evidence=(Evidence(value, Status.SUPERSEDED, old, argument.path, name.text),),
        tool_call_index=index,
        correction=f"Just to confirm: {name.text}, not {value}?",
    )


def _left_out(name: Name, index: int) -> Finding:
    return Finding(
        check="left_out",
        score=0.85,
        reason=f"the customer asked for {name.text!r}, which the call has nowhere",
        evidence=(Evidence(name.text, Status.GROUNDED, name.entry.turn_index),),
        tool_call_index=index,
        correction=f"Just to confirm: {name.text}?",
    )
