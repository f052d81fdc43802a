"""Web socket addresses of live calls and of the console."""

from __future__ import annotations

from django.urls import URLPattern, path

from calls.consumers.live import live_urlpatterns
from calls.consumers.plivo import plivo_application
from calls.consumers.supervise import supervise_application

websocket_urlpatterns: list[URLPattern] = [
    path("ws/v1/supervise/", supervise_application),  # type: ignore[arg-type]  # ASGI applications, not views
    path("ws/v1/plivo/<str:token>/", plivo_application),  # type: ignore[arg-type]
    *live_urlpatterns,
]
