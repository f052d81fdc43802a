"""Background work of fixes. Tasks take ids only; what is run twice changes nothing the second time."""

from __future__ import annotations

import logging
from typing import Any, Final
from uuid import UUID

from celery import shared_task
from django.db import OperationalError
from django.utils.timezone import now

from fixers.delivery import fix_open as open_fix
from fixers.delivery import fix_sync as sync_fix
from fixers.errors import FixError, HostUnavailable
from fixers.selectors import fixes_due
from fixers.services import fix_propose as propose_fix
from judging.models import JudgeUse
from reports.completers import completer_get
from reports.models import Problem
from tenants.lookups import tenant_ids_active
from tenants.scope import tenant_context

logger = logging.getLogger(__name__)

PERIODIC_TASKS: Final = {"fixes-sweep": {"task": "fixers.fix_sweep", "schedule": 60.0}}

# Bounded: what still fails then is taken up by ``fix_sweep``, which gives up in its turn.
_RETRIED: Final[dict[str, Any]] = {
    "autoretry_for": (HostUnavailable, OperationalError),
    "retry_backoff": 5,
    "retry_backoff_max": 120,
    "max_retries": 4,
}


@shared_task(name="fixers.fix_propose", **_RETRIED)
def fix_propose(tenant_id: str, problem_id: str) -> None:
    tenant, problem = UUID(tenant_id), UUID(problem_id)
    with tenant_context(tenant):
        agent_id = Problem.objects.values_list("agent_id", flat=True).get(id=problem)
    complete = completer_get(tenant_id=tenant, agent_id=agent_id, purpose=JudgeUse.Purpose.FIX)
    propose_fix(tenant_id=tenant, problem_id=problem, complete=complete)


@shared_task(name="fixers.fix_open", **_RETRIED)
def fix_open(tenant_id: str, fix_id: str) -> None:
    open_fix(tenant_id=UUID(tenant_id), fix_id=UUID(fix_id))


@shared_task(name="fixers.fix_sync", **_RETRIED)
def fix_sync(tenant_id: str, fix_id: str) -> None:
    try:
        sync_fix(tenant_id=UUID(tenant_id), fix_id=UUID(fix_id))
    except HostUnavailable:
        raise
    except FixError:
        # The repository was moved or closed to us: nothing is lost, and the sweeper asks again.
        logger.warning(
            "Pull request cannot be read", extra={"action": "fix_sync", "tenant_id": tenant_id, "fix_id": fix_id}
        )


@shared_task(name="fixers.fix_sweep")
def fix_sweep() -> None:
    """Enqueue what is due in every active tenant: lost proposals, approved fixes, open pull requests."""
    for tenant_id in tenant_ids_active():
        with tenant_context(tenant_id):
            due = fixes_due(at=now())
        for task, ids in ((fix_propose, due.problem_ids), (fix_open, due.open_ids), (fix_sync, due.sync_ids)):
            for one in ids:
                task.delay(str(tenant_id), str(one))
