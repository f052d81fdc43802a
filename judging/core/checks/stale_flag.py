"""A choice in a tool call that says the opposite of what was last said of it ("with subtitles" after "without")."""

from __future__ import annotations

from collections.abc import Iterator

from judging.core.arguments import Argument, Shape
from judging.core.ledger import Entry
from judging.core.text import STOP_WORDS, stem
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView
from judging.core.wording import spoken_name, subject

_OFF = frozenset(
    "no without not don't dont decline off skip never exclude excluding remove isn't won't doesn't".split()
)
_ON = frozenset("with include including add on want need have yes like would also and".split())
_NOISE = STOP_WORDS | frozenset(
    "has have is are can allow allowed welcome good want need require required include add use with".split()
)
_UNDONE = frozenset("off removed waived declined cancelled canceled excluded".split())
_REACH = 4


def find(view: TurnView) -> Iterator[Finding]:
    if not view.is_english:
        return  # a flag's name is English
    for index, arguments in enumerate(view.calls):
        for argument in arguments:
            if argument.shape is not Shape.FLAG:
                continue
            latest = _latest(view, argument)
            if latest is not None and latest[1] is not (argument.value.lower() in ("true", "yes")):
                yield _finding(argument, latest[0], index)


def _finding(argument: Argument, entry: Entry, index: int) -> Finding:
    return Finding(
        check="stale_argument",
        score=0.9,
        reason=f"{subject(argument)} {argument.value}, the opposite of what was last said of it",
        evidence=(Evidence(argument.value, Status.SUPERSEDED, entry.turn_index, argument.path),),
        tool_call_index=index,
        correction=_correction(argument),
    )


def _correction(argument: Argument) -> str:
    thing = " ".join(word for word in spoken_name(argument.path).split() if word not in _NOISE)
    is_on = argument.value.lower() in ("true", "yes")
    return f"Just to confirm: no {thing}?" if is_on else f"Just to confirm: with {thing}?"


def _latest(view: TurnView, argument: Argument) -> tuple[Entry, bool] | None:
    """The last turn that settles the choice, and how: a customer's words or a read-back that was accepted."""
    words = [word for word in argument.words if word not in _NOISE]
    if len(words) != 1 or words[0] not in view.ledger.words:
        return None
    for entry in reversed(view.ledger.entries):
        if f" {words[0]} " not in entry.line:
            continue
        is_settling = entry.role is Role.CUSTOMER or view.ledger.is_accepted(entry)
        polarity = _polarity(entry, words[0]) if is_settling else None
        if polarity is not None:
            return entry, polarity
        if entry.role is Role.CUSTOMER:
            return None
    return None


def _polarity(entry: Entry, word: str) -> bool | None:
    tokens = entry.tokens
    at = next(index for index, token in enumerate(tokens) if stem(token.low) == word)
    before = [token.low for token in tokens[max(0, at - _REACH) : at]]
    after = [token.low for token in tokens[at + 1 : at + 3]]
    if not _UNDONE.isdisjoint(after):
        return False
    if any(low in _OFF and low != "no" for low in before):
        return False
    nearest = next((low for low in reversed(before) if low in _OFF or low in _ON), "")
    return nearest in _ON if nearest else (True if "on" in after else None)
