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

from judging.core import speech
from judging.core.compiling import compile_policy
from judging.core.conditions import Condition, conditions_of
from judging.core.duties import Duty, duty_of
from judging.core.text import content_stems
from judging.core.tripwires import Matter, before_of, is_deed_of, matter_of
from judging.core.types import Mode, Policy


class RuleKind(StrEnum):
    READ_BACK = "read_back"  # read the details back and get a yes before a tool
    NEVER_PROMISE = "never_promise"  # an act the agent must not promise or claim
    NEVER_SAY = "never_say"  # a kind of thing the agent must not say or ask
    SAY_FIRST = "say_first"  # something the agent must have spoken of before a tool
    DUE_WITHIN = "due_within"  # something the agent must have said by a certain point of the call
    REQUIRED_STATE = "required_state"  # what must hold before a tool, as the record of the call shows it
    HAND_OVER = "hand_over"  # a matter that people settle, not the agent


@dataclass(frozen=True, slots=True)
class Rule:
    """One compiled policy.

    ``tools`` are lower-case tool names without separators, ``deed`` stems that the name of a tool must all have where
    the policy names none; ``words`` are the stems of what must be spoken of first.
    ``subject`` matches a forbidden promise, ``detector`` finds a forbidden kind of speech, allowed where
    ``is_unless_asked`` is set and the customer spoke of it.
    """

    kind: RuleKind
    policy_index: int
    tools: frozenset[str] = frozenset()
    deed: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    subject: re.Pattern[str] | None = None
    detector: speech.Detector | None = None
    is_unless_asked: bool = False
    conditions: tuple[Condition, ...] = ()
    duty: Duty | None = None
    matter: Matter | None = None

    def is_for(self, tool: str) -> bool:
        """Whether a tool is one that the rule speaks of."""
        return compact_name(tool) in self.tools or is_deed_of(tool, self.deed)


_READ_BACK = re.compile(
    r"\b(?:read(?:s|ing)?\b.{0,40}\bback|repeat(?:s|ing)?\b.{0,40}\b(?:back|details|order)|"
    r"list the\b.{0,20}\bdetails?|"
    r"confirm(?:s|ing|ed|ation)?\b|get (?:a|an|the)?\s?(?:explicit )?yes|explicit (?:user |"
    r"customer )?(?:confirmation|consent))",
    re.I,
)
_BEFORE_TOOL = re.compile(
    r"\b(?:before|prior to|until)\b.{0,30}?\b(?:call|calling|calls|using|use|invoking|invoke|running|"
    r"run)\s+(?:the\s+)?"
    r"[`'\"]?(?P<tool>[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)*)|"
    r"\b(?:call|calling|use|using|invoke|"
    r"run)\s+(?:the\s+)?[`'\"]?(?P<tool2>[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)*)"
    r"[`'\"]?\s+(?:tool\s+)?(?:before|until|without)\b|"
    r"\b(?:before|prior to)\s+[`'\"]?(?P<tool3>[A-Za-z]+(?:_[A-Za-z0-9]+)+)",
    re.I,
)
_NEVER = re.compile(
    r"^\W*(?:the agent |you |agents? |we )?(?:must |should |may |can |shall |do |does )?(?:never|not|don'?t|"
    r"cannot|can'?t)\b|"
    r"\b(?:must|should|may|can|shall) (?:not|never) be\b|\b(?:is|are) (?:not allowed|forbidden|prohibited)\b",
    re.I,
)
_EXCEPTION = re.compile(
    r"\b(?:unless|without|except|until|before|if|only|when|after|while|more than|less than|over|above)\b", re.I
)
_SAY_FIRST = re.compile(
    r"\b(?:offer|mention|explain|ask (?:for|about)|tell (?:the )?(?:customer|caller|them) about|"
    r"warn (?:\w+ )?about|state|"
    r"remind (?:\w+ ){0,2}(?:of|about))\s+(?P<what>[^.,;]+?)\s+(?:before|prior to)\b",
    re.I,
)
_FIRST_NOISE = frozenset("customer caller user always first free any option possibility".split())
_PROMISE = re.compile(
    r"\b(?:promis\w+|guarantee\w*|offer\w*|issue\w*|grant\w*|give\w*|approve\w*)\s+(?:out\s+)?(?:any\s+|"
    r"a\s+|an\s+|the\s+)?"
    r"(?:customers?\s+|callers?\s+)?(?:any\s+|a\s+|an\s+|full\s+|partial\s+)*(?P<what>refund|discount|"
    r"compensation|credit|"
    r"upgrade|voucher|replacement|waiver|free \w+)s?\b",
    re.I,
)
_PROMISE_SPEECH = (
    r"\b(?:i|we)(?:'ll| will| can| have|'ve|'m going to| am going to|'re going to)\b(?!\s+(?:not|see|check|ask|look))"
    r"(?:\s+\w+){{0,4}}?\s+(?:an? |the |your |you |full |partial |\w+ ){{0,4}}?{what}\w*|"
    r"\byou(?:'ll| will)\s+(?:\w+\s+){{0,2}}?(?:get|receive|have|be given|be)\b(?:\s+\w+){{0,4}}?\s+{what}\w*|"
    r"\byour {what}\w* (?:is|has been|was|will be)\s+(?:\w+\s+)?(?:approved|issued|processed|guaranteed|"
    r"applied|on its way)"
)
_SAYING = (
    r"\b(?:say|tell|give|state|mention|quote|read|share|disclose|reveal|speak|announce|discuss|provide|name|repeat)\w*"
    r"(?: out)?\b"
)
_ASKING = r"\b(?:ask|request|inquire|enquire)\w*\b"
_UNLESS_ASKED = re.compile(
    r",?\s*\bunless (?:the |a )?(?:customers?|callers?|users?|they) (?:asks?|requests?|wants?|mentions?)\b[^.]*", re.I
)
# What a rule forbids to say or ask, and how to hear it. The first that fits is taken.
_FORBIDDEN_SPEECH: tuple[tuple[re.Pattern[str], speech.Detector], ...] = (
    (re.compile(rf"{_ASKING}.*\b(?:date|day|when)\b", re.I), speech.asks_day),
    (re.compile(rf"{_ASKING}.*\b(?:cit(?:y|ies)|location|where|place|destination)\b", re.I), speech.asks_place),
    (re.compile(r"\b(?:phone|telephone|contact) numbers?\b", re.I), speech.phone),
    (re.compile(r"\be-?mail address(?:es)?\b", re.I), speech.email),
    (re.compile(r"\b(?:street|postal|home|mailing) address(?:es)?\b", re.I), speech.address),
    (re.compile(rf"{_SAYING}.*\b(?:ratings?|rated|reviews?)\b", re.I), speech.rating),
    (re.compile(rf"{_SAYING}.*\bhow many\b.*\b(?:options?|results?|matches|found|returned)\b", re.I), speech.count),
    (re.compile(rf"{_SAYING}.*\b(?:prices?|fares?|amounts? of money|costs?|rates?|fees?)\b", re.I), speech.money),
    (
        re.compile(
            r"\b(?:confirm|tell|say|claim)\b.*\b(?:completed?|went through|done|successful|was (?:booked|"
            r"made|placed))\b",
            re.I,
        ),
        speech.done,
    ),
    (
        re.compile(r"\b(?:suggest|offer|propose|upsell)\b.*\b(?:bookings?|purchases?|services?|products?)\b", re.I),
        speech.offer,
    ),
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
        rule = next((rule for compiled in _COMPILERS if (rule := compiled(policy.text, index)) is not None), None)
        if rule is not None:
            found.append(rule)
    return tuple(found)


def _say_first_rule(text: str, index: int) -> Rule | None:
    """ "If the customer asks to cancel, offer a pause before calling cancel_plan.": the pause must have come up."""
    tool, said = _BEFORE_TOOL.search(text), _SAY_FIRST.search(text)
    if tool is None or said is None or _NEVER.search(text):
        return None
    words = frozenset(content_stems(said["what"])) - _FIRST_NOISE
    name = tool["tool"] or tool["tool2"] or tool["tool3"]
    return Rule(RuleKind.SAY_FIRST, index, frozenset({compact_name(name)}), words=words) if words else None


def _read_back_rule(text: str, index: int) -> Rule | None:
    tool = _BEFORE_TOOL.search(text)
    if tool is None or not _READ_BACK.search(text):
        return None
    name = tool["tool"] or tool["tool2"] or tool["tool3"]
    return Rule(RuleKind.READ_BACK, index, tools=frozenset({compact_name(name)}))


def _promise_rule(text: str, index: int) -> Rule | None:
    promise = _PROMISE.search(text)
    if promise is None or not _NEVER.search(text) or _EXCEPTION.search(text):
        return None
    subject = re.compile(_PROMISE_SPEECH.format(what=re.escape(promise["what"].lower())), re.I)
    return Rule(RuleKind.NEVER_PROMISE, index, subject=subject)


def _never_say_rule(text: str, index: int) -> Rule | None:
    if not _NEVER.search(text):
        return None
    for pattern, detector in _FORBIDDEN_SPEECH:
        if pattern.search(text):
            rest, count = _UNLESS_ASKED.subn("", text)
            if count and detector is speech.offer and not _EXCEPTION.search(pattern.sub("", rest)):
                return Rule(RuleKind.NEVER_SAY, index, detector=detector, is_unless_asked=True)
            has_exception = _EXCEPTION.search(pattern.sub("", text)) is not None
            return None if has_exception else Rule(RuleKind.NEVER_SAY, index, detector=detector)
    return None


def _state_rule(text: str, index: int) -> Rule | None:
    tool, conditions = conditions_of(text)
    if not conditions:
        return None
    return Rule(RuleKind.REQUIRED_STATE, index, tools=frozenset({compact_name(tool)}), conditions=conditions)


def _duty_rule(text: str, index: int) -> Rule | None:
    duty = duty_of(text)
    return Rule(RuleKind.DUE_WITHIN, index, duty=duty) if duty is not None else None


def _tripwire(text: str, index: int) -> Rule | None:
    """What only the compiled form tells: the policy names no tool, or a matter that people settle."""
    clauses = compile_policy(text).clauses
    matter = matter_of(clauses)
    if matter is not None:
        return Rule(RuleKind.HAND_OVER, index, matter=matter)
    before = before_of(clauses)
    if before is None:
        return None
    return Rule(RuleKind.SAY_FIRST if before.words else RuleKind.READ_BACK, index, deed=before.deed, words=before.words)


_COMPILERS = (_duty_rule, _say_first_rule, _state_rule, _read_back_rule, _promise_rule, _never_say_rule, _tripwire)
