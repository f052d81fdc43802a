"""Console pages of policies: the rules in force, one revision, and how one rule is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from calls.pages import ConsoleRequest, act, console_page
from judging.access import access_revision, access_rule
from judging.config import tier1_uses_load
from judging.core import compile_policy
from judging.models import PolicyActivation, PolicyRevision
from judging.rule_readings import RuleReading, rule_readings
from judging.selectors import policies_active, revision_list
from judging.services import policy_revision_activate, rule_reading_change
from mirror_saas.rule_desk import RuleDesk
from tenants.access import access_agent
from tenants.errors import Conflict, InvalidInput
from tenants.models import Agent
from tenants.scope import tenant_context

READ, WRITE = "policies:read", "policies:write"
REVISIONS_SHOWN = 12
WITHIN = "Live calls take it up within 2 seconds."


@dataclass(frozen=True, slots=True)
class AgentRules:
    """``draft`` is the newest revision where it is newer than the active one."""

    agent: Agent
    revision: PolicyRevision | None
    draft: PolicyRevision | None
    readings: list[RuleReading]


@require_safe
@console_page(READ)
def policies(request: ConsoleRequest) -> HttpResponse:
    active, newest, uses = _revisions_active(), _revisions_newest(), tier1_uses_load()
    rows = [
        _agent_rules(agent, active.get(agent.id), newest.get(agent.id), uses)
        for agent in Agent.objects.order_by("slug")
    ]
    return render(request, "mirror_saas/policies.html", {"rows": rows, "can_write": request.actor.is_allowed(WRITE)})


def _agent_rules(agent: Agent, active: PolicyRevision | None, newest: PolicyRevision | None, uses: Any) -> AgentRules:
    is_draft = newest is not None and (active is None or newest.number > active.number)
    readings = rule_readings(active.rules.all(), uses) if active else []
    return AgentRules(agent, active, newest if is_draft else None, readings)


def _revisions_active() -> dict[Any, PolicyRevision]:
    """Return the active revision of each agent with its rules: the newest activation wins."""
    newest = PolicyActivation.objects.order_by("agent_id", "-created_at").distinct("agent_id")
    activations = newest.select_related("revision").prefetch_related("revision__rules")
    return {activation.agent_id: activation.revision for activation in activations}


def _revisions_newest() -> dict[Any, PolicyRevision]:
    newest = PolicyRevision.objects.order_by("agent_id", "-number").distinct("agent_id")
    return {revision.agent_id: revision for revision in newest}


@require_safe
@console_page(READ)
def revision(request: ConsoleRequest, slug: str, number: int) -> HttpResponse:
    agent = access_agent(request.actor, slug)
    shown = access_revision(request.actor, agent, number)
    active_number, _ = policies_active(agent.id)
    context = {
        "agent": agent,
        "revision": shown,
        "active_number": active_number,
        "readings": rule_readings(shown.rules.all(), tier1_uses_load()),
        "revisions": list(revision_list(agent.id)[:REVISIONS_SHOWN]),
        "can_write": request.actor.is_allowed(WRITE),
    }
    return render(request, "mirror_saas/policy_revision.html", context)


@require_POST
@console_page(WRITE)
def revision_activate(request: ConsoleRequest, slug: str, number: int) -> HttpResponse:
    agent = access_agent(request.actor, slug)
    shown = access_revision(request.actor, agent, number)
    act(request, lambda: _activate(request, agent, shown), done=f"Revision {number} is active. {WITHIN}")
    return redirect("console-policy-revision", slug, number)


def _activate(request: ConsoleRequest, agent: Agent, made: PolicyRevision) -> None:
    expected = _expected(request.POST)
    policy_revision_activate(agent=agent, revision=made, actor=request.actor, expected_number=expected)


@require_POST
@console_page(WRITE)
def reading_take(request: ConsoleRequest, slug: str, number: int, key: str) -> HttpResponse:
    """Take what the rules say of a rule now: a new revision, active where the one it is made from was."""
    agent = access_agent(request.actor, slug)
    base = access_revision(request.actor, agent, number)
    record = access_rule(request.actor, base, key)
    made = rule_reading_change(
        agent=agent,
        base=base,
        key=key,
        compiled=compile_policy(record.text),
        actor=request.actor,
        note=f"New reading of rule {record.position + 1}",
    )
    if policies_active(agent.id)[0] != base.number:
        messages.success(request, f"Revision {made.number} is a draft.")
        return redirect("console-policy-revision", slug, made.number)
    policy_revision_activate(agent=agent, revision=made, actor=request.actor, expected_number=base.number)
    messages.success(request, f"Revision {made.number} is active. {WITHIN}")
    return redirect(f"{reverse('console-policies')}#{slug}")


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(READ, has_context=False)
def rule(request: ConsoleRequest, slug: str, number: int, key: str) -> HttpResponse:
    """How one rule is read. A POST says by its button ``do`` what is meant; only saving writes."""
    with tenant_context(request.actor.tenant_id):
        desk = RuleDesk.load(request.actor, slug, number, key)
    if request.method == "POST":
        request.actor.require(WRITE)
        if (answer := _rule_done(request, desk)) is not None:
            return answer
    can_write = request.actor.is_allowed(WRITE)
    status = 400 if desk.form.has_errors else 200
    context = {"desk": desk, "can_write": can_write, "can_ask": can_write and desk.has_llm}
    return render(request, "mirror_saas/policy_rule.html", context, status=status)


def _rule_done(request: ConsoleRequest, desk: RuleDesk) -> HttpResponse | None:
    """Do what the button says; None to show the page again."""
    do = request.POST.get("do", "")
    desk.take(request.POST)
    if do in ("save", "draft"):
        return _saved(request, desk, is_activated=do == "save")
    desk.do(do)
    return None


def _saved(request: ConsoleRequest, desk: RuleDesk, *, is_activated: bool) -> HttpResponse | None:
    try:
        with tenant_context(request.actor.tenant_id):
            made = desk.save(request.actor)
            if made is not None and is_activated:
                _activate(request, desk.agent, made)
    except (Conflict, InvalidInput) as error:
        desk.form.error = f"Not saved. {error}"
        return None
    if made is None:
        return None
    messages.success(request, _told(desk, made, is_activated=is_activated))
    if is_activated:
        return redirect(f"{reverse('console-policies')}#{desk.agent.slug}")
    return redirect("console-policy-revision", desk.agent.slug, made.number)


def _told(desk: RuleDesk, made: PolicyRevision, *, is_activated: bool) -> str:
    if made.number == desk.revision.number:
        return "Nothing changed: the rule is read like this already."
    return f"Revision {made.number} is active. {WITHIN}" if is_activated else f"Revision {made.number} is a draft."


def _expected(data: Mapping[str, str]) -> int | None:
    """The revision that was active when the page was shown; None where the page did not say."""
    text = data.get("active", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None
