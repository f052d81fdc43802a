"""Rows that are inserted together are what the models would have stored one by one."""

from __future__ import annotations

import pytest
from django.db import DatabaseError
from django.forms.models import model_to_dict

from calls.inserting import rows_insert
from calls.models import CallRow, InterventionRecord, MessageRecord, ToolDecisionRecord, TurnRecord, VerdictRecord
from tenants.scope import TenantNotSet, tenant_context
from tests.app.calls.rows import opened

pytestmark = pytest.mark.django_db

ODD = 'quote " backslash \\ percent %s {} [1] é 漢 🎧 \n\t null'
LEAST: list[tuple[type[CallRow], dict[str, object]]] = [
    (MessageRecord, {"seq": 2**40, "type": "ping", "payload": {"text": ODD, "deep": [1, 2.5, None, True, {}]}}),
    (TurnRecord, {"index": 0, "turn_id": ODD, "role": "agent", "text": ODD}),
    (VerdictRecord, {"turn_index": 1, "turn_id": "a", "decision": "pass", "score": 1 / 3}),
    (ToolDecisionRecord, {
        "gate_id": "g", "tool_call_id": "t", "name": "n", "arguments": {"x": "1"}, "arguments_hash": "h",
        "decision": "allow",
    }),
    (InterventionRecord, {"intervention_id": "i", "turn_index": 1, "turn_id": "a", "verdict_n": 3}),
]  # fmt: skip


@pytest.mark.parametrize(("model", "fields"), LEAST, ids=lambda value: getattr(value, "__name__", ""))
def test_a_row_is_what_the_model_stores_with_all_its_defaults(cast, model, fields):
    call = opened(cast)
    with tenant_context(cast.tenant.id):
        model.objects.create(call_id=call.call_id, n=1, offset_ms=5, **fields)
        by_model = model.objects.get(n=1)
        model.objects.all().delete()
        rows_insert(model, [{"call_id": str(call.call_id), "n": 1, "offset_ms": 5, **fields}])
        ours = model.objects.get(n=1)
    assert model_to_dict(ours) == model_to_dict(by_model)
    assert (ours.tenant_id, ours.id.version) == (cast.tenant.id, 4)
    assert abs((ours.created_at - by_model.created_at).total_seconds()) < 60


def test_a_row_that_is_there_stays_and_the_others_come(cast):
    call = opened(cast)

    def row(n: int, text: str) -> dict[str, object]:
        told = {"index": n, "turn_id": f"t{n}", "role": "agent", "text": text}
        return {"call_id": str(call.call_id), "n": n, "offset_ms": 0, **told}

    with tenant_context(cast.tenant.id):
        rows_insert(TurnRecord, [row(1, "first")])
        rows_insert(TurnRecord, [row(1, "second"), row(2, "third")])
        assert list(TurnRecord.objects.order_by("n").values_list("text", flat=True)) == ["first", "third"]


@pytest.mark.parametrize("text", ["nul \x00", "half a letter \ud800"])
def test_what_cannot_be_stored_is_refused(cast, text):
    call = opened(cast)
    fields = {"index": 1, "turn_id": "t", "role": "agent", "text": text}
    with pytest.raises(DatabaseError), tenant_context(cast.tenant.id):
        rows_insert(TurnRecord, [{"call_id": str(call.call_id), "n": 1, "offset_ms": 0, **fields}])


def test_without_a_tenant_nothing_is_inserted():
    with pytest.raises(TenantNotSet):
        rows_insert(TurnRecord, [{"n": 1}])
