"""Ended calls for the report tests: a food order with one change of mind, told as facts."""

from __future__ import annotations

from dataclasses import replace

from judging.core.types import Evidence, Role, Status, ToolCall, Turn
from reports.facts import (
    CallFacts,
    FindingFact,
    HeardTurn,
    InterventionFact,
    PolicyFact,
    ToolDecisionFact,
    VerdictFact,
)

STALE = Evidence("two", Status.SUPERSEDED, source_turn=2, argument="items.0.quantity", replaced_by="three")
STALE_FINDING = FindingFact(
    check="stale_argument",
    score=0.95,
    reason="items.0.quantity keeps 'two', which the customer took back for 'three'",
    evidence=(STALE,),
    tool_call_index=0,
)
ORDER = ToolCall(
    "place_order", {"items": [{"name": "margherita", "quantity": "two"}], "phone": "415-555-2671"}, id="t1"
)
PROMISE = FindingFact(
    check="judge",
    score=0.9,
    reason="the agent promises a refund",
    policy_key="p-refund",
    policy_text="Never promise a refund without a manager's approval",
)
POLICIES = {"p-refund": PolicyFact("p-refund", PROMISE.policy_text, severity="critical")}


def turn(index: int, role: Role, text: str, *, calls: tuple[ToolCall, ...] = (), heard: str | None = None) -> HeardTurn:
    return HeardTurn(Turn(index, role, text, turn_id=f"t{index}", tool_calls=calls), index * 1000, heard)


def clean_call() -> CallFacts:
    """A call in which nothing failed."""
    turns = (
        turn(0, Role.AGENT, "Hello, what can I get you?"),
        turn(1, Role.CUSTOMER, "Two margheritas, my name is John Smith, call me on 415-555-2671."),
        turn(2, Role.CUSTOMER, "Actually, make it three."),
        turn(3, Role.AGENT, "Placing your order, John.", calls=(ORDER,), heard="Placing your"),
    )
    passed = VerdictFact(1, 3, "pass", 0.0, 0, FindingFact("", 0.0, ""))
    return CallFacts("call-1", "agent-1", turns, (passed,), policies=POLICIES)


def held_call(decision: str = "confirm") -> CallFacts:
    """The order of a number the caller took back is held, and the sentence with it is stopped."""
    verdict = VerdictFact(1, 3, "intervene", 0.95, 0, STALE_FINDING, findings=(STALE_FINDING,))
    gate = ToolDecisionFact(
        2, 3, "t1", "place_order", ORDER.arguments, decision, replace(STALE_FINDING, score=0.0), is_irreversible=True
    )
    stop = InterventionFact(3, 3, 1, "completed", "Just to confirm: three?", heard_violation_words=2)
    return replace(clean_call(), verdicts=(verdict,), tool_decisions=(gate,), interventions=(stop,))


def gate_only(*, check: str, decision: str = "confirm") -> CallFacts:
    """A tool call held by the gate alone, for a finding of this check ("undecided": nobody could judge it)."""
    finding = FindingFact(check, 0.9, "held", evidence=(STALE,))
    gate = ToolDecisionFact(2, 3, "t1", "place_order", ORDER.arguments, decision, finding)
    return replace(clean_call(), tool_decisions=(gate,))


def shadow_call(*, score: float = 0.9) -> CallFacts:
    verdict = VerdictFact(1, 3, "pass", 0.0, 1, FindingFact("", 0.0, ""), shadow=(replace(PROMISE, score=score),))
    return replace(clean_call(), verdicts=(verdict,))


def promise_call(*, suppressed: str = "") -> CallFacts:
    verdict = VerdictFact(1, 3, "intervene", 0.9, 2, PROMISE, suppressed=suppressed)
    return replace(clean_call(), verdicts=(verdict,))
