"""What lower apps tell reports. A receiver enqueues a task once the transaction has been committed, or adds to the
outbox inside of it."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.dispatch import receiver

from calls.models import StreamEvent
from calls.signals import call_ended, stream_degraded
from reports.outbox import outbox_add
from reports.tasks import report_write


@receiver(call_ended, dispatch_uid="reports.report_write")
def report_enqueue(*, tenant_id: UUID, call_id: UUID, **_: Any) -> None:
    # A broker that is down must not undo the end of a call: the sweeper finds what was not enqueued.
    transaction.on_commit(partial(report_write.delay, str(tenant_id), str(call_id)), robust=True)


@receiver(stream_degraded, dispatch_uid="reports.stream_degraded")
def degraded_tell(*, event: StreamEvent, carrier_call_id: str, **_: Any) -> None:
    """Written in the transaction that kept the event: both stand, or neither."""
    outbox_add(
        event_type="supervision.degraded",
        dedupe_key=f"stream:{event.call_id}:{event.digest}",
        data={
            "reason": "stream_dropped" if event.event == "DroppedStream" else "stream_degraded",
            "call": str(event.call_id),
            "external_id": carrier_call_id,
            "agent": event.agent.slug,
            "stream_id": event.stream_id,
            "event": event.event,
        },
    )
