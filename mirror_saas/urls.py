"""HTTP addresses of every app. The REST addresses of all apps lie side by side under ``/api/v1/``."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from mirror_saas import console, health, policy_pages

APPS = ("tenants", "judging", "calls", "reports", "fixers")

_REVISION = "app/policies/<slug:slug>/revisions/<int:number>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("", console.home, name="home"),
    path("app/", console.overview, name="console-overview"),
    path("app/policies/", policy_pages.policies, name="console-policies"),
    path(_REVISION, policy_pages.revision, name="console-policy-revision"),
    path(f"{_REVISION}activate/", policy_pages.revision_activate, name="console-policy-activate"),
    path(f"{_REVISION}rules/<slug:key>/", policy_pages.rule, name="console-policy-rule"),
    path(f"{_REVISION}rules/<slug:key>/take/", policy_pages.reading_take, name="console-policy-take"),
    path("app/setup/", console.setup, name="console-setup"),
    path("app/theme/", console.theme, name="console-theme"),
    *(path("api/v1/", include(f"{app}.api_urls")) for app in APPS),
    *(path("", include(f"{app}.urls")) for app in APPS),
]

handler400 = "mirror_saas.failures.bad_request"
handler403 = "mirror_saas.failures.forbidden"
handler404 = "mirror_saas.failures.not_found"
handler500 = "mirror_saas.failures.broken"
