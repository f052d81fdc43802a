"""The demo's door to the product: what it sets up before the calls, and what it reads after them.

Runs in a process whose settings name the running databases. Everything else of the demo knows Mirror only from
outside, over sockets and HTTP.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.conf import settings

from calls.models import Call, InterventionRecord, ToolDecisionRecord, VerdictRecord
from fixers.models import Fix, Repository
from judging.policy_files import RuleDraft
from judging.selectors import revision_active
from judging.services import policy_revision_activate, policy_set_import
from mirror_saas.demo.catalogue import DemoAgent
from mirror_saas.demo.compare import Recorded
from mirror_saas.demo.repository import BRANCH
from mirror_saas.env import secret_kept
from reports.models import Report
from tenants.access import Actor, actor_mirror
from tenants.lookups import tenant_id_by_name
from tenants.models import Agent, User
from tenants.scope import tenant_context
from tenants.services import agent_create, agent_update, tenant_create, user_create

TENANT: Final = "Mirror demo"
EMAIL: Final = "demo@mirror.test"
POLL_S: Final = 0.25
SETTLE_S: Final = 1.0  # a clean call's report would come about as late as the others'
_FIX_DONE: Final = (Fix.Status.OPEN, Fix.Status.MERGED, Fix.Status.CLOSED, Fix.Status.FAILED, Fix.Status.DISMISSED)


@dataclass(frozen=True, slots=True)
class DemoTenant:
    """``agent_keys`` are by agent slug."""

    tenant_id: UUID
    email: str
    password: str
    agent_keys: Mapping[str, str]

    def answer_urls(self, base_url: str) -> dict[str, str]:
        return {slug: f"{base_url}/plivo/{key}/answer/" for slug, key in self.agent_keys.items()}


@dataclass(frozen=True, slots=True)
class ReportSeen:
    """A report as the demo prints it. ``fix`` is None when its problem has none."""

    call_id: str
    pattern: str
    severity: str
    summary: str
    problem: str
    fix_branch: str | None
    fix_status: str


# Before the calls.


def seed_tenant(agents: Sequence[DemoAgent], *, upstream_url: str, repository: Path) -> DemoTenant:
    """Make the demo tenant, or bring the one of an earlier run up to date. Its calls and fixes stay."""
    password = secret_kept(settings.MIRROR_DATA_DIR / "secrets" / "demo_password", lambda: secrets.token_urlsafe(9))
    tenant_id = tenant_id_by_name(TENANT) or _make_tenant(password)
    actor = actor_mirror(tenant_id)
    keys = {}
    for agent in agents:
        kept = _seed_agent(actor, agent, upstream_url)
        keys[agent.slug] = kept.agent_key
        _seed_policies(actor, kept, agent.policies)
        _seed_repository(actor, kept, agent, repository)
    return DemoTenant(tenant_id, EMAIL, password, keys)


def _make_tenant(password: str) -> UUID:
    owner = User.objects.filter(email=EMAIL).first() or user_create(email=EMAIL, password=password, name="Demo owner")
    return tenant_create(name=TENANT, owner=owner).id


def _seed_agent(actor: Actor, agent: DemoAgent, upstream_url: str) -> Agent:
    with tenant_context(actor.tenant_id):
        is_there = Agent.objects.filter(slug=agent.slug).exists()
    if is_there:
        return agent_update(actor=actor, slug=agent.slug, changes={"upstream_url": upstream_url})
    return agent_create(actor=actor, slug=agent.slug, name=agent.name, upstream_url=upstream_url)


def _seed_policies(actor: Actor, agent: Agent, texts: Sequence[str]) -> None:
    """Activate the demo's policies, unless the agent has some: they may have been changed since."""
    with tenant_context(actor.tenant_id):
        if revision_active(agent.id) is None:
            rules = [RuleDraft(text) for text in texts]
            revision = policy_set_import(agent=agent, rules=rules, author=actor.label, note="Demo")
            policy_revision_activate(agent=agent, revision=revision, actor=actor)


def _seed_repository(actor: Actor, agent: Agent, demo_agent: DemoAgent, repository: Path) -> None:
    """Connect the prompt's file. The demo opens fixes by itself, from the first report on, so that one is seen."""
    values = {
        "host": Repository.Host.GIT,
        "location": str(repository),
        "base_branch": BRANCH,
        "path": demo_agent.prompt_path,
        "embedding": demo_agent.embedding,
        "is_auto_open": True,
        "auto_open_confidence": 0.0,
        "auto_open_occurrences": 1,
        "max_open": 20,
    }
    with tenant_context(actor.tenant_id):
        Repository.objects.update_or_create(agent=agent, defaults=values)


# After the calls.


def wait_until_told(
    tenant: DemoTenant, with_report: Iterable[str], call_ids: Sequence[str], *, timeout_s: float
) -> None:
    """Return when every call is recorded as ended and every expected report has its fix, or when the time is up."""
    wanted, deadline = set(with_report), time.monotonic() + timeout_s
    while time.monotonic() < deadline and not _is_told(tenant, wanted, call_ids):
        time.sleep(POLL_S)
    time.sleep(SETTLE_S)


def _is_told(tenant: DemoTenant, wanted: set[str], call_ids: Sequence[str]) -> bool:
    with tenant_context(tenant.tenant_id):
        ended = Call.objects.filter(external_id__in=call_ids, status=Call.Status.ENDED).count()
        reports = Report.objects.filter(call__external_id__in=wanted).exclude(problem=None)
        found = dict(reports.values_list("call__external_id", "problem_id"))
        fixed = Fix.objects.filter(problem_id__in=set(found.values()), status__in=_FIX_DONE)
        return ended == len(call_ids) and found.keys() == wanted and _covers(fixed, set(found.values()))


def _covers(fixes: Any, problem_ids: set[UUID]) -> bool:
    return problem_ids <= set(fixes.values_list("problem_id", flat=True))


def recorded(tenant: DemoTenant, call_ids: Iterable[str]) -> dict[str, Recorded]:
    """Return what is kept of each call, by call id; calls that are not there are left out."""
    with tenant_context(tenant.tenant_id):
        calls = Call.objects.filter(external_id__in=list(call_ids))
        return {call.external_id: _recorded(call) for call in calls}


def _recorded(call: Call) -> Recorded:
    verdicts = VerdictRecord.objects.filter(call=call, is_final=True).exclude(turn_id="")
    decisions = ToolDecisionRecord.objects.filter(call=call).order_by("n")
    report = Report.objects.filter(call=call).first()
    fix = _fix_of(report)
    return Recorded(
        verdicts=dict(verdicts.order_by("n").values_list("turn_id", "decision")),
        decisions=dict(decisions.values_list("tool_call_id", "decision")),
        interventions=frozenset(InterventionRecord.objects.filter(call=call).values_list("turn_id", flat=True)),
        has_report=report is not None,
        problem_id=str(report.problem_id) if report and report.problem_id else None,
        fix_branch=fix.branch if fix and fix.status in (Fix.Status.OPEN, Fix.Status.MERGED) else None,
    )


def _fix_of(report: Report | None) -> Fix | None:
    if report is None or report.problem_id is None:
        return None
    found: Fix | None = Fix.objects.filter(problem_id=report.problem_id).order_by("-round").first()
    return found


def reports_of(tenant: DemoTenant, call_ids: Iterable[str]) -> list[ReportSeen]:
    """Return the reports of these calls, for printing, worst first as the product orders them."""
    with tenant_context(tenant.tenant_id):
        found = Report.objects.filter(call__external_id__in=list(call_ids)).select_related("call", "problem")
        return [_report_seen(report) for report in found]


def _report_seen(report: Report) -> ReportSeen:
    fix = _fix_of(report)
    return ReportSeen(
        call_id=report.call.external_id,
        pattern=report.pattern,
        severity=report.severity,
        summary=report.summary,
        problem=report.problem.title if report.problem else "",
        fix_branch=fix.branch if fix else None,
        fix_status=fix.status if fix else "",
    )
