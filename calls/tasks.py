"""Background work on calls."""

from __future__ import annotations

import logging
from typing import Final
from uuid import UUID

from celery import shared_task

from calls.live_agent import live_agent_load
from calls.services import calls_purge, calls_sweep
from calls.voice.speaking import buffer_prepare
from judging.providers.background import run_sync
from tenants.agent_settings import AgentSettings
from tenants.errors import NotFound
from tenants.lookups import tenant_ids_active
from tenants.models import Agent
from tenants.scope import tenant_context

logger = logging.getLogger(__name__)

PERIODIC_TASKS: Final = {
    "calls-sweep": {"task": "calls.calls_sweep", "schedule": 30.0},
    "calls-purge": {"task": "calls.calls_purge", "schedule": 3600.0},
}

# Above the hub's own patience, so that the process that holds a call ends it where it still can.
AWAY_S = 90.0


@shared_task(name="calls.calls_sweep")
def calls_sweep_all() -> int:
    """End the calls that no process holds any more; return how many. Safe to run twice and side by side."""
    ended = sum(calls_sweep(tenant_id=tenant_id, away_s=AWAY_S) for tenant_id in tenant_ids_active())
    if ended:
        logger.info("calls ended by the sweeper", extra={"action": "calls_sweep", "ended_count": ended})
    return ended


@shared_task(name="calls.calls_purge")
def calls_purge_all() -> int:
    """Delete what tenants no longer want to keep; return how many calls. Safe to run twice and side by side."""
    purged = 0
    for tenant_id in tenant_ids_active():
        with tenant_context(tenant_id):
            agents = [(agent.id, AgentSettings.from_json(agent.settings)) for agent in Agent.objects.all()]
        for agent_id, told in agents:
            if told.retention_days == 0 and not told.record_transcripts:
                continue  # nothing was said in what is kept
            purged += calls_purge(tenant_id=tenant_id, agent_id=agent_id, retention_days=told.retention_days)
    if purged:
        logger.info("calls purged", extra={"action": "calls_purge", "purged_count": purged})
    return purged


@shared_task(name="calls.buffer_prepare")
def agent_buffer_prepare(tenant_id: str, agent_id: str) -> bool:
    """Have the agent's buffer line spoken before a call needs it; whether it has a voice. Safe to run twice."""
    try:
        agent = live_agent_load(tenant_id=UUID(tenant_id), agent_id=UUID(agent_id))
    except NotFound:
        return False  # deactivated meanwhile
    return run_sync(buffer_prepare(agent))
