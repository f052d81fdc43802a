"""Tokens that open a stream: made for one call, bound to it, used up by it; and what is checked when one is used.

The token in the address is the real control of a stream. The carrier's signature of the handshake is further evidence:
its own SDKs disagree on how it is made, so it is recorded, and demanded only where the agent's settings say so.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.timezone import now

from calls import metrics
from calls.carrier_accounts import carrier_accounts_load
from calls.errors import StreamTokenRefused
from calls.gate import token_hash
from calls.models import StreamToken
from calls.services import call_id_for
from calls.stream_events import stream_connected
from calls.wire.plivo import Start
from calls.wire.plivo_signature import SignatureHeaders, is_signed
from tenants.access import Actor, access_agent
from tenants.agent_settings import AgentSettings
from tenants.errors import Conflict, NotFound
from tenants.scope import tenant_context
from tenants.services import audit_write

logger = logging.getLogger(__name__)

# Long enough for Plivo to fetch the XML, connect, fail and try again.
STREAM_TOKEN_LIFE: Final = timedelta(minutes=5)
# For tenants who keep the XML in a static file.
STANDING_TOKEN_LIFE: Final = timedelta(days=365)

SIGNED, UNSIGNED, WRONG, UNCHECKED = "valid", "absent", "wrong", "unchecked"


class StandingTokensOff(Conflict):
    code = "standing_tokens_off"
    title = "This agent takes single-use tokens only"


@dataclass(frozen=True, slots=True)
class Admission:
    """A socket that may open. ``signature``: valid, absent, wrong, or unchecked without a stored account."""

    tenant_id: UUID
    token: StreamToken
    signature: str = UNCHECKED


def stream_token_mint(
    *,
    tenant_id: UUID,
    agent_id: UUID,
    carrier_call_id: str = "",
    direction: str = "",
    from_number: str = "",
    to_number: str = "",
    is_reusable: bool = False,
    is_listen_only: bool = False,
    life: timedelta | None = None,
) -> tuple[str, StreamToken]:
    """Return a fresh token for a stream, and its row. ``<tenant>.<secret>``: the tenant is needed to reach the row."""
    token = f"{tenant_id.hex}.{secrets.token_urlsafe(32)}"
    life = life or (STANDING_TOKEN_LIFE if is_reusable else STREAM_TOKEN_LIFE)
    with tenant_context(tenant_id):
        row: StreamToken = StreamToken.objects.create(
            agent_id=agent_id,
            token_hash=token_hash(token),
            carrier_call_id=carrier_call_id,
            direction=direction,
            from_number=from_number,
            to_number=to_number,
            is_reusable=is_reusable,
            is_listen_only=is_listen_only,
            expires_at=now() + life,
        )
    return token, row


def standing_token_check(settings: AgentSettings) -> None:
    """Raises: StandingTokensOff."""
    if not settings.standing_tokens_allowed:
        raise StandingTokensOff("Switch on standing_tokens_allowed for this agent, or ask for a token per call.")


def standing_tokens(agent_id: UUID) -> QuerySet[StreamToken]:
    """The agent's long-lived tokens that still open streams, newest first; inside the tenant's context."""
    rows = StreamToken.objects.filter(agent_id=agent_id, is_reusable=True, revoked_at=None, expires_at__gt=now())
    return rows.order_by("-created_at")


def stream_token_revoke(*, actor: Actor, slug: str, token_id: UUID) -> None:
    """The token opens nothing from now on; streams that are open stay. Safe to run again. Raises: NotFound."""
    with tenant_context(actor.tenant_id):
        agent = access_agent(actor, slug)
        row = StreamToken.objects.select_for_update().filter(id=token_id, agent_id=agent.id).first()
        if row is None:
            raise NotFound("There is no such stream token.")
        if row.revoked_at is None:
            row.revoked_at = now()
            row.save(update_fields=["revoked_at"])
            audit_write(actor=actor, action="stream_token.revoked", row=row, detail={"agent": slug})


def stream_token_find(token: str) -> tuple[UUID, StreamToken]:
    """Return the tenant and the token's row, for a socket that wants to open. It is used up by ``stream_token_bind``.

    Raises:
        StreamTokenRefused: malformed, unknown, revoked or expired unused; which of them is not told.
    """
    try:
        tenant_id = UUID(hex=token.partition(".")[0])
    except ValueError:
        raise StreamTokenRefused("the stream token is not valid") from None
    with tenant_context(tenant_id):
        usable = Q(expires_at__gt=now()) | Q(used_at__isnull=False, is_reusable=False)
        rows = StreamToken.objects.select_related("agent").filter(usable, revoked_at=None, agent__is_active=True)
        found = rows.filter(token_hash=token_hash(token)).first()
    if found is None:
        raise StreamTokenRefused("the stream token is not valid")
    return tenant_id, found


def stream_token_bind(*, tenant_id: UUID, token_id: UUID, carrier_call_id: str) -> None:
    """Use the token up for this call. The same call may open again: carriers redial when a socket breaks.

    Raises:
        StreamTokenRefused: it was used for another call, is bound to another one, is revoked, or has expired.
    """
    fresh = Q(used_at=None, expires_at__gt=now(), carrier_call_id__in=["", carrier_call_id])
    again = Q(used_at__isnull=False, is_reusable=False, carrier_call_id=carrier_call_id)
    standing = Q(is_reusable=True, expires_at__gt=now())
    with tenant_context(tenant_id):
        rows = StreamToken.objects.filter(fresh | again | standing, id=token_id, revoked_at=None)
        if rows.update(used_at=now(), carrier_call_id=carrier_call_id) != 1:
            raise StreamTokenRefused("the stream token is not for this call")


def stream_admit(*, token: str, headers: SignatureHeaders, urls: Sequence[str]) -> Admission:
    """Return who may open this socket. ``urls``: every address its handshake may have been signed with.

    Raises:
        StreamTokenRefused: no usable token, or no valid signature where the agent demands one.
    """
    tenant_id, found = stream_token_find(token)
    with tenant_context(tenant_id):
        accounts = carrier_accounts_load()
    settings = AgentSettings.from_json(found.agent.settings)
    signature = UNCHECKED
    if not accounts.is_none:
        v3_tokens, main_tokens = accounts.tokens(settings.plivo_account)
        signature = WRONG if headers.is_there else UNSIGNED
        if is_signed(urls=urls, params=(), headers=headers, v3_tokens=v3_tokens, main_tokens=main_tokens, method="GET"):
            signature = SIGNED
    metrics.STREAM_SIGNATURES.labels(signature).inc()
    if settings.signed_streams_required and signature != SIGNED:
        logger.warning(
            "stream without the carrier's signature refused",
            extra={"action": "stream_unsigned", "tenant_id": str(tenant_id), "signature": signature},
        )
        raise StreamTokenRefused("the stream's handshake is not signed by the carrier")
    return Admission(tenant_id, found, signature)


def stream_bind(admission: Admission, start: Start) -> None:
    """Use the token up for the call of this ``start``, and keep that its stream connected.

    Raises:
        StreamTokenRefused: the token is not for this call, or the carrier's account is not the tenant's.
    """
    tenant_id, token = admission.tenant_id, admission.token
    with tenant_context(tenant_id):
        if not carrier_accounts_load().knows(start.account_id):
            logger.warning(
                "stream of an unknown carrier account refused",
                extra={"action": "stream_account", "tenant_id": str(tenant_id)},
            )
            raise StreamTokenRefused("the stream's account is none of the tenant's")
        stream_token_bind(tenant_id=tenant_id, token_id=token.id, carrier_call_id=start.call_id)
        told = {"signature": admission.signature, "account": start.account_id}
        if token.is_listen_only:
            told["mode"] = "listen"
        stream_connected(
            agent_id=token.agent_id,
            call_id=call_id_for(tenant_id, start.call_id),
            stream_id=start.stream_id,
            told=told,
        )
