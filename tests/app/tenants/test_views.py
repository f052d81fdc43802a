"""Signing in, choosing a tenant, and how errors of REST views are told."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory
from rest_framework import exceptions as rest
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from mirror_saas.embedded import Servers
from tenants.errors import InvalidInput, RateLimited
from tenants.forms import TOO_MANY, WRONG
from tenants.models import Membership
from tenants.problems import problem_response
from tenants.scope import tenant_context
from tenants.services import api_key_create, membership_delete
from tests.cast import PASSWORD, Cast


@pytest.fixture(autouse=True)
def empty_cache(servers: Servers) -> None:
    """Wrong tries are counted in Valkey."""
    cache.clear()


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/sign-in/", {"email": email, "password": password, **more})


def seen(client: Client) -> Any:
    """Return a request as views see it."""
    return client.get("/healthz").wsgi_request


class WhoView(APIView):
    required_scopes = {"GET": "members:read", "POST": "members:write"}

    def get(self, request: Request) -> Response:
        actor: Any = request.user
        return Response({"label": actor.label, "tenant": str(actor.tenant_id)})

    def post(self, request: Request) -> Response:
        raise InvalidInput(errors={"name": ["is taken"]})


def who(cast: Cast, *, method: str = "get", actor: Any = None, **headers: str) -> Response:
    request = getattr(APIRequestFactory(enforce_csrf_checks=True), method)("/", headers=headers)
    request.actor = actor
    response = WhoView.as_view()(request)
    assert isinstance(response, Response)
    return response


def test_signing_in_leads_to_the_overview_and_sets_the_tenant(cast: Cast, client: Client):
    answer = sign_in(client, "ANN@acme.example")
    assert (answer.status_code, answer["Location"]) == (302, "/app/")
    request = seen(client)
    assert (request.membership.tenant_name, request.actor.role, request.actor.label) == (
        "Acme",
        "owner",
        "user:ann@acme.example",
    )


def test_a_signed_out_request_has_no_actor_and_asks_no_database(client: Client):
    request = seen(client)
    assert (request.membership, request.memberships, request.actor) == (None, [], None)


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [("/app/calls/", "/app/calls/"), ("https://evil.example/", "/app/"), ("//evil.example", "/app/")],
)
def test_it_leads_on_to_our_own_pages_only(cast: Cast, client: Client, asked: str, led_to: str):
    assert sign_in(client, "ann@acme.example", next=asked)["Location"] == led_to


def test_a_wrong_password_and_an_unknown_person_are_told_the_same(cast: Cast, client: Client):
    for email in ("ann@acme.example", "nobody@acme.example"):
        answer = sign_in(client, email, "wrong password")
        assert answer.status_code == 400
        assert answer.context["form"].non_field_errors() == [WRONG]


def test_guessing_is_stopped_also_for_the_right_password(cast: Cast, client: Client):
    for _ in range(8):
        sign_in(client, "ann@acme.example", "wrong password")
    assert sign_in(client, "ann@acme.example").context["form"].non_field_errors() == [TOO_MANY]
    assert sign_in(client, "adam@acme.example").status_code == 302


def test_signing_out_needs_a_post(cast: Cast, client: Client):
    client.force_login(cast.owner)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert seen(client).actor is None


def test_one_chooses_among_ones_own_tenants_only(cast: Cast, client: Client):
    client.force_login(cast.owner)
    client.post("/app/tenant/", {"tenant": str(cast.other_tenant.id)})
    assert seen(client).membership.tenant_name == "Acme"
    with tenant_context(cast.other_tenant.id):
        Membership.objects.create(user=cast.owner, role="viewer")
    client.post("/app/tenant/", {"tenant": str(cast.other_tenant.id)})
    request = seen(client)
    assert (request.membership.tenant_name, request.actor.role) == ("Globex", "viewer")


def test_a_membership_that_ended_is_lost_at_the_next_request(cast: Cast, client: Client):
    client.force_login(cast.viewer)
    membership = seen(client).membership
    membership_delete(actor=cast.actor(), membership_id=membership.membership_id)
    assert seen(client).actor is None


def test_a_key_reaches_a_rest_view_as_its_tenant(cast: Cast):
    assert who(cast, **cast.bearer).data == {"label": "key:Production", "tenant": str(cast.tenant.id)}
    assert who(cast, **cast.other_bearer).data["tenant"] == str(cast.other_tenant.id)


def test_nobody_is_told_how_to_ask(cast: Cast):
    answer = who(cast)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="mirror"')
    assert answer.data["code"] == "not_authenticated"


def test_a_wrong_key_is_a_problem_document(cast: Cast):
    answer = who(cast, Authorization="Bearer mk_none_such")
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")


def test_a_session_reads_and_may_not_write_without_a_csrf_token(cast: Cast):
    assert who(cast, actor=cast.actor()).data["label"] == "user:ann@acme.example"
    assert who(cast, method="post", actor=cast.actor()).status_code == 403


def test_the_scope_of_the_method_is_needed(cast: Cast):
    assert who(cast, method="post", **cast.bearer).data["errors"] == {"name": ["is taken"]}
    reader = api_key_create(actor=cast.actor(), name="Reader", scopes=["members:read"])
    bearer = {"Authorization": f"Bearer {reader.token}"}
    assert who(cast, **bearer).status_code == 200
    refused = who(cast, method="post", **bearer)
    assert (refused.status_code, refused.data["scope"]) == (403, "members:write")


def test_a_view_that_names_no_scope_is_closed(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(WhoView, "required_scopes", {})
    assert who(cast, **cast.bearer).status_code == 403


@pytest.mark.parametrize(
    ("error", "status", "code", "errors"),
    [
        (
            rest.ValidationError({"policies": [{}, {"text": ["is empty"]}]}),
            400,
            "invalid_input",
            {"policies.1.text": ["is empty"]},
        ),
        (rest.ValidationError(["bad"]), 400, "invalid_input", {"request": ["bad"]}),
        (rest.ParseError(), 400, "parse_error", None),
        (rest.MethodNotAllowed("PUT"), 405, "method_not_allowed", None),
        (rest.Throttled(wait=3.2), 429, "throttled", None),
        (RateLimited(retry_after_s=7), 429, "rate_limited", None),
    ],
)
def test_every_error_is_a_problem_document(error: Exception, status: int, code: str, errors: Any):
    answer = problem_response(error, {})
    assert answer is not None
    assert (answer.status_code, answer.data["code"], answer.data.get("errors")) == (status, code, errors)
    assert {"type", "title", "status", "detail", "retryable"} <= answer.data.keys()
    if status == 429:
        assert answer["Retry-After"] in {"4", "7"}


def test_a_programming_error_is_left_to_the_log():
    assert problem_response(KeyError("x"), {"request": RequestFactory().get("/")}) is None
