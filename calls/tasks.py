"""Background work on calls."""

from __future__ import annotations

import logging
from typing import Final

from celery import shared_task

from calls.services import calls_sweep
from tenants.lookups import tenant_ids_active

logger = logging.getLogger(__name__)

PERIODIC_TASKS: Final = {"calls-sweep": {"task": "calls.calls_sweep", "schedule": 30.0}}

# Above the hub's own patience, so that the process that holds a call ends it where it still can.
AWAY_S = 90.0


@shared_task(name="calls.calls_sweep")
def calls_sweep_all() -> int:
    """End the calls that no process holds any more; return how many. Safe to run twice and side by side."""
    ended = sum(calls_sweep(tenant_id=tenant_id, away_s=AWAY_S) for tenant_id in tenant_ids_active())
    if ended:
        logger.info("calls ended by the sweeper", extra={"action": "calls_sweep", "ended_count": ended})
    return ended
