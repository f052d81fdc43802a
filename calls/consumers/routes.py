from __future__ import annotations

from django.urls import URLPattern

from calls.consumers.live import live_urlpatterns

websocket_urlpatterns: list[URLPattern] = [*live_urlpatterns]
