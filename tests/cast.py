"""The people and things that tests share: one tenant with a member of each role, a second tenant, an outsider."""

from __future__ import annotations

from dataclasses import dataclass

from tenants.access import ROLE_SCOPES, SCOPES, Actor, actor_mirror
from tenants.models import Agent, Membership, Tenant, User
from tenants.services import NewApiKey, agent_create, api_key_create, membership_create, tenant_create, user_create

PASSWORD = "correct horse battery"


@dataclass(frozen=True, slots=True)
class Cast:
    """``owner``, ``admin``, ``member`` and ``viewer`` belong to ``tenant``; ``outsider`` owns ``other_tenant``.

    All sign in with ``PASSWORD``. ``key`` carries every scope of ``tenant``, ``other_key`` of the other.
    """

    tenant: Tenant
    other_tenant: Tenant
    owner: User
    admin: User
    member: User
    viewer: User
    outsider: User
    agent: Agent
    other_agent: Agent
    key: NewApiKey
    other_key: NewApiKey

    def actor(self, role: str = Membership.Role.OWNER) -> Actor:
        """Return the person of this role in ``tenant`` as the actor."""
        user: User = getattr(self, role)
        return Actor(self.tenant.id, f"user:{user.email}", ROLE_SCOPES[role], role=role, user_id=user.id)

    @property
    def outsider_actor(self) -> Actor:
        role = Membership.Role.OWNER
        user = self.outsider
        return Actor(self.other_tenant.id, f"user:{user.email}", ROLE_SCOPES[role], role=role, user_id=user.id)

    @property
    def bearer(self) -> dict[str, str]:
        """Headers of a request with ``key``: ``client.get(url, headers=cast.bearer)``."""
        return {"Authorization": f"Bearer {self.key.token}"}

    @property
    def other_bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.other_key.token}"}


def cast_create() -> Cast:
    ann, adam, mia, vic, olga = (
        user_create(email=f"{name}@{place}.example", password=PASSWORD, name=name.capitalize())
        for name, place in (("ann", "acme"), ("adam", "acme"), ("mia", "acme"), ("vic", "acme"), ("olga", "globex"))
    )
    acme, globex = tenant_create(name="Acme", owner=ann), tenant_create(name="Globex", owner=olga)
    mirror, other = actor_mirror(acme.id), actor_mirror(globex.id)
    for user, role in ((adam, "admin"), (mia, "member"), (vic, "viewer")):
        membership_create(actor=mirror, user=user, role=role)
    return Cast(
        tenant=acme,
        other_tenant=globex,
        owner=ann,
        admin=adam,
        member=mia,
        viewer=vic,
        outsider=olga,
        agent=agent_create(actor=mirror, slug="orders", name="Orders", upstream_url="ws://agent.example/stream"),
        other_agent=agent_create(actor=other, slug="orders", name="Their orders"),
        key=api_key_create(actor=mirror, name="Production", scopes=SCOPES),
        other_key=api_key_create(actor=other, name="Production", scopes=SCOPES),
    )
