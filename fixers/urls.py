from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from fixers import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("app/fixes/", views.fix_list, name="console-fixes"),
    path("app/fixes/<uuid:fix_id>/", views.fix_detail, name="console-fix"),
    path("app/fixes/<uuid:fix_id>/approve/", views.fix_approve, name="console-fix-approve"),
    path("app/fixes/<uuid:fix_id>/dismiss/", views.fix_dismiss, name="console-fix-dismiss"),
    path("app/fixes/<uuid:fix_id>/retry/", views.fix_retry, name="console-fix-retry"),
]
