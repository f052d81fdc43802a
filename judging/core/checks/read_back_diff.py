"""A tool argument that an earlier read-back had and the last one has no more: something else stands in its place.

"playing it on the TV, right?" ... "playing it on the kitchen speaker, right?": the two sentences differ where the value
stood, and what stands there now is nowhere in the call.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from judging.core.arguments import Argument, Shape
from judging.core.grounding import Place, is_used
from judging.core.ledger import Entry
from judging.core.names import PLAIN_WORDS
from judging.core.text import stem
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView
from judging.core.wording import subject

_LONGEST = 5
_LEAST_ALIKE = 0.35


def find(view: TurnView) -> Iterator[Finding]:
    if not view.is_english:
        return  # how alike two sentences are was measured on English
    last = next((e for e in reversed(view.ledger.entries) if e.role is Role.AGENT and e.asks_to_confirm), None)
    if last is None:
        return
    for index, arguments in enumerate(view.calls):
        for argument in arguments:
            if argument.shape is not Shape.TEXT:
                continue
            place = view.newest_place(argument)
            if place is None or place.entry.position >= last.position:
                continue
            old = _agent_place(view, argument, last)
            found = _standing_instead(view, old, last, arguments) if old is not None else ""
            if old is not None and found:
                yield _finding(argument, old, found, index)


def _agent_place(view: TurnView, argument: Argument, last: Entry) -> Place | None:
    return next(
        (place for place in view.places(argument) if place.entry.role is Role.AGENT and place.entry is not last), None
    )


def _standing_instead(view: TurnView, old: Place, last: Entry, arguments: Sequence[Argument]) -> str:
    """What stands where the value stood; "" when the sentences differ or the customer asked for nothing new."""
    before, after = [[stem(token.low) for token in entry.tokens] for entry in (old.entry, last)]
    asked = _asked_between(view, old.entry, last)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind != "replace" or end <= old.start or start >= old.end or new_end - new_start > _LONGEST:
            continue
        words = [word for word in after[new_start:new_end] if word not in PLAIN_WORDS and word in asked]
        is_typed = any(m.start < new_end and m.end > new_start and not m.is_weak for m in last.mentions)
        if words and not is_typed and matcher.ratio() >= _LEAST_ALIKE and not is_used(words, arguments):
            return last.text[last.tokens[new_start].start : last.tokens[new_end - 1].end]
    return ""


def _asked_between(view: TurnView, old: Entry, last: Entry) -> set[str]:
    """What the customer said between two read-backs that nobody had said before."""
    said = {
        word
        for entry in view.ledger.entries[old.position + 1 : last.position]
        if entry.role is Role.CUSTOMER
        for word in entry.line.split()
    }
    return said.difference(*(entry.line.split() for entry in view.ledger.entries[: old.position + 1]))


def _finding(argument: Argument, place: Place, rival: str, index: int) -> Finding:
    return Finding(
        check="stale_argument",
        score=0.9,
        reason=f"{subject(argument)} {argument.value!r}; the last read-back has {rival!r} in its place",
        evidence=(Evidence(argument.value, Status.SUPERSEDED, place.entry.turn_index, argument.path, rival),),
        tool_call_index=index,
        correction=f"Just to confirm: {rival}, not {argument.value}?",
    )
