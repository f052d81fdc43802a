"""The tool gate's memory: what was decided, what was committed, which repeat gets the first outcome. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from calls.events import DecidedCall, SendToolDecision
from judging.core.gate import strictest
from judging.core.types import Evidence, GateDecision, GateVerdict, Json, Status, ToolCall

_KEPT_DECISIONS = 64


def arguments_hash(name: str, arguments: Mapping[str, Json]) -> str:
    """SHA-256 over tool name and canonical arguments: what a commit token is bound to."""
    canonical = json.dumps([name, arguments], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Committed:
    """An irreversible call that was allowed: repeats of it are answered with this."""

    gate_id: str
    tool_call_id: str
    token: str
    has_result: bool = False
    result: Json = None


class GateBook:
    """Decisions of one call. ``mint`` returns a fresh secret token."""

    def __init__(self, *, irreversible: frozenset[str], mint: Callable[[], str]) -> None:
        self._irreversible = irreversible
        self._mint = mint
        self._decisions: dict[str, SendToolDecision] = {}
        self._committed: dict[str, Committed] = {}

    def decided(self, gate_id: str) -> SendToolDecision | None:
        """The decision already given to this gate request."""
        return self._decisions.get(gate_id)

    def is_for_others(self, gate_id: str, calls: tuple[ToolCall, ...]) -> bool:
        """Whether the gate's name was used for other calls: their decision must not be taken for these."""
        decided = self._decisions.get(gate_id)
        return decided is not None and tuple(one.verdict.tool_call for one in decided.calls) != calls

    def decide(self, gate_id: str, verdicts: Iterable[GateVerdict]) -> SendToolDecision:
        """Turn the gate's verdicts into one decision; an allowed irreversible call gets its token."""
        calls = tuple(self._decide_one(gate_id, verdict) for verdict in verdicts)
        decision = strictest(call.verdict.decision for call in calls)
        told = [call.verdict.instruction for call in calls if call.verdict.instruction]
        sent = SendToolDecision(gate_id, decision, calls, " ".join(dict.fromkeys(told)))
        self._decisions[gate_id] = sent
        while len(self._decisions) > _KEPT_DECISIONS:
            self._decisions.pop(next(iter(self._decisions)))
        return sent

    def _decide_one(self, gate_id: str, verdict: GateVerdict) -> DecidedCall:
        call = verdict.tool_call
        if call.name not in self._irreversible:
            return DecidedCall(verdict)
        key = arguments_hash(call.name, call.arguments)
        first = self._committed.get(key)
        if first is not None:
            reason = f"the same {call.name} was already allowed; its first outcome stands"
            again = replace(verdict, decision=GateDecision.ALLOW, reason=reason, check="repeat", instruction="")
            return DecidedCall(again, first.token, first.gate_id, first.result)
        if verdict.decision is not GateDecision.ALLOW:
            return DecidedCall(verdict)
        committed = Committed(gate_id, call.id, self._mint())
        self._committed[key] = committed
        return DecidedCall(verdict, committed.token)

    def take_result(self, tool_call_id: str, result: Json) -> bool:
        """Keep the first outcome of a committed call. True when the id names one."""
        for key, committed in self._committed.items():
            if committed.tool_call_id == tool_call_id and tool_call_id:
                if not committed.has_result:
                    self._committed[key] = replace(committed, has_result=True, result=result)
                return True
        return False

    def snapshot(self) -> dict[str, Any]:
        """``{"committed": {"<hash>": {"gate_id", "token", ...}}, "decisions": [...]}``.

        Decisions are kept, so that a request that is sent again after a reconnect gets the word it got before.
        """
        return {
            "committed": {
                key: {
                    "gate_id": one.gate_id,
                    "tool_call_id": one.tool_call_id,
                    "token": one.token,
                    "has_result": one.has_result,
                    "result": one.result,
                }
                for key, one in self._committed.items()
            },
            "decisions": [_decision_to_json(one) for one in self._decisions.values()],
        }

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        self._committed = {key: Committed(**fields) for key, fields in snapshot["committed"].items()}
        decisions = (_decision_from_json(one) for one in snapshot["decisions"])
        self._decisions = {one.gate_id: one for one in decisions}


def _decision_to_json(said: SendToolDecision) -> dict[str, Any]:
    return {
        "gate_id": said.gate_id,
        "decision": said.decision.value,
        "instruction": said.instruction,
        "calls": [_decided_to_json(one) for one in said.calls],
    }


def _decided_to_json(one: DecidedCall) -> dict[str, Any]:
    said = one.verdict
    return {
        "call": {"name": said.tool_call.name, "arguments": dict(said.tool_call.arguments), "id": said.tool_call.id},
        "decision": said.decision.value,
        "reason": said.reason,
        "check": said.check,
        "tier": said.tier,
        "evidence": [evidence.as_json() for evidence in said.evidence],
        "instruction": said.instruction,
        "commit_token": one.commit_token,
        "repeat_of": one.repeat_of,
        "first_result": one.first_result,
    }


def _decision_from_json(kept: Mapping[str, Any]) -> SendToolDecision:
    calls = tuple(_decided_from_json(one) for one in kept["calls"])
    return SendToolDecision(kept["gate_id"], GateDecision(kept["decision"]), calls, kept["instruction"])


def _decided_from_json(kept: Mapping[str, Any]) -> DecidedCall:
    said = GateVerdict(
        tool_call=ToolCall(**kept["call"]),
        decision=GateDecision(kept["decision"]),
        reason=kept["reason"],
        check=kept["check"],
        tier=kept["tier"],
        evidence=tuple(Evidence(**{**one, "status": Status(one["status"])}) for one in kept["evidence"]),
        instruction=kept["instruction"],
    )
    return DecidedCall(said, kept["commit_token"], kept["repeat_of"], kept["first_result"])
