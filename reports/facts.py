"""One ended call as values: what the report builder reads. Fields mirror the records of ``calls.models``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from judging.core.types import Evidence, Json, Turn


@dataclass(frozen=True, slots=True)
class HeardTurn:
    """A turn and what the caller heard of it: ``heard_text`` None is unknown, "" is nothing."""

    turn: Turn
    offset_ms: int = 0
    heard_text: str | None = None


@dataclass(frozen=True, slots=True)
class PolicyFact:
    """A rule of the revision the call ran under."""

    key: str
    text: str
    severity: str = "high"


@dataclass(frozen=True, slots=True)
class FindingFact:
    """One finding of a verdict, its policy resolved to the key and text it had in the call's revision."""

    check: str
    score: float
    reason: str
    evidence: tuple[Evidence, ...] = ()
    policy_key: str = ""
    policy_text: str = ""
    tool_call_index: int | None = None
    is_sure: bool = True


@dataclass(frozen=True, slots=True)
class VerdictFact:
    n: int
    turn_index: int
    decision: str
    score: float
    tier: int | None
    finding: FindingFact
    findings: tuple[FindingFact, ...] = ()
    shadow: tuple[FindingFact, ...] = ()
    suppressed: str = ""  # "cooldown" or "intervening": why an intervene was not acted on
    is_final: bool = True


@dataclass(frozen=True, slots=True)
class ToolDecisionFact:
    n: int
    turn_index: int | None
    tool_call_id: str
    name: str
    arguments: Mapping[str, Json]
    decision: str
    finding: FindingFact
    is_irreversible: bool = False


@dataclass(frozen=True, slots=True)
class InterventionFact:
    n: int
    turn_index: int
    verdict_n: int
    state: str
    correction_text: str = ""
    heard_violation_words: int | None = None


@dataclass(frozen=True, slots=True)
class CallFacts:
    """Everything the report of one call may rest on, in the order it was recorded."""

    call_id: str
    agent_id: str
    turns: tuple[HeardTurn, ...]
    verdicts: tuple[VerdictFact, ...] = ()
    tool_decisions: tuple[ToolDecisionFact, ...] = ()
    interventions: tuple[InterventionFact, ...] = ()
    policies: Mapping[str, PolicyFact] = field(default_factory=dict)
    numbers: tuple[str, ...] = ()

    def turn(self, index: int | None) -> HeardTurn | None:
        """Return the turn with this index, None where the call has none."""
        return next((heard for heard in self.turns if heard.turn.index == index), None)
