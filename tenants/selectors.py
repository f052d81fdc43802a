"""Reading a tenant's own rows: inside ``tenant_context`` of the tenant, where not said otherwise."""

from __future__ import annotations

from django.db.models import QuerySet

from tenants.models import Agent, ApiKey, AuditEntry, Membership


def agent_list() -> QuerySet[Agent]:
    return Agent.objects.order_by("slug")


def agent_get(slug: str) -> Agent | None:
    """Return the agent of this slug, None where there is none. Request code takes ``access_agent`` instead."""
    found: Agent | None = Agent.objects.filter(slug=slug).first()
    return found


def api_key_list() -> QuerySet[ApiKey]:
    return ApiKey.objects.select_related("created_by").order_by("-created_at")


def membership_list() -> QuerySet[Membership]:
    return Membership.objects.select_related("user").order_by("user__email")


def audit_list() -> QuerySet[AuditEntry]:
    return AuditEntry.objects.order_by("-created_at", "-id")
