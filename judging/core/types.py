"""The words of the judge as values: turns, policies, findings, verdicts.

Everything here is frozen, free of Django, of I/O and of the clock, so that live review, the tool gate, shadow mode,
backtests and the ``judge`` command share one vocabulary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeAlias

from judging.core.compiled import Compiled, Kind

Json: TypeAlias = Any  # any value that json.loads can return


class Decision(StrEnum):
    """What the judge says of one agent turn."""

    PASS = "pass"
    INTERVENE = "intervene"
    UNDECIDED = "undecided"


class GateDecision(StrEnum):
    """What the tool gate says of one tool call, or of all calls of one turn (the strictest wins)."""

    ALLOW = "allow"
    CONFIRM = "confirm"
    BLOCK = "block"


class FailMode(StrEnum):
    """What follows for a tool call that nobody could judge in time."""

    CONFIRM = "confirm"
    ALLOW = "allow"
    BLOCK = "block"


class Role(StrEnum):
    CUSTOMER = "customer"
    AGENT = "agent"
    TOOL = "tool"  # a tool's result
    TOOL_CALL = "tool_call"  # a call the agent made earlier, as some transcripts list it by itself


class Scope(StrEnum):
    """Which part of a turn a policy is asked of."""

    SPEECH = "speech"
    TOOLS = "tools"
    BOTH = "both"


class Mode(StrEnum):
    """How far a policy is rolled out. ``RAMP`` enforces on ``Policy.ramp_share`` of the calls and shadows the rest."""

    SHADOW = "shadow"
    RAMP = "ramp"
    ENFORCE = "enforce"


class Severity(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Status(StrEnum):
    """How a value stands towards the conversation, for evidence."""

    GROUNDED = "grounded"  # said (or returned by a tool) and still standing
    SUPERSEDED = "superseded"  # said, then replaced or taken back by its speaker
    NEVER_SAID = "never_said"
    UNCONFIRMED = "unconfirmed"  # standing, but nobody read it back and got a yes


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call the agent wants to make. ``id`` is the caller's own and may be empty in recorded data."""

    name: str
    arguments: Mapping[str, Json]
    id: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """One party's contribution.

    ``index`` counts all turns of a call from 0 and is what evidence points at. For ``Role.TOOL`` the text is the
    result as text, ``tool_name`` the tool, and ``result`` the result as JSON where the source had it. ``offset_ms`` is
    when it came, from the start of the call; None where the source has no clock.
    """

    index: int
    role: Role
    text: str
    turn_id: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_name: str = ""
    result: Json = None
    offset_ms: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Policy:
    """One plain-English rule of a tenant. ``compiled`` is the form it is judged by; None: as the rules read it now."""

    text: str
    id: str = ""
    severity: Severity = Severity.HIGH
    scope: Scope = Scope.BOTH
    mode: Mode = Mode.ENFORCE
    ramp_share: float = 1.0
    # Policies are looked up by hash on every turn; what tells two of the same text apart shows in comparing them.
    compiled: Compiled | None = field(default=None, hash=False)


@dataclass(frozen=True, slots=True)
class Tier1Use:
    """What tier 1's word counts for rules of one kind, decided by its measured precision.

    ``is_observed``: its score may ask tier 2, never intervene alone. ``threshold`` is where it is sure, None for
    ``JudgeSettings.tier1_high``. ``temperature`` softens (above 1) or sharpens the scores before they are combined.
    """

    is_observed: bool = False
    threshold: float | None = None
    temperature: float = 1.0


# What was left undone shows in no turn as surely as what was done: until measured, tier 1 may only ask about it.
DEFAULT_TIER1_USES: Mapping[Kind, Tier1Use] = MappingProxyType(
    {Kind.REQUIRED_ACT: Tier1Use(is_observed=True), Kind.CONDITION: Tier1Use(is_observed=True)}
)


@dataclass(frozen=True, slots=True)
class JudgeSettings:
    """Per-agent settings that change a verdict. Defaults are those of a new agent."""

    threshold: float = 0.7
    tier1_low: float = 0.20
    tier1_high: float = 0.85
    tiers: frozenset[int] = frozenset({0, 1, 2})
    is_pre_gate_enabled: bool = True  # tiered_scoring_enabled
    is_scored_on_tool_call: bool = True  # force_score_on_tool_call
    scorer: str = "mirror_judge"  # or "llm"
    judging_prompt: str = ""
    language: str = ""  # BCP 47 tag; "": as heard
    is_tool_gate_enabled: bool = True
    irreversible_tools: frozenset[str] = frozenset(
        {
            "place_order",
            "book_flight",
            "book_flights",
            "charge_card",
            "process_payment",
            "cancel_subscription",
            "send_email",
            "send_sms",
            "transfer_funds",
        }
    )
    default_fail_mode: FailMode = FailMode.CONFIRM
    tool_fail_modes: Mapping[str, FailMode] = field(default_factory=dict)
    tier1_uses: Mapping[Kind, Tier1Use] = field(default_factory=lambda: dict(DEFAULT_TIER1_USES))

    def tier1_use(self, kind: Kind) -> Tier1Use:
        return self.tier1_uses.get(kind, _PLAIN_USE)

    def fail_mode(self, tool_name: str) -> FailMode:
        return self.tool_fail_modes.get(tool_name, self.default_fail_mode)

    def is_gated(self, tool_name: str) -> bool:
        """Irreversible tools are gated whatever else is set."""
        return self.is_tool_gate_enabled or tool_name in self.irreversible_tools


_PLAIN_USE = Tier1Use()


@dataclass(frozen=True, slots=True)
class Evidence:
    """One value a verdict rests on: ``{"value": "two", "source_turn": 3, "status": "superseded"}`` and more.

    ``source_turn`` is the index of the turn that said it, None when nobody did. ``argument`` names the tool argument
    (dotted for nested ones) and ``replaced_by`` the value that stands now, where there is one.
    """

    value: str
    status: Status
    source_turn: int | None = None
    argument: str = ""
    replaced_by: str = ""

    def as_json(self) -> dict[str, Json]:
        found: dict[str, Json] = {
            "value": self.value,
            "source_turn": self.source_turn,
            "status": self.status.value,
        }
        if self.argument:
            found["argument"] = self.argument
        if self.replaced_by:
            found["replaced_by"] = self.replaced_by
        return found


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found wrong. No finding means nothing to say, never "proved right".

    ``check`` is the stable name of the check (``stale_argument``). ``is_sure`` findings decide in tier 0 by
    themselves; others raise the question to the next tier. ``tool_call_index`` points into the turn's tool calls,
    ``policy_index`` into the policies judged; None where the finding is about neither. ``gate`` is what the tool gate
    should do about it: ``CONFIRM`` when asking the caller can settle it, ``BLOCK`` when it cannot.
    ``correction`` is what the agent should say instead, in the agent's voice, empty when unknown.
    """

    check: str
    score: float
    reason: str
    is_sure: bool = True
    evidence: tuple[Evidence, ...] = ()
    policy_index: int | None = None
    tool_call_index: int | None = None
    gate: GateDecision = GateDecision.CONFIRM
    correction: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge found about one agent turn (or a judged prefix of it).

    ``tier`` is the tier that decided: 0, 1, 2, or None where none did (skipped by the pre-gate, or undecided).
    ``findings`` are all findings, the deciding one first; shadow findings are in ``shadow`` and never decide.
    ``skipped`` says why tiers 1 and 2 were not asked ("" when they were, or were not needed). ``pre_gate`` is the sign
    that the pre-gate saw (``pregate.Sign``), "" where there is no tier 1 or 2. ``language`` is that of the call, as
    ISO 639-1 code.
    """

    decision: Decision
    score: float = 0.0
    tier: int | None = None
    check: str = ""
    policy_index: int | None = None
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()
    correction: str = ""
    findings: tuple[Finding, ...] = ()
    shadow: tuple[Finding, ...] = ()
    skipped: str = ""
    pre_gate: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """The gate's word on one tool call, before any commit token is minted."""

    tool_call: ToolCall
    decision: GateDecision
    reason: str = ""
    check: str = ""
    tier: int | None = None
    evidence: tuple[Evidence, ...] = ()
    instruction: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One agent turn with all that is known when it is judged.

    ``history`` ends before the judged turn. ``facts`` are extra texts the agent may rely on (knowledge, tool results
    that are not part of the history). ``now`` is the moment of the call in the caller's zone, for "next Friday".
    ``language`` is a BCP 47 tag, "" to go by the words.
    """

    history: tuple[Turn, ...]
    turn: Turn
    policies: tuple[Policy, ...] = ()
    facts: tuple[str, ...] = ()
    now: datetime | None = None
    language: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """A question for a model; the driver answers with ``Answer`` or throws nothing and answers a failed one.

    Tier 1: ``premise`` (one turn) and ``hypotheses``, each an act asked of it once, whichever of the policies at
    ``policy_indexes`` need it; a turn may take several such asks. Tier 2: ``messages``, ready for a
    chat completion (``[{"role": "system", "content": "..."}, ...]``). ``case`` is the code on the fences of its record.
    """

    tier: int
    premise: str = ""
    hypotheses: tuple[str, ...] = ()
    policy_indexes: tuple[int, ...] = ()
    messages: tuple[Mapping[str, str], ...] = ()
    case: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The reply to an ``Ask``. ``failure`` non-empty (``timeout``, ``provider_error``, ``garbage``, ``circuit_open``,
    ``unavailable``) means there is no reply. ``scores`` answer ``Ask.hypotheses`` in order; ``text`` is the raw
    completion of tier 2."""

    scores: tuple[float, ...] = ()
    text: str = ""
    failure: str = ""
