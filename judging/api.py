"""REST: one turn reviewed without a call, and an agent's policies."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from judging.access import access_revision
from judging.config import AgentJudging, agent_judging_load
from judging.core import Case, CaseInvalid, case_from_record
from judging.models import PolicyRecord, PolicyRevision
from judging.policy_files import MAX_RULES, rules_from_json
from judging.readings import is_outdated, reading_of
from judging.review import turn_review
from judging.selectors import draft_of, policies_active, revision_list
from judging.services import policy_revision_activate, policy_set_import
from tenants.access import Actor, access_agent
from tenants.errors import InvalidInput, NotAuthenticated
from tenants.pagination import NewestFirst
from tenants.scope import tenant_context

MAX_HISTORY = 1_000


class ReviewView(APIView):
    """``POST /api/v1/review``: ``agent`` (slug) and the fields of a judge record; the answer is its verdict.

    Without ``policies`` the agent's active ones are used. Nothing is stored but what a model cost.
    """

    required_scopes = {"POST": "calls:write"}

    def post(self, request: Request) -> Response:
        record = _object(request)
        config = _judging(_actor(request), _text(record, "agent"))
        review = turn_review(_case(record, config), config, key=str(record.get("id", "")))
        return Response({"id": record.get("id"), "revision": config.revision, **review.as_json()})


def _judging(actor: Actor, slug: str) -> AgentJudging:
    with tenant_context(actor.tenant_id):
        agent = access_agent(actor, slug)
        config = agent_judging_load(agent.id)
    if config is None:
        raise InvalidInput(errors={"agent": ["is not active"]})
    return config


def _case(record: dict[str, Any], config: AgentJudging) -> Case:
    has_own = bool(record.get("policies"))
    try:
        case = case_from_record(record, None if has_own else config.policies)
    except CaseInvalid as error:
        raise InvalidInput(str(error)) from error
    if len(case.history) > MAX_HISTORY or len(case.policies) > MAX_RULES:
        raise InvalidInput(f"A review takes at most {MAX_HISTORY} turns of history and {MAX_RULES} policies.")
    return case


class PoliciesView(APIView):
    """``GET /api/v1/agents/{slug}/policies/``: the active revision and its rules; revision 0 where none is active."""

    required_scopes = {"GET": "policies:read"}

    def get(self, request: Request, slug: str) -> Response:
        actor = _actor(request)
        with tenant_context(actor.tenant_id):
            agent = access_agent(actor, slug)
            number, _ = policies_active(agent.id)
            rules = _rules(access_revision(actor, agent, number)) if number else []
        return Response({"revision": number, "rules": rules})


class RevisionsView(APIView):
    """``/api/v1/agents/{slug}/policies/revisions/``: the history, and a new revision.

    POST takes ``rules`` (texts or objects) or ``yaml`` (a policy file), and ``note``. A rule may carry its
    ``compiled`` form; without one it is read by the rules. The same rules again answer 200 with the revision that has
    them. It is not activated by this.
    """

    required_scopes = {"GET": "policies:read", "POST": "policies:write"}

    def get(self, request: Request, slug: str) -> Response:
        actor = _actor(request)
        with tenant_context(actor.tenant_id):
            agent = access_agent(actor, slug)
            pages = NewestFirst()
            page = pages.paginate_queryset(revision_list(agent.id), request, view=self) or []
            number, _ = policies_active(agent.id)
            return pages.get_paginated_response([_revision(revision, number) for revision in page])

    def post(self, request: Request, slug: str) -> Response:
        actor = _actor(request)
        body = _object(request)
        if ("rules" in body) == ("yaml" in body):
            raise InvalidInput(errors={"rules": ["give either rules or yaml"]})
        rules = rules_from_json(body["rules"]) if "rules" in body else _text(body, "yaml")
        note = _text(body, "note") if body.get("note") else ""
        with tenant_context(actor.tenant_id):
            agent = access_agent(actor, slug)
            before = {revision.number for revision in revision_list(agent.id)[:1]}
            revision = policy_set_import(agent=agent, rules=rules, author=actor.label, note=note)
            number, _ = policies_active(agent.id)
            shown = {**_revision(revision, number), "rules": _rules(revision)}
        return Response(shown, status=200 if revision.number in before else 201)


class RevisionView(APIView):
    """``GET /api/v1/agents/{slug}/policies/revisions/{number}/``"""

    required_scopes = {"GET": "policies:read"}

    def get(self, request: Request, slug: str, number: int) -> Response:
        actor = _actor(request)
        with tenant_context(actor.tenant_id):
            agent = access_agent(actor, slug)
            revision = access_revision(actor, agent, number)
            active, _ = policies_active(agent.id)
            return Response({**_revision(revision, active), "rules": _rules(revision)})


class ActivateView(APIView):
    """``POST .../revisions/{number}/activate/``; ``expected_revision`` refuses when another became active meanwhile."""

    required_scopes = {"POST": "policies:write"}

    def post(self, request: Request, slug: str, number: int) -> Response:
        actor = _actor(request)
        body = _object(request)
        expected = body.get("expected_revision")
        if expected is not None and (not isinstance(expected, int) or isinstance(expected, bool)):
            raise InvalidInput(errors={"expected_revision": ["must be a whole number"]})
        with tenant_context(actor.tenant_id):
            agent = access_agent(actor, slug)
            revision = access_revision(actor, agent, number)
            is_changed = policy_revision_activate(agent=agent, revision=revision, actor=actor, expected_number=expected)
        return Response({"revision": number, "changed": is_changed})


def _actor(request: Request) -> Actor:
    if not isinstance(request.user, Actor):  # the permission class has let nobody else through
        raise NotAuthenticated
    return request.user


def _object(request: Request) -> dict[str, Any]:
    body = request.data
    if not isinstance(body, dict):
        raise InvalidInput("The body must be a JSON object.")
    return body


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise InvalidInput(errors={name: ["must be a text"]})
    return value


def _rules(revision: PolicyRevision) -> list[dict[str, Any]]:
    return [_rule(record) for record in revision.rules.all()]


def _rule(record: PolicyRecord) -> dict[str, Any]:
    """A rule as it can be posted again: the last three fields are ignored then."""
    reading = reading_of(record)
    return {
        **draft_of(record).plain_fields(),
        "compiled": reading.compiled.as_json(),
        "compiled_by": reading.by,
        "compiled_at": reading.at.isoformat() if reading.at else None,
        "is_outdated": is_outdated(record, reading),
    }


def _revision(revision: PolicyRevision, active_number: int) -> dict[str, Any]:
    return {
        "number": revision.number,
        "is_active": revision.number == active_number,
        "rule_count": revision.rule_count,
        "author": revision.author,
        "note": revision.note,
        "created_at": revision.created_at.isoformat(),
    }
