"""What a policy wants said by a certain point of the call: "Say within the first two turns that the call is recorded."

Only duties without a condition, and only where the policy names what is to be said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from judging.core.numbers import UNITS
from judging.core.text import content_stems


@dataclass(frozen=True, slots=True)
class Duty:
    """Something to be said within a number of agent turns or of seconds; the other of the two is 0.

    ``words`` are stems of what must be said, ``statement`` is it in the policy's own words, "" where it has none.
    """

    words: frozenset[str]
    turns: int = 0
    seconds: float = 0.0
    statement: str = ""


_COUNT = rf"(?P<count>\d{{1,3}}|{'|'.join(UNITS)})"
_WITHIN = re.compile(
    rf"\b(?:within|in|during)\s+(?:(?:the|your|its|their)\s+)?(?:(?:very\s+)?(?:first|opening|initial)\s+)?{_COUNT}\s+"
    r"(?:agent\s+)?(?P<unit>turn|message|repl(?:y|ie)|sentence|utterance|second|minute)s?(?:\s+of\s+(?:the|each|every|a)\s+"
    r"(?:call|conversation))?",
    re.I,
)
_OPENING = re.compile(
    r"\b(?:in|with|during)\s+(?:the|your|its|their)\s+(?:very\s+)?(?:first|opening|initial)\s+"
    r"(?:turn|message|reply|sentence|utterance|greeting)(?:\s+of\s+(?:the|each|every|a)\s+(?:call|conversation))?",
    re.I,
)
_AT_START = re.compile(
    r"\bat\s+the\s+(?:very\s+)?(?:start|beginning|outset|opening)\s+of\s+(?:the|each|every|any|a)\s+(?:call|conversation)s?",
    re.I,
)
_SAYS = re.compile(
    r"\b(?:say|tell|state|mention|inform|announce|disclose|explain|warn|remind|notify|advise|(?:let)(?=.{3,30}\bknow\b))\b"
    r"(?:\s+(?:to\s+)?(?:the\s+|all\s+|every\s+)?(?:customers?|callers?|users?|them|clients?|guests?))?(?:\s+know)?\s*(?P<what>.*)",
    re.I | re.S,
)
_CONDITION = re.compile(
    r"\b(?:never|not|if|unless|when|whenever|until|only|except|or)\b|n['’]t\b|\bbefore\b|\bafter\b", re.I
)
_STATEMENT = re.compile(r"^(?:that|of the fact that)\s+(?P<clause>[^.;:\"]{5,120})", re.I)
_NO_WORDS = frozenset(
    "customer caller user client guest call conversation agent always must should first them their they about fact "
    "being every turn second minute message reply sentence".split()
)
_START_TURNS = 2  # a greeting may come before


def duty_of(text: str) -> Duty | None:
    """Return the duty that a policy is; None where it is none or not a certain one."""
    found = _WITHIN.search(text) or _OPENING.search(text) or _AT_START.search(text)
    if found is None:
        return None
    rest = f"{text[: found.start()].rstrip(' ,')} {text[found.end() :].lstrip(' ,')}"
    says = _SAYS.search(rest)
    if says is None or _CONDITION.search(rest):
        return None
    what = says["what"].strip().split(". ")[0].rstrip(".!")
    words = frozenset(content_stems(what)) - _NO_WORDS
    turns, seconds = _limit(found)
    if not words or not (turns or seconds):
        return None
    clause = _STATEMENT.match(what)
    return Duty(words, turns, seconds, clause["clause"].strip() if clause else "")


def _limit(found: re.Match[str]) -> tuple[int, float]:
    if found.re is not _WITHIN:
        return (1 if found.re is _OPENING else _START_TURNS), 0.0
    raw = found["count"].lower()
    count = int(raw) if raw.isdecimal() else UNITS[raw]
    unit = found["unit"].lower()
    if unit in ("second", "minute"):
        return 0, count * (60.0 if unit == "minute" else 1.0)
    return count, 0.0
