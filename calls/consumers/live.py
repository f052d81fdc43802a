"""Console sockets: they say that a call changed and nothing of what was said; the page fetches that as itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.urls import URLPattern, path

from calls.access import access_call
from tenants.access import Actor
from tenants.errors import MirrorError, NotAuthenticated
from tenants.lookups import memberships_of
from tenants.middleware import CHOSEN_TENANT, actor_of, membership_chosen
from tenants.scope import tenant_context

SCOPE = "calls:read"
CLOSE_REFUSED = 4403


class ConsoleConsumer(AsyncJsonWebsocketConsumer):
    """Joins one group while open. A client's own messages mean nothing here and are dropped."""

    group = ""

    async def connect(self) -> None:
        try:
            self.group = await database_sync_to_async(self.group_find)()
        except MirrorError:
            # Before accepting: the browser sees a refused handshake and the page goes on polling.
            await self.close(CLOSE_REFUSED)  # type: ignore[no-untyped-call]
            return
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()  # type: ignore[no-untyped-call]

    async def disconnect(self, code: int) -> None:
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any) -> None:
        return

    async def call_changed(self, event: dict[str, Any]) -> None:
        told = {name: event.get(name) for name in ("type", "call_id", "n", "status")}
        await self.send_json(told)  # type: ignore[no-untyped-call]

    def group_find(self) -> str:
        """Return the group to join.

        Raises:
            MirrorError: not signed in, no member, or not theirs.
        """
        raise NotImplementedError

    def actor(self) -> Actor:
        user, session = self.scope["user"], self.scope["session"]
        membership = (
            membership_chosen(memberships_of(user.id), session.get(CHOSEN_TENANT)) if user.is_authenticated else None
        )
        if membership is None:
            raise NotAuthenticated
        actor = actor_of(membership, user.email)
        actor.require(SCOPE)
        return actor


class LiveConsumer(ConsoleConsumer):
    """All calls of the member's tenant."""

    def group_find(self) -> str:
        return f"tenant.{self.actor().tenant_id.hex}"


class CallConsumer(ConsoleConsumer):
    """One call."""

    def group_find(self) -> str:
        actor, call_id = self.actor(), self.scope["url_route"]["kwargs"]["call_id"]
        with tenant_context(actor.tenant_id):
            return f"call.{UUID(str(access_call(actor, call_id).id)).hex}"


live_urlpatterns: list[URLPattern] = [
    path("ws/console/live/", LiveConsumer.as_asgi()),  # type: ignore[no-untyped-call]
    path("ws/console/calls/<uuid:call_id>/", CallConsumer.as_asgi()),  # type: ignore[no-untyped-call]
]
