"""A time, date, amount, number or name that the agent states and no tool result, fact, policy or turn has.

Only where the call has something to check against: a tool result or a given fact. A number that can be worked out from
known ones, advice ("within 3 days") and text laid out for reading are left to the models.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

from judging.core import speech
from judging.core.calendar import ANY_DATE, fits
from judging.core.grounding import aliases_of, is_akin, is_derived
from judging.core.ledger import Entry, Found, read_entry
from judging.core.mentions import Kind, Mention
from judging.core.text import STOP_WORDS, sentence_at, stem
from judging.core.types import Evidence, Finding, Policy, Role, Status, Turn
from judging.core.view import TurnView

_COUNTING = frozenset(
    (
        "found find have has see got are were is there's ve other others more these about around total of "
        "option result first top located searched discovered revealed showing with choose along such for "
        "on be returned matching suitable within"
    ).split()
)
_WORKED_OUT = re.compile(
    r"\b(?:total|difference|sum|combined|altogether|overall|remaining|balance|per|each|every|plus|minus|"
    r"save|within|expires?|"
    r"deadline|period|after|before|until|up to|at least|at most|more than|less than|example|approximately|"
    r"about|around|roughly)\b",
    re.I,
)
_LAID_OUT = re.compile(r"\*\*|^\s*(?:[-*•]|\d+[.)])\s", re.M)
_NAMES = {Kind.TIME: "time", Kind.DATE: "date", Kind.MONEY: "amount", Kind.NUMBER: "number"}
_SHORT = 3
_MOST_CLAIMS = 40  # no spoken turn states more
_MEASURES = frozenset("degree percent mile star kilometer hour minute point".split())
_COMMON = frozenset("i ok okay yes no hi hello sure sorry the dr mr mrs ms am pm fahrenheit celsius".split())


def find(view: TurnView) -> Iterator[Finding]:
    if not any(entry.role is Role.TOOL for entry in view.ledger.entries):
        return
    entry, is_laid_out = view.entry, _LAID_OUT.search(view.turn.text) is not None
    for mention in entry.mentions[:_MOST_CLAIMS]:
        if _is_stated(view, entry, mention) and not _is_known(view, entry, mention):
            what = f"the {_NAMES[mention.kind]} {entry.raw(mention)!r}"
            yield _finding(view, entry.raw(mention), what, mention, is_sure=not is_laid_out)
    number = speech.phone(entry)
    if number and not _digits_known(view, number):
        yield _finding(view, number, f"the phone number {number!r}", None, is_sure=True)
    for name in _unknown_names(view, entry):
        yield _finding(view, name, f"{name!r}", None, is_sure=not is_laid_out)


def _finding(view: TurnView, value: str, what: str, mention: Mention | None, *, is_sure: bool) -> Finding:
    other = _other_value(view, mention) if mention is not None else ""
    return Finding(
        check="unsupported_claim",
        score=0.9,
        reason=f"the agent states {what}, which no tool result and no turn has",
        is_sure=is_sure,
        evidence=(Evidence(value, Status.NEVER_SAID, None, "", other),),
    )


def _is_stated(view: TurnView, entry: Entry, mention: Mention) -> bool:
    """Whether a value is a statement about the world: not a count of results, not worked out, not vague."""
    if mention.is_weak or ANY_DATE in mention.dates:
        return False
    start, end = sentence_at(entry.text, entry.tokens[mention.start].start)
    if mention.kind is not Kind.TIME and _WORKED_OUT.search(entry.text[start:end]):
        return False
    if mention.kind is Kind.DATE:
        return len(mention.dates) == 1 and not entry.text.rstrip().endswith("?")
    return mention.kind is not Kind.NUMBER or _is_measure(view, entry, mention)


def _is_measure(view: TurnView, entry: Entry, mention: Mention) -> bool:
    """Whether a number measures what the tools speak of; "10 options" and "3 business days" do not."""
    if 1900 <= mention.number < 2100 and not mention.units:
        return True
    if any(_is_tool_field(view, unit) for unit in mention.units):
        return True
    before = [token.low for token in entry.tokens[max(0, mention.start - 2) : mention.start]]
    if mention.start == 0 or not _COUNTING.isdisjoint(before):
        return False
    return not _MEASURES.isdisjoint(mention.units)


def _is_tool_field(view: TurnView, unit: str) -> bool:
    """Whether a tool result gives a number for a word: "number_stops: 1" for "stop"."""
    field = re.compile(rf" {re.escape(unit)} \d")
    return any(field.search(entry.line) for entry in view.ledger.entries if entry.role is Role.TOOL)


def _is_known(view: TurnView, entry: Entry, mention: Mention) -> bool:
    if any(_says_it(known, mention) for known in (*view.ledger.entries, _policy_entry(view.policies))):
        return True
    raw = entry.raw(mention).lower()
    if len(raw) > _SHORT and any(raw in known.text.lower() for known in view.ledger.entries):
        return True
    return (
        _is_numeric(mention)
        and mention.number > 1
        and mention.kind is Kind.MONEY
        and is_derived(view.ledger, mention.number)
    )


def _says_it(known: Entry, mention: Mention) -> bool:
    if _is_numeric(mention):
        return mention.number in known.numbers
    for other in known.mentions:
        if other.same_value(mention):
            return True
        if mention.kind is Kind.DATE and other.kind is Kind.DATE and _is_next_day(mention, other):
            return True
    return False


def _is_next_day(mention: Mention, other: Mention) -> bool:
    """Whether a date is the day before or after a known one: journeys and stays run over midnight."""
    (year, month, day), *_ = other.dates
    if not (year and month and day):
        return False
    try:
        known = date(year, month, day)
    except ValueError:
        return False
    return fits(mention.dates, known + timedelta(days=1)) or fits(mention.dates, known - timedelta(days=1))


@lru_cache(maxsize=256)
def _policy_entry(policies: tuple[Policy, ...]) -> Entry:
    """What the policies say, read once per set: an amount that a rule names is no invention."""
    return read_entry(Turn(-1, Role.TOOL, "\n".join(policy.text for policy in policies)), None, -1)


def _is_numeric(mention: Mention) -> bool:
    return mention.kind in (Kind.MONEY, Kind.NUMBER)


def _digits_known(view: TurnView, number: str) -> bool:
    wanted = "".join(filter(str.isdecimal, number))
    return any(wanted in "".join(filter(str.isdecimal, entry.text)) for entry in view.ledger.entries)


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
        name = entry.text[tokens[at].start : tokens[end - 1].end] if end > at else ""
        words = [
            stem(token.low) for token in tokens[at:end] if token.low not in STOP_WORDS and token.low not in _COMMON
        ]
        is_explained = end < len(tokens) and "(" in entry.text[tokens[end - 1].end : tokens[end].start]
        if len(words) > 1 and not is_explained and not _is_name_known(view, name, words):
            yield name
        at = max(end, at + 1)


def _breaks(entry: Entry, start: int, at: int) -> bool:
    return at > start and bool(entry.text[entry.tokens[at - 1].end : entry.tokens[at].start].strip(" '&-"))


def _is_name_known(view: TurnView, name: str, words: list[str]) -> bool:
    said = view.ledger.words
    if any(word in said or any(is_akin(word, known) for known in said) for word in words):
        return True
    if any(alias in said for alias in aliases_of(name) if len(alias) > 2):
        return True
    ruled = _policy_entry(view.policies).line
    return any(f" {word} " in ruled for word in words)
