"""A time, date, amount, number or name that the agent states and no tool result, fact or turn has.

Only where the call has something to check against: a tool result or a given fact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from judging.core import speech
from judging.core.calendar import ANY_DATE
from judging.core.grounding import is_akin
from judging.core.ledger import Entry, Found
from judging.core.mentions import Kind, Mention
from judging.core.text import STOP_WORDS, stem
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView

_COUNTING = frozenset(
    "found find have has see got are were is there's ve other others more these about around total of option result first top "
    "located searched discovered revealed showing with choose along such for on be returned matching suitable".split()
)
_NAMES = {Kind.TIME: "time", Kind.DATE: "date", Kind.MONEY: "amount", Kind.NUMBER: "number"}
_COMMON = re.compile(r"^(?:i|ok|okay|yes|no|hi|hello|sure|sorry|the|dr|mr|mrs|ms|am|pm|fahrenheit|celsius)$")


def find(view: TurnView) -> Iterator[Finding]:
    if not any(entry.role is Role.TOOL for entry in view.ledger.entries):
        return
    entry = view.entry
    for mention in entry.mentions:
        if _is_stated(entry, mention) and not _is_known(view, entry, mention):
            yield _finding(view, entry.raw(mention), f"the {_NAMES[mention.kind]} {entry.raw(mention)!r}", mention)
    number = speech.phone(entry)
    if number and not _digits_known(view, number):
        yield _finding(view, number, f"the phone number {number!r}", None)
    for name in _unknown_names(view, entry):
        yield _finding(view, name, f"{name!r}", None)


def _finding(view: TurnView, value: str, what: str, mention: Mention | None) -> Finding:
    other = _other_value(view, mention) if mention is not None else ""
    return Finding(
        check="unsupported_claim",
        score=0.9,
        reason=f"the agent states {what}, which no tool result and no turn has",
        evidence=(Evidence(value, Status.NEVER_SAID, None, "", other),),
    )


def _is_stated(entry: Entry, mention: Mention) -> bool:
    """Whether a value is a statement about the world: not a count of results, not a vague or relative word."""
    if mention.is_weak or ANY_DATE in mention.dates or entry.text.rstrip().endswith("?") and mention.kind is Kind.DATE:
        return False
    if mention.kind is Kind.DATE:
        return len(mention.dates) == 1
    if mention.kind is not Kind.NUMBER:
        return True
    before = [token.low for token in entry.tokens[max(0, mention.start - 2) : mention.start]]
    is_year = 1900 <= mention.number < 2100 and not mention.units
    return is_year or (_COUNTING.isdisjoint(before) and bool(mention.units) and mention.start > 0)


def _is_known(view: TurnView, entry: Entry, mention: Mention) -> bool:
    for known in view.ledger.entries:
        for other in known.mentions:
            if other.same_value(mention) or (_is_numeric(other) and _is_numeric(mention) and other.number == mention.number):
                return True
    raw = entry.raw(mention).lower()
    return any(raw in known.text.lower() for known in view.ledger.entries)


def _is_numeric(mention: Mention) -> bool:
    return mention.kind in (Kind.MONEY, Kind.NUMBER)


def _digits_known(view: TurnView, number: str) -> bool:
    wanted = "".join(char for char in number if char.isdigit())
    return any(wanted in "".join(filter(str.isdigit, entry.text)) for entry in view.ledger.entries)


def _other_value(view: TurnView, mention: Mention) -> str:
    """The one value of the kind in the newest tool result, when there is exactly one."""
    newest = view.ledger.last(Role.TOOL)
    same = [other for other in newest.mentions if other.kind is mention.kind] if newest else []
    return Found(newest, same[0]).raw if newest and len(same) == 1 and mention.kind is not Kind.NUMBER else ""


def _unknown_names(view: TurnView, entry: Entry) -> Iterator[str]:
    """Capitalised names of two or more words of which no word is known."""
    tokens, at = entry.tokens, 0
    typed = {i for mention in entry.mentions if not mention.is_weak for i in range(mention.start, mention.end)}
    while at < len(tokens):
        end = at
        while end < len(tokens) and tokens[end].is_capitalised and end not in typed and not _breaks(entry, at, end):
            end += 1
        words = [stem(token.low) for token in tokens[at:end] if token.low not in STOP_WORDS and not _COMMON.match(token.low)]
        if len(words) > 1 and not any(_is_word_known(view, word) for word in words):
            yield entry.text[tokens[at].start : tokens[end - 1].end]
        at = max(end, at + 1)


def _breaks(entry: Entry, start: int, at: int) -> bool:
    return at > start and bool(entry.text[entry.tokens[at - 1].end : entry.tokens[at].start].strip(" '&-"))


def _is_word_known(view: TurnView, word: str) -> bool:
    return word in view.ledger.words or any(is_akin(word, known) for known in view.ledger.words)
