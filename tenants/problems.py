"""The handler of every error in a REST view: problem details, never the framework's own shapes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions as rest
from rest_framework.response import Response
from rest_framework.views import set_rollback

from tenants.errors import PROBLEM_TYPE, Forbidden, InvalidInput, MirrorError, NotFound


def problem_response(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Render any error of a REST view. None for a programming error: Django's handler logs and answers it."""
    if isinstance(error, MirrorError):
        return _response(error.problem(), error.http_status, error.headers())
    if isinstance(error, Http404):
        return _response(NotFound().problem(), 404, {})
    if isinstance(error, PermissionDenied):
        return _response(Forbidden().problem(), 403, {})
    if isinstance(error, rest.APIException):
        return _response(_rest_problem(error), error.status_code, _rest_headers(error))
    return None


def _response(problem: dict[str, Any], status: int, headers: dict[str, str]) -> Response:
    set_rollback()
    return Response(problem, status=status, headers=headers, content_type=PROBLEM_TYPE)


def _rest_problem(error: rest.APIException) -> dict[str, Any]:
    if isinstance(error, rest.ValidationError):
        return InvalidInput(errors=_flat(error.detail)).problem()
    code = str(getattr(error, "default_code", "error"))
    return {
        "type": f"urn:mirror:error:{code}",
        "title": str(error.default_detail),
        "status": error.status_code,
        "detail": str(error.detail),
        "code": code,
        "retryable": error.status_code in {429, 503},
    }


def _rest_headers(error: rest.APIException) -> dict[str, str]:
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(header)
    wait_s = getattr(error, "wait", None)
    if isinstance(error, rest.Throttled) and wait_s is not None:
        headers["Retry-After"] = str(math.ceil(wait_s))
    return headers


def _flat(detail: Any, path: str = "") -> dict[str, list[str]]:
    """Turn the framework's nested error lists into ``{"policies.0.text": ["..."]}``."""
    if isinstance(detail, Mapping):
        pairs = [(str(key), value) for key, value in detail.items()]
    elif isinstance(detail, list) and any(isinstance(item, (Mapping, list)) for item in detail):
        pairs = [(str(index), value) for index, value in enumerate(detail) if value]
    else:
        return {path or "request": [str(item) for item in (detail if isinstance(detail, list) else [detail])]}
    found: dict[str, list[str]] = {}
    for key, value in pairs:
        found.update(_flat(value, f"{path}.{key}" if path else key))
    return found
