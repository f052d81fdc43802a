"""The one way request code reaches a policy revision. Inside ``tenant_context(actor.tenant_id)`` only."""

from __future__ import annotations

from judging.errors import RevisionNotFound
from judging.models import PolicyRevision
from tenants.access import Actor
from tenants.models import Agent


def access_revision(actor: Actor, agent: Agent, number: int) -> PolicyRevision:
    """Raises: RevisionNotFound, also for another tenant's agent."""
    revision: PolicyRevision | None = PolicyRevision.objects.filter(
        tenant_id=actor.tenant_id, agent_id=agent.id, number=number
    ).first()
    if revision is None:
        raise RevisionNotFound(f"Agent {agent.slug!r} has no revision {number}.")
    return revision
