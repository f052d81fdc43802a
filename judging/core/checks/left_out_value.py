"""A date, time or count that the latest words ask for and the tool call has nowhere.

The latest words are the customer's last turn and a read-back that the customer said yes to. The value is left out, or
stands against the one argument of its kind that has another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from judging.core.arguments import Argument, Shape
from judging.core.calendar import ANY_DATE
from judging.core.checks.exclusion import is_ruled_out
from judging.core.checks.never_said_number import is_said as is_number_said
from judging.core.checks.typed_argument import is_said as is_typed_said
from judging.core.exchanges import is_offer
from judging.core.grounding import matches
from judging.core.last_words import calls_of_last_words, is_first_tool, was_given_before
from judging.core.ledger import Entry
from judging.core.ledger_index import Found
from judging.core.mentions import Kind, Mention
from judging.core.numbers import NUMBER_WORDS
from judging.core.text import phrase_line, sentence_at
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView
from judging.core.wording import said as heard
from judging.core.wording import subject

_SHAPES = {Kind.DATE: Shape.DATE, Kind.TIME: Shape.TIME, Kind.NUMBER: Shape.NUMBER}
_DEFAULTS = frozenset({0.0, 1.0})
_MOST = 99  # larger numbers are years, prices and house numbers
_NO_COUNTS = frozenset("year month week hour minute other thing time more less moment way".split())
_ARTICLES = frozenset({"a", "an", "the"})
_VAGUE = re.compile(r"\b(?:today|days?|week(?:end)?s?|months?|years?|tonight|nights?)\b", re.I)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_NOT_THIS = re.compile(r"(?:\b(?:instead of|rather than|not|more than|less than|about|from)\s+)$", re.I)
_TOO = re.compile(r"\btoo (?:soon|late|early|long|far|much|many|few)\b", re.I)
_WANTS = re.compile(
    r"\b(?:find|search|look\w*|show|check|try|get|book|reserve|buy|i(?:'d| would|'ll| will)?(?: also| really| only)?"
    r" (?:want|need|like|prefer|be|have|take)|how about|what about|for|make it|change|instead)\b",
    re.I,
)


def find(view: TurnView) -> Iterator[Finding]:
    said, asked = view.ledger.last(Role.CUSTOMER), view.ledger.last(Role.AGENT)
    if said is None or not view.is_english:
        return
    is_answer = asked is not None and asked.position < said.position and asked.asks_to_confirm
    if asked is not None and is_answer and said.is_yes:
        entry = asked
        if is_offer(entry) or any(mention.kind is Kind.MONEY for mention in entry.mentions):
            return
    else:
        entry = said
    for index in calls_of_last_words(view):
        arguments = view.calls[index]
        if any(argument.is_listed for argument in arguments) or not _serves(entry, arguments):
            continue  # of a list of things each has its own count and time
        found = next((one for one in entry.mentions if _is_missing(entry, one, arguments)), None)
        is_new = found is not None and not was_given_before(view, entry.raw(found))
        if found is not None and is_new and not _is_found_already(view, found.kind, arguments):
            yield _finding(Found(entry, found), arguments, index, is_first=is_first_tool(view))


def _is_found_already(view: TurnView, kind: Kind, arguments: Sequence[Argument]) -> bool:
    """Whether the call has a value of the kind that nobody said, which the checks of such values word better."""
    if kind is Kind.NUMBER:
        numbers = [one for one in arguments if one.shape is Shape.NUMBER and one.number not in _DEFAULTS]
        return any(not is_number_said(view, one) for one in numbers)
    return any(one.shape is _SHAPES[kind] and not is_typed_said(view, one) for one in arguments)


def _serves(entry: Entry, arguments: Sequence[Argument]) -> bool:
    """Whether a call has any value of a turn: else it may be meant for something else than the turn asks."""
    if any(argument.shape is Shape.TEXT and argument.line in entry.line for argument in arguments):
        return True
    return any(argument.shape in _SHAPES.values() for argument in arguments)


def _is_missing(entry: Entry, mention: Mention, arguments: Sequence[Argument]) -> bool:
    if mention.is_weak or mention.kind not in _SHAPES or any(matches(argument, mention) for argument in arguments):
        return False
    if not (_is_definite(entry, mention) and _is_wished(entry, mention)):
        return False
    line = phrase_line(entry.raw(mention))
    if any(line in argument.line for argument in arguments):
        return False  # part of a name
    is_corrected = mention.kind is Kind.TIME or entry.is_correction or entry.is_no
    return not is_corrected or not _has_another(entry, mention.kind, arguments)


def _is_definite(entry: Entry, mention: Mention) -> bool:
    if mention.kind is Kind.NUMBER:
        if not NUMBER_WORDS.isdisjoint(mention.units) or _is_in_other(entry, mention):
            return False  # part of a number that is read out, or of a date
        is_part = mention.start > 0 and entry.tokens[mention.start - 1].low in _ARTICLES  # "a two litre bottle"
        is_count = bool(mention.units) and _NO_COUNTS.isdisjoint(mention.units)
        return is_count and not is_part and 1 < mention.number <= _MOST
    if _VAGUE.search(entry.raw(mention)):
        return False
    if mention.kind is Kind.TIME:
        return True
    is_whole = ANY_DATE not in mention.dates and all(day for _, _, day in mention.dates)
    return is_whole and not _YEAR.search(entry.raw(mention))  # a date with its year is often a birthday


def _is_in_other(entry: Entry, mention: Mention) -> bool:
    """Whether a number word or a date stands right next to a number: "one two seven", "in three days"."""
    near = entry.tokens[max(0, mention.start - 1) : mention.start]
    if any(token.low in NUMBER_WORDS or token.raw[0].isdecimal() for token in near):
        return True
    return any(other.kind is Kind.DATE and other.start == mention.end for other in entry.mentions)


def _is_wished(entry: Entry, mention: Mention) -> bool:
    """Whether a value is neither ruled out nor asked about."""
    at = entry.tokens[mention.start].start
    start, end = sentence_at(entry.text, at)
    sentence = entry.text[start:end]
    is_from = mention.kind is Kind.NUMBER and _NOT_THIS.search(entry.text, start, at) is not None
    if is_from or is_ruled_out(entry, mention.start) or _TOO.search(sentence):
        return False
    return entry.role is Role.AGENT or "?" not in sentence or _WANTS.search(sentence) is not None


def _has_another(entry: Entry, kind: Kind, arguments: Sequence[Argument]) -> bool:
    """Whether the turn has the value of its kind that the call has: then another was corrected or says other things."""
    own = [argument for argument in arguments if argument.shape is _SHAPES[kind]]
    return any(matches(argument, mention) for argument in own for mention in entry.mentions)


def _finding(found: Found, arguments: Sequence[Argument], index: int, *, is_first: bool) -> Finding:
    others = [one for one in arguments if one.shape is _SHAPES[found.mention.kind]]
    raw, turn = found.raw, found.entry.turn_index
    if len(others) != 1:
        return Finding(
            check="left_out",
            score=0.9,
            reason=f"the latest words have {raw!r}, which the call has nowhere",
            is_sure=is_first,
            evidence=(Evidence(raw, Status.GROUNDED, turn),),
            tool_call_index=index,
            correction=f"Just to confirm: {heard(raw)}?",
        )
    return Finding(
        check="stale_argument",
        score=0.9,
        reason=f"{subject(others[0])} {others[0].value}, but the latest words have {raw!r}",
        evidence=(Evidence(others[0].value, Status.SUPERSEDED, turn, others[0].path, raw),),
        tool_call_index=index,
        correction=f"Just to confirm: {heard(raw)}?",
    )
