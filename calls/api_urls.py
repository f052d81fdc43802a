from __future__ import annotations

from django.urls import URLPattern, URLResolver

from calls import api, carrier_api, gate_view, stream_api
from tenants.addresses import api_path

urlpatterns: list[URLPattern | URLResolver] = [
    *api_path("tickets", api.TicketView.as_view(), name="api-tickets"),
    *api_path("agents/<slug:slug>/stream-tokens", stream_api.StreamTokenView.as_view(), name="api-stream-tokens"),
    *api_path(
        "agents/<slug:slug>/stream-tokens/<uuid:token_id>",
        stream_api.StandingTokenView.as_view(),
        name="api-stream-token",
    ),
    *api_path("agents/<slug:slug>/replace-key", stream_api.ReplaceKeyView.as_view(), name="api-agent-key"),
    *api_path("carrier-accounts", carrier_api.AccountListView.as_view(), name="api-carrier-accounts"),
    *api_path("carrier-accounts/<str:name>", carrier_api.AccountView.as_view(), name="api-carrier-account"),
    *api_path("carrier-accounts/<str:name>/test", carrier_api.AccountTestView.as_view(), name="api-carrier-test"),
    *api_path("tool-commits/redeem", api.RedeemView.as_view(), name="api-tool-commits"),
    *api_path("calls", api.CallListView.as_view(), name="api-calls"),
    *api_path("calls/<uuid:call_id>", api.CallView.as_view(), name="api-call"),
    *api_path("calls/<uuid:call_id>/hangup", carrier_api.HangUpView.as_view(), name="api-hangup"),
    *api_path("calls/<uuid:call_id>/transfer", carrier_api.TransferView.as_view(), name="api-transfer"),
    *api_path("calls/<uuid:call_id>/speak", carrier_api.SpeakView.as_view(), name="api-speak"),
    *api_path("calls/<uuid:call_id>/listen", carrier_api.ListenView.as_view(), name="api-listen"),
    *api_path("calls/<uuid:call_id>/tool-gate", gate_view.tool_gate, name="api-tool-gate"),
]
