"""Review one turn without a call: the same judge as in a call, run to its end in this thread."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field, replace

from judging.asking import Question, question_ask, question_open, question_record
from judging.classifying import classify
from judging.config import AgentJudging
from judging.core import (
    Answer,
    Ask,
    Case,
    Conversation,
    GateVerdict,
    Json,
    Policy,
    Verdict,
    gate_calls,
    judge,
    resolve_ramp,
    run,
    strictest,
)
from judging.core.tryout import TryOut, try_turn
from judging.metrics import answer_count
from judging.models import JudgeUse
from judging.providers.background import run_sync
from judging.providers.errors import ProviderFailed


@dataclass(slots=True)
class Review:
    """A verdict with the gate's word on each tool call; ``policies`` are those judged by."""

    verdict: Verdict
    calls: tuple[GateVerdict, ...]
    policies: tuple[Policy, ...]
    latency_ms: dict[str, float | None] = field(default_factory=dict)

    def as_json(self) -> dict[str, Json]:
        verdict = self.verdict
        policy = None if verdict.policy_index is None else self.policies[verdict.policy_index]
        return {
            "decision": verdict.decision.value,
            "score": verdict.score,
            "tier": verdict.tier,
            "policy": {"id": policy.id, "text": policy.text} if policy else None,
            "check": verdict.check,
            "reason": verdict.reason,
            "evidence": {"values": [item.as_json() for item in verdict.evidence]},
            "correction": verdict.correction,
            "skipped": verdict.skipped,
            "pre_gate": verdict.pre_gate,
            "shadow": [
                {"check": finding.check, "score": finding.score, "reason": finding.reason} for finding in verdict.shadow
            ],
            "tool_decision": strictest(call.decision for call in self.calls).value if self.calls else None,
            "tool_calls": [_call_json(call) for call in self.calls],
            "latency_ms": self.latency_ms,
        }


def _call_json(call: GateVerdict) -> dict[str, Json]:
    return {
        "tool_call_id": call.tool_call.id,
        "name": call.tool_call.name,
        "decision": call.decision.value,
        "reason": call.reason,
        "evidence": {"values": [item.as_json() for item in call.evidence]},
        "instruction": call.instruction,
    }


def turn_review(case: Case, config: AgentJudging, *, key: str = "") -> Review:
    """Judge the case's turn within the agent's review budget. Outside of any ``tenant_context``.

    ``key`` takes the part of the call for policies that are ramped.
    """
    driver = _Driver(config)
    policies = resolve_ramp(case.policies, key)
    conversation = Conversation.from_turns(
        case.history, now=case.now, facts=case.facts, language=case.language or config.judge.language
    )
    verdict = run(judge(conversation, case.turn, policies, config.judge), driver.answer)
    calls = gate_calls(verdict, conversation, case.turn, config.judge)
    return Review(verdict, calls, policies, driver.latency_ms())


def turn_try(case: Case, config: AgentJudging) -> TryOut:
    """Judge a typed turn with tiers 0 and 1, step by step. Outside of any ``tenant_context``."""
    case = replace(case, language=case.language or config.judge.language)
    return run(try_turn(case, config.judge), _Driver(config).answer)


class _Driver:
    """Answers the judge's questions and keeps the time of each tier."""

    def __init__(self, config: AgentJudging) -> None:
        self._config = config
        self._began_s = time.monotonic()
        self._until_s = self._began_s + config.review_budget_s
        self._spent_ms: dict[int, float] = {}

    def answer(self, ask: Ask) -> Answer:
        began_s = time.monotonic()
        answer = self._classified(ask) if ask.tier == 1 else self._asked(ask)
        latency_ms = (time.monotonic() - began_s) * 1000
        self._spent_ms[ask.tier] = self._spent_ms.get(ask.tier, 0.0) + latency_ms
        answer_count(tier=ask.tier, failure=answer.failure, latency_ms=latency_ms)
        return answer

    def _classified(self, ask: Ask) -> Answer:
        try:
            return run_sync(classify(ask, self._config, self._until_s - time.monotonic()))
        except ProviderFailed as error:
            return Answer(failure=error.failure)

    def _asked(self, ask: Ask) -> Answer:
        expires_at = time.time() + self._until_s - time.monotonic()
        question = Question(uuid.uuid4(), ask, JudgeUse.Purpose.JUDGE, expires_at, grace_s=0.0)
        config = question_open(self._config.tenant_id, self._config.agent_id, question)
        if not isinstance(config, AgentJudging):
            return Answer(failure=config or "unavailable")
        asked = question_ask(question, config)
        question_record(question, config, asked)
        return asked.answer

    def latency_ms(self) -> dict[str, float | None]:
        total = (time.monotonic() - self._began_s) * 1000
        tier0 = total - sum(self._spent_ms.values())
        found = {"tier0": tier0, "tier1": self._spent_ms.get(1), "tier2": self._spent_ms.get(2), "total": total}
        return {name: None if value is None else round(value, 3) for name, value in found.items()}
