"""Draft policies from an agent's own system prompt, by rules: what it orders, forbids and limits, line by line.

Kept are imperatives and limits with their conditions; left out are who the agent is, how it should sound or write, what
it can do, what its business is, and examples. Each policy names the line it comes from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from judging.core.compiled import Act, Kind, Tool
from judging.core.compiling import compile_policy
from judging.core.prompt_lines import PromptSentence, prompt_sentences
from judging.core.rule_modes import read_deed
from judging.core.rule_text import Demand, read_demand
from judging.core.text import content_stems
from judging.core.types import Json, Scope, Severity
from judging.core.verbs import third_base

MAX_POLICIES = 200
MAX_PROMPT_CHARS = 200_000


@dataclass(frozen=True, slots=True)
class DerivedPolicy:
    """A draft policy. ``line`` counts from 1, ``source`` is that line exactly; ``also_lines`` say the same again."""

    text: str
    line: int
    source: str
    severity: Severity = Severity.HIGH
    scope: Scope = Scope.BOTH
    kind: Kind = Kind.UNREADABLE
    heading: str = ""
    also_lines: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Json]:
        return {
            "text": self.text,
            "severity": self.severity.value,
            "scope": self.scope.value,
            "kind": self.kind.value,
            "line": self.line,
            "source": self.source,
            "heading": self.heading,
            "also_lines": list(self.also_lines),
        }


def derive_policies(prompt: str) -> tuple[DerivedPolicy, ...]:
    """Derive policies by rules, in the order of the prompt; at most 200, each rule once."""
    found = [derived(sentence) for sentence in prompt_sentences(prompt[:MAX_PROMPT_CHARS]) if is_rule(sentence.text)]
    return merged(found)[:MAX_POLICIES]


def derived(sentence: PromptSentence) -> DerivedPolicy:
    text = with_context(sentence.text, sentence.heading)
    return described(DerivedPolicy(text, sentence.line, sentence.source, heading=sentence.heading))


def described(policy: DerivedPolicy) -> DerivedPolicy:
    """A policy with the severity, scope and kind that its words suggest."""
    return replace(
        policy, severity=severity_of(policy.text), scope=scope_of(policy.text), kind=compile_policy(policy.text).kind
    )


# --- what is a rule -----------------------------------------------------------------------------------------------

_STRONG = re.compile(
    r"\b(?:never|must|mustn['’]t|always|shall|shan['’]t|do not|don['’]t|does not need|cannot|can['’]t|can not|"
    r"should|shouldn['’]t|"
    r"may not|may only|can only|could only|only (?:if|when|after|once|be|with)|not (?:be )?(?:allowed|permitted|"
    r"authori[sz]ed)|"
    r"forbidden|prohibited|off[- ]limits|required|mandatory|have to|has to|ought to|make sure|be sure|"
    r"ensure|avoid|"
    r"refrain|under no circumstances|at no time|on no account|at most|at least|no more than|unless|not to exceed|"
    r"(?:is|are) to be|strictly)\b",
    re.I,
)
_LIMITS = re.compile(
    r"\bnothing else\b|\bno other\b|\bbut (?:not|never)\b|\b(?:maximum|minimum)\b|\b(?:can|may) be \w+ (?:only "
    r")?(?:if|after|once)\b|"
    r"\b(?:customers?|callers?|users?|clients?|guests?|they) needs? to\b(?!.*\?)",
    re.I,
)
_FREES = re.compile(r"\b(?:no need|need not|(?:do|does)(?: not|n['’]t) (?:need|have) to|follow these steps)\b", re.I)
_CONDITION = re.compile(r"\b(?:if|when|whenever|once|in case)\b[^,.;]*", re.I)
_PERSONA = re.compile(
    r"^(?:thank(?:s| you)\b|you (?:are|['’]re)\b(?!\s+(?:not|never|only|required|expected|to|allowed|forbidden|"
    r"prohibited|responsible))|"
    r"you['’]re\b(?!\s+(?:not|never|only))|your (?:name|personality|character|role|persona|goal|mission|voice|"
    r"tone|style|background|accent|favou?rite)\b|act (?:as|like)\b|pretend\b|imagine\b|play the (?:role|part)\b|"
    r"as an? [\w -]+ (?:agent|"
    r"assistant),? you can\b|(?:speak|talk|sound|behave) like\b|welcome to\b|i am\b|we are\b|(?:he|she|the "
    r"agent) (?:grew|was born|loves|"
    r"enjoys|lives|is called)\b)",
    re.I,
)
_FORMAT = re.compile(
    r"\b(?:markdown|bullet(?:s| points?| lists?)|numbered lists?|emojis?|emoticons?|json|xml|yaml|html|ssml|"
    r"tokens?|headings?|"
    r"paragraphs?|asterisks?|hashtags?|exclamation marks?|capital letters|all caps|italics|bold (?:text|type|"
    r"face)|punctuation|"
    r"plain text|code blocks?|output format|response format|(?:short|brief|long|full|complete|simple|one|two|"
    r"three|\d+)[ -]+"
    r"(?:or \w+ )?sentences?|word limit|under \d+ words|\d+ words|pronounce|spell out (?:numbers|digits|"
    r"abbreviations)|contractions|"
    r"filler words?|small talk|sense of humou?r|jokes?|puns?|witty|playful|tone|accent|cadence|intonation|"
    r"conversational(?:ly)?|"
    r"stay in character|in character|break character|first person|third person|speak (?:slowly|clearly|"
    r"naturally|quickly)|"
    r"concise(?:ly)?|succinct(?:ly)?|verbose|upbeat|cheerful|warm(?:ly)?|enthusias\w+|friendly|natural(?:ly)?|"
    r"response (?:should|must) be (?:short|brief)|answers? (?:short|brief)|responses? (?:short|brief)|replies "
    r"(?:short|brief))\b",
    re.I,
)
_FACT = re.compile(
    r"\b(?:will (?:not |no longer |then |also )?(?:be|have|go|receive|take|change)|won['’]t be|can help|can "
    r"assist|you can|you may\b(?! (?:not|"
    r"only))|is able to|are able to|feel free|don['’]t hesitate|do not hesitate|for example|e\.g\.|for instance|"
    r"such as when)\b",
    re.I,
)
_AGENT_OBLIGED = re.compile(
    r"\b(?:you|the agent|agents?|assistant|we)\s+(?:also |always |first |then )?(?:must|should|shall|have to|"
    r"has to|needs? to|cannot|"
    r"can['’]t|may not|can only|may only|are (?:not )?(?:allowed|required|to))\b|^(?:never|always|do not|"
    r"don['’]t|only|avoid|make sure|ensure)\b",
    re.I,
)
_QUESTION = re.compile(r"\?[\"”’']?$")
_NO_DEMAND = re.compile(
    r"\b(?:times|dates|prices|amounts|hours|currency|currencies) (?:is|are)\b|^(?:the )?current (?:time|date)\b|"
    r"^today\b|^note that\b(?!.*\b(?:must|"
    r"never|do not)\b)|\b(?:can|may) (?:also )?(?:help|assist|look up|answer|use the following)\b|^(?:the "
    r")?(?:following|below)\b",
    re.I,
)
# Bare orders that say something about a call: what to ask, tell, check, offer, hand over.
_ORDERS = frozenset(
    """
    ask tell inform confirm verify check offer transfer escalate collect obtain request authenticate identify read
    repeat explain mention remind warn notify advise apologise apologize greet refuse decline deny refund cancel
    charge call use provide give send schedule book hand direct refer route document log record update apply
    calculate list state thank stop end hang wait stay stick limit follow redirect recommend suggest disclose
    """.split()
)


def is_rule(text: str) -> bool:
    """Whether a sentence of a prompt orders, forbids or limits something."""
    text = re.sub(r"^(?:important|note|remember|warning|critical|reminder)\s*[:!-]\s*", "", text.strip(), flags=re.I)
    if len(text.split()) < 2 or _QUESTION.search(text) or _PERSONA.match(text) or _FORMAT.search(_unquoted(text)):
        return False
    bare = _unquoted(text)
    if _FREES.search(bare):
        return False
    if _AGENT_OBLIGED.search(bare) or _LIMITS.search(_CONDITION.sub("", bare)):
        return True
    if _FACT.search(bare) or _NO_DEMAND.search(bare):
        return False
    return _STRONG.search(bare) is not None or _is_order(text)


def _unquoted(text: str) -> str:
    return re.sub(r"\"[^\"]*\"|“[^”]*”", " ", text)


def _is_order(text: str) -> bool:
    demand = read_demand(text)
    deed = read_deed(demand.main)
    if deed is None or text.rstrip().endswith(":"):
        return False
    words = deed.phrase.lower().split()
    verb = next((word for word in words if not word.endswith("ly")), "")
    has_more = len(words) > 1 or bool(demand.conditions)
    return verb in _ORDERS and has_more and (_starts_with_order(demand) or bool(demand.conditions))


def _starts_with_order(demand: Demand) -> bool:
    first = demand.main.split(" ", 1)[0]
    return first[:1].isupper() or (third_base(first.lower()) == "" and first.lower() in _ORDERS)


# --- a rule on its own ----------------------------------------------------------------------------------------------

_POINTING = re.compile(
    r"\b(?:this|that|these|those|such|the|its?) (?:action|actions|step|steps|process|request|requests|status|"
    r"call|tool|order)\b|"
    r"^(?:it|they|this|these|those|otherwise|then)\b|\bother reasons\b|\bdo so\b|\b(?:its|it)\b",
    re.I,
)


def with_context(text: str, heading: str) -> str:
    """A rule that points at its section ("before taking this action") with the heading in front."""
    text = text.strip()
    text = f"{text[:1].upper()}{text[1:]}"
    text = text if text.endswith((".", "!", "?", '"', "”")) else f"{text}."
    return f"{heading}: {text}" if heading and _POINTING.search(text) else text


_GRAVE = re.compile(
    r"\b(?:identity|authenticat\w+|verif\w+|consent|password|passcode|pin|card numbers?|cvv|social security|"
    r"bank (?:account|details)|"
    r"personal (?:data|information|details)|account (?:details|numbers?)|confidential|privacy|medical|"
    r"diagnos\w+|legal advice|emergency|suicid\w+|"
    r"self-harm|minors?|refund\w*|charge\w*|payments?|compensat\w+|irreversible|delete\w*|database)\b",
    re.I,
)
_FLAT = re.compile(
    r"\b(?:never|must not|do not|don['’]t|cannot|under no circumstances|not allowed|forbidden|prohibited|must|"
    r"always)\b",
    re.I,
)


def severity_of(text: str) -> Severity:
    """What to suggest: a flat rule about money, identity or harm is critical, any flat rule high, a "should" medium."""
    is_flat = _FLAT.search(text) is not None
    if compile_policy(text).kind is Kind.UNREADABLE and not is_flat:
        return Severity.LOW
    if is_flat:
        return Severity.CRITICAL if _GRAVE.search(text) else Severity.HIGH
    return Severity.HIGH if _GRAVE.search(text) else Severity.MEDIUM


_SPOKEN = frozenset(
    """
    say tell mention ask quote promise state discuss talk read explain apologise apologize offer suggest propose
    recommend inform warn advise remind repeat deny guarantee claim name reveal disclose comment refer speak greet
    thank blame insult swear be speculate guess lie argue use
    """.split()
)


def scope_of(text: str) -> Scope:
    """Tools for a rule whose trigger is a tool call, speech for acts done in words alone, else both."""
    parts = [part for clause in compile_policy(text).clauses for part in clause.when]
    deeds = [part for part in parts if isinstance(part, Act) and not part.is_customers]
    if any(isinstance(part, Tool) for part in parts):
        return Scope.TOOLS if not deeds else Scope.BOTH
    verbs = {third_base(word.strip(".").lower()) for deed in deeds for word in deed.text.split()[2:3]}
    return Scope.SPEECH if deeds and verbs <= _SPOKEN else Scope.BOTH


# --- one rule once --------------------------------------------------------------------------------------------------

_DENIED = re.compile(r"\b(?:never|not|cannot|no|avoid|\w+n['’]t)\b", re.I)
_ALIKE = 0.75  # shared content words over all: "do not promise refunds" and "never promise a refund to anyone"
_NOISE = frozenset(
    "never always must should not do don't cannot agent you user customer caller any also please make sure".split()
)


def merged(policies: Sequence[DerivedPolicy]) -> tuple[DerivedPolicy, ...]:
    """Each rule once: what says the same as an earlier one adds its line to that."""
    kept: list[DerivedPolicy] = []
    words: list[tuple[frozenset[str], bool]] = []
    for policy in policies:
        own = frozenset(content_stems(policy.text)) - _NOISE, _DENIED.search(policy.text) is not None
        at = next((at for at, other in enumerate(words) if _is_same(own, other)), None)
        if at is None:
            kept.append(policy)
            words.append(own)
        elif policy.line != kept[at].line:
            kept[at] = replace(kept[at], also_lines=tuple(sorted({*kept[at].also_lines, policy.line})))
    return tuple(kept)


def _is_same(left: tuple[frozenset[str], bool], right: tuple[frozenset[str], bool]) -> bool:
    if left[1] != right[1]:
        return False
    union = left[0] | right[0]
    return bool(union) and len(left[0] & right[0]) >= _ALIKE * len(union) and len(left[0] ^ right[0]) <= 2
