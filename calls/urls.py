from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from calls import carrier_views, views

urlpatterns: list[URLPattern | URLResolver] = [
    *carrier_views.urlpatterns,
    path("app/live/", views.live, name="console-live"),
    path("app/live/rows/", views.live_rows, name="console-live-rows"),
    path("app/calls/", views.call_list, name="console-calls"),
    path("app/calls/<uuid:call_id>/", views.call_detail, name="console-call"),
    path("app/calls/<uuid:call_id>/rows/", views.call_rows, name="console-call-rows"),
]
