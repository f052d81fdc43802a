"""Tenants, people, keys and agents. Lowest Django app: imports no other app of ours."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models

from tenants.scope import tenant_id_current


class Tenant(models.Model):
    """A customer organisation; owns everything below."""

    class Status(models.TextChoices):
        ACTIVE = "active"
        SUSPENDED = "suspended"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120, unique=True)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.ACTIVE)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class TenantManager(models.Manager[Any]):
    """Rows of the current tenant only; raises ``TenantNotSet`` when there is none.

    Row-level security is the second wall behind this one, not a reason to leave it out.
    """

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(tenant_id=tenant_id_current())


class TenantModel(models.Model):
    """Base of every table a tenant owns. Each such table has FORCE ROW LEVEL SECURITY (see ``tenants.rls``)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(
        Tenant, on_delete=models.CASCADE, related_name="+", default=tenant_id_current, editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[Any]] = TenantManager()

    class Meta:
        abstract = True
        # Related look-ups and refresh_from_db go through the scoped manager too.
        base_manager_name = "objects"


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in by e-mail; what they may do follows from their memberships."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    timezone = models.CharField(max_length=64, default="UTC")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.email


class Membership(TenantModel):
    class Role(models.TextChoices):
        OWNER = "owner"
        ADMIN = "admin"
        MEMBER = "member"
        VIEWER = "viewer"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.MEMBER)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "user"], name="membership_once")]


class ApiKey(TenantModel):
    """``mk_<prefix>_<secret>``: the prefix finds the row, the secret is kept as a hash only."""

    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=16, unique=True)
    secret_hash = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)


class Agent(TenantModel):
    """One supervised voice agent. Judge and stream settings are validated by ``tenants.agent_settings``."""

    class Transport(models.TextChoices):
        SUPERVISE = "supervise"
        PLIVO = "plivo"
        REALTIME = "realtime"

    slug = models.SlugField(max_length=64)
    name = models.CharField(max_length=120)
    agent_key = models.CharField(max_length=64, unique=True)
    upstream_url = models.CharField(max_length=500, blank=True)
    # Headers sent when the upstream is dialled; may carry secrets, so kept encrypted (see ``tenants.crypto``).
    upstream_headers_encrypted = models.TextField(blank=True)
    system_prompt = models.TextField(blank=True)
    settings = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "slug"], name="agent_slug_once")]


class Credential(TenantModel):
    """A provider's or repository's secret: encrypted, or a reference (``env:NAME``, ``file:PATH``) resolved at use."""

    class Kind(models.TextChoices):
        LLM = "llm"
        TIER1 = "tier1"
        VOICE = "voice"
        PLIVO = "plivo"
        OPENAI = "openai"
        REPOSITORY = "repository"

    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField(max_length=120)
    config = models.JSONField(default=dict)  # what is not secret: base_url, model, auth_id
    secret_encrypted = models.TextField(blank=True)
    reference = models.CharField(max_length=300, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "kind", "name"], name="credential_once")]


class AuditEntry(TenantModel):
    """Who changed or saw what; append-only at the database (see the migration's trigger)."""

    actor = models.CharField(max_length=200)
    action = models.CharField(max_length=64)
    object_type = models.CharField(max_length=64)
    object_id = models.CharField(max_length=64)
    detail = models.JSONField(default=dict)
