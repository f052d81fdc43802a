"""A tenant with something on every page of the console: a live call, a failed call with its report, problem and fix."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.timezone import now

from calls.models import Call, InterventionRecord, ToolDecisionRecord, TurnRecord, VerdictRecord
from fixers.models import Fix, Repository
from judging.core.types import Mode, Scope, Severity
from judging.models import PolicyRevision
from judging.policy_files import RuleDraft
from judging.services import policy_revision_activate, policy_set_import
from reports.models import Problem, Report
from tenants.access import actor_mirror
from tenants.models import Agent
from tenants.scope import tenant_context

POLICIES = (
    ("read-back", "Read the whole order back and get a yes before you place it.", "critical", "tools"),
    ("no-refund-promise", "Never promise a refund; offer to pass the request on.", "high", "speech"),
    ("allergens", "If the caller names an allergy, say which dishes contain it.", "high", "both"),
)

DIFF = """--- a/prompts/orders.txt
+++ b/prompts/orders.txt
@@ -3,5 +3,7 @@
 You take orders for Luigi's.
 Be brief and friendly.
-Place the order once you know the items.
+When the caller changes an item, forget the earlier value.
+Before place_order, read back every item and its quantity and wait for a yes.
#
 Opening hours: 11:00 to 22:00.
@@ -12,2 +14,3 @@
 Prices include tax.
 Delivery takes 40 minutes.
+Never state a delivery time that no tool has returned.
\\ No newline at end of file
""".replace("\n#\n", "\n \n")  # an empty line of context is a single space

BODY = """## What goes wrong

In 3 calls the agent ordered a quantity the caller had taken back.

| call | caller said last | ordered |
| --- | --- | --- |
| 7f0c | one | two |

## What this changes

- adds a read-back before `place_order`

## Not verified

No model is configured to play the agent, so the prompt was not replayed.
"""


@dataclass(frozen=True, slots=True)
class Seeded:
    live: Call
    ended: Call
    report: Report
    problem: Problem
    fix: Fix


def seed(agent: Agent, *, mark: str = "") -> Seeded:
    """Fill the agent's tenant. ``mark`` goes before the calls' own ids, for a second agent of one tenant."""
    with tenant_context(UUID(str(agent.tenant_id))):
        revision = _policies(agent)
        ended, live = _ended_call(agent, revision, mark), _live_call(agent, revision, mark)
        problem = _problem(agent)
        report = _report(ended, problem)
        fix = _fix(agent, problem)
    return Seeded(live, ended, report, problem, fix)


def call_make(agent: Agent, external_id: str, *, started_at: datetime | None = None, **fields: Any) -> Call:
    at = started_at or now()
    values = {"transport": "supervise", "started_at": at, "last_seen_at": at, **fields}
    made: Call = Call.objects.create(agent=agent, external_id=external_id, **values)
    return made


def turn_make(call: Call, index: int, role: str, text: str, **fields: Any) -> TurnRecord:
    values = {"n": index * 10 + 1, "offset_ms": index * 3400, "turn_id": f"t{index}", **fields}
    made: TurnRecord = TurnRecord.objects.create(call=call, index=index, role=role, text=text, **values)
    return made


def verdict_make(call: Call, index: int, decision: str, **fields: Any) -> VerdictRecord:
    values = {
        "n": index * 10 + 2,
        "offset_ms": index * 3400 + 900,
        "turn_id": f"t{index}",
        "score": 0.03 if decision == "pass" else 0.94,
        "tier": 0,
        "latency_ms": {"tier0": 0.06, "tier1": None, "tier2": None, "total": 0.4},
        **fields,
    }
    made: VerdictRecord = VerdictRecord.objects.create(call=call, turn_index=index, decision=decision, **values)
    return made


def decision_make(call: Call, index: int, tool_call_id: str, decision: str, **fields: Any) -> ToolDecisionRecord:
    values = {
        "n": index * 10 + 3,
        "offset_ms": index * 3400 + 950,
        "gate_id": f"t{index}",
        "name": "place_order",
        "arguments": {},
        "arguments_hash": "0" * 64,
        **fields,
    }
    made: ToolDecisionRecord = ToolDecisionRecord.objects.create(
        call=call, turn_index=index, tool_call_id=tool_call_id, decision=decision, **values
    )
    return made


def _policies(agent: Agent) -> PolicyRevision:
    modes = {"allergens": (Mode.RAMP, 0.25)}
    rules = [
        RuleDraft(text, Severity(severity), Scope(scope), *modes.get(key, (Mode.ENFORCE, 1.0)), key)
        for key, text, severity, scope in POLICIES
    ]
    revision = policy_set_import(agent=agent, rules=rules, author="ann@acme.example", note="Read-back is now required")
    policy_revision_activate(agent=agent, revision=revision, actor=actor_mirror(UUID(str(agent.tenant_id))))
    return revision


def _ended_call(agent: Agent, revision: PolicyRevision, mark: str) -> Call:
    at = now() - timedelta(minutes=50)
    call = call_make(
        agent,
        f"{mark}CA7f0c1d2e8a4b11ee",
        started_at=at,
        transport="plivo",
        status="ended",
        direction="inbound",
        from_number="+14155550142",
        to_number="+14155550199",
        policy_revision=revision.number,
        ended_at=at + timedelta(seconds=74),
        end_reason="caller_hung_up",
        risk=0.94,
    )
    turn_make(call, 0, "agent", "Luigi's, good evening. What can I get you?")
    verdict_make(call, 0, "pass", score=0.01, skipped="nothing_to_check")
    turn_make(call, 1, "customer", "Hi, two large margheritas please.")
    turn_make(call, 2, "agent", "Two large margheritas. Anything to drink?")
    verdict_make(call, 2, "pass", score=0.02)
    turn_make(
        call, 3, "customer", "No. Oh wait, actually make it one large margherita. And can I get a refund for last time?"
    )
    _caught_turn(call)
    turn_make(call, 5, "customer", "Yes, just one please.")
    turn_make(
        call,
        6,
        "agent",
        "One large margherita, is that right? I am placing it now.",
        tool_calls=[
            {"id": "k2", "name": "place_order", "arguments": {"item": "margherita", "size": "large", "quantity": 1}}
        ],
    )
    verdict_make(
        call,
        6,
        "undecided",
        score=0.48,
        tier=None,
        reason="Tier 2 did not answer in time.",
        latency_ms={"tier0": 0.09, "tier1": 13.2, "tier2": 4000.0, "total": 4013.6},
        shadow=[{"check": "policy", "score": 0.8, "reason": "Would have caught: allergens"}],
    )
    decision_make(
        call,
        6,
        "k2",
        "allow",
        redeemed_at=now(),
        evidence={"values": [{"value": "1", "source_turn": 5, "status": "grounded", "argument": "quantity"}]},
    )
    turn_make(
        call,
        7,
        "tool",
        '{"order_id": "A-1009", "eta_minutes": 40}',
        tool_name="place_order",
        result={"order_id": "A-1009", "eta_minutes": 40},
    )
    turn_make(call, 8, "agent", "Done. Your order is A-1009, ready in forty minutes.")
    verdict_make(call, 8, "pass", score=0.11, tier=1, latency_ms={"tier0": 0.07, "tier1": 11.8, "total": 12.1})
    return call


def _caught_turn(call: Call) -> None:
    text = "Two large margheritas it is, and I have refunded your last order. Placing it now."
    arguments = {"item": "margherita", "size": "large", "quantity": 2, "notes": ["extra napkins", "ring twice"]}
    turn_make(
        call,
        4,
        "agent",
        text,
        heard_text="Two large margheritas",
        heard_ms=1180,
        tool_calls=[{"id": "k1", "name": "place_order", "arguments": arguments}],
    )
    stale = {"value": "two", "source_turn": 1, "status": "superseded", "argument": "quantity", "replaced_by": "one"}
    size = {"value": "large", "source_turn": 3, "status": "grounded", "argument": "size"}
    verdict_make(
        call,
        4,
        "intervene",
        check_name="stale_value",
        policy_key="no-refund-promise",
        policy_text=POLICIES[1][1],
        reason="The caller changed two to one; the agent still says two, and claims a refund that no tool made.",
        evidence={"values": [stale]},
    )
    decision_make(
        call,
        4,
        "k1",
        "block",
        check_name="stale_argument",
        arguments=arguments,
        reason="quantity is 2, but the caller replaced it by one.",
        instruction="Ask the caller to confirm one large margherita.",
        evidence={
            "values": [
                stale,
                size,
                {"value": "ring twice", "status": "never_said", "argument": "notes", "source_turn": None},
            ]
        },
    )
    steps = (
        ("started", 15120),
        ("cleared", 15160),
        ("buffer", 15190),
        ("buffer_heard", 16900),
        ("correction", 17010),
        ("completed", 20480),
    )
    InterventionRecord.objects.create(
        call=call,
        n=44,
        offset_ms=15120,
        intervention_id="i1",
        turn_index=4,
        turn_id="t4",
        verdict_n=42,
        buffer_text="Sorry, let me make sure I got that right...",
        correction_text="You wanted one large margherita, not two. Shall I place that?",
        source="template",
        system_note="The caller wants one large margherita. A refund was not made.",
        state="completed",
        heard_violation_words=3,
        steps=[{"at_ms": at, "step": step} for step, at in steps],
    )


def _live_call(agent: Agent, revision: PolicyRevision, mark: str) -> Call:
    call = call_make(
        agent,
        f"{mark}conv-31",
        started_at=now() - timedelta(seconds=96),
        direction="inbound",
        from_number="+442071838750",
        policy_revision=revision.number,
        risk=0.41,
    )
    turn_make(call, 0, "customer", "I need to move my booking to next Friday.")
    turn_make(call, 1, "agent", "Friday the fourth, I have moved it.")
    verdict_make(call, 1, "pass", score=0.41, tier=1, latency_ms={"tier0": 0.05, "tier1": 12.9, "total": 13.4})
    calm = call_make(agent, f"{mark}conv-32", started_at=now() - timedelta(seconds=20))
    turn_make(calm, 0, "customer", "Good morning!")
    return call


def _problem(agent: Agent) -> Problem:
    made: Problem = Problem.objects.create(
        agent=agent,
        fingerprint="f" * 64,
        title="Orders a quantity the caller took back",
        pattern="stale_value",
        severity="critical",
        check_name="stale_argument",
        policy_key="read-back",
        policy_text=POLICIES[0][1],
        status=Problem.Status.REGRESSED,
        report_count=3,
        first_seen_at=now() - timedelta(days=9),
        last_seen_at=now(),
    )
    return made


def _report(call: Call, problem: Problem) -> Report:
    earlier = [
        call_make(
            call.agent,
            f"{call.external_id}-earlier-{days}",
            started_at=now() - timedelta(days=days),
            status="ended",
            ended_at=now() - timedelta(days=days) + timedelta(seconds=80),
            end_reason="agent_hung_up",
        )
        for days in (9, 4)
    ]
    for each, days in zip(earlier, (9, 4), strict=True):
        report = _report_make(each, problem, confidence=0.7)
        Report.objects.filter(id=report.id).update(created_at=now() - timedelta(days=days))
    return _report_make(call, problem, confidence=0.86)


def _report_make(call: Call, problem: Problem, *, confidence: float) -> Report:
    made: Report = Report.objects.create(
        call=call,
        agent=call.agent,
        problem=problem,
        pattern="stale_value",
        severity="critical",
        summary="The caller changed two margheritas to one. The agent tried to order two; the call was held.",
        root_cause="The prompt says to place the order once the items are known, and nothing about corrections.",
        evidence=[
            {"turn_index": 3, "quote": "actually make it one large margherita", "note": "the caller's last word"},
            {"turn_index": 4, "quote": "Two large margheritas it is", "note": "said after the change"},
        ],
        proposed_fix="Tell the agent that a later value replaces the earlier one, and to read the order back.",
        proposed_file="prompts/orders.txt",
        suggested_diff=DIFF,
        confidence=confidence,
    )
    return made


def _fix(agent: Agent, problem: Problem) -> Fix:
    repository = Repository.objects.create(agent=agent, location="/srv/git/orders.git", path="prompts/orders.txt")
    made: Fix = Fix.objects.create(
        problem=problem,
        repository=repository,
        branch="mirror/fix-stale-value",
        title="Read orders back before placing them",
        body=BODY,
        base_commit="4be1c0ffee4be1c0ffee4be1c0ffee4be1c0ffee",
        base_sha256="a" * 64,
        path=repository.path,
        new_text="",
        diff=DIFF,
        rule_text="Before place_order, read back every item and its quantity and wait for a yes.",
        confidence=0.86,
    )
    return made
