"""Proof of who asks: API keys (``mk_<prefix>_<secret>``) and console sessions."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.timezone import now
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from tenants.access import SCOPES, Actor
from tenants.errors import NotAuthenticated, ScopeMissing
from tenants.lookups import tenant_id_by_api_key_prefix
from tenants.models import ApiKey
from tenants.scope import tenant_context

KEY_MARK = "mk"
# Last use is shown to the minute; more would cost a write per request.
LAST_USED_EVERY = timedelta(minutes=1)
_REFUSED = "The API key is not valid."


@dataclass(frozen=True, slots=True)
class ApiKeyIdentity:
    tenant_id: UUID
    key_id: UUID
    scopes: frozenset[str]
    name: str = ""

    def actor(self) -> Actor:
        return Actor(tenant_id=self.tenant_id, label=f"key:{self.name}", scopes=self.scopes, key_id=self.key_id)


@dataclass(frozen=True, slots=True)
class NewToken:
    """A freshly drawn key. ``token`` is shown once and never stored."""

    token: str
    prefix: str
    secret_hash: str


def token_draw() -> NewToken:
    # Hex holds no underscore, so the parts can be told apart.
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    return NewToken(f"{KEY_MARK}_{prefix}_{secret}", prefix, secret_hash(secret))


def secret_hash(secret: str) -> str:
    """Return what is stored. The secret holds 256 random bits, so one round of SHA-256 is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def authenticate_api_key(token: str, scope: str = "") -> ApiKeyIdentity:
    """Return whose key this is, when it carries ``scope`` (empty: any valid key).

    Raises:
        NotAuthenticated: malformed, unknown, wrong, expired or revoked; which of them is not told.
        ScopeMissing: valid, without the scope.
    """
    prefix, secret = _parts(token)
    tenant_id = tenant_id_by_api_key_prefix(prefix)
    if tenant_id is None:
        raise NotAuthenticated(_REFUSED)
    with tenant_context(tenant_id):
        key = ApiKey.objects.filter(prefix=prefix).first()
        if key is None or not hmac.compare_digest(key.secret_hash, secret_hash(secret)) or not _is_live(key):
            raise NotAuthenticated(_REFUSED)
        _touch(key)
    identity = ApiKeyIdentity(tenant_id, key.id, frozenset(key.scopes) & SCOPES.keys(), key.name)
    if scope and scope not in identity.scopes:
        raise ScopeMissing(scope)
    return identity


def bearer_token(header: str) -> str | None:
    """Return the token of an ``Authorization: Bearer mk_...`` header, None where it is no such header."""
    kind, _, token = header.strip().partition(" ")
    token = token.strip()
    return token if kind.lower() == "bearer" and token.startswith(f"{KEY_MARK}_") else None


def _parts(token: str) -> tuple[str, str]:
    parts = token.split("_", 2)
    # Lookups take text as is; a NUL byte would be PostgreSQL's error, not the caller's.
    if len(parts) != 3 or parts[0] != KEY_MARK or not parts[1].isalnum() or not parts[2]:
        raise NotAuthenticated(_REFUSED)
    return parts[1], parts[2]


def _is_live(key: ApiKey) -> bool:
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > now())


def _touch(key: ApiKey) -> None:
    at = now()
    if key.last_used_at is not None and at - key.last_used_at < LAST_USED_EVERY:
        return
    is_stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=at - LAST_USED_EVERY)
    ApiKey.objects.filter(is_stale, id=key.id).update(last_used_at=at)


class ApiKeyAuthentication(BaseAuthentication):
    """``request.user`` becomes the ``Actor``, ``request.auth`` the ``ApiKeyIdentity``."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        token = bearer_token(request.headers.get("Authorization", ""))
        if token is None:
            return None
        identity = authenticate_api_key(token)
        return identity.actor(), identity

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="mirror"'


class MemberSessionAuthentication(SessionAuthentication):
    """The console's session: ``request.user`` becomes the ``Actor`` in the chosen tenant. CSRF is enforced."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        actor: Actor | None = getattr(request._request, "actor", None)
        if actor is None:
            return None
        self.enforce_csrf(request)
        return actor, None


def actor_of(request: Request) -> Actor:
    """Return who asks, behind ``HasScope``.

    Raises:
        NotAuthenticated: nobody; a view without ``HasScope`` let the request through.
    """
    actor: object = request.user
    if not isinstance(actor, Actor):
        raise NotAuthenticated("Send an API key, or sign in.")
    return actor


class HasScope(BasePermission):
    """Lets pass who has the view's scope for the method.

    A view names them: ``required_scopes = {"GET": "calls:read", "POST": "calls:write"}``. One that names none for a
    method is closed to everybody.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        actor = request.user
        if not isinstance(actor, Actor):
            return False
        required: Mapping[str, str] = getattr(view, "required_scopes", {})
        method = "GET" if request.method in {"HEAD", "OPTIONS"} else str(request.method)
        scope = required.get(method)
        if scope is None:
            return False
        actor.require(scope)
        return True
