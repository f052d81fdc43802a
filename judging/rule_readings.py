"""How Mirror reads a tenant's rules, for the console: what the classifier is asked, and what its word counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from judging.core.compiled import Kind
from judging.core.compiling import compiled_of
from judging.core.types import Tier1Use
from judging.models import PolicyRecord
from judging.selectors import policy_of


@dataclass(frozen=True, slots=True)
class RuleReading:
    """One rule of a revision. ``acts`` are the statements asked of a turn, none where only a language model can judge
    the rule; ``may_stop``: whether the classifier alone may stop a turn, else it may only ask tier 2."""

    rule: PolicyRecord
    kind: Kind
    acts: tuple[str, ...]
    has_classifier: bool
    may_stop: bool


def rule_readings(rules: Iterable[PolicyRecord], uses: Mapping[Kind, Tier1Use] | None) -> list[RuleReading]:
    """``uses`` as ``tier1_uses_load`` returns them."""
    return [_reading(rule, uses) for rule in rules]


def _reading(rule: PolicyRecord, uses: Mapping[Kind, Tier1Use] | None) -> RuleReading:
    compiled = compiled_of(policy_of(rule))
    # Only a clause that acts alone can decide is the classifier's to decide.
    plain = [clause for clause in compiled.clauses if clause.is_plain]
    may_stop = any(not (uses or {}).get(clause.kind, Tier1Use()).is_observed for clause in plain)
    return RuleReading(rule, compiled.kind, compiled.acts, uses is not None, uses is not None and may_stop)
