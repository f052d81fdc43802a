"""How Mirror reads a tenant's rules, for the console: what the classifier is asked, and what its word counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from judging.core.compiled import Act, Clause, Compiled, Fact, Kind, Known, Part, Span, Tool
from judging.core.compiling import compile_policy
from judging.core.types import Tier1Use
from judging.models import PolicyRecord
from judging.readings import Reading, is_outdated, reading_of

_WHERE: Mapping[Span, str] = {Span.TURN: "", Span.EARLIER: "earlier in the call", Span.CALL: "anywhere in the call"}
_KNOWN: Mapping[Known, str] = {
    Known.DETAILS_CONFIRMED: "the details were read back and got a yes",
    Known.FIRST_TURN: "it is the agent's first turn",
}


@dataclass(frozen=True, slots=True)
class PartShown:
    """``lead`` goes before ``text``; ``where`` is "" for the judged turn itself."""

    text: str
    shape: str
    lead: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class ClauseShown:
    kind: Kind
    sentence: str
    when: tuple[PartShown, ...]
    unless: tuple[PartShown, ...]


@dataclass(frozen=True, slots=True)
class RuleReading:
    """One rule of a revision. ``acts`` are the statements asked of a turn, none where only a language model can judge
    the rule; ``may_stop``: whether the classifier alone may stop a turn, else it may only ask tier 2; ``is_held_back``:
    it could, but the reading does not let it. ``newer`` is what the rules say now, where the reading is outdated."""

    rule: PolicyRecord
    reading: Reading
    clauses: tuple[ClauseShown, ...]
    newer: tuple[ClauseShown, ...]
    has_classifier: bool
    may_stop: bool
    is_held_back: bool

    @property
    def kind(self) -> Kind:
        return self.reading.compiled.kind

    @property
    def acts(self) -> tuple[str, ...]:
        return self.reading.compiled.acts

    @property
    def is_outdated(self) -> bool:
        return bool(self.newer)


def rule_readings(rules: Iterable[PolicyRecord], uses: Mapping[Kind, Tier1Use] | None) -> list[RuleReading]:
    """``uses`` as ``tier1_uses_load`` returns them."""
    return [rule_reading(rule, uses) for rule in rules]


def rule_reading(rule: PolicyRecord, uses: Mapping[Kind, Tier1Use] | None) -> RuleReading:
    reading = reading_of(rule)
    can_stop = may_stop_kinds(reading.compiled, uses) != ()
    newer = clauses_shown(compile_policy(rule.text)) if is_outdated(rule, reading) else ()
    return RuleReading(
        rule,
        reading,
        clauses_shown(reading.compiled),
        newer,
        has_classifier=uses is not None,
        may_stop=can_stop and reading.compiled.may_stop,
        is_held_back=can_stop and not reading.compiled.may_stop,
    )


def may_stop_kinds(compiled: Compiled, uses: Mapping[Kind, Tier1Use] | None) -> tuple[Kind, ...]:
    """The kinds of a rule's clauses by which the classifier may stop a turn, as far as its measured precision goes."""
    if uses is None:
        return ()
    # Only a clause that acts alone can decide is the classifier's to decide.
    plain = dict.fromkeys(clause.kind for clause in compiled.clauses if clause.is_plain)
    return tuple(kind for kind in plain if not uses.get(kind, Tier1Use()).is_observed)


def clauses_shown(compiled: Compiled) -> tuple[ClauseShown, ...]:
    return tuple(_clause(clause) for clause in compiled.clauses)


def _clause(clause: Clause) -> ClauseShown:
    return ClauseShown(
        clause.kind,
        clause.sentence,
        tuple(_part(part) for part in clause.when),
        tuple(_part(part) for part in clause.unless),
    )


def _part(part: Part) -> PartShown:
    if isinstance(part, Act):
        return PartShown(part.text, "act", where=_WHERE[part.span])
    if isinstance(part, Tool):
        names = {"*": "any tool", "*change*": "any tool that changes something"}
        return PartShown(names.get(part.name, part.name), "tool", "the agent calls", _WHERE[part.span])
    return PartShown(part.text, "fact") if isinstance(part, Fact) else PartShown(_KNOWN[part], "known")
