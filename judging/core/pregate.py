"""The pre-gate: cheap signs that a turn is worth asking tiers 1 and 2 about. It never skips tier 0.

Measured on labelled training turns without a tool call: of those that break a policy it passes over 0.2 % (3 of 1,602),
of those that keep every policy 27 %. ``docs/judge-quality.md`` has the figures of the last run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache

from judging.core.ledger import Entry
from judging.core.text import STOP_WORDS, stem, tokenize
from judging.core.types import Policy, Role
from judging.core.view import TurnView


class Sign(StrEnum):
    """Why the models are asked about a turn; the last two why they are asked anyway, or not."""

    TOOL_CALL = "tool_call"
    AFTER_INTERVENTION = "after_intervention"
    NUMBERS = "numbers"  # digits, money, dates, times; spoken ones too
    CORRECTION = "correction"  # the customer changes something
    POLICY_WORD = "policy_word"  # a word of the tenant's policies, said by the agent or just before by the customer
    QUESTION = "question"  # the agent asks or offers something, and a policy is about asking or offering
    NAMES = "names"  # the agent states a name, and tools or facts say what is right
    DISAGREEMENT = "disagreement"  # what the customer says now stands against an earlier turn
    LANGUAGE = "language"  # the call is in another language than the policies' words
    OFF = "off"  # the pre-gate is switched off
    QUIET = "quiet"  # nothing was seen: tiers 1 and 2 are not asked


_DIGITS = re.compile(r"\d|[$€£¥₹%]")
_CHANGES = re.compile(
    r"\b(?:no,|not that|change|sorry|forget|cancel|never ?mind|on second thought|wrong|different|scratch that)\b", re.I
)
_ASKS = re.compile(
    r"\?|\b(?:would you|do you (?:want|need)|shall (?:i|we)|should (?:i|we)|may i|can i|could i|let me know|"
    r"how about|what about|i can (?:also|help)|tell me|i(?:'d| would) (?:suggest|recommend|need)|"
    r"if you(?:'d| would)? (?:wish|like|want|prefer|need))\b|"
    r"^\W*(?:\w+\W+){0,2}(?:what|which|where|when|who|how)\b",
    re.I,
)
# A name within a sentence.
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]")
# Roots of the verbs with which rules forbid or demand a question or an offer.
_ASKING = frozenset(
    "ask offer suggest recommend propos promot invit upsel sel pitch advertis question request inquir prompt solicit "
    "collect verify confirm mention".split()
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
_ENDINGS = ("ations", "ation", "ings", "ing", "ions", "ion", "ments", "ment", "ed", "er", "or", "ly", "al", "e")
_LOOKS_BACK = 6  # customer turns


def sign_of(view: TurnView, *, follows_intervention: bool) -> Sign:
    """Return the first sign found that tiers 1 and 2 should be asked, ``QUIET`` when there is none."""
    settings, calls = view.settings, view.turn.tool_calls
    if calls and (settings.is_scored_on_tool_call or any(settings.is_gated(call.name) for call in calls)):
        return Sign.TOOL_CALL
    if not settings.is_pre_gate_enabled:
        return Sign.OFF
    if follows_intervention:
        return Sign.AFTER_INTERVENTION
    return _sign_in_words(view)


def _sign_in_words(view: TurnView) -> Sign:
    heard = [entry for entry in view.ledger.entries if entry.role is Role.CUSTOMER][-_LOOKS_BACK:]
    last = heard[-1] if heard else None
    if _has_numbers(view.entry) or (last is not None and _has_numbers(last)):
        return Sign.NUMBERS
    if last is not None and (last.is_no or last.is_correction or _CHANGES.search(last.text)):
        return Sign.CORRECTION
    if not view.language.is_english:
        return Sign.LANGUAGE
    about = _words_of(view.policies)
    if not about.isdisjoint(_roots(view.entry.line)) or (last is not None and not about.isdisjoint(_roots(last.line))):
        return Sign.POLICY_WORD
    if not _ASKING.isdisjoint(about) and _ASKS.search(view.turn.text):
        return Sign.QUESTION
    if _NAME.search(view.turn.text) and any(entry.role is Role.TOOL for entry in view.ledger.entries):
        return Sign.NAMES
    return Sign.DISAGREEMENT if _disagrees(heard) else Sign.QUIET


def _has_numbers(entry: Entry) -> bool:
    return any(not mention.is_weak for mention in entry.mentions) or _DIGITS.search(entry.text) is not None


@lru_cache(maxsize=512)
def _words_of(policies: tuple[Policy, ...]) -> frozenset[str]:
    """Roots of what the policies are about."""
    words = {stem(token.low) for policy in policies for token in tokenize(policy.text)}
    plain = {_root(word) for word in words if len(word) > 3 and word not in STOP_WORDS and word not in _POLICY_NOISE}
    return frozenset(plain | ({"ask"} & words))


def _roots(line: str) -> set[str]:
    return {_root(word) for word in line.split()}


@lru_cache(maxsize=16384)
def _root(word: str) -> str:
    """A word without its ending, so that "reserve" meets "reservation" and "cancelled" meets "cancel"."""
    ending = next((ending for ending in _ENDINGS if word.endswith(ending) and len(word) - len(ending) > 3), "")
    root = word[: len(word) - len(ending)]
    return root[:-1] if root[-1:] == root[-2:-1] else root


def _disagrees(heard: Sequence[Entry]) -> bool:
    """Whether the customer's last turn stands against an earlier one, word against word or by ruling it out."""
    if len(heard) < 2:
        return False
    *before, now = heard
    if any(_is_opposed(earlier.line, now.line) for earlier in before):
        return True
    if not now.may_exclude:
        return False
    said = _content(now)
    return any(not said.isdisjoint(_content(earlier)) for earlier in before)


def _content(entry: Entry) -> set[str]:
    return {word for word in entry.line.split() if len(word) > 3 and word not in STOP_WORDS}


def _is_opposed(earlier: str, later: str) -> bool:
    return any(
        (f" {left} " in earlier and f" {right} " in later) or (f" {right} " in earlier and f" {left} " in later)
        for left, right in _OPPOSED
    )
