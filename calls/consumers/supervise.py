"""``/ws/v1/supervise/``: decode, hand to the call, encode what comes back; nothing else."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from channels.db import database_sync_to_async
from django.db import DatabaseError
from redis.exceptions import RedisError

from calls import metrics
from calls.consumers.socket import CLOSE_TRY_LATER, Receive, Scope, Send, Socket, SocketClosed
from calls.errors import IllegalEvent, MessageRefused
from calls.events import CallEvent, ClientMessage, PlaybackReported
from calls.hub import Hub, hub_current
from calls.models import Call
from calls.runtime import AudioEffect, CallRuntime
from calls.tickets import ticket_redeem
from calls.wire import supervise
from judging.core import Json
from tenants.auth import ApiKeyIdentity, authenticate_api_key, bearer_token
from tenants.errors import MirrorError, NotAuthenticated, Unavailable

logger = logging.getLogger(__name__)


async def supervise_application(scope: Scope, receive: Receive, send: Send) -> None:
    """One supervise connection."""
    socket = Socket(scope, receive, send)
    await socket.connected()
    try:
        tenant_id = await _authenticate(socket)
    except MirrorError as refused:
        await socket.refuse(refused.http_status, refused.problem())
        return
    except (DatabaseError, RedisError, OSError):
        await socket.refuse(503, Unavailable("The socket cannot be opened now; try again.").problem())
        return
    offered = scope.get("subprotocols", [])
    await socket.accept(supervise.SUBPROTOCOL if supervise.SUBPROTOCOL in offered else None)
    await _Conversation(socket, hub_current(), tenant_id).run()


async def _authenticate(socket: Socket) -> UUID:
    ticket = parse_qs(socket.scope.get("query_string", b"").decode("latin-1")).get("ticket", [""])[0]
    if ticket:
        return await ticket_redeem(ticket)
    token = bearer_token(socket.header(b"authorization"))
    if token is None:
        raise NotAuthenticated("Send Authorization: Bearer mk_..., or ?ticket= from POST /api/v1/tickets.")
    identity: ApiKeyIdentity = await database_sync_to_async(authenticate_api_key)(token, "calls:write")
    return identity.tenant_id


class _Conversation:
    """The socket's life. It is the call's ``Port`` once ``call.start`` came."""

    def __init__(self, socket: Socket, hub: Hub, tenant_id: UUID) -> None:
        self._socket, self._hub, self._tenant_id = socket, hub, tenant_id
        self._runtime: CallRuntime | None = None

    def heard(self, event: CallEvent) -> None:
        """No audio here."""

    def control(self, effect: AudioEffect) -> None:
        """No audio here."""

    def playing(self) -> Sequence[PlaybackReported]:
        return ()

    def send(self, body: dict[str, Json]) -> None:
        self._socket.send(body)

    def let_go(self) -> None:
        self._socket.close_soon(CLOSE_TRY_LATER)

    async def run(self) -> None:
        try:
            while not self._socket.is_overflowing:
                await self._take(await self._socket.next_text())
            await self._socket.close(CLOSE_TRY_LATER)
        except SocketClosed:
            self._socket.abandon()
        finally:
            if self._runtime is not None:
                self._hub.leave(self._runtime, self)

    async def _take(self, text: str | None) -> None:
        seq: int | None = None
        try:
            if text is None:
                raise MessageRefused("bad_message", "messages are JSON text, not binary")
            incoming = supervise.parse(text)
            seq = incoming.message.seq
            await self._handle(incoming)
            metrics.MESSAGES.labels("taken").inc()
        except MessageRefused as refused:
            self._refuse(refused.code, refused.detail, refused.seq or seq, is_retryable=refused.is_retryable)
        except IllegalEvent as illegal:
            self._refuse(illegal.code, illegal.detail, seq)
        except MirrorError as refused:
            self._refuse(refused.code, str(refused), seq)
        except (DatabaseError, OSError):
            self._refuse("unavailable", "the call cannot be opened now; send it again", seq, is_retryable=True)
        except Exception:  # outer edge: a fault of ours costs this message, never the call
            logger.exception("message failed", extra=self._runtime.log_context() if self._runtime else {})
            self._refuse("internal", "the message could not be handled", seq, is_retryable=True)

    def _refuse(self, code: str, detail: str, seq: int | None, *, is_retryable: bool = False) -> None:
        metrics.MESSAGES.labels("refused").inc()
        self.send(supervise.error(code, detail, seq=seq, is_retryable=is_retryable))

    async def _handle(self, incoming: supervise.Incoming) -> None:
        message, content = incoming.message, incoming.content
        if isinstance(content, supervise.CallStart):
            await self._start(message, content)
        elif isinstance(content, supervise.Ping):
            self.send(supervise.pong())
            if self._runtime is not None:
                self._runtime.note_message(message, self._acker(message))
            else:
                self.send(supervise.ack(message.seq))
        elif self._runtime is None:
            raise MessageRefused("not_started", "send call.start first", seq=message.seq)
        else:
            self._runtime.receive(content, message=message, on_durable=self._acker(message))

    def _acker(self, message: ClientMessage) -> Any:
        return lambda: self.send(supervise.ack(message.seq))

    async def _start(self, message: ClientMessage, start: supervise.CallStart) -> None:
        if self._runtime is not None and self._runtime.external_id != start.call_id:
            raise MessageRefused("one_call", "one socket carries one call; open another socket", seq=message.seq)
        if self._runtime is not None and self._runtime.has_ended:
            raise MessageRefused("call_ended", f"call {start.call_id!r} has ended", seq=message.seq)
        is_resumed = True
        if self._runtime is None:
            self._runtime, is_resumed = await self._hub.open(
                tenant_id=self._tenant_id, start=start, transport=Call.Transport.SUPERVISE
            )
            self._hub.join(self._runtime, self)
        session = self._runtime.session
        note = session.note
        if not is_resumed:
            session.last_seq = message.seq
        self.send(
            supervise.call_started(
                call_id=start.call_id,
                id=str(self._runtime.call_id),
                revision=session.revision,
                is_resumed=is_resumed,
                last_seq=session.last_seq,
                note=note.text if is_resumed and note else "",
            )
        )
        self.send(supervise.ack(message.seq))
        self._runtime.tell_missed(self)
