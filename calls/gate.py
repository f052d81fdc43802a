"""The tool gate's memory: what was decided, what was committed, which repeat gets the first outcome. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from calls.events import DecidedCall, SendToolDecision
from judging.core.gate import strictest
from judging.core.types import Evidence, GateDecision, GateVerdict, Json, Status, ToolCall

# A client that asks under an older name than these is asking anew; a committed call is never forgotten.
_KEPT_DECISIONS = 512
_EXACT = 2**53  # up to here a number is the same one in every language

Mint: TypeAlias = Callable[[str, str], str]
_LOST = "the decision could not be recorded"


def arguments_hash(name: str, arguments: Mapping[str, Json]) -> str:
    """SHA-256 over tool name and canonical arguments: what a commit token is bound to. 2.0 is 2, as in JavaScript."""
    canonical = json.dumps([name, _plain(arguments)], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode(errors="surrogatepass")).hexdigest()


def _plain(value: Json) -> Json:
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def token_hash(token: str) -> str:
    """Tokens hold 256 random bits, so one round of SHA-256 is enough."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Committed:
    """An irreversible call that was allowed: repeats of it are answered with this."""

    gate_id: str
    tool_call_id: str
    token: str
    has_result: bool = False
    result: Json = None


class GateBook:
    """Decisions of one call.

    ``mint(gate_id, arguments_hash)`` returns the secret token of a commitment: always the same for the same, so that a
    process that knows only the call's record hands out the very token that the record has the hash of.
    """

    def __init__(self, *, irreversible: frozenset[str], mint: Mint) -> None:
        self._irreversible = irreversible
        self._mint = mint
        self._decisions: dict[str, SendToolDecision] = {}
        self._asked: dict[str, tuple[str, ...]] = {}  # what each gate was asked about: its calls' ids and hashes
        self._committed: dict[str, Committed] = {}

    def decided(self, gate_id: str) -> SendToolDecision | None:
        """The decision already given to this gate request."""
        return self._decisions.get(gate_id)

    def is_for_others(self, gate_id: str, calls: tuple[ToolCall, ...]) -> bool:
        """Whether the gate's name was used for other calls: their decision must not be taken for these."""
        return gate_id in self._asked and self._asked[gate_id] != _names_of(calls)

    def is_irreversible(self, decision: SendToolDecision) -> bool:
        """Whether the decision lets something happen that cannot be undone."""
        return any(
            one.verdict.decision is GateDecision.ALLOW and one.verdict.tool_call.name in self._irreversible
            for one in decision.calls
        )

    def stands(self, decision: SendToolDecision) -> bool:
        """Whether what the decision allows is still committed: a repeat falls with what it repeats."""
        kept = {one.token for one in self._committed.values()}
        return all(not one.commit_token or one.commit_token in kept for one in decision.calls)

    def decide(self, gate_id: str, verdicts: Iterable[GateVerdict]) -> SendToolDecision:
        """Turn the gate's verdicts into one decision; an allowed irreversible call gets its token."""
        return self._keep(gate_id, tuple(self._decide_one(gate_id, verdict) for verdict in verdicts))

    def _keep(self, gate_id: str, calls: tuple[DecidedCall, ...]) -> SendToolDecision:
        decision = strictest(call.verdict.decision for call in calls)
        told = [call.verdict.instruction for call in calls if call.verdict.instruction]
        sent = SendToolDecision(gate_id, decision, calls, " ".join(dict.fromkeys(told)))
        self._put(sent, _names_of(tuple(one.verdict.tool_call for one in calls)))
        return sent

    def _put(self, sent: SendToolDecision, asked: tuple[str, ...]) -> None:
        self._decisions[sent.gate_id], self._asked[sent.gate_id] = sent, asked
        while len(self._decisions) > _KEPT_DECISIONS:
            oldest = next(iter(self._decisions))
            del self._decisions[oldest], self._asked[oldest]

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
        committed = Committed(gate_id, call.id, self._mint(gate_id, key))
        self._committed[key] = committed
        return DecidedCall(verdict, committed.token)

    def take_back(self, gate_id: str) -> SendToolDecision | None:
        """A decision that was never sent could not be recorded: what it would have let happen is blocked instead.

        None where nothing irreversible was allowed, or the gate is not known.
        """
        decided = self._decisions.get(gate_id)
        if decided is None or not self.is_irreversible(decided):
            return None
        self._committed = {key: one for key, one in self._committed.items() if one.gate_id != gate_id}
        return self._keep(gate_id, tuple(map(self._blocked, decided.calls)))

    def _blocked(self, one: DecidedCall) -> DecidedCall:
        said = one.verdict
        if said.decision is not GateDecision.ALLOW or said.tool_call.name not in self._irreversible:
            return one
        told = f"Do not call {said.tool_call.name} now: its permission could not be recorded. Ask again later."
        return DecidedCall(GateVerdict(said.tool_call, GateDecision.BLOCK, _LOST, "not_recorded", instruction=told))

    def take_recorded(self, gate_id: str, recorded: Sequence[Mapping[str, Any]]) -> SendToolDecision | None:
        """A decision from its rows, in order. None where it repeats what is not in the record: it was never told."""
        if any(self._is_hollow(row) for row in recorded):
            return None
        calls = tuple(self._decided_of(gate_id, row) for row in recorded)
        sent = SendToolDecision(
            gate_id,
            strictest(one.verdict.decision for one in calls),
            calls,
            " ".join(dict.fromkeys(one.verdict.instruction for one in calls if one.verdict.instruction)),
        )
        self._put(sent, tuple(f"{row['tool_call_id']}:{row['arguments_hash']}" for row in recorded))
        return sent

    def _is_hollow(self, row: Mapping[str, Any]) -> bool:
        """An irreversible call's permission with nothing behind it."""
        is_permission = row["decision"] == GateDecision.ALLOW and row["name"] in self._irreversible
        return is_permission and not row["token_hash"] and row["arguments_hash"] not in self._committed

    def _decided_of(self, gate_id: str, row: Mapping[str, Any]) -> DecidedCall:
        said = _verdict_of(row)
        key, repeat_of = row["arguments_hash"], row["evidence"].get("repeat_of", "")
        first = self._committed.get(key) if repeat_of else None
        if first is not None:
            return DecidedCall(said, first.token, repeat_of, first.result)
        if not row["token_hash"]:
            return DecidedCall(said)
        token = self._mint(gate_id, key)
        # Under another key of the installation the token is another one: then the one that was sent must do.
        token = token if token_hash(token) == row["token_hash"] else ""
        self._committed.setdefault(key, Committed(gate_id, said.tool_call.id, token))
        return DecidedCall(said, token)

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
            "asked": {gate_id: list(names) for gate_id, names in self._asked.items()},
        }

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        self._committed = {key: Committed(**fields) for key, fields in snapshot["committed"].items()}
        self._decisions, self._asked = {}, {}
        for kept in snapshot["decisions"]:
            self._put(_decision_from_json(kept), tuple(snapshot["asked"][kept["gate_id"]]))


def _names_of(calls: tuple[ToolCall, ...]) -> tuple[str, ...]:
    return tuple(f"{call.id}:{arguments_hash(call.name, call.arguments)}" for call in calls)


def _verdict_of(row: Mapping[str, Any]) -> GateVerdict:
    return GateVerdict(
        tool_call=ToolCall(row["name"], row["arguments"], row["tool_call_id"]),
        decision=GateDecision(row["decision"]),
        reason=row["reason"],
        check=row["check_name"],
        evidence=tuple(_evidence_of(one) for one in row["evidence"].get("values", ())),
        instruction=row["instruction"],
    )


def _evidence_of(kept: Mapping[str, Any]) -> Evidence:
    return Evidence(**{**kept, "status": Status(kept["status"])})


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
        evidence=tuple(map(_evidence_of, kept["evidence"])),
        instruction=kept["instruction"],
    )
    return DecidedCall(said, kept["commit_token"], kept["repeat_of"], kept["first_result"])
