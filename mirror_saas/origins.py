"""Cookies of a web socket count only where the page that opened it is ours.

A browser sends our cookies to our sockets from any page, and names that page in ``Origin``. Programs send no
``Origin`` and tenants' own pages may connect with a ticket, so a foreign origin loses its cookies instead of being
turned away: what it may do then rests on its ticket or key alone.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host


class ForeignCookieGuard:
    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        if is_foreign(scope["headers"]):
            scope = {**scope, "headers": [header for header in scope["headers"] if header[0] != b"cookie"]}
        return await self.application(scope, receive, send)


def is_foreign(headers: list[tuple[bytes, bytes]]) -> bool:
    """Return whether these name an origin that is not one of ``ALLOWED_HOSTS``."""
    for name, value in headers:
        if name == b"origin":
            host = urlsplit(value.decode("latin-1")).hostname or ""
            return not validate_host(f"[{host}]" if ":" in host else host, settings.ALLOWED_HOSTS)
    return False
