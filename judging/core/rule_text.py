"""A rule's text as sentences, and a sentence as what it demands with the conditions around it. General English only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from judging.core.sentences import SentenceSplitter
from judging.core.verbs import gerund_base, is_verb

_MARKS = re.compile(r"\*\*|__|(?<!\w)[*_](?=\w)|(?<=\w)[*](?!\w)")
_BULLET = re.compile(r"^\s*(?:[-*•–—]|\(?(?:\d{1,2}|[a-z])[.)])\s+(?=\S)")
_HEADING = re.compile(
    r"^(?!(?:if|when|before|after|unless|never|do not|always|say|tell|ask|avoid|only|no)\b)"
    r"[A-Z][\w&/'’-]*(?: [\w&/'’-]+){0,4}:\s+(?=\S)",
    re.I,
)
_ASIDE = re.compile(r"\s*\([^()]*\)")
_WHY = re.compile(
    r"(?:,\s*|\s+)(?:because|so that|so the|so they|in order that|since (?:it|this|they|we)|as (?:it|this|they|"
    r"we|the)\b"
    r"(?! (?:soon|long|well))|which (?:is|are|can|may|would)|even (?:if|when|though)|no matter|regardless|instead of|"
    r"rather than|to avoid|this (?:includes|applies))\b.*$",
    re.I,
)
_CONNECTOR = (
    r"if and only if|only if|only when|only once|only after|only with|only on|if|when|whenever|once|as soon as|after|"
    r"following|before|prior to|unless|until|till|without|except (?:if|when|after|with|for)|in case|in the "
    r"event(?: that)?|"
    r"while|during|provided that|as long as|at the (?:very )?(?:start|beginning|end) of|upon"
)
_LEADING = re.compile(rf"^(?P<word>{_CONNECTOR})\b\s+", re.I)
_TRAILING = re.compile(rf"(?:,\s*|\s+)(?P<word>{_CONNECTOR})\b\s+", re.I)
# After these an "if" or "when" begins a question, not a condition ("ask when they want to leave").
_QUESTION = re.compile(
    r"\b(?:ask|check|confirm|verify|see|know|find out|determine|tell|explain|say|decide|clarify|establish|inform|sure|"
    r"disclose|reveal|asking|checking|verifying|knowing|telling|of|about|on|or|and)"
    r"(?:\s+(?:the|a|an|any|them|him|her|callers?|customers?|users?|clients?|with|first|whether|which)){0,3}$",
    re.I,
)
_AMBIGUOUS_QUESTION = frozenset({"if", "when"})
_TIME_AFTER = re.compile(
    r"^(?:\d|noon|midnight|today|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
)
_MAIN = re.compile(
    r"^(?:then\s+|please\s+|always\s+|also\s+|first\s+|immediately\s+|only\s+|simply\s+|just\s+|politely\s+)*"
    r"(?:(?:do|does|must|should|may|can|shall|will)\b|never\b|don['’]t\b|cannot\b|can['’]t\b|avoid\b|refrain\b|be\b|"
    r"(?:the |an? |our |your )?(?:\w+ )?(?:agents?|assistants?|bots?|you|we|representatives?|customers?|"
    r"callers?|users?)\b|"
    r"no\b|make sure\b|there\b|it\b|(?P<verb>[a-z-]+)\b)",
    re.I,
)
_SINGLE = re.compile(r"(?<!\w)'(?=\S)|(?<=\S)'(?!\w)")
# "..., and you must ..." begins a demand of its own.
_PARTS = re.compile(
    r"\s*;\s+|,?\s+(?:and|but)\s+(?=(?:(?:you|the (?:agent|assistant)|agents)\s+(?:must|should|may|can|cannot|"
    r"shall|do)\b|"
    r"(?:if|when|whenever) (?:you|the|a|an|they|it)\b|never\b|always\b|do not\b|don['’]t\b))",
    re.I,
)
_PURPOSE = re.compile(
    r"^(?:to|in order to) (?!me\b|the\b)[a-z]+\b(?:[^,:]{0,60},\s*(?=\S)|[^,:]{0,60}?\s+(?=(?:you|the agent) "
    r"(?:should|must|have to)\b))",
    re.I,
)
_PLAIN_LEFT = re.compile(r"^(?:instead|rather)\b|\binstead$", re.I)


@dataclass(frozen=True, slots=True)
class Condition:
    """``word`` is the connector in lower case ("only if"), ``text`` what it introduces."""

    word: str
    text: str


@dataclass(frozen=True, slots=True)
class Demand:
    """One sentence without its conditions."""

    main: str
    conditions: tuple[Condition, ...]
    sentence: str


def rule_sentences(text: str) -> list[str]:
    """The sentences of a rule, without list marks, emphasis and the heading in front."""
    found: list[str] = []
    for line in text.splitlines():
        plain = without_heading(_BULLET.sub("", _MARKS.sub("", line)).strip())
        splitter = SentenceSplitter()
        for sentence in [*splitter.feed(f"{plain} "), splitter.flush()]:
            if found and sentence and _is_quote_open(found[-1]):
                found[-1] = f"{found[-1]} {sentence}"
            elif sentence:
                found.extend(part for part in _PARTS.split(" ".join(sentence.split())) if part)
    return found


def _is_quote_open(text: str) -> bool:
    """Whether a sentence ends within a quotation, which is no end."""
    return text.count('"') % 2 == 1 or text.count("“") > text.count("”") or len(_SINGLE.findall(text)) % 2 == 1


def without_heading(line: str) -> str:
    """ "Refunds: Never promise one." -> "Never promise one." Twice at most; "Before pay: ..." stays."""
    for _ in range(2):
        line = _HEADING.sub("", line, count=1)
    return line


def is_alternative(sentence: str) -> bool:
    """Whether a sentence only says what to do in place of what was forbidden before it."""
    return _PLAIN_LEFT.search(sentence.rstrip(".!")) is not None


def read_demand(sentence: str) -> Demand:
    """Take the conditions off a sentence, the leading ones first, reasons and asides left out."""
    main = _WHY.sub("", _ASIDE.sub("", sentence).strip().rstrip(".!?;, ").strip())
    main = _PURPOSE.sub("", main)
    conditions: list[Condition] = []
    for _ in range(3):
        taken = _leading(main)
        if taken is None:
            break
        conditions.append(taken[0])
        main = taken[1]
    main, trailing = _trailing(main)
    return Demand(main.strip(" ,"), (*conditions, *trailing), sentence)


def _leading(text: str) -> tuple[Condition, str] | None:
    found = _LEADING.match(text)
    if found is None:
        return None
    for comma in re.finditer(r",\s*|\s+then\s+|:\s+", text):
        rest = text[comma.end() :]
        if comma.start() > found.end() and _is_main(rest):
            rest = re.sub(r"^(?:then|please)\s+", "", rest, flags=re.I)
            return Condition(_word(found), text[found.end() : comma.start()].strip()), rest
    return None


def _is_main(text: str) -> bool:
    found = _MAIN.match(text)
    if found is None:
        return False
    verb = found["verb"]
    return verb is None or is_verb(verb.lower()) or " must " in text or " should " in text


def _trailing(main: str) -> tuple[str, list[Condition]]:
    """Split at the first connector that begins a condition, and so on from there."""
    starts = [found for found in _TRAILING.finditer(main) if _begins_condition(main, found)]
    if not starts:
        return main, []
    ends = [*(found.start() for found in starts[1:]), len(main)]
    conditions = [
        Condition(_word(found), main[found.end() : end].strip(" ,")) for found, end in zip(starts, ends, strict=True)
    ]
    return main[: starts[0].start()], [condition for condition in conditions if condition.text]


def _begins_condition(main: str, found: re.Match[str]) -> bool:
    before, after, word = main[: found.start()].rstrip(" ,"), main[found.end() :], _word(found)
    if not after or not before:
        return False
    if word in _AMBIGUOUS_QUESTION and _QUESTION.search(before):
        return False
    if word in ("before", "after", "until", "till") and _TIME_AFTER.match(after.lower()):
        return False
    # "without jargon" says how; "without asking" and "without consent" are conditions.
    return word != "without" or _is_deed(after)


_CONSENT = re.compile(
    r"\b(?:permission|consent|approval|authori[sz]ation|confirmation|agreement|request|yes|verification|"
    r"identification|authentication|asking|being asked)\b",
    re.I,
)


def _is_deed(text: str) -> bool:
    words = text.lower().split()
    first = next((word for word in words if word not in ("first", "explicitly", "ever")), "")
    return bool(gerund_base(first.strip(",."))) or _CONSENT.search(text) is not None


def _word(found: re.Match[str]) -> str:
    return " ".join(found["word"].lower().split())


def words_of(text: str) -> Iterator[str]:
    """The words of a text in lower case, without marks at their ends."""
    return (word.strip(".,;:!?\"'“”()").lower() for word in text.split())
