"""What a sentence does with its deed: forbids it, asks for it, allows it only so. General English only."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from judging.core.rule_acts import lowered, split_verbs
from judging.core.rule_conditions import AGENT_WORDS, CUSTOMER_WORDS
from judging.core.verbs import AMBIGUOUS, gerund_base, participle_base, third_base


class Mode(Enum):
    FORBID = "forbid"
    REQUIRE = "require"
    ONLY = "only"  # allowed under the sentence's conditions alone
    CUSTOMER = "customer"  # something the customer has to do


@dataclass(frozen=True, slots=True)
class Deed:
    """``phrase`` is a verb phrase in base form ("promise a refund"); ``topic`` names a topic that is forbidden."""

    mode: Mode
    phrase: str
    topic: str = ""


_ADVERB = (
    r"(?:(?:also|please|then|always|ever|simply|just|first|even|absolutely|strictly|instead|therefore|however|"
    r"generally|in general|as a rule|in all cases|at all times|importantly|under any circumstances|knowingly),?\s+)*"
)
_FORBIDDING_START = (
    r"(?:under no circumstances?|in no case|at no (?:time|point)|on no account|in no event)\b,?\s*"
    r"(?:(?:should|must|may|can|shall|will|do|does|are|is)\s+)?"
)
_NOT = r"(?:never|not|n['’]t)"
_FORBIDS = re.compile(
    rf"^{_ADVERB}(?:{AGENT_WORDS}\s+)?{_ADVERB}(?:"
    rf"(?:must|should|may|can|shall|do|does|will|would|could|are|is|ought|have|has|did)(?:\s+(?:absolutely|strictly))?"
    rf"\s*(?:{_NOT})|cannot|never|not)\b(?:\s+under any circumstances?)?,?\s+(?:ever\s+|to\s+|under any "
    rf"circumstances?,?\s+)?"
    r"(?:(?:be\s+)?(?:allowed|permitted|authori[sz]ed|supposed|able|meant)\s+to\s+|to\s+)?(?P<phrase>.+)$",
    re.I,
)
_FORBIDS_FIRST = re.compile(rf"^{_FORBIDDING_START}(?:{AGENT_WORDS}\s+)?(?:to\s+|ever\s+)?(?P<phrase>.+)$", re.I)
_NOBODY = re.compile(
    r"^(?:no (?:agents?|one|assistants?)|nobody) (?:must|should|may|can|shall|is allowed to)\s+(?P<phrase>.+)$", re.I
)
_IS_FORBIDDEN = (
    r"(?:(?:is|are)\s+(?:strictly |absolutely |always |never |not |explicitly )?(?:forbidden|prohibited|banned|"
    r"off[ -]limits|"
    r"unacceptable|taboo|not (?:allowed|permitted|acceptable|ok|okay)|(?<=not )(?:allowed|permitted|acceptable|"
    r"okay|ok)|"
    r"(?<=never )(?:allowed|permitted|acceptable|okay|ok|appropriate)|out of (?:the question|bounds)|against "
    r"(?:the )?(?:rules|policy))"
    r"|(?:must|should) never (?:happen|occur|come up)|(?:is|are) (?:not|never) to be (?:discussed|mentioned|"
    r"brought up))"
)
_IT_FORBIDDEN = re.compile(rf"^it\b['’]?s?\s*{_IS_FORBIDDEN}\s+(?:for {AGENT_WORDS}\s+)?to\s+(?P<phrase>.+)$", re.I)
_IT_IS_FORBIDDEN = re.compile(
    r"^(?:it['’]s|it is) (?:strictly |absolutely |never |not )?(?:forbidden|prohibited|banned|allowed|permitted|"
    r"acceptable|"
    rf"unacceptable|okay|ok) (?:for {AGENT_WORDS}\s+)?to\s+(?P<phrase>.+)$",
    re.I,
)
_SUBJECT_FORBIDDEN = re.compile(rf"^(?P<what>.+?)\s+{_IS_FORBIDDEN}\s*(?P<rest>.*)$", re.I)
_AVOIDS = re.compile(
    rf"^{_ADVERB}(?:{AGENT_WORDS}\s+(?:must|should|shall|will|need to|has to|have to)\s+)?{_ADVERB}(?:avoid|"
    rf"refrain from|stop|"
    r"abstain from|stay away from|stay clear of|steer clear of|keep (?:away from|off)|resist|desist "
    r"from)\s+(?P<what>.+)$",
    re.I,
)
_AVOIDED = re.compile(r"^(?P<what>.+?) (?:must|should) be avoided\b(?P<rest>.*)$", re.I)
_KEEP_OUT = re.compile(r"^keep (?P<what>.+?) out of (?:the )?(?:conversation|call|chat)s?$", re.I)
_NO = re.compile(r"^(?:there (?:must|should|may|can|shall|is to) be )?(?:absolutely |strictly )?no (?P<what>.+)$", re.I)
_NEITHER = re.compile(r"^(?P<who>.*?)\bneither (?P<one>.+?) nor (?P<other>.+)$", re.I)
_DOUBLE = re.compile(
    rf"^(?:{AGENT_WORDS}\s+(?:must|should)\s+)?(?:(?:do not|don['’]t|never|not)\s+(?:ever\s+)?(?:forget|fail|"
    rf"omit|neglect) to|"
    r"(?:do not|don['’]t|never) (?:skip|miss|omit))\s+(?P<phrase>.+)$",
    re.I,
)
_FREES = re.compile(
    r"^(?:\w+,? )?(?:\w+ ){0,3}?(?:do|does) ?(?:not|n['’]t) (?:need|have|hesitate|worry|be afraid|mind)\b|\bneed not\b|"
    r"^don['’]t (?:need|have|hesitate|worry|be afraid|mind)\b|\bfeel free\b|\bno need\b|"
    r"\b(?:is|are) not (?:required|obliged)\b|\bnot only\b|\bwill (?:not|never|no longer) be\b|\bwon['’]t be\b",
    re.I,
)
_PASSIVE_NOT = re.compile(
    r"^(?P<what>.+?)\s+(?:(?:must|should|may|can|shall|is|are|will)\s*(?:not|never|n['’]t)|cannot)\s+(?:ever\s+)?(?:to\s+)?be\s+"
    r"(?P<verb>[a-z-]+)\b\s*(?P<rest>.*)$",
    re.I,
)
_PASSIVE_ONLY = re.compile(
    r"^(?P<what>.+?)\s+(?:(?:can|may|must|should|shall|is|are)(?: to)?\s+only(?: to)?\s+be|(?:is|are) only(?: "
    r"to be)?|only be)\s+(?P<verb>[a-z-]+)\b\s*(?P<rest>.*)$",
    re.I,
)
_PASSIVE_MUST = re.compile(
    r"^(?P<what>.+?)\s+(?:must|should|shall|has to|have to|needs? to|(?:is|are) to)\s+(?:always\s+|first\s+|"
    r"also\s+)?be\s+"
    r"(?P<verb>[a-z-]+)\b\s*(?P<rest>.*)$",
    re.I,
)
_ONLY = re.compile(
    rf"^(?:{AGENT_WORDS}\s+)?(?:(?:must|should|may|can|shall|will|are|is)\s+)?(?:allowed to\s+|permitted "
    rf"to\s+)?only\s+(?:ever\s+)?"
    r"(?:be allowed to\s+|to\s+)?(?P<phrase>.+)$",
    re.I,
)
_MAY = re.compile(
    rf"^(?:{AGENT_WORDS}\s+)?(?:may|can|are allowed to|is allowed to|are permitted to|should|must)\s+(?P<phrase>.+)$",
    re.I,
)
_OBLIGES = re.compile(
    rf"^{_ADVERB}{AGENT_WORDS}\s+{_ADVERB}(?:must|should|shall|has to|have to|needs? to|(?:is|are) (?:required|"
    rf"expected|obliged|"
    rf"instructed) to|ought to|(?:is|are) to|will)\s+{_ADVERB}(?:make sure (?:that )?(?:to|you)\s+|be sure "
    rf"to\s+|remember to\s+|"
    rf"(?:ensure|make sure) (?:that )?)?{_ADVERB}(?P<phrase>.+)$",
    re.I,
)
_REMINDS = re.compile(
    rf"^{_ADVERB}(?:always|make sure (?:that )?(?:{AGENT_WORDS}|to)|be sure (?:that )?(?:{AGENT_WORDS}|to)|"
    rf"remember(?: that {AGENT_WORDS} (?:must|should))? ?(?:to)?|ensure (?:that )?{AGENT_WORDS}|"
    rf"take care to|your (?:job|task|duty) is to|it is (?:required|mandatory|essential|important|vital|crucial)"
    rf"(?: for {AGENT_WORDS})? to|start by|begin by|try to|do)\s+{_ADVERB}(?P<phrase>.+)$",
    re.I,
)
_CUSTOMER_MUST = re.compile(
    rf"^{CUSTOMER_WORDS}\s+(?:must|should|shall|has to|have to|needs? to|(?:is|are) required to)\s+(?:first\s+|"
    rf"always\s+)?"
    r"(?P<phrase>.+)$",
    re.I,
)
_AGENT_DOES = re.compile(
    rf"^{AGENT_WORDS}\s+(?:always\s+|first\s+|also\s+|then\s+)?(?P<verb>[a-z-]+)\b\s*(?P<rest>.*)$", re.I
)
_IMPERATIVE = re.compile(rf"^{_ADVERB}(?P<phrase>.+)$", re.I)
_TOPIC_VERBS = re.compile(
    r"^(?:[a-z]+ly\s+)?(?:discuss|talk about|speak about|speak of|mention|bring up|comment on|touch on|refer to|"
    r"chat about|"
    r"engage (?:in|with) (?:any )?(?:discussions?|conversations?|debates?) (?:about|on)|give (?:\w+ )?(?:advice|"
    r"opinions?)|"
    r"offer (?:\w+ )?(?:advice|opinions?)|provide (?:\w+ )?(?:advice|opinions?))\b",
    re.I,
)


def read_deed(main: str) -> Deed | None:
    """What a sentence without its conditions demands; None where it demands nothing that can be told."""
    main = re.sub(
        r"^(?:and|but|so|also|then|second|finally|next|otherwise|note that|remember|important|please),?\s+",
        "",
        main,
        flags=re.I,
    )
    if _FREES.search(main):
        return None
    return next((deed for read in _READERS if (deed := read(main)) is not None), None)


def is_topic(phrase: str) -> bool:
    """Whether a deed is nothing but speaking of something."""
    return _TOPIC_VERBS.match(phrase) is not None


def _double(main: str) -> Deed | None:
    found = _DOUBLE.match(main)
    return _deed(Mode.REQUIRE, found["phrase"]) if found else None


def _neither(main: str) -> Deed | None:
    found = _NEITHER.match(main)
    return _deed(Mode.FORBID, f"{found['one']} or {found['other']}") if found else None


def _forbidden(main: str) -> Deed | None:
    for pattern in (_FORBIDS_FIRST, _NOBODY):
        if found := pattern.match(main):
            return _deed(Mode.FORBID, found["phrase"])
    found = _FORBIDS.match(main)
    if found is None:
        return None
    # "You can, but must not ..." would have the subject swallow a verb; the verb phrase tells.
    return _deed(Mode.FORBID, re.sub(r"^only\s+", "", found["phrase"], flags=re.I))


def _declared(main: str) -> Deed | None:
    for pattern in (_IT_FORBIDDEN, _IT_IS_FORBIDDEN):
        if found := pattern.match(main):
            is_allowed = re.search(r"\b(?:allowed|permitted|acceptable|okay|ok)\b", main[: found.start("phrase")], re.I)
            is_denied = re.search(r"\b(?:not|never|n['’]t)\b", main[: found.start("phrase")], re.I)
            return _deed(Mode.FORBID, found["phrase"]) if not is_allowed or is_denied else None
    found = _SUBJECT_FORBIDDEN.match(main) or _AVOIDED.match(main)
    if found is None:
        return None
    deed = _of_thing(f"{found['what']} {found['rest']}".strip())
    # "Cash is not accepted": what would be done with it is left open; only a topic can be off limits by itself.
    is_vague = re.search(
        r"\b(?:allowed|permitted|acceptable|ok|okay|appropriate|question)\b", main[found.end("what") :], re.I
    )
    return None if deed is not None and deed.topic and is_vague else deed


def _avoided(main: str) -> Deed | None:
    if found := _KEEP_OUT.match(main):
        return Deed(Mode.FORBID, f"talk about {found['what']}", topic=found["what"])
    found = _AVOIDS.match(main)
    if found is None:
        return None
    deed = _of_thing(found["what"])
    if (
        deed is not None
        and deed.topic
        and re.match(r"^(?:avoid|resist)", main[: found.start("what")].split()[-1], re.I)
    ):
        return Deed(Mode.FORBID, f"use {found['what']}")
    return deed


def _no(main: str) -> Deed | None:
    found = _NO.match(main)
    return _of_thing(found["what"], is_given=True) if found else None


def _of_thing(what: str, *, is_given: bool = False) -> Deed | None:
    """A gerund ("sharing data") as its verb; any other thing as a topic, or as given where it can be ("no refunds")."""
    first, *rest = what.split() or [""]
    base = gerund_base(first.lower())
    if base:
        phrase = re.sub(
            r"(?<=\bor )[a-z]+ing\b|(?<=\band )[a-z]+ing\b|(?<=, )[a-z]+ing\b",
            lambda match: gerund_base(match.group()) or match.group(),
            " ".join([base, *rest]),
        )
        return _deed(Mode.FORBID, phrase)
    noun = first.lower().rstrip(",")
    if is_given and (third_base(noun) or noun.startswith("free")):
        return Deed(Mode.FORBID, f"give {what}")
    if len(what.split()) > 8 or not first:
        return None
    what = lowered(what)
    what = re.sub(
        r"^(?:talk|discussions?|mention|conversations?|questions?|comments?) (?:of|about|on) ", "", what, flags=re.I
    )
    return Deed(Mode.FORBID, f"talk about {what}", topic=what)


# What has a verb of its own is no mere thing.
_FINITE = re.compile(r"\b(?:can|will|is|are|was|were|must|should|have|has|do|does|may|but)\b|\band$", re.I)
_BY_OTHERS = re.compile(r"by (?!you\b|the agent|phone|e-?mail|text|mail|post|letter|fax|sms|chat|voice)", re.I)


def _passive(pattern: re.Pattern[str], mode: Mode) -> Callable[[str], Deed | None]:
    def read(main: str) -> Deed | None:
        found = pattern.match(main)
        base = participle_base(found["verb"].lower()) if found else ""
        if (
            found is None
            or not base
            or base == "be"
            or _FINITE.search(found["what"])
            or _BY_OTHERS.match(found["rest"])
        ):
            return None
        what, rest = lowered(found["what"]), re.sub(r"^by (?:you|the agents?)\b\s*", "", found["rest"])
        particle = re.match(r"^(?:out|back|up|off|down)\b(?=$|\s)\s*", rest)
        verb = f"{base} {particle.group()}".strip() if particle else base
        verb, rest = _with_second(verb, rest[particle.end() :] if particle else rest)
        return Deed(mode, f"{verb} {what} {rest}".strip())

    return read


def _with_second(base: str, rest: str) -> tuple[str, str]:
    """ "shared or confirmed" -> both verbs with one object."""
    more = re.match(r"^(?P<joint>,|or|and)\s+(?P<verb>[a-z-]+)\b\s*(?P<rest>.*)$", rest)
    second = participle_base(more["verb"]) if more else ""
    return (f"{base} {more['joint']} {second}", more["rest"]) if more and second else (base, rest)


def _only(main: str) -> Deed | None:
    found = _ONLY.match(main)
    return _deed(Mode.ONLY, found["phrase"]) if found else None


def _required(main: str) -> Deed | None:
    for pattern in (_OBLIGES, _REMINDS):
        if found := pattern.match(main):
            phrase = re.sub(r"^(?:ask|request) that\b", "request that", found["phrase"], flags=re.I)
            return _deed(Mode.REQUIRE, phrase)
    return None


def _customers(main: str) -> Deed | None:
    found = _CUSTOMER_MUST.match(main)
    return _deed(Mode.CUSTOMER, found["phrase"]) if found else None


def _does(main: str) -> Deed | None:
    found = _AGENT_DOES.match(main)
    base = third_base(found["verb"].lower()) if found else ""
    return _deed(Mode.REQUIRE, f"{base} {found['rest']}") if found and base and base not in ("be", "have") else None


def _imperative(main: str) -> Deed | None:
    found = _IMPERATIVE.match(main)
    deed = _deed(Mode.REQUIRE, found["phrase"]) if found else None
    # A lone "address" is a list entry, not an order.
    is_entry = deed is not None and len(deed.phrase.split()) == 1 and deed.phrase.lower() in AMBIGUOUS
    return None if is_entry else deed


def _deed(mode: Mode, phrase: str) -> Deed | None:
    phrase = phrase.strip(" ,")
    segments, _ = split_verbs(phrase)
    verb, rest = segments[0] if segments else ("", "")
    # "cannot be booked" has lost its subject.
    is_passive = verb.split()[-1:] == ["be"] and participle_base(rest.split(" ")[0].lower()) != ""
    return Deed(mode, phrase) if segments and not is_passive else None


def may_phrase(main: str) -> str:
    """What a sentence allows ("You may offer a discount" -> "offer a discount"), for "... only if"."""
    found = _MAY.match(main)
    phrase = found["phrase"] if found else main
    return phrase if split_verbs(phrase)[0] else ""


_READERS: tuple[Callable[[str], Deed | None], ...] = (
    _double,
    _neither,
    _passive(_PASSIVE_ONLY, Mode.ONLY),
    _only,
    _passive(_PASSIVE_NOT, Mode.FORBID),
    _forbidden,
    _declared,
    _avoided,
    _no,
    _passive(_PASSIVE_MUST, Mode.REQUIRE),
    _customers,
    _required,
    _does,
    _imperative,
)
passive_only = _passive(
    re.compile(r"^(?P<what>.+?)\s+(?:can|may|must|should|shall)\s+be\s+(?P<verb>[a-z-]+)\b\s*(?P<rest>.*)$", re.I),
    Mode.ONLY,
)
