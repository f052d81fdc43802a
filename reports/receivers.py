"""What lower apps tell reports. A receiver only enqueues a task once the transaction has been committed."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.dispatch import receiver

from calls.signals import call_ended
from reports.tasks import report_write


@receiver(call_ended, dispatch_uid="reports.report_write")
def report_enqueue(*, tenant_id: UUID, call_id: UUID, **_: Any) -> None:
    # A broker that is down must not undo the end of a call: the sweeper finds what was not enqueued.
    transaction.on_commit(partial(report_write.delay, str(tenant_id), str(call_id)), robust=True)
