"""Tickets: one-use, 60 s stand-ins for an API key, for clients that cannot send headers (browsers)."""

from __future__ import annotations

import secrets
from uuid import UUID

import redis
import redis.asyncio
from django.conf import settings

from calls.gate import token_hash
from tenants.errors import NotAuthenticated

TICKET_LIFE_S = 60


def _key(ticket: str) -> str:
    return f"{settings.MIRROR_REDIS_PREFIX}:ticket:{token_hash(ticket)}"


def ticket_mint(tenant_id: UUID) -> str:
    """Return a ticket that opens one supervise socket of the tenant within ``TICKET_LIFE_S``."""
    ticket = secrets.token_urlsafe(32)
    with redis.from_url(settings.REDIS_URL, socket_timeout=2) as valkey:
        valkey.set(_key(ticket), tenant_id.hex, ex=TICKET_LIFE_S)
    return ticket


async def ticket_redeem(ticket: str) -> UUID:
    """Return the ticket's tenant and use it up.

    Raises:
        NotAuthenticated: unknown, used or expired.
    """
    async with redis.asyncio.from_url(settings.REDIS_URL, socket_timeout=2) as valkey:
        found = await valkey.getdel(_key(ticket))
    if found is None:
        raise NotAuthenticated("The ticket is not valid: it opens one socket, within 60 seconds.")
    return UUID(hex=found.decode() if isinstance(found, bytes) else found)
