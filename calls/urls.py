from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from calls import carrier_views, stream_pages, views

urlpatterns: list[URLPattern | URLResolver] = [
    *carrier_views.urlpatterns,
    path("app/setup/<slug:slug>/streams/", stream_pages.stream_page, name="console-streams"),
    path("app/setup/<slug:slug>/streams/key/", stream_pages.key_replace, name="console-agent-key"),
    path("app/setup/<slug:slug>/streams/account/", stream_pages.account_save, name="console-account"),
    path("app/setup/<slug:slug>/streams/account/test/", stream_pages.account_check, name="console-account-test"),
    path("app/setup/<slug:slug>/streams/account/remove/", stream_pages.account_remove, name="console-account-remove"),
    path("app/setup/<slug:slug>/streams/tokens/<uuid:token_id>/", stream_pages.token_revoke, name="console-token"),
    path("app/live/", views.live, name="console-live"),
    path("app/live/rows/", views.live_rows, name="console-live-rows"),
    path("app/calls/", views.call_list, name="console-calls"),
    path("app/calls/<uuid:call_id>/", views.call_detail, name="console-call"),
    path("app/calls/<uuid:call_id>/rows/", views.call_rows, name="console-call-rows"),
]
