"""What a session records is what a report is built from: the recorder's own rows, read back as facts."""

from calls.events import DecidedCall, Latency
from calls.models import Call, ToolDecisionRecord, TurnRecord, VerdictRecord
from calls.rows import tool_decision, turn, verdict
from judging.core.types import (
    Decision,
    Evidence,
    Finding,
    GateDecision,
    GateVerdict,
    Policy,
    Role,
    Severity,
    Status,
    ToolCall,
    Turn,
    Verdict,
)
from reports.facts import FindingFact, HeardTurn, PolicyFact, ToolDecisionFact, VerdictFact
from reports.records import call_facts_get
from tenants.scope import tenant_context
from tests.app.reports.rows import call_make

POLICY = Policy("Never promise a refund", id="p-refund", severity=Severity.CRITICAL)
STALE = Evidence("two", Status.SUPERSEDED, 1, "quantity", "three")
TOOL = ToolCall("place_order", {"quantity": "two"}, "t1")
SPOKEN = Turn(3, Role.AGENT, "I refund you.", "t3", (TOOL,))
PROMISE = Finding("judge", 0.9, "promises a refund", policy_index=0)
OLD = Finding("stale_argument", 0.95, "keeps two", evidence=(STALE,), tool_call_index=0)


def test_the_recorder_s_rows_are_read_back_as_facts(cast):
    call_id = call_make(cast.agent, is_failed=False)
    found = Verdict(Decision.INTERVENE, 0.95, 0, "stale_argument", None, "keeps two", (STALE,), "", (OLD,), (PROMISE,))
    held = DecidedCall(GateVerdict(TOOL, GateDecision.BLOCK, "keeps two", "stale_argument", 0, (STALE,), "Ask."))
    with tenant_context(cast.tenant.id):
        at = {"call": Call.objects.get(id=call_id), "offset_ms": 5}
        TurnRecord.objects.create(**at, n=10, **turn(SPOKEN))
        VerdictRecord.objects.create(
            **at, n=11, **verdict(SPOKEN, found, [POLICY], Latency(1.0), is_final=True, suppressed="cooldown")
        )
        gate = tool_decision("t3", held, 3)
        del gate["token"]
        ToolDecisionRecord.objects.create(**at, n=12, **gate)
        facts = call_facts_get(call_id)
    assert facts is not None
    stale = FindingFact("stale_argument", 0.95, "keeps two", (STALE,), tool_call_index=0)
    promise = FindingFact("judge", 0.9, "promises a refund", (), "p-refund", POLICY.text)
    assert facts.turn(3) == HeardTurn(SPOKEN, 5, None)
    assert facts.verdicts == (
        VerdictFact(11, 3, "intervene", 0.95, 0, stale, (stale,), (promise,), suppressed="cooldown"),
    )
    assert facts.tool_decisions == (
        ToolDecisionFact(
            12, 3, "t1", "place_order", {"quantity": "two"}, "block",
            FindingFact("stale_argument", 0.9, "keeps two", (STALE,)), is_irreversible=True,
        ),
    )  # fmt: skip
    assert facts.policies == {"p-refund": PolicyFact("p-refund", POLICY.text, "critical")}


def test_a_call_that_is_live_or_absent_has_no_facts(cast):
    call_id = call_make(cast.agent, status="live")
    with tenant_context(cast.tenant.id):
        assert call_facts_get(call_id) is None
    with tenant_context(cast.other_tenant.id):
        assert call_facts_get(call_id) is None
