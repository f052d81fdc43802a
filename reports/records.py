"""A call's rows as the facts a report is built from. Inside ``tenant_context``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from calls.models import Call, InterventionRecord, ToolDecisionRecord, TurnRecord, VerdictRecord
from judging.core.types import Evidence, Json, Role, Status, ToolCall, Turn
from judging.models import PolicyRecord
from reports.facts import (
    CallFacts,
    FindingFact,
    HeardTurn,
    InterventionFact,
    PolicyFact,
    ToolDecisionFact,
    VerdictFact,
)
from tenants.agent_settings import AgentSettings


def call_facts_get(call_id: UUID) -> CallFacts | None:
    """Return the facts of an ended call, None where there is no such call or it is still live."""
    call = Call.objects.select_related("agent").filter(id=call_id, status=Call.Status.ENDED).first()
    if call is None:
        return None
    irreversible = frozenset(AgentSettings.from_json(call.agent.settings).irreversible_tools)
    verdicts = list(VerdictRecord.objects.filter(call=call).order_by("n"))
    return CallFacts(
        call_id=str(call.id),
        agent_id=str(call.agent_id),
        turns=tuple(_turn(row) for row in TurnRecord.objects.filter(call=call).order_by("index", "n")),
        verdicts=tuple(_verdict(row) for row in verdicts),
        tool_decisions=tuple(
            _tool_decision(row, irreversible) for row in ToolDecisionRecord.objects.filter(call=call).order_by("n")
        ),
        interventions=tuple(_intervention(row) for row in InterventionRecord.objects.filter(call=call).order_by("n")),
        policies=_policies(call, verdicts),
        numbers=tuple(number for number in (call.from_number, call.to_number) if number),
    )


def _turn(row: TurnRecord) -> HeardTurn:
    calls = tuple(
        ToolCall(str(one.get("name", "")), one.get("arguments") or {}, str(one.get("id", ""))) for one in row.tool_calls
    )
    turn = Turn(row.index, Role(row.role), row.text, row.turn_id, calls, row.tool_name, row.result)
    return HeardTurn(turn, row.offset_ms, row.heard_text)


def _verdict(row: VerdictRecord) -> VerdictFact:
    findings = tuple(_finding(one) for one in row.findings)
    deciding = FindingFact(
        check=row.check_name,
        score=row.score,
        reason=row.reason,
        evidence=_evidence(row.evidence),
        policy_key=row.policy_key,
        policy_text=row.policy_text,
        tool_call_index=findings[0].tool_call_index if findings else None,
    )
    return VerdictFact(
        n=row.n,
        turn_index=row.turn_index,
        decision=row.decision,
        score=row.score,
        tier=row.tier,
        finding=deciding,
        findings=findings,
        shadow=tuple(_finding(one) for one in row.shadow),
        suppressed=row.suppressed,
        is_final=row.is_final,
    )


def _finding(found: Mapping[str, Json]) -> FindingFact:
    return FindingFact(
        check=found.get("check", ""),
        score=found.get("score", 0.0),
        reason=found.get("reason", ""),
        evidence=_evidence(found.get("evidence")),
        policy_key=found.get("policy_key", ""),
        policy_text=found.get("policy_text", ""),
        tool_call_index=found.get("tool_call_index"),
        is_sure=found.get("is_sure", True),
    )


def _evidence(found: Json) -> tuple[Evidence, ...]:
    values = found.get("values", []) if isinstance(found, Mapping) else []
    return tuple(
        Evidence(
            value=one["value"],
            status=Status(one["status"]),
            source_turn=one.get("source_turn"),
            argument=one.get("argument", ""),
            replaced_by=one.get("replaced_by", ""),
        )
        for one in values
    )


def _tool_decision(row: ToolDecisionRecord, irreversible: frozenset[str]) -> ToolDecisionFact:
    return ToolDecisionFact(
        n=row.n,
        turn_index=row.turn_index,
        tool_call_id=row.tool_call_id,
        name=row.name,
        arguments=row.arguments,
        decision=row.decision,
        # The gate's record has no score of its own: a finding that holds a call is a sure one.
        finding=FindingFact(row.check_name, 0.9, row.reason, _evidence(row.evidence)),
        is_irreversible=row.name in irreversible,
    )


def _intervention(row: InterventionRecord) -> InterventionFact:
    return InterventionFact(
        n=row.n,
        turn_index=row.turn_index,
        verdict_n=row.verdict_n,
        state=row.state,
        correction_text=row.correction_text,
        heard_violation_words=row.heard_violation_words,
    )


def _policies(call: Call, verdicts: Iterable[VerdictRecord]) -> dict[str, PolicyFact]:
    """The rules of the call's revision; a finding's own copy of a rule stands where the revision is gone."""
    found: dict[str, PolicyFact] = {}
    for verdict in verdicts:
        for one in (*verdict.findings, *verdict.shadow):
            _policy_add(found, one)
    rows: Any = PolicyRecord.objects.filter(revision__agent_id=call.agent_id, revision__number=call.policy_revision)
    found.update({row.key: PolicyFact(row.key, row.text, row.severity) for row in rows})
    return found


def _policy_add(found: dict[str, PolicyFact], finding: Mapping[str, Json]) -> None:
    key = finding.get("policy_key")
    if key:
        found[key] = PolicyFact(key, finding.get("policy_text", ""), finding.get("severity") or "high")
