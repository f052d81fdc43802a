"""Who acts, what they may do, and the one way request code reaches a tenant's row.

Scopes are what a key carries; a role is a set of scopes. ``Actor`` is passed down as one value and says who acted in
the audit log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from tenants.errors import NotFound, ScopeMissing
from tenants.models import Agent, ApiKey, Credential, Membership, Tenant, TenantModel

Row = TypeVar("Row", bound=TenantModel)

SCOPES: Mapping[str, str] = {
    "calls:read": "Read calls, transcripts and verdicts",
    "calls:write": "Supervise calls and ask the tool gate",
    "agents:read": "Read agents and their settings",
    "agents:write": "Create and change agents",
    "policies:read": "Read policies and backtests",
    "policies:write": "Change, test and activate policies",
    "reports:read": "Read reports and problems",
    "reports:write": "Dismiss and retry reports",
    "fixes:read": "Read proposed fixes",
    "fixes:write": "Approve, dismiss and retry fixes",
    "webhooks:read": "Read webhook endpoints and deliveries",
    "webhooks:write": "Change webhook endpoints and redeliver",
    "members:read": "Read members and invitations",
    "members:write": "Invite, change and remove members",
    "keys:read": "Read API keys (never their secrets)",
    "keys:write": "Create and revoke API keys",
    "settings:write": "Change credentials, repositories and the tenant",
    "usage:read": "Read usage and cost",
    "audit:read": "Read the audit log",
}

_READ = frozenset(scope for scope in SCOPES if scope.endswith(":read")) - {"audit:read", "keys:read"}
_WORK = frozenset({"calls:write", "policies:write", "reports:write", "fixes:write"})
ROLE_SCOPES: Mapping[str, frozenset[str]] = {
    Membership.Role.VIEWER: _READ,
    Membership.Role.MEMBER: _READ | _WORK,
    Membership.Role.ADMIN: frozenset(SCOPES),
    Membership.Role.OWNER: frozenset(SCOPES),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts in one tenant: a member (``role`` set), an API key (``key_id`` set), or Mirror itself.

    ``label`` is what the audit log shows: ``user:ann@example.com``, ``key:Production``, ``mirror``.
    """

    tenant_id: UUID
    label: str
    scopes: frozenset[str]
    role: str = ""
    user_id: UUID | None = None
    key_id: UUID | None = None

    @property
    def is_authenticated(self) -> bool:
        return True

    def is_allowed(self, scope: str) -> bool:
        return scope in self.scopes

    def require(self, scope: str) -> None:
        """Raises: ScopeMissing."""
        if scope not in self.scopes:
            raise ScopeMissing(scope)


def actor_mirror(tenant_id: UUID) -> Actor:
    """Return Mirror itself as the actor: commands, tasks, sweepers."""
    return Actor(tenant_id=tenant_id, label="mirror", scopes=frozenset(SCOPES))


def access_tenant(actor: Actor, *, lock: bool = False) -> Tenant:
    """The actor's tenant. Like every ``access_*``: inside ``tenant_context(actor.tenant_id)`` only."""
    tenants = Tenant.objects.select_for_update() if lock else Tenant.objects.all()
    try:
        return tenants.get(id=actor.tenant_id)
    except Tenant.DoesNotExist:
        raise NotFound("No such tenant.") from None


def access_agent(actor: Actor, slug: str, *, lock: bool = False) -> Agent:
    """Absent and another tenant's are the same ``NotFound``. ``lock`` holds the row until the context ends."""
    return _access(Agent, actor, f"No agent {slug!r}.", lock=lock, slug=slug)


def access_api_key(actor: Actor, key_id: UUID, *, lock: bool = False) -> ApiKey:
    return _access(ApiKey, actor, "No such API key.", lock=lock, id=key_id)


def access_membership(actor: Actor, membership_id: UUID, *, lock: bool = False) -> Membership:
    return _access(Membership, actor, "No such member.", lock=lock, id=membership_id)


def access_credential(actor: Actor, credential_id: UUID, *, lock: bool = False) -> Credential:
    return _access(Credential, actor, "No such credential.", lock=lock, id=credential_id)


def _access(model: type[Row], actor: Actor, absent: str, *, lock: bool, **key: object) -> Row:
    rows = model.objects.filter(tenant_id=actor.tenant_id, **key)
    row: Row | None = (rows.select_for_update() if lock else rows).first()
    if row is None:
        raise NotFound(absent)
    return row
