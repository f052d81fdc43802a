"""What a policy asks to hold before a tool is called, as far as the record of the call can show it.

"Before close_account: the customer must be logged in." "Only call pay_out if the amount is at most 500." Of a list of
conditions each is read by itself; of alternatives ("any one of ...") none is, for one that fails may be made good by
another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from judging.core.text import content_stems


class ConditionKind(StrEnum):
    LOGGED_IN = "logged_in"
    AUTHENTICATED = "authenticated"
    LIMIT = "limit"


class Bound(StrEnum):
    LESS = "less than"
    AT_MOST = "at most"
    AT_LEAST = "at least"
    MORE = "more than"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition. ``text`` are its own words.

    ``words`` name the value that a limit is about, ``arguments`` the tool arguments it names in quotes. ``share_of``
    is the argument of which ``number`` is a percentage, "" where it is a plain number.
    """

    kind: ConditionKind
    text: str
    words: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    bound: Bound = Bound.AT_MOST
    number: float = 0.0
    share_of: str = ""

    def holds(self, value: float, whole: float = 100.0) -> bool:
        limit = self.number * whole / 100.0
        if self.bound is Bound.LESS:
            return value < limit
        if self.bound is Bound.AT_MOST:
            return value <= limit
        return value >= limit if self.bound is Bound.AT_LEAST else value > limit


_NAME = r"[`'\"]?(?P<{}>[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)*)[`'\"]?"
_TOOL = re.compile(
    rf"\b(?:call|calling|use|using|invoke|invoking|run|running)\s+(?:the\s+)?{_NAME.format('tool')}|"
    r"\b(?:before|prior to)\s+(?:the\s+)?[`'\"]?(?P<named>[A-Za-z]+(?:_[A-Za-z0-9]+)+)",
    re.I,
)
_BEFORE = re.compile(r"\W*(?:before|prior to)\b", re.I)
_EXCEPTS = re.compile(
    r"\b(?:unless|until|without|only\b[^.]*?\b(?:if|when|after|once|for)|(?<=\w )before(?! call| us| invok| run))\b",
    re.I,
)
_FORBIDS_WHERE = re.compile(
    r"\b(?:never|do not|don['’]t|must not|may not|cannot|can['’]t|should not)\b[^.]*?\b(?:if|when|where|for|with)\b",
    re.I,
)
_NEGATED = re.compile(r"\b(?:not|never)\b|n['’]t\b", re.I)
_BULLET = re.compile(r"^\s*(?:[•*-]|\d+[.)])\s+")
_ALTERNATIVES = re.compile(r"\b(?:any one|any|at least one|one|either) of\b|\bor\b(?! equal)", re.I)
_LOGGED_IN = re.compile(r"\b(?:logged|signed)[ -]in\b|\bthe (?:login|sign-in) (?:has|was|must)\b", re.I)
_AUTHENTICATED = re.compile(r"\bauthenticated\b|\bhas (?:been )?verified\b|\b(?:is|has been|was|be) verified\b", re.I)
_LIMIT = re.compile(
    r"(?P<subject>[^.;:]*?)\b(?P<negated>(?:(?:must|can|may|should|do|does|shall|will|is|are) not|cannot|never) )?"
    r"(?:be |have |is |are )?(?P<bound>exceed\w*|(?:more|greater|higher|larger|bigger) than|above|over|at least|"
    r"no (?:less|fewer|lower) than|at most|no (?:more|higher|greater) than|up to|(?:less|lower|fewer|smaller) than|"
    r"below|under)(?: or equal to)? (?:the )?(?:[a-z ]{0,30}? of )?[$€£]?"
    r"(?P<number>\d(?:[\d,]*\d)?(?:\.\d+)?)(?![\d.,]*\d)"
    r"(?P<share>\s*(?:%|per ?cent) of (?P<whole>[^.;]*))?"
    r"(?!\s*(?:%|per ?cent|days?|weeks?|months?|years?|hours?|minutes?))",
    re.I,
)
_QUOTED = re.compile(r"[\"“`]([A-Za-z_]\w*)[\"”`]")
_OPPOSITE = {
    Bound.LESS: Bound.AT_LEAST,
    Bound.AT_MOST: Bound.MORE,
    Bound.AT_LEAST: Bound.LESS,
    Bound.MORE: Bound.AT_MOST,
}
_FRAME = frozenset("user customer caller parameter have has must be with agent requested current number".split())
_NAMED_BY = 2  # words right before a bound that name its value


def conditions_of(text: str) -> tuple[str, tuple[Condition, ...]]:
    """Return the tool that a policy speaks of and what must hold before it; "" and () where that is not certain."""
    tools = {found["tool"] or found["named"] for found in _TOOL.finditer(text)}
    if len(tools) != 1:
        return "", ()
    (tool,) = tools
    found = tuple(_conditions(text))
    return (tool, found) if found else ("", ())


def _conditions(text: str) -> Iterator[Condition]:
    lines = text.splitlines()
    if len(lines) > 1:
        found = (_condition(line, is_forbidden=False) for line in _items(lines))
        yield from (condition for condition in found if condition is not None)
        return
    demand, is_forbidden = _demand(text)
    condition = _condition(demand, is_forbidden=is_forbidden) if demand else None
    if condition is not None:
        yield condition


def _demand(text: str) -> tuple[str, bool]:
    """What must hold, or must not hold where the rule forbids it; "" where that is not certain."""
    if _ALTERNATIVES.search(text):
        return "", False
    forbidding, excepting = _FORBIDS_WHERE.search(text), _EXCEPTS.search(text)
    if excepting is not None:
        is_plain = forbidding is None or forbidding.end() > excepting.start()
        return (text[excepting.end() :], False) if is_plain else ("", False)
    if forbidding is not None:
        return text[forbidding.end() :], True
    return (text, False) if _BEFORE.match(text) else ("", False)


def _items(lines: Sequence[str]) -> Iterator[str]:
    """The items of a list that each must hold by themselves."""
    skipped = -1
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if 0 <= skipped < indent:
            continue
        is_open = _ALTERNATIVES.search(line) is not None and line.rstrip().endswith(":")
        skipped = indent if is_open else -1
        if _BULLET.match(line) and not line.rstrip().endswith(":") and not _ALTERNATIVES.search(line):
            yield _BULLET.sub("", line)


def _condition(line: str, *, is_forbidden: bool) -> Condition | None:
    is_missing = _NEGATED.search(line) is not None  # "never ... if the caller is not logged in"
    for kind, pattern in ((ConditionKind.LOGGED_IN, _LOGGED_IN), (ConditionKind.AUTHENTICATED, _AUTHENTICATED)):
        if pattern.search(line):
            return Condition(kind, line.strip()) if is_missing == is_forbidden else None
    found = _LIMIT.search(line)
    return _limit(line.strip(), found, is_forbidden=is_forbidden) if found is not None else None


def _limit(line: str, found: re.Match[str], *, is_forbidden: bool) -> Condition | None:
    whole = _QUOTED.findall(found["whole"] or "")
    if found["share"] and len(whole) != 1:
        return None
    words = [word for word in content_stems(_QUOTED.sub(" ", found["subject"])) if word not in _FRAME]
    bound = _bound(found["bound"].lower())
    return Condition(
        ConditionKind.LIMIT,
        line,
        words=tuple(words[-_NAMED_BY:]),
        arguments=tuple(_QUOTED.findall(found["subject"])),
        bound=_OPPOSITE[bound] if bool(found["negated"]) != is_forbidden else bound,
        number=float(found["number"].replace(",", "")),
        share_of=whole[0] if whole and found["share"] else "",
    )


def _bound(words: str) -> Bound:
    if words.startswith("no ") or words in ("at least", "at most", "up to"):
        is_least = words == "at least" or words.split()[1] in ("less", "fewer", "lower")
        return Bound.AT_LEAST if is_least else Bound.AT_MOST
    is_less = words.split()[0] in ("less", "lower", "fewer", "smaller", "below", "under")
    return Bound.LESS if is_less else Bound.MORE
