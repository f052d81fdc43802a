"""Tripwires of policies that name no tool: an act that something has to come before, and matters that people handle.

Both are read from a policy's compiled form. The three matters (refund, cancellation, payment dispute) are known by
their words; a policy that says nothing of them never turns them on. English only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from judging.core.arguments import name_words
from judging.core.compiled import Act, Clause, Kind, Known
from judging.core.grounding import is_akin
from judging.core.text import STOP_WORDS, content_stems, stem

_AGENT_ACT = re.compile(r"^The agent (?P<verb>\w+) (?P<rest>.+?)\.$")
_READING_BACK = re.compile(r"^The agent (?:reads?|repeats?|confirms?|verif(?:y|ies)|goes over|lists?|restates?)\b")
_SPEAKING_OF = re.compile(
    r"^The agent (?:offers?|mentions?|explains?|states?|asks? (?:the customer )?(?:for|about)|"
    r"(?:tells?|warns?|reminds?) the customer (?:about|of)) (?P<what>.+?)\.$"
)
_NOISE = frozenset("customer caller user always first free any option possibility agent".split())
_HANDING_OVER = re.compile(
    r"^The agent (?:transfers?|escalates?|connects?|hands?|passes|refers?|routes?|sends?|forwards?|directs?|puts?)\b.* "
    r"(?:to|through|with) "
)
_DOES = (
    r"\b(?:i|we)(?:['’]ll| will| can| have|['’]ve|['’]m going to| am going to|['’]re going to)\s+"
    r"(?:(?:just|now|already|gladly|happily|certainly|definitely|also|go ahead and|be happy to|be able to)\s+)*"
)
_IS_DONE = r"(?:is|are|has been|have been|was|will be)\s+(?:now |already |just )?"
_HANDED_OVER = re.compile(
    r"\b(?:transfer|connect|escalat|forward|rout|hand(?:ing)? (?:you |this |that |it )?over|put(?:ting)? you through|"
    r"pass(?:ing)? (?:you|this|that|it) (?:on|over|along)|colleague|supervisor|manager|specialist|human|representative|"
    r"department|team|someone|somebody)\w*",
    re.I,
)
_OPEN = re.compile(r"\b(?:if|once|when|unless|not|cannot)\b|n['’]t\b", re.I)
_SENTENCE = re.compile(r"[^.!?]+[.!?]*")


@dataclass(frozen=True, slots=True)
class Matter:
    """What customers ask for and a policy may keep for people. ``verbs`` begin the name of a tool that does it."""

    name: str
    in_policy: re.Pattern[str]
    asked: re.Pattern[str]
    settled: re.Pattern[str]
    verbs: frozenset[str]
    things: frozenset[str]


def _stems(words: str) -> frozenset[str]:
    return frozenset(map(stem, words.split()))


_REFUND = Matter(
    "a refund",
    re.compile(r"\b(?:refunds?|reimburse\w*|money back)\b", re.I),
    re.compile(r"\b(?:refund\w*|reimburse\w*|my money back|money returned)\b", re.I),
    re.compile(
        rf"{_DOES}(?:refund(?:ed)?|reimburse[d]?|(?:process|issue|give|send|start|initiate|arrange|approve|grant|make|"
        r"put through)(?:e?d)?\s+(?:\w+\s+){0,3}?refund)\b|"
        rf"\b(?:your|the|that) refund {_IS_DONE}(?:approved|issued|processed|on its way|confirmed)\b|"
        r"\byou(?:['’]ll| will) (?:get|receive) (?:\w+ ){0,3}?(?:refund|money back)\b",
        re.I,
    ),
    _stems("refund reimburse issue process give create make grant"),
    _stems("refund reimburse reimbursement"),
)
_CANCELLATION = Matter(
    "a cancellation",
    re.compile(r"\b(?:cancel\w*|terminat\w*)\b", re.I),
    re.compile(
        r"\b(?:cancel|terminate|end|close|stop) (?:it|this|that|my|the|our)\b|\b(?:want|like|need) to cancel\b|"
        r"\bcancellation\b|\bcancel,? please\b",
        re.I,
    ),
    re.compile(
        rf"{_DOES}(?:cancel+(?:ed)?|terminated?|end(?:ed)?|close[d]?) (?:it|this|that|your|the)\b|"
        rf"\b{_IS_DONE}(?:cancel+ed|terminated)\b",
        re.I,
    ),
    _stems("cancel terminate end close"),
    _stems("cancel cancellation subscription plan order booking account membership contract reservation"),
)
_DISPUTE = Matter(
    "a disputed charge",
    re.compile(r"\b(?:disput\w*|charge ?backs?|contest\w*|unauthori[sz]ed|fraud\w*)\b", re.I),
    re.compile(
        r"\b(?:disput\w*|charge ?back|fraud\w*|unauthori[sz]ed|(?:did not|didn['’]t|never) (?:ma[dk]e|authori[sz]ed?|"
        r"order(?:ed)?|b(?:uy|ought)|approved?) (?:that|this|it|any)|(?:charge|payment|transaction) "
        r"(?:that )?i (?:did not|didn['’]t|never|don['’]t)|charged (?:me )?(?:twice|double|wrongly|too much))\b",
        re.I,
    ),
    re.compile(
        rf"{_DOES}(?:credit|reverse|remove|waive|drop|refund|cancel|return)(?:l?ed|d)? (?:that|the|this|your|it|you)\b|"
        rf"\b(?:charge|payment|amount|transaction) {_IS_DONE}(?:reversed|removed|credited|waived|refunded|returned)\b",
        re.I,
    ),
    _stems("refund credit reverse remove waive issue process"),
    _stems("charge payment credit refund transaction fee"),
)
_MATTERS = (_DISPUTE, _REFUND, _CANCELLATION)


@dataclass(frozen=True, slots=True)
class Before:
    """``deed`` are stems that a tool's name must all have; ``words`` what must have come up, empty for a read-back."""

    deed: frozenset[str]
    words: frozenset[str]


def before_of(clauses: tuple[Clause, ...]) -> Before | None:
    """What must come before an act: "Never close an account without offering a pause." None where it is not certain."""
    if len(clauses) != 1 or clauses[0].kind is not Kind.REQUIRED_BEFORE:
        return None
    (clause,) = clauses
    if len(clause.when) != 1 or len(clause.unless) != 1 or not isinstance(clause.when[0], Act):
        return None
    done = _AGENT_ACT.match(clause.when[0].text)
    deed = frozenset(content_stems(f"{done['verb']} {done['rest']}")) - STOP_WORDS - _NOISE if done else frozenset()
    first = clause.unless[0]
    if len(deed) < 2:  # a verb alone fits too many tools
        return None
    if first is Known.DETAILS_CONFIRMED or (isinstance(first, Act) and _READING_BACK.match(first.text)):
        return Before(deed, frozenset())
    said = _SPEAKING_OF.match(first.text) if isinstance(first, Act) else None
    words = frozenset(content_stems(said["what"])) - _NOISE if said else frozenset()
    return Before(deed, words) if words else None


def is_deed_of(tool: str, deed: frozenset[str]) -> bool:
    """Whether a tool's name has every word of a deed: ``cancel_subscription`` for "cancels a subscription"."""
    own = [word for word in name_words(tool) if len(word) > 2]
    return bool(deed) and all(any(is_akin(word, other) for other in own) for word in deed)


def matter_of(clauses: tuple[Clause, ...]) -> Matter | None:
    """The matter that a policy wants handed over to people when a customer raises it."""
    for clause in clauses:
        if clause.kind is not Kind.REQUIRED_ACT or len(clause.unless) != 1 or len(clause.when) > 1:
            continue
        over, *_ = clause.unless
        raised = clause.when[0] if clause.when else over
        if not isinstance(over, Act) or not isinstance(raised, Act) or not _HANDING_OVER.match(over.text):
            continue
        if clause.when and not raised.is_customers:
            continue
        found = next((matter for matter in _MATTERS if matter.in_policy.search(raised.text)), None)
        if found is not None:
            return found
    return None


def settles(matter: Matter, text: str) -> str:
    """The words by which an agent settles the matter itself; "" where it does not, or only on a condition."""
    for sentence in _SENTENCE.findall(text):
        found = matter.settled.search(sentence)
        if found and not _OPEN.search(sentence) and not sentence.endswith("?"):
            return str(found.group()).strip()
    return ""


def is_tool_of(matter: Matter, tool: str) -> bool:
    """Whether a tool's name says that it settles the matter; one that looks something up does not."""
    first, *others = name_words(tool) or ("",)
    return first in matter.verbs and (first in matter.things or not matter.things.isdisjoint(others))


def is_handed_over(text: str) -> bool:
    """Whether an agent speaks of handing the customer over."""
    return _HANDED_OVER.search(text) is not None
