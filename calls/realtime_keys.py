"""The tenant's key at the provider of realtime models.

The stored key goes only where it was saved for. Who may change an agent's address could have it sent to a server of
their own otherwise.
"""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from tenants.models import Credential
from tenants.scope import tenant_context
from tenants.secrets import secret_of

DEFAULT_NAME = "default"


def realtime_key(*, tenant_id: UUID, agent_slug: str, url: str) -> str:
    """Return the key for this address: the one named after the agent, else ``default``, else the last changed.

    "" without any. A credential's ``config`` names its server, ``{"url": "wss://models.example.com/v1/realtime"}``;
    without that it is for the provider that the operator set.

    Raises:
        Undecryptable, SecretUnavailable, InvalidInput: the stored key leads to nothing.
    """
    with tenant_context(tenant_id):
        kept = Credential.objects.filter(kind=Credential.Kind.OPENAI).order_by("updated_at")
        fit = [credential for credential in kept if _is_for(credential, url)]
        by_name = {credential.name: credential for credential in fit}
        chosen = by_name.get(agent_slug) or by_name.get(DEFAULT_NAME) or (fit[-1] if fit else None)
        return secret_of(chosen) if chosen is not None else ""


def _is_for(credential: Credential, url: str) -> bool:
    saved_for = credential.config.get("url") or settings.MIRROR_REALTIME_URL
    return isinstance(saved_for, str) and _server(saved_for) == _server(url)


def _server(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower()
