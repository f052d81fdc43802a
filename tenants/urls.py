from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from tenants import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("app/tenant/", views.tenant_choose, name="tenant-choose"),
]
