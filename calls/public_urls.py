"""Addresses of ours as a carrier sees them: behind a proxy the request's own are not."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from calls.wire.plivo_signature import handshake_urls, origins


def public_url(request: HttpRequest) -> str:
    """Scheme and host as others see them, without a slash at the end.

    The forwarded headers of a proxy count only where ``MIRROR_BEHIND_PROXY`` says that there is one.
    """
    return settings.MIRROR_PUBLIC_URL or f"{request.scheme}://{request.get_host()}"


def stream_url(public: str, token: str) -> str:
    return f"ws{public.removeprefix('http')}/ws/v1/plivo/{token}/"


def asked_urls(request: HttpRequest) -> list[str]:
    """Return the forms of the request's address that the carrier may have signed."""
    own = f"{request.scheme}://{request.get_host()}"
    found = [*origins(public_url(request)), *origins(own)]
    return [origin + request.get_full_path() for origin in dict.fromkeys(found)]


def dialled_urls(scope: dict[str, Any]) -> list[str]:
    """``asked_urls`` for a web socket's handshake."""
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    public = [one for one in (settings.MIRROR_PUBLIC_URL, f"https://{host}" if host else "") if one]
    try:
        return list(dict.fromkeys(url for one in public for url in handshake_urls(one, str(scope["path"]))))
    except ValueError:  # a Host header that is no host
        return []
