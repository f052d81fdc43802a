"""The compiled form of a policy: what is asked of a turn, and how the answers make a broken rule.

A policy is a list of clauses, one per thing it demands; it is broken as far as its worst clause is. A clause reads
"broken when ALL of ``when`` hold, unless ANY of ``unless`` holds". What can hold is an *act* (asked of a classifier,
always a plain statement of the agent's or the customer's), a *tool* called, something *known* from the ledger, or a
*fact* that no part of the call may show. The form is shown to the tenant, who may change it; as JSON::

    {"version": 1, "made_by": "rules", "may_stop": true, "clauses": [
      {"kind": "required_act", "sentence": "If the caller asks for a refund, offer a transfer to a human.",
       "when": [{"act": "The customer asks for a refund.", "span": "turn"}],
       "unless": [{"act": "The agent offers a transfer to a human.", "span": "call"}]}]}
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar

from judging.core.errors import CompiledInvalid

VERSION = 1
MAX_CLAUSES = 20
MAX_PARTS = 8
MAX_CHARS = 400
ANY_TOOL = "*"  # whichever tool is called
CHANGING_TOOL = "*change*"  # whichever tool changes something, by its name


class Kind(StrEnum):
    """What a clause demands. Measured precision and ``Tier1Use`` are per kind."""

    FORBIDDEN_ACT = "forbidden_act"
    FORBIDDEN_TOPIC = "forbidden_topic"
    REQUIRED_ACT = "required_act"  # with a trigger, or always
    REQUIRED_BEFORE = "required_before"  # something first, before a tool or an act
    CONDITION = "condition"  # if-then over what may not be seen in the call
    UNREADABLE = "unreadable"  # nothing to ask of one turn: left to tier 2


class Span(StrEnum):
    """Where something is looked for. A customer's act of this turn is what they said just before it."""

    TURN = "turn"
    EARLIER = "earlier"
    CALL = "call"  # either


class Known(StrEnum):
    """What the ledger and the history know with certainty."""

    DETAILS_CONFIRMED = "details_confirmed"  # the details of this turn's tool call were read back and got a yes
    FIRST_TURN = "first_turn"  # the agent has not spoken before


@dataclass(frozen=True, slots=True)
class Act:
    text: str
    span: Span = Span.TURN

    @property
    def is_customers(self) -> bool:
        return self.text.startswith(CUSTOMER)


@dataclass(frozen=True, slots=True)
class Tool:
    """``name`` as the policy writes it, or ``ANY_TOOL`` or ``CHANGING_TOOL``."""

    name: str
    span: Span = Span.TURN


@dataclass(frozen=True, slots=True)
class Fact:
    """Something outside of what can be asked of a turn ("the order is pending")."""

    text: str


Part: TypeAlias = Act | Tool | Known | Fact


@dataclass(frozen=True, slots=True)
class Clause:
    kind: Kind
    when: tuple[Part, ...] = ()
    unless: tuple[Part, ...] = ()
    sentence: str = ""

    @property
    def parts(self) -> tuple[Part, ...]:
        return (*self.when, *self.unless)

    @property
    def is_plain(self) -> bool:
        """Whether acts of the call can decide it: one is asked about, at a moment that is named, and no unseen fact
        is needed."""
        has_act = any(isinstance(part, Act) for part in self.parts)
        return has_act and bool(self.when) and not any(isinstance(part, Fact) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Compiled:
    """``made_by`` is ``rules``, ``model`` or ``tenant``.

    ``may_stop`` False: whatever is known of the classifier's precision, its word on this policy may only ask tier 2.
    True gives it no right that ``Tier1Use`` does not give.
    """

    clauses: tuple[Clause, ...]
    made_by: str = "rules"
    may_stop: bool = True

    def asks_like(self, other: Compiled) -> bool:
        """Whether a turn is judged the same by both, whoever made them."""
        return replace(self, made_by=other.made_by) == other

    @property
    def kind(self) -> Kind:
        """The kind of its first readable clause."""
        kinds = [clause.kind for clause in self.clauses if clause.kind is not Kind.UNREADABLE]
        return kinds[0] if kinds else Kind.UNREADABLE

    @property
    def acts(self) -> tuple[str, ...]:
        """Each act once, in order."""
        found = [part.text for clause in self.clauses for part in clause.parts if isinstance(part, Act)]
        return tuple(dict.fromkeys(found))

    def as_json(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "made_by": self.made_by,
            "may_stop": self.may_stop,
            "clauses": [
                {
                    "kind": clause.kind.value,
                    "sentence": clause.sentence,
                    "when": [_part_json(part) for part in clause.when],
                    "unless": [_part_json(part) for part in clause.unless],
                }
                for clause in self.clauses
            ],
        }

    @classmethod
    def from_json(cls, value: Any) -> Compiled:
        """Read a compiled policy strictly.

        Raises:
            CompiledInvalid: the message names the place ("clauses[0].when[1].act") and what is expected there.
        """
        known = {"version", "made_by", "may_stop", "clauses"}
        fields = _fields(value, "compiled", known, required={"clauses"})
        if fields.get("version", VERSION) != VERSION or isinstance(fields.get("version"), bool):
            raise CompiledInvalid(f"version: expected {VERSION}")
        made_by = fields.get("made_by", "tenant")
        if made_by not in ("rules", "model", "tenant"):
            raise CompiledInvalid("made_by: expected rules, model or tenant")
        may_stop = fields.get("may_stop", True)
        if not isinstance(may_stop, bool):
            raise CompiledInvalid("may_stop: expected true or false")
        entries = _list(fields["clauses"], "clauses", MAX_CLAUSES)
        if not entries:
            raise CompiledInvalid("clauses: expected at least one")
        return cls(tuple(_clause(entry, f"clauses[{at}]") for at, entry in enumerate(entries)), made_by, may_stop)


AGENT, CUSTOMER = "The agent ", "The customer "
_NEGATED = re.compile(
    r"^The (?:agent|customer) (?:(?:is|has|does|do|did|will|would|can|could|may|must|should|also|ever) )?"
    r"(?:not|never|no longer|neither|nor|cannot|\w+n['’]t)\b|"
    r"^The (?:agent|customer) (?:must|should|shall|may|might|can|could|will|would|ought|has to|have to|needs to)\b",
    re.I,
)
_UNSTORABLE = re.compile(r"[\0\ud800-\udfff]")  # no text of a database
_MORE_SENTENCES = re.compile(r"[.!?][\"”’)]*\s+\S|[\n\r\0]")


def storable(text: str) -> str:
    """Return a text with blanks for the characters that no database keeps."""
    return _UNSTORABLE.sub(" ", text)


def act_problem(text: str) -> str:
    """Why a text is no act to ask about, "" when it is one: an affirmative present-tense sentence of either party."""
    if not text.startswith((AGENT, CUSTOMER)):
        return f"must begin with {AGENT.strip()!r} or {CUSTOMER.strip()!r}"
    if not text.endswith(".") or len(text.split()) < 3:
        return "must be a whole sentence and end with a full stop"
    if _MORE_SENTENCES.search(text):
        return "must be one sentence"
    if len(text) > MAX_CHARS:
        return f"must have at most {MAX_CHARS} characters"
    if _NEGATED.search(text):
        return "must say what is done, without 'not', 'never' or 'must': the clause says what that means"
    return ""


def _part_json(part: Part) -> dict[str, str]:
    if isinstance(part, Act):
        return {"act": part.text, "span": part.span.value}
    if isinstance(part, Tool):
        return {"tool": part.name, "span": part.span.value}
    return {"fact": part.text} if isinstance(part, Fact) else {"known": part.value}


def _clause(value: Any, where: str) -> Clause:
    fields = _fields(value, where, {"kind", "sentence", "when", "unless"}, required={"kind"})
    kind = _choice(Kind, fields["kind"], f"{where}.kind")
    sentence = fields.get("sentence", "")
    if not isinstance(sentence, str) or len(sentence) > 2_000 or _UNSTORABLE.search(sentence):
        raise CompiledInvalid(f"{where}.sentence: expected a text of at most 2000 characters")
    when, unless = (
        tuple(_part(entry, f"{where}.{name}[{at}]") for at, entry in enumerate(_entries(fields, where, name)))
        for name in ("when", "unless")
    )
    clause = Clause(kind, when, unless, sentence)
    if wrong := _incoherence(clause):
        raise CompiledInvalid(f"{where}: {wrong}")
    return clause


def _entries(fields: Mapping[str, Any], where: str, name: str) -> Sequence[Any]:
    return _list(fields.get(name, []), f"{where}.{name}", MAX_PARTS)


def _incoherence(clause: Clause) -> str:
    """What a clause of its kind lacks."""
    if clause.kind is Kind.UNREADABLE:
        return "an unreadable clause has no parts" if clause.parts else ""
    is_done = any(_is_agents(part, now=True) for part in clause.when)
    if clause.kind in (Kind.FORBIDDEN_ACT, Kind.FORBIDDEN_TOPIC) and not is_done:
        return f"{clause.kind.value} needs an act of the agent or a tool in 'when', with span 'turn'"
    if clause.kind is Kind.REQUIRED_ACT and not any(_is_agents(part) for part in clause.unless):
        return "required_act needs an act of the agent or a tool in 'unless'"
    if clause.kind is Kind.REQUIRED_BEFORE and not (is_done and clause.unless):
        return "required_before needs an act of the agent or a tool in 'when' and what comes first in 'unless'"
    if not clause.parts:
        return "a clause needs at least one part"
    return ""


def _is_agents(part: Part, *, now: bool = False) -> bool:
    if isinstance(part, Tool):
        return not now or part.span is Span.TURN
    return isinstance(part, Act) and not part.is_customers and (not now or part.span is Span.TURN)


def _part(value: Any, where: str) -> Part:
    if not isinstance(value, Mapping):
        raise CompiledInvalid(f"{where}: expected an object with act, tool, known or fact")
    named = [name for name in ("act", "tool", "known", "fact") if name in value]
    if len(named) != 1:
        raise CompiledInvalid(f"{where}: expected exactly one of act, tool, known and fact")
    name = named[0]
    fields = _fields(value, where, {name, "span"} if name in ("act", "tool") else {name}, required={name})
    text = fields[name]
    if not isinstance(text, str) or not text.strip() or len(text) > MAX_CHARS or _UNSTORABLE.search(text):
        raise CompiledInvalid(f"{where}.{name}: expected a text of at most {MAX_CHARS} characters")
    if name == "fact":
        return Fact(text)
    if name == "known":
        return _choice(Known, text, f"{where}.known")
    span = _choice(Span, fields.get("span", Span.TURN.value), f"{where}.span")
    if name == "tool":
        return Tool(text, span)
    if wrong := act_problem(text):
        raise CompiledInvalid(f"{where}.act: {wrong}")
    return Act(text, span)


Choice = TypeVar("Choice", Kind, Span, Known)


def _choice(choices: type[Choice], value: Any, where: str) -> Choice:
    try:
        return choices(value)
    except ValueError:
        raise CompiledInvalid(f"{where}: expected one of {', '.join(choices)}") from None


def _fields(value: Any, where: str, known: set[str], *, required: set[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise CompiledInvalid(f"{where}: expected an object")
    if unknown := sorted(str(name) for name in value if name not in known):
        raise CompiledInvalid(f"{where}: unknown field {unknown[0]!r}; known are {', '.join(sorted(known))}")
    if missing := sorted(required - set(value)):
        raise CompiledInvalid(f"{where}: {missing[0]!r} is missing")
    return value


def _list(value: Any, where: str, most: int) -> Sequence[Any]:
    if not isinstance(value, list):
        raise CompiledInvalid(f"{where}: expected a list")
    if len(value) > most:
        raise CompiledInvalid(f"{where}: expected at most {most}")
    return value


def acts_of(policies: Sequence[Compiled]) -> Iterator[str]:
    """Each act of a policy set once."""
    return iter(dict.fromkeys(act for policy in policies for act in policy.acts))
