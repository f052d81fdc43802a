"""``/ws/v1/realtime/{agent}/``: the agent's code on one side, its realtime model on the other. It dials and relays."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import UUID, uuid4

from channels.db import database_sync_to_async
from django.conf import settings
from django.db import DatabaseError
from redis.exceptions import RedisError

from calls import metrics
from calls.consumers.socket import (
    CLOSE_INTERNAL,
    CLOSE_NORMAL,
    CLOSE_POLICY,
    CLOSE_TRY_LATER,
    Receive,
    Scope,
    Send,
    Socket,
    SocketClosed,
)
from calls.errors import CallError, IllegalEvent, MessageRefused, UpstreamLost
from calls.events import CallEnded
from calls.hub import Hub, hub_current
from calls.live_agent import LiveAgent, live_agent_load
from calls.models import Call
from calls.realtime.base import RelaySettings
from calls.realtime.openai.messages import Messages
from calls.realtime.openai.relay import OpenAIRelay
from calls.realtime_keys import realtime_key
from calls.realtime_port import RealtimePort, carry
from calls.runtime import CallRuntime
from calls.services import call_stream_note
from calls.tickets import ticket_redeem
from calls.upstream import RawUpstream, upstream_dial
from calls.wire.supervise import CallStart
from tenants.auth import ApiKeyIdentity, authenticate_api_key, bearer_token
from tenants.errors import MirrorError, NotAuthenticated, Unavailable

logger = logging.getLogger(__name__)

SUBPROTOCOL = "realtime"
# How a browser, which can send no header, gives its key.
_KEY_PREFIX = "openai-insecure-api-key."
# Of the query, what is for Mirror and not for the provider.
_OURS = frozenset({"call_id", "mirror", "ticket"})
_PASSED_HEADERS = (b"openai-beta", b"openai-safety-identifier")
_WRITTEN_WITHIN_S = 2.0
_MAX_CALL_ID = 128
_CLOSES = {"upstream_closed": CLOSE_NORMAL, "client_closed": CLOSE_NORMAL}


async def realtime_application(scope: Scope, receive: Receive, send: Send) -> None:
    """One realtime connection: one call."""
    socket = Socket(scope, receive, send)
    await socket.connected()
    asked = _Asked(socket)
    try:
        tenant_id = await asked.authenticate()
        agent = await database_sync_to_async(live_agent_load)(tenant_id=tenant_id, slug=asked.agent)
    except MirrorError as refused:
        await socket.refuse(refused.http_status, refused.problem())
        return
    except (DatabaseError, RedisError, OSError):
        await socket.refuse(503, Unavailable("The socket cannot be opened now; try again.").problem())
        return
    offered = scope.get("subprotocols", [])
    await socket.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None, [(b"mirror-call-id", asked.call_id.encode())])
    await _served(socket, asked, agent)


async def _served(socket: Socket, asked: _Asked, agent: LiveAgent) -> None:
    """Carry the call; whatever keeps it from being carried is said as the protocol says it."""
    try:
        code, reason = await _RealtimeCall(socket, hub_current(), agent, asked).run()
    except (CallError, MirrorError) as refused:
        code, reason = CLOSE_POLICY, str(refused)
        with suppress(OSError, RuntimeError):
            await socket.write_now(Messages().error(getattr(refused, "code", "upstream_unreachable"), reason))
        if isinstance(refused, UpstreamLost):
            code = CLOSE_INTERNAL
        logger.warning("realtime refused", extra={"action": "realtime_refused", "reason": type(refused).__name__})
    except (DatabaseError, RedisError, OSError):
        code, reason = CLOSE_TRY_LATER, "the call cannot be opened now; try again"
        with suppress(OSError, RuntimeError):
            await socket.write_now(Messages().error("unavailable", reason))
    except SocketClosed:
        socket.abandon()
        return
    except Exception:  # outer edge: close, so that the client's own fallback takes over
        code, reason = CLOSE_INTERNAL, "internal error"
        logger.exception("realtime failed", extra={"action": "realtime_failed"})
    await socket.close(code, _short(reason))


def _short(reason: str) -> str:
    """A close frame holds 123 bytes of reason."""
    return reason.encode()[:120].decode(errors="ignore")


class _Asked:
    """What the handshake says."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        scope = socket.scope
        self.agent: str = scope["url_route"]["kwargs"]["agent"]
        self._query = scope.get("query_string", b"").decode("latin-1")
        found = parse_qs(self._query)
        self._ticket = found.get("ticket", [""])[0]
        self.call_id = found.get("call_id", [""])[0] or f"realtime-{uuid4().hex}"
        told = found.get("mirror", [""])[0] or socket.header(b"x-mirror")
        self.is_client_told = told.lower() in ("1", "true")

    async def authenticate(self) -> UUID:
        """Raises: MirrorError."""
        if self._ticket:
            return await ticket_redeem(self._ticket)
        offered = self._socket.scope.get("subprotocols", [])
        named = next((one[len(_KEY_PREFIX) :] for one in offered if one.startswith(_KEY_PREFIX)), None)
        token = bearer_token(self._socket.header(b"authorization")) or named
        if token is None:
            raise NotAuthenticated("Send Authorization: Bearer mk_..., or ?ticket= from POST /api/v1/tickets.")
        identity: ApiKeyIdentity = await database_sync_to_async(authenticate_api_key)(token, "calls:write")
        return identity.tenant_id

    def address(self, base: str) -> str:
        """The provider's address with what the client asked of it, such as the model."""
        parts = urlsplit(base)
        asked = [pair for pair in parse_qsl(self._query, keep_blank_values=True) if pair[0] not in _OURS]
        known = parse_qsl(parts.query, keep_blank_values=True)
        kept = [pair for pair in known if pair[0] not in {name for name, _ in asked}]
        return urlunsplit(parts._replace(query=urlencode([*kept, *asked])))

    def headers(self, own: Mapping[str, str], key: str) -> dict[str, str]:
        """``own`` are the agent's; they win over the stored key."""
        passed = {name.decode(): self._socket.header(name) for name in _PASSED_HEADERS if self._socket.header(name)}
        has_key = any(name.lower() in ("authorization", "api-key") for name in own)
        return {**passed, **({"Authorization": f"Bearer {key}"} if key and not has_key else {}), **own}

    def start(self) -> CallStart:
        """Raises: MessageRefused."""
        if len(self.call_id) > _MAX_CALL_ID:
            raise MessageRefused("bad_call_id", f"call_id may have {_MAX_CALL_ID} characters")
        return CallStart(call_id=self.call_id, agent=self.agent, direction="", metadata={})


class _RealtimeCall:
    def __init__(self, socket: Socket, hub: Hub, agent: LiveAgent, asked: _Asked) -> None:
        self._socket, self._hub, self._agent, self._asked = socket, hub, agent, asked

    async def run(self) -> tuple[int, str]:
        """Relay until one side is gone; return how to close the client's socket, and why.

        Raises:
            CallError, MirrorError: the call cannot be carried.
        """
        runtime, is_known = await self._hub.open(
            tenant_id=self._agent.tenant_id,
            start=self._asked.start(),
            transport=Call.Transport.REALTIME,
            agent=self._agent,
        )
        if is_known and any(isinstance(port, RealtimePort) for port in runtime.ports):
            raise MessageRefused("call_exists", "the call has a realtime connection; one socket is one call")
        try:
            upstream = await self._dial()
        except (UpstreamLost, MirrorError, MessageRefused):
            _end(runtime, "upstream_unreachable")
            raise
        port = self._port(runtime, upstream)
        self._hub.join(runtime, port)
        try:
            return await self._carry(port, upstream)
        finally:
            self._hub.leave(runtime, port)

    async def _dial(self) -> RawUpstream:
        base, own = self._agent.upstream_url or settings.MIRROR_REALTIME_URL, self._agent.upstream_headers
        key = await database_sync_to_async(realtime_key)(
            tenant_id=self._agent.tenant_id, agent_slug=self._agent.judging.slug, url=base
        )
        if not key and not own and not self._agent.upstream_url:
            raise MessageRefused("no_credential", "the tenant has no credential of kind openai for the provider")
        return await upstream_dial(self._asked.address(base), self._asked.headers(own, key))

    def _port(self, runtime: CallRuntime, upstream: RawUpstream) -> RealtimePort:
        told = self._agent.judging.settings
        relay = OpenAIRelay(
            RelaySettings(
                is_gated=runtime.session.settings.judge.is_gated,
                hold_budget_ms=float(told.hold_budget_ms) if told.release == "hold" else None,
                transcription_model=told.realtime_transcription_model,
                is_client_told=self._asked.is_client_told,
                gate_within_ms=told.semantic_review_timeout_s * 1000 + 5_000,
            )
        )
        return RealtimePort(
            runtime=runtime,
            relay=relay,
            upstream=upstream,
            write_client=self._socket.write_now,
            let_go=lambda: self._socket.close_soon(CLOSE_TRY_LATER),
        )

    async def _carry(self, port: RealtimePort, upstream: RawUpstream) -> tuple[int, str]:
        writing = asyncio.create_task(port.to_client.run())
        why, detail = "internal_error", ""
        try:
            why = await carry(port, self._socket.next_message)
            detail = upstream.farewell
            if why == "upstream_closed" and not upstream.is_orderly:
                why, detail = "upstream_lost", detail or "the provider's connection was lost"
            if why not in ("upstream_closed", "client_closed"):
                port.upstream_gone(detail or why)
            if why == "client_closed":
                raise SocketClosed
            return _CLOSES.get(why, CLOSE_INTERNAL), detail or why
        finally:
            port.finish()
            _end(port.runtime, why)
            await asyncio.gather(port.to_client.drain(_WRITTEN_WITHIN_S), _hang_up(upstream))
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            await self._note(port)

    async def _note(self, port: RealtimePort) -> None:
        """Keep what the stream told, and what it could not tell."""
        facts = port.relay.facts
        metrics.REALTIME_UNHEARD.inc(float(str(facts["unheard_turns"])))
        metrics.REALTIME_ERRORS.inc(float(str(facts["errors_swallowed"])))
        try:
            await database_sync_to_async(call_stream_note)(
                tenant_id=self._agent.tenant_id, call_id=port.runtime.call_id, facts=facts
            )
        except (DatabaseError, OSError):
            logger.warning("facts of the stream not kept", extra=port.runtime.log_context())


def _end(runtime: CallRuntime, reason: str) -> None:
    with suppress(IllegalEvent, MessageRefused):
        runtime.receive(CallEnded(reason))


async def _hang_up(upstream: RawUpstream) -> None:
    with suppress(UpstreamLost, OSError, TimeoutError):
        await upstream.close()
