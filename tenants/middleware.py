"""Which tenant a signed-in person is looking at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from tenants.access import ROLE_SCOPES, Actor
from tenants.lookups import MembershipFound, memberships_of

CHOSEN_TENANT = "tenant_id"


class MembershipMiddleware:
    """Sets ``request.membership``, ``request.memberships`` and ``request.actor`` (None, [] and None where signed out).

    The chosen tenant is kept in the session; a membership that ended loses it at the next request.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        # Without a session cookie this touches no database.
        is_signed_in = "_auth_user_id" in request.session and request.user.is_authenticated
        request.memberships = memberships_of(request.user.id) if is_signed_in else []
        request.membership = membership_chosen(request.memberships, request.session.get(CHOSEN_TENANT))
        request.actor = actor_of(request.membership, request.user.email) if request.membership else None
        return self.get_response(request)


def membership_chosen(memberships: list[MembershipFound], chosen: str | None) -> MembershipFound | None:
    """Return the chosen tenant's membership, else the first, None where there is none."""
    by_tenant = {str(membership.tenant_id): membership for membership in memberships}
    return by_tenant.get(chosen or "") or (memberships[0] if memberships else None)


def actor_of(membership: MembershipFound, email: str) -> Actor:
    return Actor(
        tenant_id=UUID(str(membership.tenant_id)),
        label=f"user:{email}",
        scopes=ROLE_SCOPES[membership.role],
        role=membership.role,
        user_id=membership.user_id,
    )


def membership_in_templates(request: Any) -> dict[str, Any]:
    """Give templates ``membership``, ``memberships`` and ``actor``."""
    return {name: getattr(request, name, None) for name in ("membership", "memberships", "actor")}
