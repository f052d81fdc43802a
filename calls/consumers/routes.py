"""Web socket addresses of live calls; those of the console are ``live_urlpatterns``."""

from __future__ import annotations

from django.urls import URLPattern, path

from calls.consumers.plivo import plivo_application
from calls.consumers.realtime import realtime_application
from calls.consumers.supervise import supervise_application

websocket_urlpatterns: list[URLPattern] = [
    path("ws/v1/supervise/", supervise_application),  # type: ignore[arg-type]  # ASGI applications, not views
    path("ws/v1/plivo/<str:token>/", plivo_application),  # type: ignore[arg-type]
    # Clients of the provider's own put "/realtime" behind the base address that they are given.
    path("ws/v1/realtime/<slug:agent>/", realtime_application),  # type: ignore[arg-type]
    path("ws/v1/realtime/<slug:agent>", realtime_application),  # type: ignore[arg-type]
    path("ws/v1/realtime/<slug:agent>/realtime", realtime_application),  # type: ignore[arg-type]
]
