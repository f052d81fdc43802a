from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from reports import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("app/reports/", views.report_list, name="console-reports"),
    path("app/reports/<uuid:report_id>/", views.report_detail, name="console-report"),
    path("app/reports/<uuid:report_id>/dismiss/", views.report_dismiss, name="console-report-dismiss"),
    path("app/problems/", views.problem_list, name="console-problems"),
    path("app/problems/<uuid:problem_id>/", views.problem_detail, name="console-problem"),
    path("app/problems/<uuid:problem_id>/ignore/", views.problem_ignore, name="console-problem-ignore"),
    path("app/problems/<uuid:problem_id>/reopen/", views.problem_reopen, name="console-problem-reopen"),
]
