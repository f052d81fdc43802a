"""A stream at risk is told to webhooks: once, in the transaction that kept it."""

from __future__ import annotations

import pytest

from calls.services import call_id_for
from calls.stream_events import status_of, stream_status_take
from reports.models import OutboxEvent
from tenants.scope import tenant_context

DROPPED = {"Event": "DroppedStream", "CallUUID": "call-1", "StreamID": "s-1"}


def take(cast, form):
    return stream_status_take(tenant_id=cast.tenant.id, agent_id=cast.agent.id, status=status_of(form))


def told(cast):
    with tenant_context(cast.tenant.id):
        return list(OutboxEvent.objects.values_list("type", "data"))


def test_a_dropped_stream_is_told_once(cast):
    assert (take(cast, DROPPED), take(cast, DROPPED)) == (True, False)
    call = str(call_id_for(cast.tenant.id, "call-1"))
    data = {
        "reason": "stream_dropped", "call": call, "external_id": "call-1", "agent": "orders", "stream_id": "s-1",
        "event": "DroppedStream",
    }  # fmt: skip
    assert told(cast) == [("supervision.degraded", data)]


@pytest.mark.parametrize("event", ["StartStream", "StopStream", "PlayedStream", "Other"])
def test_a_stream_that_fares_well_is_not_told(cast, event):
    assert take(cast, {**DROPPED, "Event": event})
    assert told(cast) == []
