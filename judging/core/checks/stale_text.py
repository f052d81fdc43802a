"""A name, place or choice in a tool call that was replaced later: the same frame came again with another name.

"a bus to Long Beach" ... "please search for buses to Oakland": the word before the value comes again before a name
that the call uses nowhere, and the value itself does not come again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from judging.core.arguments import Argument, Shape
from judging.core.grounding import Place, is_used, text_places
from judging.core.ledger import Entry
from judging.core.text import STOP_WORDS, Token, stem
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView

_DETERMINERS = frozenset("the a an my your our their his her some any".split())
_NEVER_CUE = frozenset("and or , but i is it so then that".split())
_SPAN = 4


@dataclass(frozen=True, slots=True)
class Rival:
    """A name that came later in the frame of an argument's value."""

    entry: Entry
    name: str


def find(view: TurnView) -> Iterator[Finding]:
    for index, arguments in enumerate(view.calls):
        for argument in arguments:
            if argument.shape is not Shape.TEXT:
                continue
            places = list(text_places(view.ledger, argument))
            rival = _rival(view, places, arguments) if places else None
            if rival is not None:
                yield _finding(argument, places[0], rival, index)


def _finding(argument: Argument, place: Place, rival: Rival, index: int) -> Finding:
    return Finding(
        check="stale_argument",
        score=0.9,
        reason=f"{argument.path} is {argument.value!r}, replaced later by {rival.name!r}",
        evidence=(Evidence(argument.value, Status.SUPERSEDED, place.entry.turn_index, argument.path, rival.name),),
        tool_call_index=index,
        correction=f"Just to confirm: {rival.name}, not {argument.value}?",
    )


def _rival(view: TurnView, places: Sequence[Place], arguments: Sequence[Argument]) -> Rival | None:
    newest = places[0].entry.position
    later = [entry for entry in view.ledger.entries[newest + 1 :] if _may_replace(view, entry)]
    for entry in reversed(later):
        for place in places:
            cue = _cue(place)
            if not cue:
                continue
            for name in _names_after(entry, cue):
                words = [stem(token.low) for token in name if token.low not in STOP_WORDS]
                if words and not is_used(words, arguments):
                    return Rival(entry, entry.text[name[0].start : name[-1].end])
    return None


def _may_replace(view: TurnView, entry: Entry) -> bool:
    return entry.role is Role.CUSTOMER or (entry.role is Role.AGENT and view.ledger.is_accepted(entry))


def _cue(place: Place) -> str:
    """The word before a value, articles aside."""
    for at in range(place.start - 1, -1, -1):
        low = place.entry.tokens[at].low
        if low not in _DETERMINERS:
            return "" if low in _NEVER_CUE else low
    return ""


def _names_after(entry: Entry, cue: str) -> Iterator[list[Token]]:
    """Capitalised names right after each place of a cue word."""
    tokens = entry.tokens
    typed = {at for mention in entry.mentions if not mention.is_weak for at in range(mention.start, mention.end)}
    for at, token in enumerate(tokens):
        if token.low != cue:
            continue
        start = at + 1
        while start < len(tokens) and tokens[start].low in _DETERMINERS:
            start += 1
        name = []
        for position in range(start, min(start + _SPAN, len(tokens))):
            if not tokens[position].is_capitalised or position in typed or tokens[position].low == "i":
                break
            name.append(tokens[position])
        if name:
            yield name
