from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from calls import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("tickets", api.TicketView.as_view(), name="api-tickets"),
    path("agents/<slug:slug>/stream-tokens", api.StreamTokenView.as_view(), name="api-stream-tokens"),
    path("tool-commits/redeem", api.RedeemView.as_view(), name="api-tool-commits"),
    path("calls", api.CallListView.as_view(), name="api-calls"),
    path("calls/<uuid:call_id>", api.CallView.as_view(), name="api-call"),
]
