"""Policies of if-then form compiled into rules that tier 0 can check with certainty.

Only what is certain is compiled; every other policy is left to tiers 1 and 2. Compiled sets are cached: one set serves
every turn of every call that uses the revision.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from judging.core.types import Mode, Policy


class RuleKind(StrEnum):
    READ_BACK = "read_back"  # read the details back and get a yes before a tool
    NEVER_PROMISE = "never_promise"  # an act the agent must not promise or claim


@dataclass(frozen=True, slots=True)
class Rule:
    """One compiled policy. ``tools`` are lower-case tool names without separators; empty means every gated tool.

    ``subject`` matches the forbidden act in speech.
    """

    kind: RuleKind
    policy_index: int
    tools: frozenset[str] = frozenset()
    subject: re.Pattern[str] | None = None


_READ_BACK = re.compile(
    r"\b(?:read(?:s|ing)?\b.{0,40}\bback|repeat(?:s|ing)?\b.{0,40}\b(?:back|details|order)|list the\b.{0,20}\bdetails?|"
    r"confirm(?:s|ing|ed|ation)?\b|get (?:a|an|the)?\s?(?:explicit )?yes|explicit (?:user |customer )?(?:confirmation|consent))",
    re.I,
)
_BEFORE_TOOL = re.compile(
    r"\b(?:before|prior to|until)\b.{0,30}?\b(?:call|calling|calls|using|use|invoking|invoke|running|run)\s+(?:the\s+)?"
    r"[`'\"]?(?P<tool>[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)*)|"
    r"\b(?:call|calling|use|using|invoke|run)\s+(?:the\s+)?[`'\"]?(?P<tool2>[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)*)"
    r"[`'\"]?\s+(?:tool\s+)?(?:before|until|without)\b|"
    r"\b(?:before|prior to)\s+[`'\"]?(?P<tool3>[A-Za-z]+(?:_[A-Za-z0-9]+)+)",
    re.I,
)
_NEVER = re.compile(r"^\W*(?:the agent |you |agents? )?(?:must |should |may |can |do |does )?(?:never|not|don't|cannot)\b", re.I)
_PROMISE = re.compile(
    r"\b(?:promis\w+|guarantee\w*|offer\w*|issue\w*|grant\w*|give\w*|approve\w*)\s+(?:out\s+)?(?:any\s+|a\s+|an\s+|the\s+)?"
    r"(?:customers?\s+|callers?\s+)?(?:any\s+|a\s+|an\s+|full\s+|partial\s+)*(?P<what>refund|discount|compensation|credit|"
    r"upgrade|voucher|replacement|waiver|free \w+)s?\b",
    re.I,
)
_PROMISE_SPEECH = (
    r"\b(?:i|we)(?:'ll| will| can| have|'ve|'m going to| am going to|'re going to)\b(?!\s+(?:not|see|check|ask|look))"
    r"(?:\s+\w+){{0,4}}?\s+(?:an? |the |your |you |full |partial |\w+ ){{0,4}}?{what}\w*|"
    r"\byou(?:'ll| will)\s+(?:\w+\s+){{0,2}}?(?:get|receive|have|be given|be)\b(?:\s+\w+){{0,4}}?\s+{what}\w*|"
    r"\byour {what}\w* (?:is|has been|was|will be)\s+(?:\w+\s+)?(?:approved|issued|processed|guaranteed|applied|on its way)"
)


def compact_name(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def resolve_ramp(policies: Sequence[Policy], call_key: str) -> tuple[Policy, ...]:
    """Settle each ramped policy for one call: enforced on its share of the calls, shadowed on the rest.

    The same call and policy give the same answer in every process.
    """
    return tuple(_resolved(policy, call_key) if policy.mode is Mode.RAMP else policy for policy in policies)


def _resolved(policy: Policy, call_key: str) -> Policy:
    digest = hashlib.sha256(f"{policy.id or policy.text}\0{call_key}".encode()).digest()
    share = int.from_bytes(digest[:8], "big") / 2**64
    return replace(policy, mode=Mode.ENFORCE if share < policy.ramp_share else Mode.SHADOW)


@lru_cache(maxsize=512)
def compile_policies(policies: tuple[Policy, ...]) -> tuple[Rule, ...]:
    found: list[Rule] = []
    for index, policy in enumerate(policies):
        rule = _read_back_rule(policy.text, index) or _promise_rule(policy.text, index)
        if rule is not None:
            found.append(rule)
    return tuple(found)


def _read_back_rule(text: str, index: int) -> Rule | None:
    tool = _BEFORE_TOOL.search(text)
    if tool is None or not _READ_BACK.search(text):
        return None
    name = tool["tool"] or tool["tool2"] or tool["tool3"]
    return Rule(RuleKind.READ_BACK, index, tools=frozenset({compact_name(name)}))


def _promise_rule(text: str, index: int) -> Rule | None:
    promise = _PROMISE.search(text)
    if promise is None or not _NEVER.search(text) or re.search(r"\b(?:unless|without|except|until|before|if)\b", text, re.I):
        return None
    subject = re.compile(_PROMISE_SPEECH.format(what=re.escape(promise["what"].lower())), re.I)
    return Rule(RuleKind.NEVER_PROMISE, index, subject=subject)
