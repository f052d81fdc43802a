"""Streams that nothing is written to: attached beside the call, they let Mirror hear it and speak over REST."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack, suppress
from uuid import UUID

from channels.db import database_sync_to_async
from django.conf import settings

from calls.carrier_accounts import CarrierAccount, carrier_accounts_load
from calls.consumers.socket import Socket, SocketClosed
from calls.errors import MessageRefused
from calls.hub import Hub
from calls.listener import Listener
from calls.live_agent import LiveAgent, live_agent_load
from calls.models import Call
from calls.plivo_rest import PlivoClient
from calls.runtime import CallRuntime
from calls.services import call_carried
from calls.stream_tokens import Admission, stream_bind
from calls.wire import plivo
from calls.wire.supervise import CallStart
from tenants.scope import in_tenant

logger = logging.getLogger(__name__)

START_WITHIN_S = 10.0
# As with a bridge: a carrier whose socket broke dials again at once.
REDIAL_WITHIN_S = 5.0

_listeners: dict[UUID, Listener] = {}


async def listen(socket: Socket, hub: Hub, admission: Admission) -> None:
    """Take part in the call until its stream ends.

    Raises:
        SocketClosed: the carrier closed before its ``start``.
        CallError, MirrorError: the stream cannot be served.
    """
    start = await _first_start(socket)
    await database_sync_to_async(stream_bind)(admission, start)
    agent = await database_sync_to_async(live_agent_load)(
        tenant_id=admission.tenant_id, agent_id=admission.token.agent_id
    )
    runtime = await _open(hub, admission, agent, start)
    account = await _account(agent, start)
    async with AsyncExitStack() as stack:
        mouth: PlivoClient | None = None
        if account is not None:
            mouth = await stack.enter_async_context(PlivoClient(account, settings.MIRROR_PLIVO_API_URL))
        listener = Listener(runtime=runtime, mouth=mouth, media_format=start.media_format)
        _join(hub, runtime, listener, is_mouth=mouth is not None)
        try:
            await _read(socket, listener)
        finally:
            await listener.close()
            await _leave(hub, runtime, listener)


async def _first_start(socket: Socket) -> plivo.Start:
    try:
        async with asyncio.timeout(START_WITHIN_S):
            while True:
                text = await socket.next_text()
                body = plivo.event_of(text) if text is not None else None
                if body is not None and body["event"] == "start":
                    break
    except TimeoutError:
        raise MessageRefused("no_start", f"no start within {START_WITHIN_S:.0f} s") from None
    start = plivo.start_of(body)
    if start is None:
        raise MessageRefused("bad_start", "the stream's start lacks callId or streamId")
    return start


async def _open(hub: Hub, admission: Admission, agent: LiveAgent, start: plivo.Start) -> CallRuntime:
    """Open the call, or join the one that the agent's supervise socket opened."""
    token = admission.token
    opens = CallStart(
        call_id=start.call_id,
        agent=agent.judging.slug,
        direction=token.direction,
        from_number=token.from_number,
        to_number=token.to_number,
        metadata={"extra_headers": start.extra_headers} if start.extra_headers else {},
    )
    # Before it is opened here: a supervise socket in another process must come to this one from now on.
    await database_sync_to_async(call_carried)(
        tenant_id=admission.tenant_id, external_id=start.call_id, is_carried=True
    )
    runtime, _ = await hub.open(tenant_id=admission.tenant_id, start=opens, transport=Call.Transport.PLIVO, agent=agent)
    return runtime


async def _account(agent: LiveAgent, start: plivo.Start) -> CarrierAccount | None:
    """Return the account Mirror speaks with; None where the agent speaks itself, or none is stored."""
    told = agent.judging.settings
    if told.speaker == "agent":
        return None
    accounts = await in_tenant(agent.tenant_id, carrier_accounts_load)
    found = accounts.one_of(start.account_id, told.plivo_account)
    if found is None:
        context = {"action": "listen_mute", "tenant_id": str(agent.tenant_id), "agent": agent.judging.slug}
        logger.warning("Mirror cannot speak on this call: no carrier account is stored for it", extra=context)
    return found


def _join(hub: Hub, runtime: CallRuntime, listener: Listener, *, is_mouth: bool) -> None:
    """The newest stream of a call takes the place of one before: two would say everything twice."""
    before = _listeners.get(runtime.call_id)
    _listeners[runtime.call_id] = listener
    hub.join(runtime, listener)
    if before is not None:
        hub.leave(runtime, before)
        before.let_go()
    runtime.voice_set(is_mirror=is_mouth)


async def _leave(hub: Hub, runtime: CallRuntime, listener: Listener) -> None:
    if _listeners.get(runtime.call_id) is not listener:
        return  # another stream took its place
    del _listeners[runtime.call_id]
    runtime.voice_set(is_mirror=False)
    hub.leave(runtime, listener, within_s=REDIAL_WITHIN_S, reason="carrier_closed")
    if runtime.ports and hub.calls.get(runtime.call_id) is runtime:
        # What is left is a supervise socket, which may come back to any process.
        await database_sync_to_async(call_carried)(
            tenant_id=runtime.agent.tenant_id, external_id=runtime.external_id, is_carried=False
        )


async def _read(socket: Socket, listener: Listener) -> None:
    reading = asyncio.create_task(_read_all(socket, listener))
    gone = asyncio.create_task(listener.gone.wait())
    try:
        await asyncio.wait({reading, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (reading, gone):
            task.cancel()
        await asyncio.gather(reading, gone, return_exceptions=True)


async def _read_all(socket: Socket, listener: Listener) -> None:
    with suppress(SocketClosed):
        while True:
            text = await socket.next_text()
            body = plivo.event_of(text) if text is not None and listener.is_listening else None
            if body is not None:
                listener.carrier_sent(body)
