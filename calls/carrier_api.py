"""REST for operators: hang up, transfer, speak on and listen to a live call, and the accounts this is done with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from calls.access import access_call
from calls.carrier_accounts import (
    CarrierAccount,
    carrier_account_delete,
    carrier_account_of,
    carrier_account_set,
    carrier_accounts_load,
)
from calls.carrier_acts import account_test, perform
from calls.carrier_errors import CallOver, CarrierAccountMissing
from calls.listener import LANGUAGES
from calls.models import Call
from calls.public_urls import public_url, stream_url
from calls.stream_tokens import stream_token_mint
from calls.wire.media import FORMATS
from tenants.access import Actor
from tenants.agent_settings import AgentSettings
from tenants.auth import actor_of
from tenants.errors import NotFound
from tenants.models import Agent
from tenants.scope import tenant_context
from tenants.services import audit_write

# Source: Plivo's limit is 3,000 characters for one Speak.
MAX_SPOKEN = 3_000


@dataclass(frozen=True, slots=True)
class Carried:
    """A live call with the account that carries it. ``carrier_call_id`` is the carrier's own id."""

    call_id: UUID
    carrier_call_id: str
    agent: Agent
    account: CarrierAccount


def carried(actor: Actor, call_id: UUID, *, action: str, detail: Mapping[str, Any]) -> Carried:
    """Return the call to act on, with the act entered in the audit log.

    Raises:
        NotFound, CallOver, CarrierAccountMissing.
    """
    with tenant_context(actor.tenant_id):
        call = access_call(actor, call_id)
        if call.status != Call.Status.LIVE:
            raise CallOver("The call has ended.")
        account = carrier_account_of(call, call.agent)
        if account is None:
            raise CarrierAccountMissing(
                "Store the Plivo account that carries this call, and name it in the agent's settings."
            )
        audit_write(actor=actor, action=action, row=call, detail=detail)
    return Carried(call.id, call.external_id, call.agent, account)


class HangUpView(APIView):
    """``POST /api/v1/calls/{id}/hangup``: end the call at the carrier; what is over already is done."""

    required_scopes = {"POST": "calls:write"}

    def post(self, request: Request, call_id: UUID) -> Response:
        on = carried(actor_of(request), call_id, action="call.hung_up", detail={})
        perform(on.account, lambda client: client.hang_up(on.carrier_call_id))
        return Response({"call": str(on.call_id), "done": "hangup"})


class TransferRequest(serializers.Serializer[Any]):
    url = serializers.URLField(max_length=500)
    method = serializers.ChoiceField(choices=("POST", "GET"), required=False, default="POST")

    def validate_url(self, value: str) -> str:
        if not value.startswith("https://"):
            raise serializers.ValidationError("must begin with https://")
        return value


class TransferView(APIView):
    """``POST /api/v1/calls/{id}/transfer``: go on with the XML at ``url``; a stream of the call ends with that."""

    required_scopes = {"POST": "calls:write"}

    def post(self, request: Request, call_id: UUID) -> Response:
        asked = TransferRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        told = asked.validated_data
        on = carried(actor_of(request), call_id, action="call.transferred", detail={"method": told["method"]})
        perform(on.account, lambda client: client.transfer(on.carrier_call_id, told["url"], method=told["method"]))
        return Response({"call": str(on.call_id), "done": "transfer"})


class SpeakRequest(serializers.Serializer[Any]):
    """``is_mixed`` true: over the others; else they are muted meanwhile."""

    text = serializers.CharField(max_length=MAX_SPOKEN)
    language = serializers.ChoiceField(choices=sorted(LANGUAGES.values()), required=False, default="en-US")
    voice = serializers.ChoiceField(choices=("WOMAN", "MAN"), required=False, default="WOMAN")
    is_mixed = serializers.BooleanField(required=False, default=False)


class SpeakView(APIView):
    """``POST /api/v1/calls/{id}/speak``: say a text to the caller in the carrier's voice."""

    required_scopes = {"POST": "calls:write"}

    def post(self, request: Request, call_id: UUID) -> Response:
        asked = SpeakRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        told = asked.validated_data
        text = told.pop("text")
        on = carried(actor_of(request), call_id, action="call.spoken_on", detail={"characters": len(text)})
        perform(on.account, lambda client: client.speak(on.carrier_call_id, text, **told))
        return Response({"call": str(on.call_id), "done": "speak"})


class ListenView(APIView):
    """``POST /api/v1/calls/{id}/listen``: have the carrier attach a stream that nothing is written to.

    The agent's turns come over a supervise socket of the same call; what Mirror has to say is spoken by the carrier.
    """

    required_scopes = {"POST": "calls:write"}

    def post(self, request: Request, call_id: UUID) -> Response:
        actor = actor_of(request)
        on = carried(actor, call_id, action="call.listened_to", detail={})
        told, public = AgentSettings.from_json(on.agent.settings), public_url(request)
        token, _ = stream_token_mint(
            tenant_id=actor.tenant_id,
            agent_id=on.agent.id,
            carrier_call_id=on.carrier_call_id,
            is_listen_only=True,
        )
        attached = perform(
            on.account,
            lambda client: client.stream_start(
                on.carrier_call_id,
                stream_url(public, token),
                content_type=FORMATS[told.stream_format].content_type,
                status_url=f"{public}/plivo/{on.agent.agent_key}/status/",
                timeout_s=told.stream_timeout_s,
            ),
        )
        return Response({"call": str(on.call_id), "done": "listen", "stream_id": attached.stream_id}, status=201)


class AccountRequest(serializers.Serializer[Any]):
    """``auth_token`` left out keeps the stored one."""

    name = serializers.CharField(max_length=120)
    auth_id = serializers.CharField(max_length=64)
    auth_token = serializers.CharField(max_length=200, required=False, default=None)


class AccountListView(APIView):
    """``GET`` and ``POST /api/v1/carrier-accounts``: the tenant's Plivo accounts, without their tokens."""

    required_scopes = {"GET": "settings:write", "POST": "settings:write"}

    def get(self, request: Request) -> Response:
        with tenant_context(actor_of(request).tenant_id):
            stored = carrier_accounts_load().stored
        return Response({"results": [_shown(one) for one in stored]})

    def post(self, request: Request) -> Response:
        asked = AccountRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        actor = actor_of(request)
        carrier_account_set(actor=actor, **asked.validated_data)
        with tenant_context(actor.tenant_id):
            found = carrier_accounts_load().named(asked.validated_data["name"])
        if found is None:  # its token is a reference that leads to nothing now
            raise NotFound("The account is stored, but its token cannot be read now.")
        return Response(_shown(found), status=201)


class AccountView(APIView):
    """``DELETE /api/v1/carrier-accounts/{name}``."""

    required_scopes = {"DELETE": "settings:write"}

    def delete(self, request: Request, name: str) -> Response:
        carrier_account_delete(actor=actor_of(request), name=name)
        return Response(status=204)


class AccountTestView(APIView):
    """``POST /api/v1/carrier-accounts/{name}/test``: ask the carrier whether the token is right."""

    required_scopes = {"POST": "settings:write"}

    def post(self, request: Request, name: str) -> Response:
        with tenant_context(actor_of(request).tenant_id):
            account = carrier_accounts_load().named(name)
        if account is None:
            raise NotFound("There is no such carrier account.")
        return Response({"name": name, "told": account_test(account)})


def _shown(account: CarrierAccount) -> dict[str, Any]:
    return {
        "name": account.name,
        "auth_id": account.auth_id,
        "token_end": account.token_end,
        "is_main": account.is_main,
    }
