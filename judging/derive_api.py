"""REST: draft policies from a prompt, and the compiled form of a rule. Nothing is stored by either."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from judging.core import Compiled, CompiledInvalid
from judging.core.derive import MAX_PROMPT_CHARS
from judging.deriving import Compilation, Derivation, policies_derive, policy_compile
from judging.policy_files import MAX_TEXT_CHARS, RuleDraft
from tenants.access import Actor, access_agent
from tenants.errors import InvalidInput, NotAuthenticated
from tenants.scope import tenant_context


class DeriveView(APIView):
    """``POST /api/v1/policies/derive``: ``prompt`` (the agent's system prompt), ``agent`` (slug), ``by`` (``auto`` or
    ``rules``). Each draft names its line; ``rules`` can be posted as they are as a new revision. Without ``agent`` no
    model is asked. ``failure`` says why one was asked in vain.
    """

    required_scopes = {"POST": "policies:write"}

    def post(self, request: Request) -> Response:
        actor, body = _actor(request), _object(request)
        prompt = _text(body, "prompt", MAX_PROMPT_CHARS)
        found = policies_derive(
            tenant_id=actor.tenant_id,
            agent_id=_asked_agent(actor, body),
            prompt=prompt,
            deadline_s=settings.MIRROR_LLM_TIMEOUT_MS / 1000,
        )
        return Response(_shown(found))


class CompileView(APIView):
    """``POST /api/v1/policies/compile``: the compiled form of ``text``; with ``compiled`` that form, checked.

    ``agent``, ``by`` and ``failure`` as for derive. A form that is refused answers 400 with the place and what is
    expected there.
    """

    required_scopes = {"POST": "policies:write"}

    def post(self, request: Request) -> Response:
        actor, body = _actor(request), _object(request)
        text = _text(body, "text", MAX_TEXT_CHARS)
        if body.get("compiled") is not None:
            found = Compilation(_checked(body["compiled"]))
        else:
            found = policy_compile(
                tenant_id=actor.tenant_id,
                agent_id=_asked_agent(actor, body),
                text=text,
                deadline_s=settings.MIRROR_LLM_TIMEOUT_MS / 1000,
            )
        compiled = found.compiled
        shown = {"text": text, "kind": compiled.kind.value, "acts": list(compiled.acts)}
        return Response(
            {**shown, "made_by": compiled.made_by, "failure": found.failure, "compiled": compiled.as_json()}
        )


def _checked(value: Any) -> Compiled:
    try:
        return Compiled.from_json(value)
    except CompiledInvalid as error:
        raise InvalidInput(errors={"compiled": [str(error)]}) from error


def _shown(found: Derivation) -> dict[str, Any]:
    drafts = [RuleDraft(policy.text, policy.severity, policy.scope) for policy in found.policies]
    return {
        "made_by": found.made_by,
        "failure": found.failure,
        "policies": [policy.as_json() for policy in found.policies],
        "rules": [draft.fields() for draft in drafts],
    }


def _asked_agent(actor: Actor, body: dict[str, Any]) -> UUID | None:
    """The agent whose model is to be asked; None for none."""
    by = body.get("by", "auto")
    if by not in ("auto", "rules"):
        raise InvalidInput(errors={"by": ["must be auto or rules"]})
    if body.get("agent") is None:
        return None
    slug = _text(body, "agent", 200)
    with tenant_context(actor.tenant_id):
        agent_id: UUID = access_agent(actor, slug).id
    return None if by == "rules" else agent_id


def _actor(request: Request) -> Actor:
    if not isinstance(request.user, Actor):  # the permission class has let nobody else through
        raise NotAuthenticated
    return request.user


def _object(request: Request) -> dict[str, Any]:
    if not isinstance(request.data, dict):
        raise InvalidInput("The body must be a JSON object.")
    return request.data


def _text(body: dict[str, Any], name: str, most: int) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise InvalidInput(errors={name: ["must be a text"]})
    if len(value) > most:
        raise InvalidInput(errors={name: [f"must have at most {most} characters"]})
    return value
