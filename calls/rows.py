"""What a session records, as the JSON-able fields of its rows. Pure; names match ``calls.models``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from calls.events import DecidedCall, Latency, SendToolDecision, ToolGateRequested
from calls.gate import arguments_hash
from calls.running import Intervention
from judging.core.types import Evidence, Finding, GateDecision, Json, Policy, Role, ToolCall, Turn, Verdict

_RESULT_TEXT_LIMIT = 8192


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the database holds of a call. ``turns`` maps row numbers to fields as ``turn`` makes them.

    ``decisions`` maps row numbers to fields as ``tool_decision`` makes them, with ``token_hash`` in place of the token.
    ``requests`` are all requests to the tool gate, ``results`` the results of calls by their id, both in order;
    ``judged`` the indexes of turns with a final verdict.
    """

    last_seq: int
    last_n: int
    turns: Mapping[int, Mapping[str, Json]]
    interventions_count: int
    decisions: Mapping[int, Mapping[str, Json]] = field(default_factory=dict)
    requests: tuple[ToolGateRequested, ...] = ()
    results: tuple[tuple[str, Json], ...] = ()
    judged: frozenset[int] = frozenset()


def result_text(result: Json) -> str:
    """A tool's result as the text the judge reads."""
    text = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)
    return text[:_RESULT_TEXT_LIMIT]


def tool_call(call: ToolCall) -> dict[str, Json]:
    return {"id": call.id, "name": call.name, "arguments": dict(call.arguments)}


def turn(spoken: Turn, *, is_judged: bool = True) -> dict[str, Json]:
    return {
        "index": spoken.index,
        "turn_id": spoken.turn_id,
        "role": spoken.role.value,
        "text": spoken.text,
        "tool_calls": [tool_call(call) for call in spoken.tool_calls],
        "tool_name": spoken.tool_name,
        "result": spoken.result,
        "is_judged": is_judged and spoken.role is Role.AGENT,
    }


def evidence(found: Sequence[Evidence]) -> dict[str, Json]:
    return {"values": [one.as_json() for one in found]} if found else {}


def _finding(found: Finding, policies: Sequence[Policy]) -> dict[str, Json]:
    policy = policies[found.policy_index] if found.policy_index is not None else None
    return {
        "check": found.check,
        "score": found.score,
        "reason": found.reason,
        "evidence": evidence(found.evidence),
        "policy_key": policy.id if policy else "",
        "policy_text": policy.text if policy else "",
        "severity": policy.severity.value if policy else "",
        "tool_call_index": found.tool_call_index,
        "is_sure": found.is_sure,
        "correction": found.correction,
    }


def verdict(
    judged: Turn,
    found: Verdict,
    policies: Sequence[Policy],
    latency: Latency,
    *,
    is_final: bool,
    suppressed: str,
) -> dict[str, Json]:
    policy = policies[found.policy_index] if found.policy_index is not None else None
    return {
        "turn_index": judged.index,
        "turn_id": judged.turn_id,
        "decision": found.decision.value,
        "score": found.score,
        "tier": found.tier,
        "check_name": found.check,
        "policy_key": policy.id if policy else "",
        "policy_text": policy.text if policy else "",
        "reason": found.reason,
        "evidence": evidence(found.evidence),
        "findings": [_finding(one, policies) for one in found.findings],
        "shadow": [_finding(one, policies) for one in found.shadow],
        "skipped": found.skipped,
        "pre_gate": found.pre_gate,
        "is_final": is_final,
        "suppressed": suppressed,
        "latency_ms": latency.as_json(),
    }


def made_calls(decision: SendToolDecision) -> tuple[ToolCall, ...]:
    """The calls that a decision lets happen for the first time."""
    return tuple(
        one.verdict.tool_call
        for one in decision.calls
        if one.verdict.decision is GateDecision.ALLOW and not one.repeat_of
    )


def hash_of(decided: DecidedCall) -> str:
    return arguments_hash(decided.verdict.tool_call.name, decided.verdict.tool_call.arguments)


def tool_decision(gate_id: str, decided: DecidedCall, turn_index: int | None) -> dict[str, Json]:
    """``token`` is hashed by the recorder; the plain token never reaches the database."""
    said = decided.verdict
    found = evidence(said.evidence)
    if decided.repeat_of:
        found = {**found, "repeat_of": decided.repeat_of}
    return {
        "gate_id": gate_id,
        "tool_call_id": said.tool_call.id,
        "turn_index": turn_index,
        "name": said.tool_call.name,
        "arguments": dict(said.tool_call.arguments),
        "arguments_hash": hash_of(decided),
        "decision": said.decision.value,
        "check_name": said.check,
        "reason": said.reason,
        "evidence": found,
        "instruction": said.instruction,
        "token": "" if decided.repeat_of else decided.commit_token,
    }


def intervention(running: Intervention, *, verdict_n: int) -> dict[str, Json]:
    return {
        "intervention_id": running.intervention_id,
        "turn_index": running.turn_index,
        "turn_id": running.turn_id,
        "verdict_n": verdict_n,
        "buffer_text": running.buffer_text,
        "system_note": running.system_note,
        "speaker": "mirror" if running.is_spoken_by_mirror else "agent",
        **intervention_progress(running),
    }


def intervention_progress(running: Intervention) -> dict[str, Any]:
    """What changes while an intervention runs."""
    return {"correction_text": running.correction, "source": running.source, "steps": list(running.steps)}


def turn_from_row(fields: Mapping[str, Any]) -> Turn:
    """The turn a row was made of, for a session that is restored."""
    return Turn(
        index=fields["index"],
        role=Role(fields["role"]),
        text=fields["text"],
        turn_id=fields["turn_id"],
        tool_calls=tuple(tool_call_from(call) for call in fields["tool_calls"]),
        tool_name=fields["tool_name"],
        result=fields["result"],
    )


def tool_call_from(call: Mapping[str, Any]) -> ToolCall:
    return ToolCall(name=call["name"], arguments=call["arguments"], id=call["id"])


# What is left of a row for a tenant who keeps no transcripts: numbers, decisions and names, none of the call's words.
_WORDS: Mapping[str, Mapping[str, Json]] = {
    "message": {"payload": {}},
    "turn": {"text": "", "tool_calls": [], "result": None, "heard_text": None},
    "verdict": {"reason": "", "evidence": {}, "findings": [], "shadow": []},
    "tool_decision": {"arguments": {}, "reason": "", "evidence": {}, "instruction": ""},
    "intervention": {"correction_text": "", "system_note": ""},
}


def without_words(table: str, fields: Mapping[str, Json]) -> dict[str, Json]:
    """Return the row's fields with everything emptied that was said or passed on in the call."""
    emptied = _WORDS[table]
    return {name: emptied.get(name, value) for name, value in fields.items()}
