"""A problem to the rule that prevents it: fixed words from the policy and the check, never the words of a caller."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fixers.errors import PlanEmpty
from reports.grouping import Cause
from reports.patterns import rule_sentence

_KEY = re.compile(r"[0-9a-f]{8,32}")
MAX_RULE_LENGTH = 1200


@dataclass(frozen=True, slots=True)
class FixPlan:
    """One rule to put into the prompt. ``key`` marks it there, so that it is never put in twice."""

    key: str
    rule: str


def plan(cause: Cause, *, fingerprint: str, attempt: int = 1, wording: str = "") -> FixPlan:
    """Return the plan for a problem. ``attempt`` counts its fixes so far plus one; a later one is worded more strictly.

    ``wording`` is a model's sentence that has passed ``fixers.wording``; "" takes the rules' own.

    Raises:
        PlanEmpty: the policy's text is too long for a prompt.
    """
    if not _KEY.fullmatch(fingerprint):
        raise ValueError(f"{fingerprint!r} is no fingerprint")
    rule = plain(wording or rule_sentence(cause, attempt=attempt))
    if len(rule) > MAX_RULE_LENGTH:
        raise PlanEmpty(f"the rule has {len(rule)} characters, more than {MAX_RULE_LENGTH}: shorten the policy")
    key = fingerprint[:12] if attempt == 1 else f"{fingerprint[:12]}.{attempt}"
    return FixPlan(key, rule)


def plain(text: str) -> str:
    """Return the text on one line, without what prompt templates and markers would take for their own."""
    text = text.replace("{", "(").replace("}", ")").replace("<!--", "").replace("-->", "").replace("%", " percent")
    text = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(text.split())
