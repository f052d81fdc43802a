"""What went wrong in one call: every failure that its records prove, each once, with a stated severity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from judging.core.types import Decision, Evidence, GateDecision, Severity
from reports.facts import CallFacts, FindingFact, InterventionFact, ToolDecisionFact, VerdictFact
from reports.grouping import Cause, argument_kind, deciding

SHADOW_THRESHOLD = 0.7  # a shadow finding below it would not have intervened. Source: default intervention_threshold
SEVERITIES = tuple(severity.value for severity in (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW))

# A held call with one of these was held because nobody could judge it, or answered as a repeat: no failure.
_NO_FINDING = frozenset({"", "undecided", "repeat", "not_gated"})
_HELD = frozenset({GateDecision.CONFIRM.value, GateDecision.BLOCK.value})


@dataclass(frozen=True, slots=True)
class Failure:
    """One proven failure: ``tool`` where a tool call was held for it, ``intervention`` where speech was stopped."""

    cause: Cause
    turn_index: int | None
    score: float
    tier: int | None
    reason: str
    evidence: tuple[Evidence, ...]
    severity: str = Severity.MEDIUM.value
    severity_reason: str = ""
    tool: ToolDecisionFact | None = None
    intervention: InterventionFact | None = None
    is_shadow: bool = False
    is_acted_on: bool = True


def find_failures(call: CallFacts) -> list[Failure]:
    """Return the call's failures, the worst first."""
    merged: dict[tuple[object, ...], Failure] = {}
    for failure in _all(call):
        key = (failure.turn_index, failure.cause.identity(), failure.is_shadow)
        merged[key] = _merge(merged[key], failure) if key in merged else failure
    rated = [_rated(call, failure) for failure in merged.values()]
    return sorted(rated, key=_rank)


def _rank(failure: Failure) -> tuple[object, ...]:
    turn = failure.turn_index if failure.turn_index is not None else 1 << 30
    is_speech_only = failure.tool is None
    severity = SEVERITIES.index(failure.severity)
    return (failure.is_shadow, severity, is_speech_only, -failure.score, turn, failure.cause.identity())


def _all(call: CallFacts) -> Iterator[Failure]:
    stopped = {one.verdict_n: one for one in call.interventions}
    for verdict in call.verdicts:
        if verdict.decision == Decision.INTERVENE.value:
            yield _from_verdict(call, verdict, stopped.pop(verdict.n, None))
        for finding in verdict.shadow:
            if finding.is_sure and finding.score >= SHADOW_THRESHOLD:
                yield _failure(call, finding, verdict.turn_index, verdict.tier, is_shadow=True)
    for decision in call.tool_decisions:
        if decision.decision in _HELD and decision.finding.check not in _NO_FINDING:
            yield _from_tool(call, decision)
    for intervention in stopped.values():
        yield _unexplained(intervention)


def _from_verdict(call: CallFacts, verdict: VerdictFact, intervention: InterventionFact | None) -> Failure:
    failure = _failure(call, verdict.finding, verdict.turn_index, verdict.tier)
    return replace(failure, intervention=intervention, is_acted_on=verdict.suppressed != "cooldown")


def _failure(
    call: CallFacts, finding: FindingFact, turn_index: int, tier: int | None, *, is_shadow: bool = False
) -> Failure:
    heard = call.turn(turn_index)
    tools = heard.turn.tool_calls if heard else ()
    at = finding.tool_call_index
    tool = tools[at].name if at is not None and 0 <= at < len(tools) else ""
    return Failure(
        cause=cause_of(finding, tool),
        turn_index=turn_index,
        score=finding.score,
        tier=tier,
        reason=finding.reason,
        evidence=finding.evidence,
        is_shadow=is_shadow,
        is_acted_on=not is_shadow,
    )


def cause_of(finding: FindingFact, tool: str) -> Cause:
    """Return the cause behind a finding about this tool ("" when it is about speech)."""
    main = deciding(finding.evidence)
    return Cause(
        check=finding.check,
        policy_key=finding.policy_key,
        policy_text=finding.policy_text,
        tool=tool,
        argument=argument_kind(main.argument) if main else "",
        status=main.status.value if main else "",
    )


def _from_tool(call: CallFacts, decision: ToolDecisionFact) -> Failure:
    finding = _with_policy(call, decision)
    return Failure(
        cause=cause_of(finding, decision.name),
        turn_index=decision.turn_index,
        score=finding.score,
        tier=_tier_of(call, decision),
        reason=finding.reason,
        evidence=finding.evidence,
        tool=decision,
    )


def _with_policy(call: CallFacts, decision: ToolDecisionFact) -> FindingFact:
    """The gate's record names no policy: take it from the verdict on the same turn and check."""
    for verdict in call.verdicts:
        for finding in (verdict.finding, *verdict.findings):
            if verdict.turn_index == decision.turn_index and finding.check == decision.finding.check:
                return replace(
                    decision.finding,
                    score=finding.score,
                    policy_key=finding.policy_key,
                    policy_text=finding.policy_text,
                )
    return decision.finding


def _tier_of(call: CallFacts, decision: ToolDecisionFact) -> int | None:
    tiers = (one.tier for one in call.verdicts if one.turn_index == decision.turn_index and one.tier is not None)
    return next(tiers, 0)


def _unexplained(intervention: InterventionFact) -> Failure:
    return Failure(
        cause=Cause(check="unexplained"),
        turn_index=intervention.turn_index,
        score=0.5,
        tier=None,
        reason="the turn was stopped; the verdict behind it is not on record",
        evidence=(),
        intervention=intervention,
    )


def _merge(first: Failure, second: Failure) -> Failure:
    """One failure seen twice (a prefix and the whole turn, the verdict and the gate) keeps all that is known of it."""
    return replace(
        first,
        score=max(first.score, second.score),
        evidence=first.evidence or second.evidence,
        tool=first.tool or second.tool,
        intervention=first.intervention or second.intervention,
        is_acted_on=first.is_acted_on or second.is_acted_on,
        cause=first.cause if first.cause.tool else replace(first.cause, tool=second.cause.tool),
    )


def _rated(call: CallFacts, failure: Failure) -> Failure:
    """Rate by rule: the policy's own severity, else high for a tool call and medium for speech; one step up when
    the failure was found but nothing stopped it."""
    policy = call.policies.get(failure.cause.policy_key)
    if policy is not None:
        severity, why = policy.severity, "the severity of the policy it broke"
    elif failure.tool is not None or failure.cause.tool:
        severity, why = Severity.HIGH.value, "it concerns a tool call"
    else:
        severity, why = Severity.MEDIUM.value, "it was spoken, no tool call was at stake"
    if severity not in SEVERITIES:
        severity = Severity.MEDIUM.value
    if not failure.is_acted_on and not failure.is_shadow and severity != SEVERITIES[0]:
        severity = SEVERITIES[SEVERITIES.index(severity) - 1]
        why += ", one step up because the cool-down left it unstopped"
    return replace(failure, severity=severity, severity_reason=why)
