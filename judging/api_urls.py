from __future__ import annotations

from django.urls import URLPattern, URLResolver

from judging import api, derive_api
from tenants.addresses import api_path

_POLICIES = "agents/<slug:slug>/policies"
_REVISION = f"{_POLICIES}/revisions/<int:number>"

urlpatterns: list[URLPattern | URLResolver] = [
    *api_path("review", api.ReviewView.as_view(), name="review"),
    *api_path("policies/derive", derive_api.DeriveView.as_view(), name="policies-derive"),
    *api_path("policies/compile", derive_api.CompileView.as_view(), name="policies-compile"),
    *api_path(_POLICIES, api.PoliciesView.as_view(), name="policies"),
    *api_path(f"{_POLICIES}/revisions", api.RevisionsView.as_view(), name="policy-revisions"),
    *api_path(_REVISION, api.RevisionView.as_view(), name="policy-revision"),
    *api_path(f"{_REVISION}/activate", api.ActivateView.as_view(), name="policy-activate"),
]
