"""The last resort of HTTP errors: problem details below ``/api/``, a page (or a plain line) elsewhere."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.template.exceptions import TemplateDoesNotExist
from django.template.loader import render_to_string

from tenants.errors import Forbidden, InvalidInput, MirrorError, NotFound, problem_json


class Broken(MirrorError):
    """Mirror's own fault; the details are in its log."""

    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Mirror could not do this"
    http_status: ClassVar[int] = 500
    retryable: ClassVar[bool] = True


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, InvalidInput("The request cannot be read."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, Forbidden())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, NotFound())


def broken(request: HttpRequest) -> HttpResponse:
    return _answer(request, Broken())


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _answer(request, Forbidden("The form was open too long or came from another site. Load the page again."))


def _answer(request: HttpRequest, error: MirrorError) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problem_json(error)
    context: dict[str, Any] = {"status": error.http_status, "title": error.title, "detail": str(error) or error.title}
    try:
        page = render_to_string([f"{error.http_status}.html", "500.html"], context)
    except TemplateDoesNotExist:
        return HttpResponse(f"{error.title}\n", status=error.http_status, content_type="text/plain; charset=utf-8")
    return HttpResponse(page, status=error.http_status)
