"""Background work of reports. Tasks take ids only, enter the tenant themselves and are safe to run twice."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from celery import shared_task
from django.db import OperationalError

from calls.models import Call
from judging.models import JudgeUse
from reports.completers import completer_get
from reports.services import report_write as write
from reports.services import reports_due
from tenants.lookups import tenant_ids_active
from tenants.scope import tenant_context

PERIODIC_TASKS: Final = {"reports-sweep": {"task": "reports.report_sweep", "schedule": 60.0}}


@shared_task(
    name="reports.report_write",
    autoretry_for=(OperationalError,),
    retry_backoff=2,
    retry_backoff_max=60,
    max_retries=4,
)
def report_write(tenant_id: str, call_id: str) -> None:
    """Write the report of one ended call. What still fails after the retries is taken up by ``report_sweep``."""
    tenant, call = UUID(tenant_id), UUID(call_id)
    with tenant_context(tenant):
        agent_id = Call.objects.values_list("agent_id", flat=True).get(id=call)
    complete = completer_get(tenant_id=tenant, agent_id=agent_id, purpose=JudgeUse.Purpose.REPORT)
    write(tenant_id=tenant, call_id=call, complete=complete)


@shared_task(name="reports.report_sweep")
def report_sweep() -> None:
    """Enqueue the calls that ended without a report decision, in every active tenant."""
    for tenant_id in tenant_ids_active():
        for call_id in reports_due(tenant_id=tenant_id):
            report_write.delay(str(tenant_id), str(call_id))
