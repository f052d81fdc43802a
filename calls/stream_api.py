"""REST around an agent's streams: tokens for tenants who return the XML themselves, and the agent's key."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from calls.carrier_views import stream_xml
from calls.public_urls import public_url, stream_url
from calls.stream_tokens import standing_token_check, standing_tokens, stream_token_mint, stream_token_revoke
from tenants.access import access_agent
from tenants.agent_settings import AgentSettings
from tenants.auth import actor_of
from tenants.scope import tenant_context
from tenants.services import agent_key_replace


class StreamTokenRequest(serializers.Serializer[Any]):
    """``is_listen_only``: for a stream that is attached beside the call's own, and nothing is written to."""

    call_id = serializers.CharField(max_length=128, required=False, default="", allow_blank=True)
    direction = serializers.CharField(max_length=16, required=False, default="", allow_blank=True)
    from_ = serializers.CharField(max_length=64, required=False, default="", allow_blank=True)
    to = serializers.CharField(max_length=64, required=False, default="", allow_blank=True)
    is_reusable = serializers.BooleanField(required=False, default=False)
    is_listen_only = serializers.BooleanField(required=False, default=False)

    def to_internal_value(self, data: Any) -> Any:
        """``from`` is no name in Python."""
        return super().to_internal_value({**data, "from_": data.get("from", "")} if isinstance(data, dict) else data)


class StreamTokenView(APIView):
    """``POST /api/v1/agents/{slug}/stream-tokens``: a token, its address, and the whole answer.

    ``GET``: the long-lived ones that still open streams.
    """

    required_scopes = {"POST": "calls:write", "GET": "agents:read"}

    def post(self, request: Request, slug: str) -> Response:
        asked = StreamTokenRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        told, actor = asked.validated_data, actor_of(request)
        with tenant_context(actor.tenant_id):
            agent = access_agent(actor, slug)
        settings = AgentSettings.from_json(agent.settings)
        if told["is_reusable"]:
            standing_token_check(settings)
        token, row = stream_token_mint(
            tenant_id=actor.tenant_id,
            agent_id=agent.id,
            carrier_call_id=told["call_id"],
            direction=told["direction"],
            from_number=told["from_"],
            to_number=told["to"],
            is_reusable=told["is_reusable"],
            is_listen_only=told["is_listen_only"],
        )
        public = public_url(request)
        url = stream_url(public, token)
        body = {"id": str(row.id), "token": token, "url": url, "expires_at": row.expires_at}
        if not row.is_listen_only:  # that one is attached over the carrier's REST, never answered with
            body["xml"] = stream_xml(f"{public}/plivo/{agent.agent_key}/", url, settings)
        return Response(body, status=201)

    def get(self, request: Request, slug: str) -> Response:
        actor = actor_of(request)
        with tenant_context(actor.tenant_id):
            rows = standing_tokens(access_agent(actor, slug).id)
            fields = ("id", "created_at", "expires_at", "used_at", "is_listen_only")
            return Response({"results": list(rows.values(*fields))})


class StandingTokenView(APIView):
    """``DELETE /api/v1/agents/{slug}/stream-tokens/{id}``: the token opens nothing from now on."""

    required_scopes = {"DELETE": "calls:write"}

    def delete(self, request: Request, slug: str, token_id: UUID) -> Response:
        stream_token_revoke(actor=actor_of(request), slug=slug, token_id=token_id)
        return Response(status=204)


class ReplaceKeyView(APIView):
    """``POST /api/v1/agents/{slug}/replace-key``: new answer, status and after addresses; the old ones stop at once."""

    required_scopes = {"POST": "agents:write"}

    def post(self, request: Request, slug: str) -> Response:
        agent = agent_key_replace(actor=actor_of(request), slug=slug)
        base = f"{public_url(request)}/plivo/{agent.agent_key}/"
        return Response({"answer_url": f"{base}answer/", "status_url": f"{base}status/", "after_url": f"{base}after/"})
