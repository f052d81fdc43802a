"""Web socket addresses of every app."""

from __future__ import annotations

from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from django.urls import re_path

from calls.consumers.live import live_urlpatterns
from calls.consumers.routes import websocket_urlpatterns
from mirror_saas.origins import ForeignCookieGuard

# Sessions are for the console's pages. Around the sockets of calls they would be one more step for every message.
_pages = AuthMiddlewareStack(URLRouter(live_urlpatterns))  # type: ignore[no-untyped-call]

websocket_application = ForeignCookieGuard(
    URLRouter([*websocket_urlpatterns, re_path("", _pages)])  # type: ignore[no-untyped-call]
)
