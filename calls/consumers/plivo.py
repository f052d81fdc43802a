"""``/ws/v1/plivo/{token}/``: the carrier's socket. It finds or makes the call's bridge and relays; nothing else."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from uuid import UUID

from channels.db import database_sync_to_async
from django.db import DatabaseError

from calls.bridge import Bridge
from calls.consumers.listen import listen
from calls.consumers.socket import (
    CLOSE_INTERNAL,
    CLOSE_NORMAL,
    CLOSE_POLICY,
    Receive,
    Scope,
    Send,
    Socket,
    SocketClosed,
)
from calls.errors import CallError, IllegalEvent, MessageRefused, StreamTokenRefused, UpstreamLost
from calls.events import CallEnded
from calls.hub import Hub, hub_current
from calls.live_agent import live_agent_load
from calls.models import Call
from calls.public_urls import dialled_urls
from calls.runtime import CallRuntime
from calls.services import call_id_for
from calls.stream_tokens import Admission, stream_admit, stream_bind
from calls.upstream import upstream_dial
from calls.voice.speaking import voice_for
from calls.wire import plivo
from calls.wire.dialect import Dialect
from calls.wire.dialects import MAX_GREETINGS, dialect_of, is_start
from calls.wire.plivo_signature import SignatureHeaders
from calls.wire.supervise import CallStart
from tenants.errors import MirrorError

logger = logging.getLogger(__name__)

START_WITHIN_S = 10.0
# A carrier whose socket broke dials again at once; after this the call is over.
REDIAL_WITHIN_S = 2.0
# With the database away the caller hears the fallback rather than waiting longer.
END_RECORDED_WITHIN_S = 1.0

_bridges: dict[UUID, Bridge] = {}


async def plivo_application(scope: Scope, receive: Receive, send: Send) -> None:
    """One carrier connection. Whatever fails, the socket closes and the XML after the stream takes over."""
    socket = Socket(scope, receive, send)
    await socket.connected()
    token = scope["url_route"]["kwargs"]["token"]
    try:
        headers, urls = signature_headers(socket), dialled_urls(scope)
        admission = await database_sync_to_async(stream_admit)(token=token, headers=headers, urls=urls)
    except (StreamTokenRefused, DatabaseError):
        await socket.refuse(403, {"title": "stream token refused", "status": 403, "code": "stream_token_refused"})
        return
    offered = scope.get("subprotocols", [])
    await socket.accept(plivo.SUBPROTOCOL if plivo.SUBPROTOCOL in offered else None)
    code = CLOSE_NORMAL
    try:
        if admission.token.is_listen_only:
            await listen(socket, hub_current(), admission)
        else:
            await _Carrier(socket, hub_current(), admission).run()
    except (CallError, MirrorError, DatabaseError) as failed:
        code = CLOSE_POLICY if isinstance(failed, StreamTokenRefused | MessageRefused) else CLOSE_INTERNAL
        logger.warning("stream refused", extra={"action": "stream_refused", "reason": type(failed).__name__})
    except SocketClosed:
        socket.abandon()
        return
    except Exception:  # outer edge: close, so that the carrier's fallback takes over
        code = CLOSE_INTERNAL
        logger.exception("stream failed", extra={"action": "stream_failed"})
    await socket.close(code)


class _Carrier:
    def __init__(self, socket: Socket, hub: Hub, admission: Admission) -> None:
        self._socket, self._hub, self._admission = socket, hub, admission
        self._tenant_id, self._token = admission.tenant_id, admission.token

    async def run(self) -> None:
        """Relay until one side is gone.

        Raises:
            SocketClosed: the carrier closed before its ``start``.
            CallError, MirrorError: the stream cannot be served.
        """
        greetings, dialect = await self._first_start()
        call_id = dialect.start.call_id
        await database_sync_to_async(stream_bind)(self._admission, dialect.start)
        bridge = _bridges.get(call_id_for(self._tenant_id, call_id)) or await self._new_bridge(dialect)
        number = bridge.carrier_joined(dialect)
        for text in greetings:
            bridge.carrier_sent(text)
        await self._relay(bridge)
        if bridge.agent_gone.is_set():
            await _close(self._hub, bridge, bridge.end_reason)
        elif bridge.carriers_count == number:
            _close_later(self._hub, bridge, number)

    async def _first_start(self) -> tuple[list[str], Dialect]:
        """The first messages up to the ``start``, which tells whose protocol this is."""
        greetings: list[str] = []
        try:
            async with asyncio.timeout(START_WITHIN_S):
                while len(greetings) <= MAX_GREETINGS:
                    text = await self._socket.next_text()
                    if text is None:
                        continue
                    greetings.append(text)
                    if is_start(text):
                        return greetings, _usable(dialect_of(text))
        except TimeoutError:
            raise MessageRefused("no_start", f"no start within {START_WITHIN_S:.0f} s") from None
        raise MessageRefused("no_start", "no carrier begins a stream like this")

    async def _new_bridge(self, dialect: Dialect) -> Bridge:
        start = dialect.start
        agent = await database_sync_to_async(live_agent_load)(tenant_id=self._tenant_id, agent_id=self._token.agent_id)
        if not agent.upstream_url:
            context = {"action": "stream_no_upstream", "tenant_id": str(self._tenant_id), "agent": agent.judging.slug}
            logger.warning("stream refused: the agent has no upstream address", extra=context)
        opens = CallStart(
            call_id=start.call_id,
            agent=agent.judging.slug,
            direction=self._token.direction,
            from_number=self._token.from_number,
            to_number=self._token.to_number,
            metadata={"extra_headers": start.extra_headers} if start.extra_headers else {},
        )
        # The bridge has the agent's own voice: Mirror's is for agents that ask for it.
        voice = voice_for(agent) if agent.judging.settings.speaker == "mirror" else None
        runtime, _ = await self._hub.open(
            tenant_id=self._tenant_id,
            start=opens,
            transport=Call.Transport.PLIVO,
            agent=agent,
            is_speaking=voice is not None,
        )
        try:
            upstream = await upstream_dial(agent.upstream_url, agent.upstream_headers)
        except UpstreamLost:
            await _end(runtime, "upstream_unreachable")
            raise
        bridge = _bridges[runtime.call_id] = Bridge(runtime=runtime, upstream=upstream, dialect=dialect, voice=voice)
        self._hub.join(runtime, bridge)
        return bridge

    async def _relay(self, bridge: Bridge) -> None:
        """Carrier in, carrier out; the first loop that ends, or the agent that hangs up, ends both."""
        tasks = [
            asyncio.create_task(self._read(bridge)),
            asyncio.create_task(bridge.write_carrier(self._socket.write_now)),
            asyncio.create_task(bridge.agent_gone.wait()),
            # Two sockets that took from one queue would tear the audio apart.
            asyncio.create_task(bridge.carrier_replaced.wait()),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self, bridge: Bridge) -> None:
        with suppress(SocketClosed):
            while True:
                text = await self._socket.next_text()
                if text is not None:
                    bridge.carrier_sent(text)


def signature_headers(socket: Socket) -> SignatureHeaders:
    """What the carrier signed the handshake with."""
    return SignatureHeaders(
        v3=socket.header(b"x-plivo-signature-v3"),
        main=socket.header(b"x-plivo-signature-ma-v3"),
        nonce=socket.header(b"x-plivo-signature-v3-nonce"),
    )


def _usable(dialect: Dialect | None) -> Dialect:
    if dialect is None:
        raise MessageRefused("bad_start", "the stream's start lacks the ids of its call and of itself")
    return dialect


def _close_later(hub: Hub, bridge: Bridge, number: int) -> None:
    """The carrier is gone: end the call unless it dials again."""

    async def close() -> None:
        await asyncio.sleep(REDIAL_WITHIN_S)
        if bridge.carriers_count == number:
            await _close(hub, bridge, "carrier_closed")

    task = asyncio.create_task(close())
    _closing.add(task)
    task.add_done_callback(_closing.discard)


_closing: set[asyncio.Task[None]] = set()


async def _close(hub: Hub, bridge: Bridge, reason: str) -> None:
    runtime = bridge.runtime
    if _bridges.get(runtime.call_id) is bridge:
        del _bridges[runtime.call_id]
    bridge.settle_heard()
    hub.leave(runtime, bridge)
    await asyncio.gather(_end(runtime, reason), bridge.close())


async def _end(runtime: CallRuntime, reason: str) -> None:
    """End the call; wait a moment until that is recorded, because the carrier asks for what follows at once."""
    is_recorded = asyncio.Event()
    with suppress(IllegalEvent, TimeoutError):
        runtime.receive(CallEnded(reason), on_durable=is_recorded.set)
        async with asyncio.timeout(END_RECORDED_WITHIN_S):
            await is_recorded.wait()
