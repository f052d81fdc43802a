"""Reads of policies and of what the judge cost. Inside ``tenant_context`` only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import F, QuerySet, Sum

from judging.core import types as core
from judging.models import JudgeUse, PolicyActivation, PolicyRecord, PolicyRevision
from judging.policy_files import RuleDraft
from judging.readings import stored_form


@dataclass(frozen=True, slots=True)
class Spent:
    """What a tenant's questions to models cost in some time."""

    usd: Decimal
    tokens: int


def policies_active(agent_id: UUID) -> tuple[int, tuple[core.Policy, ...]]:
    """Return the active revision's number and its policies in order; ``(0, ())`` where none is active. Two queries."""
    revision = revision_active(agent_id)
    if revision is None:
        return 0, ()
    return revision.number, tuple(policy_of(record) for record in PolicyRecord.objects.filter(revision=revision))


def revision_active(agent_id: UUID) -> PolicyRevision | None:
    newest = PolicyActivation.objects.filter(agent_id=agent_id).select_related("revision").first()
    return newest.revision if newest else None


def revision_list(agent_id: UUID) -> QuerySet[PolicyRevision]:
    """Return the agent's revisions, newest first."""
    return PolicyRevision.objects.filter(agent_id=agent_id)


def policy_of(record: PolicyRecord) -> core.Policy:
    """Return a rule as the judge knows it: its ``id`` is the key that outlives revisions."""
    return core.Policy(
        text=record.text,
        id=record.key,
        severity=core.Severity(record.severity),
        scope=core.Scope(record.scope),
        mode=core.Mode(record.mode),
        ramp_share=record.ramp_share,
        compiled=stored_form(record),
    )


def rules_of(revision: PolicyRevision) -> list[RuleDraft]:
    """Return a revision as drafts: to show, to export, to start the next one from."""
    return [draft_of(record) for record in PolicyRecord.objects.filter(revision=revision)]


def draft_of(record: PolicyRecord) -> RuleDraft:
    policy = policy_of(record)
    return RuleDraft(
        policy.text, policy.severity, policy.scope, policy.mode, policy.ramp_share, policy.id, policy.compiled
    )


def judge_spent(since: datetime) -> Spent:
    """Return what the current tenant spent on models from ``since`` on."""
    found = JudgeUse.objects.filter(created_at__gte=since).aggregate(
        usd=Sum("cost_usd"), tokens=Sum(F("prompt_tokens") + F("completion_tokens"))
    )
    return Spent(found["usd"] or Decimal(0), found["tokens"] or 0)


def judge_late_list(call_id: UUID) -> QuerySet[JudgeUse]:
    """Return the answers that came too late for this call, in the order of its turns."""
    return JudgeUse.objects.filter(call_id=call_id, outcome=JudgeUse.Outcome.LATE).order_by("turn_index", "created_at")
