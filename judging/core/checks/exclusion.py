"""Something the customer ruled out ("no pepperoni") that the call puts in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from judging.core.arguments import Argument, Shape, name_words
from judging.core.grounding import is_used
from judging.core.interruptions import OPENERS
from judging.core.ledger import Entry
from judging.core.self_repairs import is_put_in_place
from judging.core.text import STOP_WORDS, Token, stem
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView
from judging.core.wording import subject

# What stands between what is wanted and what it replaces; "not" is certain only between two names.
_IN_PLACE_OF = re.compile(
    r"\s*(?:instead of|rather than|,?\s*(?:and )?(?P<not>not))\s+(?:the |a |an |any |on )?$", re.I
)
_NO_THINGS = frozenset("it one that them this those these him her us thing".split())
_WINDOW = 80
_REMOVING = frozenset("cancel remove delete exclude return refund drop clear void stop block unsubscribe".split())
_WORDS = 3  # a longer value is a sentence, not a thing that is ruled out


def find(view: TurnView) -> Iterator[Finding]:
    if not view.ledger.may_exclude:
        return
    for index, arguments in enumerate(view.calls):
        for argument in arguments:
            if argument.is_excluded or not _is_thing(argument):
                continue
            entry = None if takes_things_back(view, index) else excluded_in(view, argument)
            if entry is not None and not is_put_in_place(entry, _place(entry, argument.line), arguments):
                yield Finding(
                    check="exclusion_put_in",
                    score=0.95,
                    reason=f"{subject(argument)} {argument.value!r}, which the customer ruled out",
                    evidence=(
                        Evidence(
                            argument.value,
                            Status.SUPERSEDED,
                            entry.turn_index,
                            argument.path,
                            _wanted_instead(entry, argument, arguments),
                        ),
                    ),
                    tool_call_index=index,
                )


def _is_thing(argument: Argument) -> bool:
    """Whether a value is the name of something, not a sentence or a question."""
    is_short = argument.shape is Shape.TEXT and len(argument.content) <= _WORDS
    return is_short and argument.line.partition(" ")[2].partition(" ")[0] not in OPENERS


def excluded_in(view: TurnView, argument: Argument) -> Entry | None:
    """The customer's last turn about the value, when it rules it out and nothing agreed on later brings it back."""
    for entry in view.ledger.saying(argument.line):
        if entry.role is Role.CUSTOMER:
            return entry if entry.may_exclude and _is_only_excluded(entry, argument.line) else None
        if entry.role is Role.AGENT and view.ledger.is_accepted(entry) and not _leaves_out(entry, argument.line):
            return None
    return None


def _leaves_out(entry: Entry, phrase: str) -> bool:
    """Whether a read-back says that the value stays out ("with ham, no pepperoni")."""
    at = entry.line.count(" ", 0, entry.line.rfind(phrase) + 1) - 1
    return entry.language.exclusion.before[0].search(_before(entry, at)) is not None


def _wanted_instead(entry: Entry, argument: Argument, arguments: tuple[Argument, ...]) -> str:
    """What the customer named in the value's place ("Saturday instead of Friday"), "" when it is not certain."""
    token = entry.tokens[_place(entry, argument.line)]
    found = _IN_PLACE_OF.search(entry.text[: token.start])
    if found is None:
        return ""
    named = [other for other in entry.tokens if other.end <= found.start()]
    if not named or named[-1].is_capitalised is not token.is_capitalised:
        return ""
    start = len(named) - 1
    while (
        start > 0 and named[start].is_capitalised and named[start - 1].is_capitalised and _adjoin(entry, named, start)
    ):
        start -= 1
    words = [stem(other.low) for other in named[start:]]
    is_thing = words[-1] not in STOP_WORDS | _NO_THINGS and not (found["not"] and not token.is_capitalised)
    return entry.text[named[start].start : named[-1].end] if is_thing and not is_used(words, arguments) else ""


def _place(entry: Entry, phrase: str) -> int:
    """The index of the first token of a phrase."""
    return entry.line.count(" ", 0, entry.line.find(phrase) + 1) - 1


def _adjoin(entry: Entry, tokens: list[Token], at: int) -> bool:
    return entry.text[tokens[at - 1].end : tokens[at].start] == " "


def takes_things_back(view: TurnView, index: int) -> bool:
    """Whether the call itself removes something: then what was ruled out belongs in it."""
    return not _REMOVING.isdisjoint(name_words(view.turn.tool_calls[index].name))


def _is_only_excluded(entry: Entry, phrase: str) -> bool:
    line, start = entry.line, entry.line.find(phrase)
    while start >= 0:
        token = line.count(" ", 0, start + 1) - 1
        if not is_ruled_out(entry, token):
            return False
        start = line.find(phrase, start + 1)
    return True


def _before(entry: Entry, token: int) -> str:
    start = entry.tokens[token].start
    return entry.text[max(0, start - _WINDOW) : start]


def is_ruled_out(entry: Entry, token: int) -> bool:
    """Whether the words right before a token of a turn exclude it."""
    if not entry.may_exclude:
        return False
    before, end = _before(entry, token), entry.tokens[token].end
    excluding = entry.language.exclusion
    if any(pattern.search(before) for pattern in excluding.before):
        return True
    return any(left.search(before) and right.match(entry.text, end) for left, right in excluding.around)
