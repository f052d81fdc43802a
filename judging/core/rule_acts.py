"""What a rule says of the agent or the customer, as plain sentences to ask about: "The agent confirms a refund."."""

from __future__ import annotations

import re

from judging.core.compiled import act_problem
from judging.core.verbs import AMBIGUOUS, INTRANSITIVE, is_verb, third_person

_PEOPLE = r"(?:customers?|callers?|users?|clients?|consumers?)"
_OTHERS = r"(?:other|another|different|two|several|many|few|most|some|all other|any other)"
# One person on the other end, whatever the rule calls them.
_CUSTOMER = re.compile(
    rf"(?<!other )(?<!another )(?<!different )\b(?:(?:the|an?|any|every|each|all|our|your)\s+{_PEOPLE}|"
    r"(?:customers|callers|users|clients|consumers))\b(?!['’]|\s+(?:id|ids|name|names|account|accounts|service|data|"
    r"information|identity|profile|request|requests|record|records)\b)",
    re.I,
)
_CUSTOMERS = re.compile(
    r"(?<!other )(?<!another )\b(?:(?:the|an?|any|every|each|our|your)\s+)?(?:customer|caller|user|client|consumer)"
    r"(?:['’]s|s['’])",
    re.I,
)
_SWAPS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.I), text)
    for pattern, text in (
        (r"\b(is|are|as|be) the customer$", r"\1 a customer"),
        (r"\s+(?:yourself|yourselves)$", ""),
        (r"\byourself\b", "itself"),
        (r"\bany\b(?! (?:of|more)\b)", "some"),
        (r"\byour\b", "its"),
        (r"\byou(?: are|['’]re)\b", "the agent is"),
        (r"\byou(?: have|['’]ve)\b", "the agent has"),
        (r"\byou(?: will|['’]ll)\b", "the agent will"),
        (r"\byou\b", "the agent"),
        (r"\b(?:our|my)\b", "the company's"),
        (r"\b(?:us|we)\b", "the company"),
    )
)
# Says how sure or how often, not what is done.
_EMPTY = re.compile(
    r"(?:,\s*)?\b(?:under any circumstances?|in any circumstances?|at any (?:time|point)|in any way|whatsoever|at all|"
    r"for any reason|please|to proceed|(?:during|in|on|within|throughout) (?:the|a|any|every|each|this) "
    r"(?:call|conversation|interaction)|by yourself|on your own|ever|anyone)\b(?=\s*(?:,|$))",
    re.I,
)
_ADVERBS = frozenset("also ever just simply even first then always only again still actually therefore".split())
_JOINT = re.compile(r",?\s+(?:and\s+)?then\s+|,\s*(?:or|and|nor)\s+|\s+(?:or|and|nor)\s+|,\s*", re.I)
_OBJECT_START = frozenset(
    "the a an any all their his her its your our my this that these those it them him us someone anyone others other "
    "every each to for about with on of in at off out up back down over personal information what how who where when "
    "whether customers callers users customer caller user anything everything something".split()
)
_PARTICLES = frozenset("out up back off down over on away about to for with in into".split())
_LONGEST = 45  # words


def lowered(text: str) -> str:
    """A sentence's first word within a sentence: "Card numbers" -> "card numbers"; "ID", "iPhone" and "John's" stay."""
    first = text.split(" ", 1)[0]
    is_plain = first[:1].isupper() and first[1:].islower() and first[1:].isalpha()
    return text[:1].lower() + text[1:] if is_plain or first in ("A", "I") else text


_QUOTED = re.compile(r"(\"[^\"]*\"|“[^”]*”|(?<!\w)'[^']{6,}'(?!\w))")


def tidy(text: str) -> str:
    """Third persons for first and second ones, one name for whoever calls, no marks at the ends; quotations stay."""
    pieces = _QUOTED.split(text)
    tidied = [piece if at % 2 else _tidied(piece) for at, piece in enumerate(pieces)]
    return " ".join(" ".join(tidied).split()) if len(pieces) > 1 else tidied[0].strip(" ,.;:!?\"'“”")


def _tidied(text: str) -> str:
    text = _CUSTOMERS.sub("the customer's", _EMPTY.sub("", text))
    text = _CUSTOMER.sub("the customer", text)
    for pattern, swap in _SWAPS:
        text = pattern.sub(swap, text)
    return " ".join(text.split())


# What goes on in an agent's head shows in no turn, and a second sentence within one is no act.
_UNSEEN = re.compile(
    r"^The agent (?:\w+ly )?(?:knows|understands|remembers|thinks|believes|considers|is (?:sure|aware|certain|"
    r"careful|cautious|"
    r"able|mindful|familiar)|does so|feels|trusts|realises|realizes)\b|"
    r" (?:and|but|,) (?:[\w']+ ){1,4}(?:is|are|must|should|cannot|will|can) "
    r"|^The agent (?:\w+ly )?\w+(?: (?:up|out|back))? (?:these|those|this|that|it|so|them)\.$",
    re.I,
)


def act(subject: str, verb: str, rest: str) -> str:
    """One act as a sentence; "" where it would not be one."""
    adverbs, verb = _without_adverbs(verb)
    head = " ".join([*adverbs, third_person(verb)])
    text = f"The {subject} {head} {tidy(rest)}".rstrip() + "."
    is_none = act_problem(text) or _UNSEEN.search(text) or len(text.split()) > _LONGEST
    return "" if is_none else text


def _without_adverbs(phrase: str) -> tuple[list[str], str]:
    *adverbs, verb = phrase.split()
    return [adverb for adverb in adverbs if adverb not in _ADVERBS], verb


def acts(subject: str, phrase: str) -> tuple[list[str], str]:
    """A verb phrase in base form as acts, one per verb, and the word that joins them ("or" unless all are joined by
    "and"); no acts where it does not begin with a verb. "read out or confirm card numbers" are two with one object."""
    segments, joint = split_verbs(phrase)
    if not segments:
        return [], joint
    found: list[str] = []
    for at, (verb, rest) in enumerate(segments):
        is_whole = _has_object(rest) or verb.split()[-1] in INTRANSITIVE
        whole = rest if is_whole else f"{rest} {_borrowed(segments, at)}".strip()
        found.append(act(subject, verb, whole))
    return ([] if "" in found else list(dict.fromkeys(found))), joint


def _has_object(rest: str) -> bool:
    return bool(rest) and any(word.lower() not in _PARTICLES for word in rest.split())


def _borrowed(segments: list[tuple[str, str]], at: int) -> str:
    """The object of the next verb that has one, without that verb's own particle."""
    for _, rest in segments[at + 1 :]:
        if _has_object(rest):
            words = rest.split()
            while words and words[0].lower() in ("out", "up", "back", "off", "down", "over", "on"):
                words.pop(0)
            return " ".join(words)
    return ""


def split_verbs(phrase: str) -> tuple[list[tuple[str, str]], str]:
    """ "suggest or offer a discount" -> [("suggest", ""), ("offer", "a discount")], "or"."""
    first = _verb_at(phrase, is_first=True)
    if first is None:
        return [], ""
    pieces: list[tuple[str, str]] = []
    joints: list[str] = []
    (verb, start), at = first, 0
    for found in _JOINT.finditer(phrase):
        if found.start() < max(at, start):
            continue
        # "return or exchange goods": after a verb without an object of its own there can only be another verb.
        is_bare = not _has_object(phrase[start : found.start()].strip())
        following = _verb_at(phrase[found.end() :], is_first=is_bare and _goes_further(phrase[found.end() :]))
        if following is None:
            continue
        pieces.append((verb, phrase[start : found.start()].strip()))
        joints.append(found.group().strip(" ,").lower())
        verb, start = following[0], found.end() + following[1]
        at = found.end()
    pieces.append((verb, phrase[start:].strip()))
    words = {"and" if "then" in joint else joint for joint in joints if joint}
    return pieces, "and" if words == {"and"} else "or"


def _goes_further(text: str) -> bool:
    return re.match(r"[\w-]+\s+(?!(?:or|and|nor)\b)\w", text) is not None


def _verb_at(text: str, *, is_first: bool) -> tuple[str, int] | None:
    """The verb with its adverbs that a text begins with, and where what follows it begins."""
    found = re.match(
        r"(?:to\s+)?(?P<adverbs>(?:(?!(?:ap|re|sup|com)p?ly\b|rely\b)[a-z]+ly\s+|also\s+|ever\s+|just\s+|simply\s+|even\s+|first\s+|then\s+)*)"
        r"(?P<verb>[a-z][a-z-]*)(?![\w'’])",
        text,
        re.I,
    )
    if found is None or not is_verb(found["verb"].lower()):
        return None
    verb, rest = found["verb"].lower(), text[found.end() :].lstrip()
    following = re.match(r"[\w'’]+", rest)
    word = following.group().lower() if following else ""
    if not is_first and verb in AMBIGUOUS and word not in _OBJECT_START and not word.isdecimal():
        return None
    phrase = f"{found['adverbs']}{verb}".lower()
    return " ".join(phrase.split()), found.end()
