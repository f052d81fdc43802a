"""What Plivo asks over HTTP: what to do with a call, how its stream fares, what follows when the stream ends."""

from __future__ import annotations

import hashlib
import hmac
import logging
from base64 import b64encode
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from calls.models import Call
from calls.services import call_id_for, stream_token_mint
from calls.wire import plivo
from tenants.lookups import agent_by_key
from tenants.models import Credential
from tenants.scope import tenant_context
from tenants.secrets import secret_of

logger = logging.getLogger(__name__)

FALLBACK_SENTENCE = "We are sorry, we cannot continue this call right now. Please call again in a few minutes."
# How Mirror itself ends a call that went wrong. Every other reason is an end that somebody wanted.
_FAILED_ENDS = frozenset({"upstream_unreachable", "agent_lost", "connection_lost"})

View = Callable[[HttpRequest, UUID, UUID], HttpResponse]


def _xml(body: str) -> HttpResponse:
    return HttpResponse(body, content_type="text/xml; charset=utf-8")


def public_url(request: HttpRequest) -> str:
    """Scheme and host as others see them: behind a proxy the request's own are not."""
    return settings.MIRROR_PUBLIC_URL or f"{request.scheme}://{request.get_host()}"


def signature_v3(*, url: str, params: list[tuple[str, str]], nonce: str, auth_token: str, method: str = "POST") -> str:
    """Plivo's V3 signature; ``params`` may repeat a key. Source: ``plivo.utils.signature_v3`` of Plivo's Python SDK."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    if method == "GET":
        known = {key for key, _ in query}
        query += [(key, value) for key, value in params if key not in known]
        params = []
    asked = "&".join(f"{key}={value}" for key, value in sorted(query))
    told = "".join(key + value for key, value in sorted(params))
    base = f"{parts.scheme}://{parts.netloc}{parts.path}"
    if told or asked:
        base += f"?{asked}"
    if told and asked:
        base += "."
    signed = f"{base}{told}.{nonce}"
    return b64encode(hmac.new(auth_token.encode(), signed.encode(), hashlib.sha256).digest()).decode()


def _is_signed(request: HttpRequest, auth_token: str) -> bool:
    url = public_url(request) + request.get_full_path()
    params = [(key, value) for key, values in request.POST.lists() for value in values]
    nonce = request.headers.get("X-Plivo-Signature-V3-Nonce", "")
    expected = signature_v3(url=url, params=params, nonce=nonce, auth_token=auth_token).encode()
    told = f"{request.headers.get('X-Plivo-Signature-V3', '')},{request.headers.get('X-Plivo-Signature-Ma-V3', '')}"
    # As bytes: text that is not ASCII cannot be compared in constant time.
    return any(hmac.compare_digest(expected, one.strip().encode()) for one in told.split(","))


def _for_agent(view: View) -> Any:
    """Find the agent by its key; check the signature where the tenant has given Plivo's auth token."""

    @csrf_exempt
    @require_POST
    @wraps(view)
    def found(request: HttpRequest, agent_key: str) -> HttpResponse:
        agent = agent_by_key(agent_key)
        if agent is None:
            return HttpResponse(status=404)
        tenant_id, agent_id = agent
        with tenant_context(tenant_id):
            credential = Credential.objects.filter(kind=Credential.Kind.PLIVO).first()
            auth_token = secret_of(credential) if credential is not None else ""
        if auth_token and not _is_signed(request, auth_token):
            logger.warning(
                "carrier signature refused", extra={"action": "plivo_signature", "tenant_id": str(tenant_id)}
            )
            return HttpResponse(status=403)
        return view(request, tenant_id, agent_id)

    return found


@_for_agent
def answer(request: HttpRequest, tenant_id: UUID, agent_id: UUID) -> HttpResponse:
    """The answer URL: a stream with a single-use token, and what follows it."""
    token = stream_token_mint(
        tenant_id=tenant_id,
        agent_id=agent_id,
        carrier_call_id=request.POST.get("CallUUID", "")[:128],
        direction=request.POST.get("Direction", "")[:16],
        from_number=request.POST.get("From", "")[:64],
        to_number=request.POST.get("To", "")[:64],
    )
    public = public_url(request)
    here = request.path.removesuffix("answer/")
    stream_url = public.replace("http", "ws", 1) + f"/ws/v1/plivo/{token}/"
    return _xml(
        plivo.AnswerXml(
            stream_url=stream_url, status_url=f"{public}{here}status/", after_url=f"{public}{here}after/"
        ).render()
    )


@_for_agent
def status(request: HttpRequest, tenant_id: UUID, agent_id: UUID) -> HttpResponse:
    """The stream's status callback: kept in the log, because its fields are not documented."""
    told = {key.lower(): value[:64] for key, value in request.POST.items()}
    logger.info(
        "stream status",
        extra={"action": "plivo_status", "tenant_id": str(tenant_id), "stream_event": told.get("event", "")},
    )
    return HttpResponse(status=204)


@_for_agent
def after(request: HttpRequest, tenant_id: UUID, agent_id: UUID) -> HttpResponse:
    """What follows the stream: hang up after an orderly end, else a spoken sentence, never silence."""
    call_id = call_id_for(tenant_id, request.POST.get("CallUUID", ""))
    with tenant_context(tenant_id):
        call = Call.objects.filter(id=call_id).first()
    if call is not None and call.status == Call.Status.ENDED and call.end_reason not in _FAILED_ENDS:
        return _xml(plivo.hangup_xml())
    return _xml(plivo.speak_xml(FALLBACK_SENTENCE))


urlpatterns = [
    path("plivo/<str:agent_key>/answer/", answer, name="plivo-answer"),
    path("plivo/<str:agent_key>/status/", status, name="plivo-status"),
    path("plivo/<str:agent_key>/after/", after, name="plivo-after"),
]
