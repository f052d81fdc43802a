"""Rows of an ended call, as the recorder leaves them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from calls.models import Call, InterventionRecord, ToolDecisionRecord, TurnRecord, VerdictRecord
from tenants.models import Agent
from tenants.scope import tenant_context

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
STALE = {
    "values": [
        {
            "value": "two",
            "source_turn": 1,
            "status": "superseded",
            "argument": "items.0.quantity",
            "replaced_by": "three",
        }
    ]
}
ORDER = {"items": [{"name": "margherita", "quantity": "two"}], "phone": "415-555-2671"}
REASON = "items.0.quantity keeps 'two', which the customer took back for 'three'"
TURNS: list[tuple[str, str, list[dict[str, Any]]]] = [
    ("customer", "Two margheritas, my name is John Smith, 415-555-2671.", []),
    ("customer", "Actually, make it three.", []),
    ("agent", "Placing your order, John.", [{"id": "t1", "name": "place_order", "arguments": ORDER}]),
]


def call_make(
    agent: Agent,
    *,
    external_id: str = "c-1",
    started_at: datetime = START,
    status: str = "ended",
    is_failed: bool = True,
) -> UUID:
    """An ended order call; failed: the quantity the caller took back was about to be ordered, and was held."""
    with tenant_context(UUID(str(agent.tenant_id))):
        call: Call = Call.objects.create(
            agent=agent,
            external_id=external_id,
            transport="supervise",
            status=status,
            from_number="+14155550100",
            started_at=started_at,
            ended_at=started_at + timedelta(minutes=1),
            last_seen_at=started_at,
        )
        for index, (role, text, tool_calls) in enumerate(TURNS):
            TurnRecord.objects.create(
                call=call, n=index + 1, offset_ms=index, index=index, turn_id=f"t{index}", role=role, text=text,
                tool_calls=tool_calls,
            )  # fmt: skip
        if is_failed:
            _held(call)
    return call.id


def _held(call: Call) -> None:
    finding = {
        "check": "stale_argument", "score": 0.95, "reason": REASON, "evidence": STALE, "policy_key": "",
        "policy_text": "", "severity": "", "tool_call_index": 0, "is_sure": True, "correction": "",
    }  # fmt: skip
    VerdictRecord.objects.create(
        call=call, n=4, offset_ms=9, turn_index=2, turn_id="t2", decision="intervene", score=0.95, tier=0,
        check_name="stale_argument", reason=REASON, evidence=STALE, findings=[finding],
    )  # fmt: skip
    ToolDecisionRecord.objects.create(
        call=call, n=5, offset_ms=9, gate_id="t2", tool_call_id="t1", turn_index=2, name="place_order",
        arguments=ORDER, arguments_hash="x", decision="confirm", check_name="stale_argument", reason=REASON,
        evidence=STALE,
    )  # fmt: skip
    InterventionRecord.objects.create(
        call=call, n=6, offset_ms=9, intervention_id="i1", turn_index=2, turn_id="t2", verdict_n=4,
        correction_text="Just to confirm: three?", state="completed", heard_violation_words=0,
    )  # fmt: skip
