"""The one way request code reaches a policy revision and its rules. Inside ``tenant_context(actor.tenant_id)`` only."""

from __future__ import annotations

from judging.errors import RevisionNotFound, RuleNotFound
from judging.models import PolicyRecord, PolicyRevision
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


def access_rule(actor: Actor, revision: PolicyRevision, key: str) -> PolicyRecord:
    """Raises: RuleNotFound."""
    rule: PolicyRecord | None = PolicyRecord.objects.filter(
        tenant_id=actor.tenant_id, revision_id=revision.id, key=key
    ).first()
    if rule is None:
        raise RuleNotFound(f"Revision {revision.number} has no rule {key!r}.")
    return rule
