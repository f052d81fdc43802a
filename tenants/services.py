"""What changes in a tenant's own rows. Each writes its audit entry in the same transaction."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email, validate_slug
from django.db import IntegrityError, transaction
from django.utils.timezone import now

from tenants.access import SCOPES, Actor, access_agent, access_api_key, access_membership, actor_mirror
from tenants.agent_settings import AgentSettings
from tenants.auth import token_draw
from tenants.crypto import decrypt, encrypt, rotate
from tenants.errors import Conflict, Forbidden, InvalidInput
from tenants.lookups import tenant_id_by_name
from tenants.models import Agent, ApiKey, AuditEntry, Credential, Membership, Tenant, User
from tenants.scope import tenant_context
from tenants.secrets import reference_check


class NameTaken(Conflict):
    code = "name_taken"
    title = "The name is taken"


class LastOwner(Conflict):
    code = "last_owner"
    title = "A tenant keeps at least one owner"


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """``token`` is shown to its owner once; only its hash is stored."""

    key: ApiKey
    token: str


def audit_write(*, actor: Actor, action: str, row: Any, detail: Mapping[str, Any] | None = None) -> AuditEntry:
    """Add to the audit log, inside the tenant's context. ``detail`` holds no secrets and no caller's words."""
    entry: AuditEntry = AuditEntry.objects.create(
        actor=actor.label,
        action=action,
        object_type=row._meta.model_name,
        object_id=str(row.pk),
        detail=dict(detail or {}),
    )
    return entry


def user_create(*, email: str, password: str | None = None, name: str = "") -> User:
    """Make a person. Without ``password`` they cannot sign in before they set one.

    Raises:
        InvalidInput: no e-mail address, or a password that is too easy.
        NameTaken: there is such a person.
    """
    errors: dict[str, list[str]] = {}
    try:
        validate_email(email)
    except ValidationError as error:
        errors["email"] = error.messages
    try:
        if password is not None:
            validate_password(password, User(email=email, name=name))
    except ValidationError as error:
        errors["password"] = error.messages
    if errors:
        raise InvalidInput(errors=errors)
    try:
        with transaction.atomic():
            return User.objects.create_user(email, password, name=name)
    except IntegrityError:
        raise NameTaken(f"There is already a person with the address {email}.") from None


def tenant_create(*, name: str, owner: User) -> Tenant:
    """Make a tenant with its first owner. Raises: InvalidInput, NameTaken."""
    name = name.strip()
    if not 1 <= len(name) <= 120:
        raise InvalidInput(errors={"name": ["must have 1 to 120 characters"]})
    tenant_id = uuid.uuid4()
    if tenant_id_by_name(name) is not None:
        raise NameTaken(f"There is already a tenant {name!r}.")
    try:
        with tenant_context(tenant_id):
            tenant = Tenant.objects.create(id=tenant_id, name=name)
            Membership.objects.create(user=owner, role=Membership.Role.OWNER)
            audit_write(actor=actor_mirror(tenant_id), action="tenant.created", row=tenant)
    except IntegrityError:  # somebody took the name since we looked
        raise NameTaken(f"There is already a tenant {name!r}.") from None
    return tenant


def agent_create(
    *,
    actor: Actor,
    slug: str,
    name: str = "",
    upstream_url: str = "",
    settings: Mapping[str, Any] | None = None,
    system_prompt: str = "",
) -> Agent:
    """Raises: InvalidInput, NameTaken."""
    _slug_check(slug)
    AgentSettings.from_json(settings or {})
    with tenant_context(actor.tenant_id):
        if Agent.objects.filter(slug=slug).exists():
            raise NameTaken(f"There is already an agent {slug!r}.")
        agent: Agent = Agent.objects.create(
            slug=slug,
            name=name or slug.replace("-", " ").capitalize(),
            agent_key=agent_key_draw(),
            upstream_url=upstream_url_check(upstream_url),
            settings=dict(settings or {}),
            system_prompt=system_prompt,
        )
        audit_write(actor=actor, action="agent.created", row=agent, detail={"slug": slug})
    return agent


def agent_update(*, actor: Actor, slug: str, changes: Mapping[str, Any]) -> Agent:
    """Change ``name``, ``upstream_url``, ``system_prompt``, ``is_active``, ``settings`` (merged) of an agent.

    Raises: InvalidInput, NotFound.
    """
    allowed = {"name", "upstream_url", "system_prompt", "is_active", "settings"}
    if unknown := sorted(changes.keys() - allowed):
        raise InvalidInput(errors={name: ["cannot be changed"] for name in unknown})
    with tenant_context(actor.tenant_id):
        agent = access_agent(actor, slug, lock=True)
        values = dict(changes)
        if "settings" in values:
            values["settings"] = {**agent.settings, **values["settings"]}
            AgentSettings.from_json(values["settings"])
        if "upstream_url" in values:
            values["upstream_url"] = upstream_url_check(values["upstream_url"])
        for field, value in values.items():
            setattr(agent, field, value)
        agent.save(update_fields=[*values, "updated_at"])
        audit_write(actor=actor, action="agent.updated", row=agent, detail={"fields": sorted(values)})
    return agent


def agent_key_replace(*, actor: Actor, slug: str) -> Agent:
    """Give the agent a new key; addresses with the old one stop working at once. Raises: NotFound."""
    with tenant_context(actor.tenant_id):
        agent = access_agent(actor, slug, lock=True)
        agent.agent_key = agent_key_draw()
        agent.save(update_fields=["agent_key", "updated_at"])
        audit_write(actor=actor, action="agent.key_replaced", row=agent)
    return agent


def agent_headers_set(*, actor: Actor, slug: str, headers: Mapping[str, str]) -> Agent:
    """Keep the headers that the upstream is dialled with, encrypted. Raises: InvalidInput, NotFound."""
    for name, value in headers.items():
        if not name or any(character in f"{name}{value}" for character in "\r\n\0"):
            raise InvalidInput(errors={"headers": [f"{name!r} is no header"]})
    packed = encrypt("\n".join(f"{name}: {value}" for name, value in headers.items())) if headers else ""
    with tenant_context(actor.tenant_id):
        agent = access_agent(actor, slug, lock=True)
        agent.upstream_headers_encrypted = packed
        agent.save(update_fields=["upstream_headers_encrypted", "updated_at"])
        audit_write(actor=actor, action="agent.headers_set", row=agent, detail={"names": sorted(headers)})
    return agent


def agent_headers(agent: Agent) -> dict[str, str]:
    """Return the upstream's headers in the clear. Raises: Undecryptable."""
    if not agent.upstream_headers_encrypted:
        return {}
    lines = decrypt(agent.upstream_headers_encrypted).split("\n")
    return {name: value for name, _, value in (line.partition(": ") for line in lines)}


def agent_key_draw() -> str:
    return secrets.token_urlsafe(24)


def upstream_url_check(url: str) -> str:
    """Return the address of the agent's stream; empty is none. Raises: InvalidInput."""
    if url and not url.startswith(("ws://", "wss://")):
        raise InvalidInput(errors={"upstream_url": ["must begin with ws:// or wss://"]})
    return url


def _slug_check(slug: str) -> None:
    try:
        validate_slug(slug)
    except ValidationError:
        raise InvalidInput(errors={"slug": ["must consist of letters, digits, - and _"]}) from None
    if len(slug) > 64:
        raise InvalidInput(errors={"slug": ["must have 64 characters at most"]})


def api_key_create(*, actor: Actor, name: str, scopes: Iterable[str], expires_at: datetime | None = None) -> NewApiKey:
    """Nobody hands out more than they have. Raises: InvalidInput, Forbidden."""
    wanted = frozenset(scopes)
    if unknown := sorted(wanted - SCOPES.keys()) or (not wanted and ["none given"]):
        raise InvalidInput(errors={"scopes": [f"unknown: {', '.join(unknown)}"]})
    if extra := sorted(wanted - actor.scopes):
        raise Forbidden(f"You cannot give away what you do not have: {', '.join(extra)}.")
    drawn = token_draw()
    with tenant_context(actor.tenant_id):
        key: ApiKey = ApiKey.objects.create(
            name=name,
            prefix=drawn.prefix,
            secret_hash=drawn.secret_hash,
            scopes=sorted(wanted),
            created_by_id=actor.user_id,
            expires_at=expires_at,
        )
        audit_write(actor=actor, action="api_key.created", row=key, detail={"name": name, "scopes": sorted(wanted)})
    return NewApiKey(key, drawn.token)


def api_key_revoke(*, actor: Actor, key_id: UUID) -> ApiKey:
    """Safe to run again: the first time stands. Raises: NotFound."""
    with tenant_context(actor.tenant_id):
        key = access_api_key(actor, key_id, lock=True)
        if key.revoked_at is None:
            key.revoked_at = now()
            key.save(update_fields=["revoked_at"])
            audit_write(actor=actor, action="api_key.revoked", row=key)
    return key


def membership_create(*, actor: Actor, user: User, role: str) -> Membership:
    """Raises: InvalidInput, Forbidden, NameTaken (already a member)."""
    _role_check(actor, role)
    with tenant_context(actor.tenant_id):
        if Membership.objects.filter(user=user).exists():
            raise NameTaken(f"{user.email} is a member already.")
        membership: Membership = Membership.objects.create(user=user, role=role)
        audit_write(actor=actor, action="membership.created", row=membership, detail={"role": role})
    return membership


def membership_role_set(*, actor: Actor, membership_id: UUID, role: str) -> Membership:
    """Raises: InvalidInput, Forbidden, NotFound, LastOwner."""
    with tenant_context(actor.tenant_id):
        membership = _membership_change(actor, membership_id, role)
        membership.role = role
        membership.save(update_fields=["role"])
        audit_write(actor=actor, action="membership.role_set", row=membership, detail={"role": role})
    return membership


def membership_delete(*, actor: Actor, membership_id: UUID) -> None:
    """Raises: Forbidden, NotFound, LastOwner."""
    with tenant_context(actor.tenant_id):
        membership = _membership_change(actor, membership_id, "")
        audit_write(actor=actor, action="membership.deleted", row=membership, detail={"role": membership.role})
        membership.delete()


def _membership_change(actor: Actor, membership_id: UUID, role: str) -> Membership:
    """Lock all owners, so that two owners who remove each other do not both succeed."""
    owners = list(Membership.objects.select_for_update().filter(role=Membership.Role.OWNER).order_by("id"))
    membership = access_membership(actor, membership_id, lock=True)
    _role_check(actor, role or membership.role)
    _role_check(actor, membership.role)
    if membership.role == Membership.Role.OWNER and role != Membership.Role.OWNER and len(owners) == 1:
        raise LastOwner("Make somebody else an owner first.")
    return membership


def _role_check(actor: Actor, role: str) -> None:
    if role not in Membership.Role.values:
        raise InvalidInput(errors={"role": [f"must be one of {', '.join(Membership.Role.values)}"]})
    if role == Membership.Role.OWNER and actor.role not in {"", Membership.Role.OWNER}:
        raise Forbidden("Only an owner makes or changes owners.")
    if actor.role and not actor.is_allowed("members:write"):
        raise Forbidden("This needs an owner or admin.")


def credential_set(
    *,
    actor: Actor,
    kind: str,
    name: str,
    config: Mapping[str, Any] | None = None,
    secret: str | None = None,
    reference: str = "",
) -> Credential:
    """Make or replace the credential of this kind and name. ``secret`` None keeps the stored one.

    Raises:
        InvalidInput: an unknown kind, both a secret and a reference, or a reference that is not permitted.
    """
    if kind not in Credential.Kind.values:
        raise InvalidInput(errors={"kind": [f"must be one of {', '.join(Credential.Kind.values)}"]})
    if secret and reference:
        raise InvalidInput(errors={"reference": ["give a secret or a reference, not both"]})
    if reference:
        reference_check(reference)
    values: dict[str, Any] = {"config": dict(config or {}), "reference": reference}
    if secret is not None or reference:
        values["secret_encrypted"] = encrypt(secret) if secret else ""
    with tenant_context(actor.tenant_id):
        credential: Credential
        credential, _ = Credential.objects.update_or_create(kind=kind, name=name, defaults=values)
        audit_write(actor=actor, action="credential.set", row=credential, detail={"kind": kind, "name": name})
    return credential


def credentials_rotate(*, tenant_id: UUID) -> int:
    """Put every stored secret of the tenant under the first key; return how many. Raises: Undecryptable."""
    with tenant_context(tenant_id):
        credentials = list(Credential.objects.select_for_update().exclude(secret_encrypted=""))
        for credential in credentials:
            credential.secret_encrypted = rotate(credential.secret_encrypted)
        agents = list(Agent.objects.select_for_update().exclude(upstream_headers_encrypted=""))
        for agent in agents:
            agent.upstream_headers_encrypted = rotate(agent.upstream_headers_encrypted)
        Credential.objects.bulk_update(credentials, ["secret_encrypted"])
        Agent.objects.bulk_update(agents, ["upstream_headers_encrypted"])
    return len(credentials) + len(agents)
