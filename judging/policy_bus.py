"""How live processes learn of an activated revision."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import redis
from django.conf import settings

from judging.subscription import Subscription

logger = logging.getLogger(__name__)

_SOCKET_S = 2.0


@dataclass(frozen=True, slots=True)
class PoliciesActivated:
    """``{"tenant_id": "...", "agent_id": "...", "revision": 3}`` on the channel."""

    tenant_id: UUID
    agent_id: UUID
    revision: int


def policies_channel() -> str:
    return f"{settings.MIRROR_REDIS_PREFIX}:policies"


def policies_publish(tenant_id: UUID, agent_id: UUID, revision: int) -> None:
    """Tell live processes, once the activation is committed. A Valkey that is down is logged: the row stands.

    Whoever subscribes reads the active revision again after a reconnect, so a lost message is late, not lost.
    """
    message = json.dumps({"tenant_id": str(tenant_id), "agent_id": str(agent_id), "revision": revision})
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=_SOCKET_S, socket_connect_timeout=_SOCKET_S
        ) as client:
            client.publish(policies_channel(), message)
    except redis.RedisError:
        logger.warning(
            "policies not published",
            extra={"action": "policies_publish", "tenant_id": str(tenant_id), "agent_id": str(agent_id)},
        )


class PolicyWatch:
    """Tells an asyncio process of activated revisions.

    ``on_activated`` gets each as it is told. ``on_connect`` is called whenever listening begins (again): what was told
    meanwhile is lost, so read the active revisions of the calls at hand.
    """

    def __init__(self, on_activated: Callable[[PoliciesActivated], None], on_connect: Callable[[], None]) -> None:
        self._on_activated = on_activated
        self._subscription = Subscription(settings.REDIS_URL, policies_channel(), self._take, on_connect)

    @property
    def is_connected(self) -> bool:
        return self._subscription.is_connected

    async def start(self, *, patience_s: float = 1.0) -> bool:
        """Begin to listen; False when Valkey is not there yet (it goes on trying)."""
        self._subscription.start()
        return await self._subscription.connected(patience_s)

    async def stop(self) -> None:
        await self._subscription.stop()

    def _take(self, data: bytes) -> None:
        if (activated := policies_parse(data)) is not None:
            self._on_activated(activated)


def policies_parse(data: str | bytes) -> PoliciesActivated | None:
    """Read a message; None for what is none of ours."""
    try:
        found = json.loads(data)
        return PoliciesActivated(UUID(str(found["tenant_id"])), UUID(str(found["agent_id"])), int(found["revision"]))
    except (ValueError, TypeError, KeyError):
        return None
