"""``compile_policy()``: a plain-English rule as clauses over acts.

What cannot be read with certainty stays *unreadable*: nothing is asked of a classifier about it, tier 2 judges it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from judging.core.compiled import (
    ANY_TOOL,
    MAX_CHARS,
    MAX_CLAUSES,
    MAX_PARTS,
    Act,
    Clause,
    Compiled,
    Fact,
    Kind,
    Known,
    Part,
    Span,
    Tool,
    storable,
)
from judging.core.rule_acts import act, acts, split_verbs
from judging.core.rule_conditions import Parts, is_read_back, object_of, read_condition, tools_in
from judging.core.rule_modes import Deed, Mode, is_topic, may_phrase, passive_only, read_deed
from judging.core.rule_text import Condition, Demand, is_alternative, read_demand, rule_sentences
from judging.core.types import Policy

_FIRST = frozenset({"before", "prior to", "until", "till", "without", "at the end of"})
_EXCEPTIONS = frozenset({"unless", "except", "except if", "except when", "except after", "except with", "except for"})
_AFTERWARDS = frozenset({"after", "once", "following", "only after", "only once", "upon", "as soon as"})
_ONLY_WORDS = frozenset({"only if", "only when", "only once", "only after", "only with", "only on", "if and only if"})
_START = frozenset({"at the start of", "at the beginning of", "at the very start of", "at the very beginning of"})
# How an agent should be, and what it is where it is not: one turn shows the second, only all of them the first.
_OPPOSITES = {
    "polite": "rude", "courteous": "rude", "kind": "unkind", "nice": "unkind", "friendly": "unfriendly",
    "respectful": "disrespectful", "professional": "unprofessional", "patient": "impatient", "honest": "dishonest",
    "truthful": "untruthful", "calm": "irritated", "empathetic": "cold", "warm": "cold", "helpful": "unhelpful",
    "fair": "unfair", "tactful": "tactless", "considerate": "inconsiderate", "sympathetic": "cold",
    "brief": "long-winded", "concise": "long-winded", "discreet": "indiscreet",
}  # fmt: skip
_CONTINUATION = re.compile(
    r"^(?:(?:this|that|these|those|it) (?:is|are|has|must|applies|means|helps|ensures)\b|say\b|tell\b|explain\b|"
    r"instead\b|"
    r"otherwise\b|for example\b|e\.g\b|examples?:|note\b|no exceptions?\b|the reason\b|transfer\b.{0,60}\bfor that$)",
    re.I,
)


def compiled_of(policy: Policy) -> Compiled:
    """The form a policy is judged by: the tenant's own where there is one."""
    return policy.compiled or compile_policy(policy.text)


@lru_cache(maxsize=4096)
def compile_policy(text: str) -> Compiled:
    """Compile a rule. Never raises: what cannot be read becomes an unreadable clause."""
    text = storable(text)
    clauses: list[Clause] = []
    for sentence in rule_sentences(text):
        if clauses and (
            is_alternative(sentence) or (clauses[-1].kind is not Kind.UNREADABLE and _goes_on(clauses, sentence))
        ):
            continue
        clauses.extend(_clauses(sentence) or [Clause(Kind.UNREADABLE, sentence=sentence[:2_000])])
    gated = _gated(text)
    if gated and any(clause.kind is Kind.UNREADABLE for clause in clauses):
        return Compiled(gated)
    if len(clauses) > MAX_CLAUSES or not clauses:
        return Compiled((Clause(Kind.UNREADABLE, sentence=" ".join(text.split())[:2_000]),))
    return Compiled(tuple(clauses))


_BEFORE_TOOL = re.compile(r"^\s*(?:before|prior to|when|to)\s+(?P<tools>[^:\n]{1,120}):\s*(?P<rest>\S.*)$", re.I | re.S)


def _gated(text: str) -> tuple[Clause, ...]:
    """ "Before open_account: the customer is of age ..." asks nothing of a turn that does not call the tool."""
    found = _BEFORE_TOOL.match(text)
    tools = [name for name in tools_in(found["tools"]) if not name.startswith(ANY_TOOL)] if found else []
    if found is None or not tools:
        return ()
    fact = Fact(" ".join(found["rest"].split())[:MAX_CHARS])
    sentence = " ".join(text.split())[:2_000]
    return tuple(Clause(Kind.REQUIRED_BEFORE, (Tool(name),), (fact,), sentence) for name in tools)


def _goes_on(clauses: Sequence[Clause], sentence: str) -> bool:
    """Whether a sentence only explains the one before, or says what to say in its place."""
    return (
        clauses[-1].kind in (Kind.FORBIDDEN_ACT, Kind.FORBIDDEN_TOPIC)
        and _CONTINUATION.match(sentence.rstrip(".!")) is not None
    )


def _clauses(sentence: str) -> list[Clause]:
    demand = read_demand(sentence)
    found: list[Clause] = []
    demand = _resolved(demand)
    deed = _only_deed(demand) or read_deed(demand.main)
    if deed is not None and not _OPEN.search(sentence):
        found = _sequence(deed, demand) or _by_mode(deed, demand)
    return [clause for clause in found if _fits(clause)] if all(map(_fits, found)) else []


# A count is no act ("at most two", "only once"), and what stands elsewhere cannot be asked ("as listed above").
_OPEN = re.compile(
    r"\b(?:at most|at least|no more than|more than (?:one|two|three|\d+)|at a time|up to \d+|(?:once|twice) per|"
    r"only (?:be \w+ )?(?:once|twice)|listed|above|below|as follows|the following|(?:this|these) (?:policy|"
    r"policies|rules)|"
    r"these steps)\b|:$",
    re.I,
)
_NAMED_FIRST = re.compile(
    r"^(?P<what>(?:the|an?|any|his|her|their)\s+(?:[\w-]+\s+){0,2}?[\w-]+)\s+(?:is|are|was|were|has|have|does|do|cannot|can|"
    r"will|exceeds?|remains?)\b",
    re.I,
)
_CALLER = re.compile(r"\b(?:customer|caller|user|client|guest|patient)s?\b", re.I)


def _resolved(demand: Demand) -> Demand:
    """Say again what "them" and "it" stand for where the conditions before name it."""
    main = demand.main
    texts = [condition.text for condition in demand.conditions]
    if any(_CALLER.search(text) for text in texts):
        main = re.sub(
            r"^((?:\w+ly |do not |never |always )*[a-z]+) (?:them|him|her)\b", r"\1 the customer", main, flags=re.I
        )
    named = next((found["what"] for text in texts if (found := _NAMED_FIRST.match(text))), "")
    if named and not _CALLER.search(named):
        main = re.sub(r"\b(?:it|them)$", f"the {named.split(' ', 1)[1]}", main)
    return replace(demand, main=main)


def _fits(clause: Clause) -> bool:
    return len(clause.when) <= MAX_PARTS and len(clause.unless) <= MAX_PARTS


def _only_deed(demand: Demand) -> Deed | None:
    """ "Offer a discount only if ..." is a deed allowed under its conditions alone."""
    if not any(condition.word in _ONLY_WORDS for condition in demand.conditions):
        return None
    phrase = may_phrase(demand.main)
    return Deed(Mode.ONLY, phrase) if phrase else passive_only(demand.main)


_CALLS = re.compile(
    r"^(?:\w+ly\s+)?(?:(?:[Cc]all|[Ii]nvoke|[Rr]un|[Ee]xecute|[Tt]rigger)\b|[Uu]se\s+(?:the\s+|an?\s+|any\s+)?(?:[`'\"]|\w+_\w|[A-Za-z]+[A-Z]|"
    r"(?:\w+\s+)?(?:tools?|functions?|apis?)\b)|[Mm]ake\s+(?:an?|any|another|the)\s+(?:\w+\s+)?tool calls?\b)"
)
_THEN = re.compile(r",?\s+(?:and\s+)?then\s+", re.I)


def _sequence(deed: Deed, demand: Demand) -> list[Clause]:
    """ "First ask for the name, then open the file." is broken by opening it without having asked."""
    first, then, later = _THEN.split(deed.phrase, maxsplit=1)[0], _THEN.search(deed.phrase), ""
    later = deed.phrase[then.end() :] if then else ""
    if deed.mode is not Mode.REQUIRE or not split_verbs(later)[0] or demand.conditions:
        return []
    needed, _ = _done(Deed(Mode.REQUIRE, first))
    return [
        Clause(Kind.REQUIRED_BEFORE, (part,), (need,), demand.sentence)
        for part in _parts_of(Deed(Mode.REQUIRE, later))
        for need in needed
    ]


def _by_mode(deed: Deed, demand: Demand) -> list[Clause]:
    if deed.mode is Mode.ONLY:
        return _only(deed, demand)
    if deed.mode is Mode.FORBID:
        return _forbidden(deed, demand)
    if deed.mode is Mode.CUSTOMER:
        return _first(_done_by_customer(deed), demand)
    if any(condition.word in _FIRST for condition in demand.conditions):
        return _first(_done(deed), demand)
    return _required(deed, demand)


def _parts_of(deed: Deed) -> list[Part]:
    """The deed as acts or tools of this turn; empty where it is neither."""
    if _CALLS.match(deed.phrase) and (tools := tools_in(deed.phrase)):
        return [Tool(name) for name in tools]
    sentences, _ = acts("agent", deed.phrase)
    return [Act(sentence) for sentence in sentences]


def _forbidden(deed: Deed, demand: Demand) -> list[Clause]:
    when, unless = _around(demand.conditions, object_of(deed.phrase), exceptions=_EXCEPTIONS | _FIRST | _ONLY_WORDS)
    kind = Kind.FORBIDDEN_TOPIC if deed.topic or is_topic(deed.phrase) else Kind.FORBIDDEN_ACT
    if any(condition.word in _FIRST for condition in demand.conditions):
        kind = Kind.REQUIRED_BEFORE
    elif when and any(when):
        kind = Kind.CONDITION
    parts = _parts_of(deed)
    firsts = _each_needed(demand, unless)
    if all(isinstance(part, Tool) for part in parts) and any(is_read_back(c.text) for c in demand.conditions):
        firsts = [(Known.DETAILS_CONFIRMED,)]
    return [
        Clause(kind, (part, *triggers), tuple(exempt), demand.sentence)
        for part in parts
        for triggers in (when or [()])
        for exempt in firsts
    ]


def _each_needed(demand: Demand, unless: Sequence[Parts]) -> list[Sequence[Part]]:
    """ "until X and Y": each is needed, so the rule is broken without either; else any of the exceptions is enough."""
    needed = [parts.holds for parts in unless if len(parts.holds) > 1]
    if len(unless) == 1 and needed:
        return [(part,) for part in needed[0]]
    return [tuple(part for parts in unless for part in parts.holds[:1])]


def _only(deed: Deed, demand: Demand) -> list[Clause]:
    if not demand.conditions:
        return []
    about = object_of(deed.phrase)
    unless = [
        parts
        for condition in demand.conditions
        for parts in read_condition(condition.text, about=about, span=Span.CALL)
    ]
    if any(parts.fails or not parts.holds for parts in unless):
        return []
    kind = Kind.REQUIRED_BEFORE if any(c.word in _AFTERWARDS for c in demand.conditions) else Kind.FORBIDDEN_ACT
    return [
        Clause(kind, (part,), tuple(exempt), demand.sentence)
        for part in _parts_of(deed)
        for exempt in _each_needed(demand, unless)
    ]


def _around(
    conditions: Iterable[Condition], about: str, *, exceptions: frozenset[str]
) -> tuple[list[tuple[Part, ...]], list[Parts]]:
    """The triggers (each alternative a tuple of which all must hold) and the exceptions of a sentence."""
    when: list[tuple[Part, ...]] = [()]
    unless: list[Parts] = []
    for condition in conditions:
        if condition.word in exceptions:
            unless.extend(read_condition(condition.text, about=about, span=Span.CALL))
            continue
        read = _trigger(condition, about)
        unless.extend(Parts((part,)) for parts in read for part in parts.fails)
        when = [(*trigger, *parts.holds) for trigger in when for parts in read]
    return when, unless


def _trigger(condition: Condition, about: str) -> list[Parts]:
    if condition.word in _START:
        return [Parts((Known.FIRST_TURN,))]
    if condition.word == "at the end of":
        return [Parts((Act("The agent ends the call."),))]
    if condition.word in ("during", "while") and re.search(r"\b(?:call|conversation|chat|session)\b", condition.text):
        return [Parts()]
    return read_condition(condition.text, about=about)


def _done(deed: Deed) -> tuple[list[Part], str]:
    """What has to be done first, and whether all of it ("and") or any."""
    if is_read_back(deed.phrase):
        return [Known.DETAILS_CONFIRMED], "or"
    sentences, joint = acts("agent", deed.phrase)
    tools = tools_in(deed.phrase) if _CALLS.match(deed.phrase) else []
    if tools:
        return [Tool(name, Span.CALL) for name in tools], "or"
    return [Act(sentence, Span.CALL) for sentence in sentences], joint


def _done_by_customer(deed: Deed) -> tuple[list[Part], str]:
    sentences, joint = acts("customer", deed.phrase)
    return [Act(sentence, Span.CALL) for sentence in sentences], joint


def _first(done: tuple[list[Part], str], demand: Demand) -> list[Clause]:
    """ "Do X before Y": broken when Y comes and X has not."""
    parts, joint = done
    later = [condition for condition in demand.conditions if condition.word in _FIRST]
    others = [condition for condition in demand.conditions if condition.word not in _FIRST]
    when, unless = _around(others, "", exceptions=_EXCEPTIONS)
    if not parts or not later or any(fact.fails for fact in unless):
        return []
    exempt = tuple(part for found in unless for part in found.holds[:1])
    needed = [tuple(parts)] if joint != "and" else [(part,) for part in parts]
    found: list[Clause] = []
    for condition in later:
        for trigger in _later(condition):
            found.extend(
                Clause(Kind.REQUIRED_BEFORE, (*trigger, *more), (*first, *exempt), demand.sentence)
                for more in when
                for first in needed
            )
    return found


def _later(condition: Condition) -> list[tuple[Part, ...]]:
    """What must not come first, of this turn; empty where it is nothing the agent does."""
    if condition.word == "at the end of":
        return [(Act("The agent ends the call."),)]
    tools = tools_in(condition.text)
    if tools:
        return [(Tool(name),) for name in tools]
    segments = [parts for parts in read_condition(condition.text) if parts.holds and not parts.fails]
    found = [parts.holds for parts in segments]
    has_deed = all(any(isinstance(part, Act) and not part.is_customers for part in holds) for holds in found)
    return found if found and has_deed else []


def _required(deed: Deed, demand: Demand) -> list[Clause]:
    manner = _manner(deed, demand)
    if manner:
        return manner
    when, unless = _around(demand.conditions, object_of(deed.phrase), exceptions=_EXCEPTIONS)
    has_fact = any(isinstance(part, Fact) for trigger in when for part in trigger)
    kind = Kind.CONDITION if has_fact else Kind.REQUIRED_ACT
    wanted, joint = _wanted(deed)
    exempt = tuple(part for parts in unless for part in (*parts.holds[:1],))
    needed = [tuple(wanted)] if joint != "and" else [(part,) for part in wanted]
    return [Clause(kind, trigger, (*first, *exempt), demand.sentence) for trigger in when for first in needed if first]


def _wanted(deed: Deed) -> tuple[list[Part], str]:
    if _CALLS.match(deed.phrase) and (tools := tools_in(deed.phrase)):
        return [Tool(name, Span.CALL) for name in tools[:1]], "or"
    sentences, joint = acts("agent", deed.phrase)
    return [Act(sentence, Span.CALL) for sentence in sentences], joint


def _manner(deed: Deed, demand: Demand) -> list[Clause]:
    """ "Be polite and patient." is asked as what it forbids: a rude or an impatient turn."""
    segments, _ = split_verbs(deed.phrase)
    if demand.conditions or len(segments) != 1 or segments[0][0] not in ("be", "stay", "remain", "sound", "keep"):
        return []
    described = re.sub(r"\b(?:to|with|towards?|at|in|on|during|throughout|when)\b.*$", "", segments[0][1].lower())
    words = [word for word in re.split(r"[\s,]+", described) if word and word not in ("and", "very", "always")]
    opposites = [_OPPOSITES[word] for word in words if word in _OPPOSITES]
    if not opposites or len(opposites) != len(words):
        return []
    return [
        Clause(Kind.FORBIDDEN_ACT, (Act(act("agent", "be", opposite)),), (), demand.sentence)
        for opposite in dict.fromkeys(opposites)
    ]
