from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from judging import api

_POLICIES = "agents/<slug:slug>/policies"

# The review's address is documented without a slash at the end; a redirect would lose the body.
urlpatterns: list[URLPattern | URLResolver] = [
    re_path(r"^review/?$", api.ReviewView.as_view(), name="review"),
    path(f"{_POLICIES}/", api.PoliciesView.as_view(), name="policies"),
    path(f"{_POLICIES}/revisions/", api.RevisionsView.as_view(), name="policy-revisions"),
    path(f"{_POLICIES}/revisions/<int:number>/", api.RevisionView.as_view(), name="policy-revision"),
    path(f"{_POLICIES}/revisions/<int:number>/activate", api.ActivateView.as_view(), name="policy-activate"),
    path(f"{_POLICIES}/revisions/<int:number>/activate/", api.ActivateView.as_view()),
]
