"""A part of a value that the customer ruled out: "no pepperoni, make it mushroom" and then item "pepperoni pizza".

The whole value was never ruled out, so the exclusion check has nothing to say of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from judging.core.arguments import Argument, Shape
from judging.core.checks.exclusion import is_ruled_out, takes_things_back
from judging.core.grounding import is_used
from judging.core.ledger import Entry
from judging.core.numbers import NUMBER_WORDS
from judging.core.self_repairs import is_put_in_place
from judging.core.text import STOP_WORDS, stem
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView
from judging.core.wording import subject

_MADE = re.compile(
    r"\b(?:make (?:it|that|them)|let'?s (?:do|have|go with)|(?:i'?d|i would) rather have|go with|i'?ll (?:have|take))"
    r"\s+"
    r"(?:(?:a|an|the|some|with|it)\s+)*(?P<new>[a-z]{3,})(?=\s*(?:$|[.,;!?])|\s+(?:instead|please)\b)",
    re.I,
)
# After what is ruled out the clause is over, or goes on with one of these: "no cheese sticks" rules out no cheese.
_GOES_ON = STOP_WORDS | frozenset(
    "make please thanks thank just but instead actually now then though so let because".split()
)
_LENGTHS = range(2, 4)  # words of a value that is a thing with its kind
_LEAST = 3  # letters: shorter words are rarely the thing itself


def find(view: TurnView) -> Iterator[Finding]:
    if not view.ledger.may_exclude:
        return
    for index, arguments in enumerate(view.calls):
        if takes_things_back(view, index):
            continue
        for argument in arguments:
            if argument.shape is Shape.TEXT and not argument.is_excluded and len(argument.content) in _LENGTHS:
                yield from _part(view, index, argument, arguments)


def _part(view: TurnView, index: int, argument: Argument, arguments: tuple[Argument, ...]) -> Iterator[Finding]:
    for word in argument.content:
        place = _ruled_out(view, word) if len(word) >= _LEAST else None
        if place is None or is_put_in_place(*place, arguments):
            continue
        entry, at = place
        raw, instead = entry.tokens[at].raw, wanted_instead(entry, at, arguments)
        whole = re.sub(rf"(?i)\b{re.escape(raw)}\b", instead, argument.value) if instead else ""
        yield Finding(
            check="exclusion_put_in",
            score=0.95,
            reason=f"{subject(argument)} {argument.value!r}, but the customer ruled out {raw!r}",
            evidence=(
                Evidence(argument.value if whole else raw, Status.SUPERSEDED, entry.turn_index, argument.path, whole),
            ),
            tool_call_index=index,
            correction=f"Just to confirm: {whole}, not {argument.value}?" if whole else f"Just to confirm: no {raw}?",
        )
        return


def _ruled_out(view: TurnView, word: str) -> tuple[Entry, int] | None:
    """The customer's last word on it, when it only rules it out and no agreed turn brings it back."""
    for entry in view.ledger.saying(f" {word} "):
        if entry.role is Role.CUSTOMER:
            places = [at for at, token in enumerate(entry.tokens) if stem(token.low) == word]
            is_out = bool(places) and all(is_ruled_out(entry, at) and _ends_there(entry, at) for at in places)
            return (entry, places[-1]) if is_out else None
        if entry.role is Role.AGENT and view.ledger.is_accepted(entry):
            return None
    return None


def _ends_there(entry: Entry, at: int) -> bool:
    if at + 1 == len(entry.tokens):
        return True
    following = entry.tokens[at + 1]
    is_apart = entry.text[entry.tokens[at].end : following.start].strip() != ""
    return is_apart or following.low in _GOES_ON


def wanted_instead(entry: Entry, at: int, arguments: tuple[Argument, ...]) -> str:
    """What the customer wants in its place, "" when that is not certain."""
    found = _MADE.search(entry.text, entry.tokens[at].end)
    if found is None:
        return ""
    new = found["new"]
    is_thing = new.lower() not in _GOES_ON and new.lower() not in NUMBER_WORDS
    return new if is_thing and not is_used([stem(new.lower())], arguments) else ""
