"""What every console page shares: who looks, in which tenant and time zone, how a refusal looks, and pages of lists."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Concatenate, Generic, ParamSpec, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from tenants.access import Actor
from tenants.errors import Conflict, Forbidden, InvalidInput, MirrorError
from tenants.lookups import MembershipFound
from tenants.models import User
from tenants.scope import tenant_context

PAGE_SIZE = 50
DAMAGED = "This page link is damaged. Start again from the first page."

P = ParamSpec("P")
Row = TypeVar("Row", bound=Model)


class ConsoleRequest(HttpRequest):
    """A request of a signed-in member, as ``tenants.middleware`` dressed it."""

    user: User
    actor: Actor
    membership: MembershipFound


def console_page(
    scope: str, *, has_context: bool = True
) -> Callable[
    [Callable[Concatenate[ConsoleRequest, P], HttpResponse]], Callable[Concatenate[HttpRequest, P], HttpResponse]
]:
    """Serve the view to members who hold ``scope``, inside their tenant and their time zone.

    Signed out: to the sign-in page and back. A ``MirrorError`` becomes a page with its status, so that an absent row
    and another tenant's look the same. The view must render before it returns: its rows are out of reach afterwards.
    Without ``has_context`` the view opens the tenant's context itself, around its reads and writes: for views that ask
    a model, which must hold no connection meanwhile.
    """

    def wrap(
        view: Callable[Concatenate[ConsoleRequest, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @wraps(view)
        def serve(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            with timezone.override(zone_of(request.user.timezone)):
                try:
                    return _serve_member(view, scope, has_context, request, *args, **kwargs)
                except MirrorError as error:
                    return render(request, "console/error.html", {"error": error}, status=error.http_status)

        return serve

    return wrap


def _serve_member(
    view: Callable[Concatenate[ConsoleRequest, P], HttpResponse],
    scope: str,
    has_context: bool,
    request: HttpRequest,
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> HttpResponse:
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        raise Forbidden("You are signed in, but belong to no active tenant. Ask an owner to invite you.")
    actor.require(scope)
    with tenant_context(actor.tenant_id) if has_context else nullcontext():
        return view(request, *args, **kwargs)  # type: ignore[arg-type]  # the middleware set what ConsoleRequest names


def zone_of(name: str) -> ZoneInfo:
    """Return the zone of that name, UTC where there is no such zone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Action:
    """A button of a page: a POST to ``url``."""

    label: str
    url: str
    is_primary: bool = False


def act(request: HttpRequest, service: Callable[[], object], *, done: str) -> None:
    """Run a service and tell on the next page what came of it: ``done``, or why the state does not allow it now."""
    try:
        service()
    except Conflict as error:
        messages.error(request, str(error) or error.title)
    else:
        messages.success(request, done)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """``next_cursor`` is "" on the last page."""

    items: list[Row]
    next_cursor: str


def page_of(rows: QuerySet[Row], *, by: str, cursor: str = "", size: int = PAGE_SIZE) -> Page[Row]:
    """Return the newest rows by ``by`` that come after ``cursor`` ("": from the newest on).

    Raises:
        InvalidInput: not a cursor of ours.
    """
    if cursor:
        at, row_id = _cursor_read(cursor)
        rows = rows.filter(Q(**{f"{by}__lt": at}) | Q(**{by: at, "id__lt": row_id}))
    found = list(rows.order_by(f"-{by}", "-id")[: size + 1])
    is_more = len(found) > size
    return Page(found[:size], _cursor_write(getattr(found[size - 1], by), found[size - 1].pk) if is_more else "")


def _cursor_write(at: datetime, row_id: UUID) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{row_id}".encode()).decode().rstrip("=")


def _cursor_read(cursor: str) -> tuple[datetime, UUID]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        at, _, row_id = text.partition("|")
        moment, found = datetime.fromisoformat(at), UUID(row_id)
    except (ValueError, binascii.Error):
        raise InvalidInput(DAMAGED) from None
    if timezone.is_naive(moment):
        raise InvalidInput(DAMAGED)
    return moment, found
