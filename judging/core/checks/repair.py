"""A tool argument that keeps what the customer took back in the same breath ("the Rhine, no, the Danube")."""

from __future__ import annotations

import re
from collections.abc import Iterator

from judging.core.arguments import Argument, Shape
from judging.core.ledger import Entry
from judging.core.text import STOP_WORDS, line_of, tokenize
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView

_MARKER = re.compile(
    r"[,.]?\s+\b(?:(?:or|uh|um|er|err|oh|ah|hmm|well|but)[\s,]+)*"
    r"(?:no(?:[\s,]+no)*(?:[\s,]+(?:wait|sorry|make (?:it|that)|rather|not that|i mean|actually|i meant))*|"
    r"i mean(?:t)?(?: to say)?|wait(?: no)?|sorry|scratch that|oops|rather|make that|actually|correction|shoot|"
    r"let me rephrase|my mistake|strike that)(?=[\s,.])[\s,.]*(?:uh|um|err?|rather|i mean(?:t)?|make (?:it|that)|sorry|actually|wait|no)?[\s,]*",
    re.I,
)
_SPAN_WORDS = 4


def find(view: TurnView) -> Iterator[Finding]:
    repairs = [found for entry in view.ledger.entries if entry.role is Role.CUSTOMER for found in _repairs(entry)]
    if not repairs:
        return
    for index, arguments in enumerate(view.calls):
        for argument in arguments:
            for entry, dropped, kept in repairs:
                if argument.shape in (Shape.TEXT, Shape.SENTENCE) and _keeps(argument, dropped, kept):
                    yield _finding(argument, entry, dropped, kept, index)
                    break


def _repairs(entry: Entry) -> Iterator[tuple[Entry, tuple[str, ...], tuple[str, ...]]]:
    """Yield (entry, words just before the marker, words just after it) for each self-correction."""
    for found in _MARKER.finditer(entry.text):
        before = _words(entry.text[: found.start()])[-_SPAN_WORDS:]
        after = _words(entry.text[found.end() :])[:_SPAN_WORDS]
        if before and after:
            yield entry, tuple(before), tuple(after)


def _words(text: str) -> list[str]:
    return line_of(tokenize(text)).split()


def _keeps(argument: Argument, dropped: tuple[str, ...], kept: tuple[str, ...]) -> bool:
    """Whether the value has the last word before the marker and lacks the first words after it."""
    said = [word for word in kept if word not in STOP_WORDS][:1]
    old = [word for word in dropped if word not in STOP_WORDS][-1:]
    if not said or not old or old == said:
        return False
    return f" {old[0]} " in argument.line and f" {said[0]} " not in argument.line


def _finding(argument: Argument, entry: Entry, dropped: tuple[str, ...], kept: tuple[str, ...], index: int) -> Finding:
    old, new = " ".join(dropped[-2:]), " ".join(kept[:2])
    return Finding(
        check="stale_argument",
        score=0.95,
        reason=f"{argument.path} keeps {old!r}, which the customer took back for {new!r} in the same turn",
        evidence=(Evidence(argument.value, Status.SUPERSEDED, entry.turn_index, argument.path, new),),
        tool_call_index=index,
    )
