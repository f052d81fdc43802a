"""The conditions of a rule as parts of a clause: acts to ask about, tools, what the ledger knows, else facts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from judging.core.compiled import ANY_TOOL, CHANGING_TOOL, MAX_CHARS, Act, Fact, Known, Part, Span, Tool
from judging.core.rule_acts import act, acts, split_verbs, tidy
from judging.core.verbs import base_of, gerund_base, is_verb, participle_base, third_base

AGENT_WORDS = (
    r"(?:(?:the |an? |our |your |this |any |all |every |each )?(?:(?!human|live|real|other|another|sales)[\w-]+ "
    r"){0,2}?(?:agents?|assistants?|bots?|"
    r"representatives?|reps?|advis[eo]rs?|operators?|staff)|you|we)"
)
CUSTOMER_WORDS = (
    r"(?:(?:the |an? |any |every |each |all |our |your )?(?:[\w-]+ ){0,1}?(?:customers?|callers?|users?|clients?|"
    r"guests?|consumers?|patients?|patrons?|visitors?|shoppers?)|they|he or she|he|she|someone|somebody|anyone|"
    r"a person)"
)
_NAME = (
    r"[`'\"]?(?P<{0}>[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)+|[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+|"
    r"[a-z]+(?:[A-Z][a-z0-9]+)+)[`'\"]?"
)
_NAMED = re.compile(rf"(?<![\w@.]){_NAME.format('name')}(?![\w@])")
_CALLED = re.compile(
    r"\b(?:call|calling|calls|invoke|invoking|use|using|run|running|execute|executing|trigger|triggering)\s+(?:the\s+)?"
    r"(?:[`'\"](?P<quoted>[\w-]+)[`'\"]|(?P<tooled>[\w-]+)\s+(?:tool|function|api|endpoint)\b|"
    r"(?P<bare>[a-z][a-z0-9]*)(?=\s*(?:$|[,.])))",
    re.I,
)
_ANY_TOOL = re.compile(
    r"\b(?:a|any|the|another|one)\s+(?:\w+\s+){0,2}?(?:tools?|tool calls?|functions?|apis?)\b|\btools\b|"
    r"\bmak(?:e|ing) tool calls\b",
    re.I,
)
_CHANGING = re.compile(
    r"\b(?:any|an|the|taking|making)?\s*(?:consequential |irreversible |destructive |write |update )?"
    r"(?:actions?|changes?|operations?|updates?|tools?)\b.{0,30}\b(?:updat\w+|chang\w+|modif\w+|writ\w+|alter\w+)\b"
    r".{0,40}\b(?:database|records?|system|account|data)\b|"
    r"\b(?:consequential|irreversible) (?:actions?|changes?|operations?|tools?)\b",
    re.I,
)
_NOT_TOOLS = frozenset(
    "it them this that back again customers callers users customer caller user someone anyone jargon slang language "
    "humour humor names words".split()
)
_HYPHENS = re.compile(r"^[a-z]+(?:-[a-z]+)+$")  # "follow-up" is a word, "follow_up" a tool

_AUX = r"(?:has|have|had|'ve|'s)"
_OFTEN = r"(?:already |explicitly |first |clearly |expressly |verbally |specifically |also |just |not yet |been )*"
_IS_NOT = r"(?:does not|doesn['’]t|do not|don['’]t|did not|didn['’]t|has not|hasn['’]t|have not|haven['’]t|never)"
_SUBJECT = re.compile(rf"^(?P<who>{CUSTOMER_WORDS})\s+(?P<rest>.+)$", re.I)
_AGENT = re.compile(rf"^(?P<who>{AGENT_WORDS})\s+(?P<rest>.+)$", re.I)
_MOODS = frozenset(
    "angry upset frustrated confused rude abusive unhappy dissatisfied silent hostile distressed annoyed aggressive "
    "anxious nervous crying disappointed worried impatient suicidal offensive threatening sarcastic "
    "grateful satisfied happy hesitant reluctant unresponsive".split()
)
# Verbs that say how things are with someone, which their words need not show.
_STATES = frozenset("have be own hold know live belong qualify owe reside fall meet exceed lack need deserve".split())
_SAYS = {"want": "want", "wish": "want", "like": "want", "prefer": "prefer", "need": "need"}
_SHOWN = frozenset("want wish prefer sound seem appear need".split())
# What an agent does to find out or to tell: "once identity has been verified" has nobody else to do it.
_AGENT_DEEDS = frozenset(
    "verify identify authenticate check validate disclose read explain tell inform warn ask collect obtain confirm "
    "mention state remind advise notify gather establish".split()
)
_NOUNS = re.compile(
    r"^(?:(?:getting|obtaining|having|receiving|securing|asking for)\s+)?"
    r"(?:(?:the|an?|any|his|her|their|its|your|clear|explicit|prior|verbal|written|express|proper|customer|caller|user|"
    r"client|(?:customer|caller|user|client)['’]s|(?:customers|callers|users|clients)['’])\s+)*"
    r"(?P<noun>permission|consent|approval|authori[sz]ation|confirmation|agreement|request|yes|verification|"
    r"identification|authentication|identity check|security check|ok|okay|go-ahead)\b(?P<rest>.*)$",
    re.I,
)
_CHECKS = frozenset({"verification", "identification", "authentication", "identity check", "security check"})
_END = re.compile(
    r"^(?:(?:ending|closing|finishing|concluding|wrapping up|hanging up|terminating|disconnecting|the end of)\b"
    r"(?: (?:the|a|any|every|each))?(?: (?:call|conversation|chat|line|session|phone))?$|"
    r"(?:the |a |any |every |each )?(?:call|conversation|chat|session) (?:ends?|is (?:ended|closed|over|"
    r"finished))|hang up$)",
    re.I,
)
_ASKED = re.compile(
    r"^(?:(?:being |explicitly |specifically |directly |first )*(?:asked|requested|prompted|questioned))\b"
    r"(?:\s+by (?:the )?(?:customers?|callers?|users?|clients?|someone))?\s*(?P<rest>.*)$|"
    r"^(?P<own>(?:the )?(?:customer|caller|user|client)['’]s request|request)\b.*$",
    re.I,
)
_PASSIVE = re.compile(
    r"^(?P<what>.+?)\s+(?:(?:has|have)\s+(?:already |first )*been|is|are|was|were|gets?)\s+(?P<not>not\s+)?"
    r"(?:already |first |fully |successfully |explicitly |properly )*(?P<verb>[a-z-]+)\b(?P<rest>.*)$",
    re.I,
)
_KNOWING = re.compile(r"^(?:(?:the agent|you) (?:are|is) )?(?:(?:sure|certain|know|aware)\s+)(?:that\s+)?", re.I)
_CONFIRMED = re.compile(
    r"\b(?:customer|caller|user|they|client)\w*\b.{0,20}\bconfirm\w*\b.{0,30}\bdetails?\b|"
    r"\bread(?:ing)?\b.{0,40}\bback\b|\brepeat(?:ing)?\b.{0,30}\b(?:back|details?)\b|"
    r"\blist\w*\b.{0,25}\bdetails?\b.{0,40}\b(?:confirm\w*|yes|consent|approv\w*|agree\w*)|"
    r"\b(?:getting|get|obtain\w*|receiv\w*)\b.{0,25}\b(?:yes|confirmation|go-ahead)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Parts:
    """``holds`` all have to hold for the condition to; ``fails`` all must not."""

    holds: tuple[Part, ...] = ()
    fails: tuple[Part, ...] = ()


def tools_in(text: str) -> list[str]:
    """The tools that a text names, or ``ANY_TOOL`` or ``CHANGING_TOOL``; empty where it names none."""
    found = [match["name"] for match in _NAMED.finditer(text) if not _HYPHENS.match(match["name"])]
    for match in _CALLED.finditer(text):
        name = match["quoted"] or match["tooled"] or match["bare"]
        if name and name.lower() not in _NOT_TOOLS and name.lower() not in ("a", "any", "the", "one", "this"):
            found.append(name)
    if found:
        return list(dict.fromkeys(found))
    if _CHANGING.search(text):
        return [CHANGING_TOOL]
    return [ANY_TOOL] if _ANY_TOOL.search(text) else []


def is_read_back(text: str) -> bool:
    """Whether a text asks for the details to be read back or confirmed."""
    return _CONFIRMED.search(text) is not None


def read_condition(text: str, *, about: str = "", span: Span = Span.TURN) -> list[Parts]:
    """Read one condition; several where any of them is enough ("is rude or asks for a manager").

    ``about`` is what the rule's own deed is about, for "unless they ask for it".
    """
    whole = _one(text, about, span)
    if " or " not in text or (_is_fact(whole) and not _SUBJECT.match(text)):
        return [whole]
    parts = [_one(piece, about, span) for piece in _alternatives(text)]
    return [whole] if len(parts) < 2 or any(_is_fact(part) for part in parts) else parts


def _is_fact(parts: Parts) -> bool:
    return any(isinstance(part, Fact) for part in (*parts.holds, *parts.fails))


def _alternatives(text: str) -> list[str]:
    """ "the caller is rude or asks for a manager" -> the subject is said again for the second."""
    subject = _SUBJECT.match(text)
    pieces = re.split(r",?\s+or\s+", text)
    found = [pieces[0]]
    for piece in pieces[1:]:
        first = piece.split()[0].lower() if piece.split() else ""
        if _SUBJECT.match(piece) or _AGENT.match(piece):
            found.append(piece)
        elif subject is not None and (third_base(first) or first in ("is", "has", "wants")):
            found.append(f"{subject['who']} {piece}")
        else:
            found[-1] = f"{found[-1]} or {piece}"
    return found


def _one(text: str, about: str, span: Span) -> Parts:
    text = _KNOWING.sub("", text.strip(" ,.")).strip()
    for read in (_ended, _known, _some_action, _tool, _asked, _noun, _agents, _customers, _gerund, _passive):
        found = read(text, about)
        if found is not None:
            return _within(found, span)
    return Parts((Fact((tidy(text) or "the condition holds")[:MAX_CHARS]),))


def _within(parts: Parts, span: Span) -> Parts:
    return Parts(_spanned(parts.holds, span), _spanned(parts.fails, span))


def _spanned(parts: Sequence[Part], span: Span) -> tuple[Part, ...]:
    return tuple(replace(part, span=span) if isinstance(part, (Act, Tool)) else part for part in parts)


def _made(*texts: str) -> Parts | None:
    return None if "" in texts else Parts(tuple(Act(text) for text in texts))


def _ended(text: str, _about: str) -> Parts | None:
    return _made("The agent ends the call.") if _END.match(text) else None


def _known(text: str, _about: str) -> Parts | None:
    is_start = re.match(
        r"^(?:the |a |any |every |each )?(?:call|conversation|chat|session)(?: starts| begins)?$", text, re.I
    )
    return Parts((Known.FIRST_TURN,)) if is_start else None


def _tool(text: str, _about: str) -> Parts | None:
    tools = tools_in(text)
    is_only = tools and re.match(
        rf"^(?:{AGENT_WORDS}\s+)?(?:\w+\s+)?(?:call|us|invok|run|execut|trigger|tak|mak|perform)\w*\b|^[`'\"]?[\w-]+[`'\"]?"
        r"(?:\s+tool)?(?:\s+(?:has|is|was|have)\b.*)?$",
        text,
        re.I,
    )
    return Parts(tuple(Tool(name) for name in tools[:1])) if is_only else None


_SOME_ACTION = re.compile(
    r"^(?:(?:you|the agent) )?(?:tak|perform|mak|execut|do)\w*\s+(?:the|this|that|such|an?|any)\s+(?:actions?|"
    r"steps?|so)$|"
    r"^doing so$",
    re.I,
)


def _some_action(text: str, _about: str) -> Parts | None:
    """ "before taking the action": which one, the sentence alone does not say."""
    return Parts((Fact(tidy(text)),)) if _SOME_ACTION.match(text) else None


def _asked(text: str, about: str) -> Parts | None:
    found = _ASKED.match(text)
    if found is None:
        return None
    rest = tidy(found["rest"] or "")
    return _made(act("customer", "ask", rest) if rest else _asks(about)) if rest or about else None


def _asks(about: str) -> str:
    return f"The customer asks {about}." if about.startswith("whether ") else f"The customer asks for {about}."


def _noun(text: str, about: str) -> Parts | None:
    found = _NOUNS.match(text)
    if found is None:
        return None
    noun, rest = found["noun"].lower(), found["rest"].strip()
    if rest and not re.match(r"^(?:from|of|by|to|for|on|in|first|is (?:given|complete))\b", rest, re.I):
        return None
    by_other = re.match(r"^(?:from|of|by)\s+(?!(?:the |an? )?(?:customer|caller|user|client|them|him|her))", rest, re.I)
    if by_other or re.match(r"^(?:manager|supervisor)", text, re.I):
        return None
    if noun in _CHECKS:
        return _made("The agent verifies the customer's identity.")
    if noun == "request":
        return _made(_asks(about)) if about else None
    given = {
        "yes": "says yes",
        "confirmation": "confirms",
        "agreement": "agrees",
        "ok": "agrees",
        "okay": "agrees",
        "go-ahead": "agrees",
    }.get(noun, f"gives {noun}")
    return _made(f"The customer {given}.")


def _customers(text: str, about: str) -> Parts | None:
    found = _SUBJECT.match(text)
    return _of_subject("customer", found["rest"], about) if found else None


def _agents(text: str, about: str) -> Parts | None:
    found = _AGENT.match(text)
    if found is None or re.match(
        r"(?:can|could|may|must|should|will)\b|(?:are|is) (?:un)?(?:sure|able|certain)", found["rest"]
    ):
        return None
    return _of_subject("agent", found["rest"], about)


def _of_subject(subject: str, rest: str, about: str) -> Parts | None:
    """ "has already confirmed the address" as an act of its subject; None where only a fact is said."""
    negated = re.match(rf"^{_IS_NOT}\s+(?:yet\s+)?(?P<rest>.+)$", rest, re.I)
    if negated:
        found = _of_subject(subject, _as_present(negated["rest"]), about)
        return None if found is None else Parts(found.fails, found.holds)
    told = re.match(
        rf"^(?:{_AUX}\s+)?{_OFTEN}(?:(?:is|are)\s+(?=\w+ing\b))?(?P<verb>[a-z-]+)\b\s*(?P<rest>.*)$", rest, re.I
    )
    if told is None:
        return None
    word, tail = told["verb"].lower(), _resolved(told["rest"], about)
    if rest.lower().startswith(
        (
            "is ",
            "are ",
            "was ",
            "were ",
            "gets ",
            "get ",
            "has been ",
            "have been ",
            "sounds ",
            "seems ",
            "becomes ",
            "appears ",
        )
    ) and not gerund_base(word):
        return _being(subject, rest)
    if word == "would":
        tail = re.sub(r"^(?:like|prefer|love)\s+", "", tail, flags=re.I)
        return _made(f"The customer wants {tidy(tail)}.") if subject == "customer" and tail else None
    base = third_base(word) or (word if is_verb(word) else "") or gerund_base(word) or participle_base(word)
    if not base or (base in _STATES and not (base == "need" and subject == "customer")):
        return None
    sentences, joint = acts(subject, f"{base} {_as_present(tail)}".strip())
    return (
        _made(*sentences) if sentences and (joint == "and" or len(sentences) == 1) else _made(act(subject, base, tail))
    )


def _as_present(phrase: str) -> str:
    """ "verified X and confirmed Y" -> in base form, so that its verbs can be told apart."""
    words = phrase.split()
    for at, word in enumerate(words):
        is_head = at == 0 or words[at - 1].lower().strip(",") in ("and", "or")
        base = base_of(word.lower()) if is_head and not is_verb(word.lower()) else ""
        if base and (word.endswith(("ed", "s")) or participle_base(word.lower())):
            words[at] = base
    return " ".join(words)


def _resolved(rest: str, about: str) -> str:
    """ "for it" -> "for a discount"."""
    is_thing = about and not about.startswith("whether ")
    return re.sub(r"\b(?:it|one|them|this|that)$", about, rest.strip(), flags=re.I) if is_thing else rest.strip()


def _being(subject: str, rest: str) -> Parts | None:
    """What someone is: a mood shows in words, "has been identified" is the agent's deed, all else is a fact."""
    found = re.match(
        r"^(?:is|are|was|were|gets?|has been|have been|sounds?|seems?|becomes?|appears?)\s+(?P<not>not\s+)?"
        r"(?:(?:already|fully|successfully|very|being|getting|clearly|first)\s+)*(?P<word>[a-z-]+)\b(?P<rest>.*)$",
        rest,
        re.I,
    )
    if found is None or subject != "customer":
        return None
    word, base = found["word"].lower(), participle_base(found["word"].lower())
    if word in _MOODS:
        text = f"The customer is {tidy(word + found['rest'])}."
    elif base in _AGENT_DEEDS:
        text = act("agent", base, f"the customer {found['rest']}")
    else:
        return None
    parts = _made(text)
    return Parts(parts.fails, parts.holds) if parts and found["not"] else parts


def _gerund(text: str, about: str) -> Parts | None:
    words = text.split()
    while words and words[0].lower() in ("first", "ever", "explicitly", "actually", "successfully", "having"):
        words.pop(0)
    base = gerund_base(words[0].lower().strip(",")) if words else ""
    if not base and words and text.lower().startswith("having"):
        base = participle_base(words[0].lower())
    if not base:
        return None
    rest = _resolved(" ".join(words[1:]), about)
    phrase = re.sub(
        r"(?<=\b(?:and|nor)\s)\w+ing\b|(?<=\bor\s)\w+ing\b|(?<=,\s)\w+ing\b",
        lambda found: gerund_base(found.group().lower()) or found.group(),
        f"{base} {rest}".strip(),
    )
    sentences, joint = acts("agent", phrase)
    if sentences and joint == "or" and len(sentences) > 1:
        return _made(act("agent", base, rest))
    return _made(*sentences) if sentences else None


def _passive(text: str, _about: str) -> Parts | None:
    """ "the address has been verified": the agent's deed, as far as nobody else is named."""
    found = _PASSIVE.match(text)
    base = participle_base(found["verb"].lower()) if found else ""
    if found is None or base not in _AGENT_DEEDS or re.match(r"\s*(?:by|with|from|in|on)\b", found["rest"]):
        return None
    parts = _made(act("agent", base, f"{found['what']} {found['rest']}".strip()))
    return Parts(parts.fails, parts.holds) if parts and found["not"] else parts


def object_of(phrase: str) -> str:
    """What a deed is about: "proactively offer a discount to anyone" -> "a discount"; "" where that is not clear."""
    segments, _ = split_verbs(phrase)
    rest = segments[-1][1] if segments else ""
    inner = re.match(r"^to\s+(.+)$", rest)
    if inner:
        return object_of(inner[1])
    rest = re.sub(
        r"^(?:the |an? |any )?(?:customers?|callers?|users?|clients?|them|him|her)\s+(?:to (?=an?\b|the\b))?",
        "",
        rest,
        flags=re.I,
    )
    told = re.match(r"^that\s+(.+)$", rest, re.I)
    if told:
        return f"whether {tidy(told[1])}" if len(told[1].split()) <= 15 else ""
    if tools_in(phrase) or re.match(r"(?:how|what|who|when|where|why|if|whether|which)\b", rest, re.I):
        return ""
    rest = re.split(r"\s+(?:to|for|from|on|with|in|at|that|about|of your own|by|as)\b", rest, maxsplit=1)[0]
    return tidy(rest) if rest and len(rest.split()) <= 8 else ""
