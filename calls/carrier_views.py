"""What Plivo asks over HTTP: what to do with a call, how its stream fares, what follows when the stream ends."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from calls.carrier_accounts import CarrierAccounts, carrier_accounts_load
from calls.models import Call
from calls.public_urls import asked_urls, public_url, stream_url
from calls.services import call_id_for
from calls.stream_events import status_of, stream_status_take
from calls.stream_tokens import stream_token_mint
from calls.wire.media import FORMATS
from calls.wire.plivo_signature import SignatureHeaders, is_signed
from calls.wire.plivo_xml import AnswerXml, FallbackXml, hangup_xml
from tenants.agent_settings import AgentSettings
from tenants.lookups import agent_by_key
from tenants.models import Agent
from tenants.scope import tenant_context

logger = logging.getLogger(__name__)

# How Mirror itself ends a call that went wrong. Every other reason is an end that somebody wanted.
FAILED_ENDS = frozenset({"upstream_unreachable", "agent_lost", "connection_lost"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of the carrier about one of an agent's calls. ``told`` are its fields, wherever they stood."""

    request: HttpRequest
    tenant_id: UUID
    agent: Agent
    settings: AgentSettings
    told: Mapping[str, str]

    @property
    def base(self) -> str:
        """The agent's address at Mirror, with a slash at its end."""
        return f"{public_url(self.request)}/plivo/{self.agent.agent_key}/"

    def fallback(self) -> HttpResponse:
        return _xml(FallbackXml(self.settings.fallback_text, self.settings.fallback_target).render())


View = Callable[[Asked], HttpResponse]


def _xml(body: str) -> HttpResponse:
    return HttpResponse(body, content_type="text/xml; charset=utf-8")


def _is_signed(asked: Asked, accounts: CarrierAccounts) -> bool:
    request = asked.request
    v3_tokens, main_tokens = accounts.tokens(asked.settings.plivo_account)
    return is_signed(
        urls=asked_urls(request),
        params=[(key, value) for key, values in request.POST.lists() for value in values],
        headers=SignatureHeaders(
            v3=request.headers.get("X-Plivo-Signature-V3", ""),
            main=request.headers.get("X-Plivo-Signature-Ma-V3", ""),
            nonce=request.headers.get("X-Plivo-Signature-V3-Nonce", ""),
        ),
        v3_tokens=v3_tokens,
        main_tokens=main_tokens,
        method=str(request.method),
    )


def _for_agent(view: View) -> Any:
    """Find the agent by its key; check the signature where the tenant has given an account of the carrier."""

    def found(request: HttpRequest, agent_key: str) -> HttpResponse:
        known = agent_by_key(agent_key)
        if known is None:
            return HttpResponse(status=404)
        tenant_id, agent_id = known
        with tenant_context(tenant_id):
            agent = Agent.objects.get(id=agent_id)
            accounts = carrier_accounts_load()
        told = request.POST if request.method == "POST" else request.GET
        asked = Asked(request, tenant_id, agent, AgentSettings.from_json(agent.settings), told.dict())
        if not accounts.is_none and not _is_signed(asked, accounts):
            reason = "signature" if accounts.is_complete else "credential"
            context = {"action": "plivo_signature", "tenant_id": str(tenant_id), "agent": agent.slug, "reason": reason}
            logger.warning("carrier signature refused", extra=context)
            # The carrier asks again after 503: a token that cannot be read now may be readable then.
            return HttpResponse(status=403 if accounts.is_complete else 503)
        return view(asked)

    @csrf_exempt
    @require_http_methods(["GET", "POST"])
    @wraps(view)
    def guarded(request: HttpRequest, agent_key: str) -> HttpResponse:
        try:
            return found(request, agent_key)
        except (OperationalError, InterfaceError):
            logger.exception("carrier answered without the database", extra={"action": "plivo_no_database"})
            return _without_database(view)

    return guarded


def _without_database(view: View) -> HttpResponse:
    """An error would be silence to a caller. What the agent has set cannot be read: the default is spoken."""
    if view.__name__ == "status":
        return HttpResponse(status=503)
    return _xml(FallbackXml(AgentSettings().fallback_text).render())


@_for_agent
def answer(asked: Asked) -> HttpResponse:
    """The answer URL: a stream with a single-use token, and what follows it."""
    told, settings = asked.told, asked.settings
    if not asked.agent.upstream_url:
        context = {"action": "stream_no_upstream", "tenant_id": str(asked.tenant_id), "agent": asked.agent.slug}
        logger.warning("call answered with the fallback: the agent has no upstream address", extra=context)
        return asked.fallback()
    token, _ = stream_token_mint(
        tenant_id=asked.tenant_id,
        agent_id=asked.agent.id,
        carrier_call_id=told.get("CallUUID", "")[:128],
        direction=told.get("Direction", "")[:16],
        from_number=told.get("From", "")[:64],
        to_number=told.get("To", "")[:64],
    )
    return _xml(stream_xml(asked.base, stream_url(public_url(asked.request), token), settings))


def stream_xml(base: str, url: str, settings: AgentSettings) -> str:
    """Return the answer that opens a stream at ``url``. ``base``: the agent's address at Mirror."""
    return AnswerXml(
        stream_url=url,
        status_url=f"{base}status/",
        after_url=f"{base}after/",
        media_format=FORMATS[settings.stream_format],
        stream_timeout_s=settings.stream_timeout_s,
        extra_headers=settings.stream_extra_headers,
    ).render()


@_for_agent
def status(asked: Asked) -> HttpResponse:
    """The stream's status callback."""
    stream_status_take(tenant_id=asked.tenant_id, agent_id=asked.agent.id, status=status_of(asked.told))
    return HttpResponse(status=204)


@_for_agent
def after(asked: Asked) -> HttpResponse:
    """What follows the stream: hang up after an orderly end, else the agent's fallback, never silence."""
    call_id = call_id_for(asked.tenant_id, asked.told.get("CallUUID", ""))
    with tenant_context(asked.tenant_id):
        call = Call.objects.filter(id=call_id).first()
    if call is not None and call.status == Call.Status.ENDED and call.end_reason not in FAILED_ENDS:
        return _xml(hangup_xml())
    return asked.fallback()


urlpatterns = [
    path("plivo/<str:agent_key>/answer/", answer, name="plivo-answer"),
    path("plivo/<str:agent_key>/status/", status, name="plivo-status"),
    path("plivo/<str:agent_key>/after/", after, name="plivo-after"),
]
