"""The pre-gate: cheap signs that a turn is worth asking tiers 1 and 2 about. It never skips tier 0 or a tool call."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from judging.core.text import STOP_WORDS, stem, tokenize
from judging.core.types import Policy, Role
from judging.core.view import TurnView

_DIGITS = re.compile(r"\d|[$€£¥₹%]")
_CORRECTION = re.compile(
    r"\b(?:actually|wait|instead|scratch that|no,|not that|i mean|i meant|rather|change|make (?:it|that)|"
    r"sorry|forget|"
    r"cancel|never ?mind|on second thought|wrong|different)\b",
    re.I,
)
# Words of rules about rules: they say nothing about what a rule is about.
_POLICY_NOISE = frozenset(
    (
        "never always must should agent agents customer customers caller callers not only before after "
        "when if unless until tell say ask any all them they their make sure don't cannot use using call "
        "calling without with from about into every each first then than has have had been being who what "
        "which"
    ).split()
)
_OPPOSED = (("yes", "no"), ("without", "with"), ("cancel", "keep"), ("add", "remove"), ("more", "less"))


def reasons_to_ask(view: TurnView, *, follows_intervention: bool) -> str:
    """Return why tiers 1 and 2 should be asked, the first sign found; "" when there is none."""
    if view.turn.tool_calls:
        return "tool_call"
    if follows_intervention:
        return "after_intervention"
    customer = view.conversation.last(Role.CUSTOMER)
    heard = customer.text if customer else ""
    if view.entry.mentions or _DIGITS.search(view.turn.text) or _DIGITS.search(heard):
        return "numbers"
    if heard and _CORRECTION.search(heard):
        return "correction"
    if _has_policy_word(view.policies, view.entry.line):
        return "policy_word"
    if _customer_disagrees(view):
        return "disagreement"
    return ""


@lru_cache(maxsize=512)
def _policy_words(policies: tuple[Policy, ...]) -> frozenset[str]:
    words = {stem(token.low) for policy in policies for token in tokenize(policy.text)}
    return frozenset(word for word in words if len(word) > 3 and word not in STOP_WORDS and word not in _POLICY_NOISE)


def _has_policy_word(policies: Sequence[Policy], line: str) -> bool:
    words = _policy_words(tuple(policies))
    return any(word in words for word in line.split())


def _customer_disagrees(view: TurnView) -> bool:
    """Whether the customer's last two turns oppose each other word against word."""
    lines = [entry.line for entry in view.ledger.entries if entry.role is Role.CUSTOMER][-2:]
    if len(lines) < 2:
        return False
    earlier, later = lines
    return any(
        (f" {left} " in earlier and f" {right} " in later) or (f" {right} " in earlier and f" {left} " in later)
        for left, right in _OPPOSED
    )
