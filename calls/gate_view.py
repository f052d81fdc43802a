"""``POST /api/v1/calls/{id}/tool-gate``: the tool gate for tools that run as webhooks, on the live call's own session.

A plain async view: the call lives in this event loop, and its answer comes once the decision is recorded, within some
ten milliseconds where tier 0 decides.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID, uuid4

from channels.db import database_sync_to_async
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from calls.access import access_call
from calls.errors import IllegalEvent, MessageRefused
from calls.events import CallEvent, PlaybackReported, ToolGateRequested
from calls.hub import hub_current
from calls.runtime import AudioEffect, CallRuntime
from calls.wire import supervise
from judging.core import Json
from tenants.access import Actor
from tenants.auth import ApiKeyIdentity, authenticate_api_key, bearer_token
from tenants.errors import Conflict, InvalidInput, MirrorError, NotAuthenticated, Unavailable, problem_json
from tenants.scope import in_tenant

# On top of the review's own budget, after which the session decides by the tool's fail mode.
ANSWER_SLACK_S = 1.0


@csrf_exempt
@require_POST
async def tool_gate(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Body as ``tool.gate`` without ``type`` and ``seq``; ``gate_id`` may be left out. Answers as ``tool.decision``."""
    try:
        actor = await _actor(request)
        asked = _read(request.body)
        await in_tenant(actor.tenant_id, access_call, actor, call_id)
        return JsonResponse(await _decide(_runtime(actor, call_id), asked))
    except MirrorError as error:
        return problem_json(error)


async def _actor(request: HttpRequest) -> Actor:
    token = bearer_token(request.headers.get("Authorization", ""))
    if token is None:
        raise NotAuthenticated("Send Authorization: Bearer mk_... with the scope calls:write.")
    identity: ApiKeyIdentity = await database_sync_to_async(authenticate_api_key)(token, "calls:write")
    return identity.actor()


def _read(body: bytes) -> ToolGateRequested:
    try:
        told = supervise.loads(body.decode("utf-8", "replace"))
        if not isinstance(told, dict):
            raise InvalidInput("The body is a JSON object: {gate_id?, turn_id?, tool_calls: [{id, name, arguments}]}.")
        message = {"gate_id": str(uuid4()), **told, "type": "tool.gate", "seq": 1}
        content = supervise.parse_body(message).content
    except MessageRefused as refused:
        raise InvalidInput(refused.detail) from None
    if not isinstance(content, ToolGateRequested):
        raise InvalidInput("The body is that of tool.gate.")
    return content


def _runtime(actor: Actor, call_id: UUID) -> CallRuntime:
    runtime = hub_current().calls.get(call_id)
    if runtime is None or runtime.agent.tenant_id != actor.tenant_id:
        raise Conflict("The call is not live in this process: it has ended, or another process holds it.")
    return runtime


async def _decide(runtime: CallRuntime, asked: ToolGateRequested) -> dict[str, Json]:
    port = _Waiting(asked.gate_id)
    runtime.ports.append(port)
    try:
        runtime.receive(asked)
        async with asyncio.timeout(runtime.agent.judging.review_budget_s + ANSWER_SLACK_S):
            return await port.answer
    except IllegalEvent as illegal:
        raise Conflict(illegal.detail) from None
    except (TimeoutError, MessageRefused):
        raise Unavailable("No decision could be made: hold the call and ask again.") from None
    finally:
        if port in runtime.ports:
            runtime.ports.remove(port)


class _Waiting:
    """A port that waits for one decision."""

    def __init__(self, gate_id: str) -> None:
        self.answer: asyncio.Future[dict[str, Json]] = asyncio.get_running_loop().create_future()
        self._gate_id = gate_id

    def heard(self, event: CallEvent) -> None:
        """Nothing to hear."""

    def control(self, effect: AudioEffect) -> None:
        """No audio here."""

    def playing(self) -> Sequence[PlaybackReported]:
        return ()

    def let_go(self) -> None:
        if not self.answer.done():
            self.answer.set_exception(TimeoutError())

    def send(self, body: dict[str, Json]) -> None:
        if body["type"] == "tool.decision" and body["gate_id"] == self._gate_id and not self.answer.done():
            self.answer.set_result(body)
