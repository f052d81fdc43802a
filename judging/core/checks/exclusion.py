"""Something the customer ruled out ("no pepperoni") that the call puts in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from judging.core.arguments import Argument, Shape
from judging.core.ledger import Entry
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView

# What opens an exclusion right before the thing excluded; "or" carries it on to the next thing.
_EXCLUDES = re.compile(
    r"\b(?:no|without|hold|avoid(?: adding| putting| any)?|skip|exclude|excluding|minus|leave (?:off|out)|lose|"
    r"free of|instead of|rather than|nothing with|"
    r"(?:do not|don'?t|didn'?t|wouldn'?t|never) (?:want|need|like|put|add|include|give me|"
    r"care for)(?: to (?:add|have|put|include))?|"
    r"(?:make sure )?(?:it'?s |there'?s |there is |there are )?not|hate|dislike|can'?t have|allergic to)\s+"
    r"(?:(?:any|the|a|an|some|of|more|on|for|my|your|that|those)\s+)*(?:[\w'’-]+(?: [\w'’-]+)? (?:or|"
    r"nor)\s+(?:any |the )?)*$",
    re.I,
)
_WINDOW = 80
_WORDS = 3  # a longer value is a sentence, not a thing that is ruled out


def find(view: TurnView) -> Iterator[Finding]:
    for index, arguments in enumerate(view.calls):
        for argument in arguments:
            if argument.shape is not Shape.TEXT or argument.is_excluded or len(argument.content) > _WORDS:
                continue
            entry = excluded_in(view, argument)
            if entry is not None:
                yield Finding(
                    check="exclusion_put_in",
                    score=0.95,
                    reason=f"{argument.path} has {argument.value!r}, which the customer ruled out",
                    evidence=(Evidence(argument.value, Status.SUPERSEDED, entry.turn_index, argument.path),),
                    tool_call_index=index,
                    correction=f"Just to confirm: no {argument.value}?",
                )


def excluded_in(view: TurnView, argument: Argument) -> Entry | None:
    """The customer's turn that rules the value out, when no customer turn asks for it too."""
    excluding = None
    for entry in view.ledger.entries:
        if entry.role is not Role.CUSTOMER or argument.line not in entry.line:
            continue
        if not _is_only_excluded(entry, argument.line):
            return None
        excluding = entry
    return excluding


def _is_only_excluded(entry: Entry, phrase: str) -> bool:
    line, start = entry.line, entry.line.find(phrase)
    while start >= 0:
        token = line.count(" ", 0, start + 1) - 1
        if not is_ruled_out(entry, token):
            return False
        start = line.find(phrase, start + 1)
    return True


def is_ruled_out(entry: Entry, token: int) -> bool:
    """Whether the words right before a token of a turn exclude it."""
    if not entry.may_exclude:
        return False
    end = entry.tokens[token].start
    return _EXCLUDES.search(entry.text[max(0, end - _WINDOW) : end]) is not None
