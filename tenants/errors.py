"""What can go wrong for a caller, and how it is told (RFC 9457 problem details).

    MirrorError
    ├── InvalidInput         400  fields or settings that cannot be accepted
    ├── NotAuthenticated     401  no key or session, or not a valid one
    ├── Forbidden            403  known, but not allowed to
    │   └── ScopeMissing          the key or role lacks one scope
    ├── NotFound             404  absent, or another tenant's: the two are never told apart
    ├── Conflict             409  the state forbids it now
    ├── PreconditionFailed   412  If-Match names a version that is no longer current
    ├── RateLimited          429  too many requests; ``retry_after_s`` says when again
    └── Unavailable          503  a server behind Mirror cannot be reached

``tenants.problems`` renders them in REST views. Each app derives its own from these. ``retryable`` says
whether the same request may succeed later.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import JsonResponse

PROBLEM_TYPE = "application/problem+json"


class MirrorError(Exception):
    """Base of what a caller can be told. ``str(error)`` is the detail, written for the caller."""

    code: ClassVar[str] = "error"
    title: ClassVar[str] = "Something went wrong"
    http_status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def members(self) -> dict[str, Any]:
        """Return further problem members, such as ``errors`` by field."""
        return {}

    def headers(self) -> dict[str, str]:
        return {}

    def problem(self) -> dict[str, Any]:
        return {
            "type": f"urn:mirror:error:{self.code}",
            "title": self.title,
            "status": self.http_status,
            "detail": str(self) or self.title,
            "code": self.code,
            "retryable": self.retryable,
            **self.members(),
        }


class InvalidInput(MirrorError):
    """``errors`` maps a field's name (dotted for nested ones) to what is wrong with it: ``{"slug": ["is taken"]}``."""

    code = "invalid_input"
    title = "The request cannot be accepted as it is"
    http_status = 400

    def __init__(self, detail: str = "", *, errors: Mapping[str, list[str]] | None = None) -> None:
        self.errors = dict(errors or {})
        told = "; ".join(f"{field}: {', '.join(wrong)}" for field, wrong in self.errors.items())
        super().__init__(detail or told)

    def members(self) -> dict[str, Any]:
        return {"errors": self.errors} if self.errors else {}


class NotAuthenticated(MirrorError):
    code = "not_authenticated"
    title = "A valid API key or session is needed"
    http_status = 401

    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": 'Bearer realm="mirror"'}


class Forbidden(MirrorError):
    code = "forbidden"
    title = "Not allowed"
    http_status = 403


class ScopeMissing(Forbidden):
    code = "scope_missing"
    title = "The key or role lacks a scope"

    def __init__(self, scope: str) -> None:
        self.scope = scope
        super().__init__(f"This needs the scope {scope}.")

    def members(self) -> dict[str, Any]:
        return {"scope": self.scope}


class NotFound(MirrorError):
    code = "not_found"
    title = "Not found"
    http_status = 404


class Conflict(MirrorError):
    code = "conflict"
    title = "The present state does not allow this"
    http_status = 409


class PreconditionFailed(MirrorError):
    code = "precondition_failed"
    title = "It has changed since it was read"
    http_status = 412


class RateLimited(MirrorError):
    code = "rate_limited"
    title = "Too many requests"
    http_status = 429
    retryable = True

    def __init__(self, detail: str = "", *, retry_after_s: int = 1) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(detail)

    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after_s)}


class Unavailable(MirrorError):
    code = "unavailable"
    title = "A server behind Mirror cannot be reached"
    http_status = 503
    retryable = True


def problem_json(error: MirrorError) -> JsonResponse:
    """Render an error outside of REST views (middleware, plain Django views, error handlers)."""
    return JsonResponse(error.problem(), status=error.http_status, content_type=PROBLEM_TYPE, headers=error.headers())
