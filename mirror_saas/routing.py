"""Web socket addresses of every app."""

from __future__ import annotations

from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter

from calls.consumers.routes import websocket_urlpatterns
from mirror_saas.origins import ForeignCookieGuard

websocket_application = ForeignCookieGuard(
    AuthMiddlewareStack(URLRouter(websocket_urlpatterns))  # type: ignore[no-untyped-call]
)
