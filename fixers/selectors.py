"""Reading fixes for pages, lists and sweepers. Inside ``tenant_context``; no query per row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from fixers.access import access_fix
from fixers.delivery import CLAIM_LEASE
from fixers.models import Fix, Repository
from reports.models import Problem, Report
from reports.selectors import report_list
from tenants.access import Actor

_RECENT = 20
_SWEEP_WINDOW: Final = timedelta(days=1)
_SWEEP_LIMIT: Final = 200


@dataclass(frozen=True, slots=True)
class FixPage:
    """A fix with its problem, repository and the newest reports it answers (each with its call)."""

    fix: Fix
    problem: Problem
    repository: Repository
    reports: list[Report]


@dataclass(frozen=True, slots=True)
class FixesDue:
    """What a sweeper enqueues: problems without a fix, fixes to open, fixes whose pull request is to be looked at."""

    problem_ids: list[UUID]
    open_ids: list[UUID]
    sync_ids: list[UUID]


def fix_list(*, agent_id: UUID | None = None, problem_id: UUID | None = None, status: str = "") -> QuerySet[Fix]:
    """Return fixes, newest first, with problem, its agent and the repository loaded."""
    given = {"problem__agent_id": agent_id, "problem_id": problem_id, "status": status}
    wanted = {field: value for field, value in given.items() if value}
    return Fix.objects.filter(**wanted).select_related("problem__agent", "repository", "approved_by")


def fix_get(actor: Actor, fix_id: UUID) -> FixPage:
    """Return one fix with what its page shows. Raises: FixNotFound."""
    access_fix(actor, fix_id)
    fix: Fix = fix_list().get(id=fix_id)
    return FixPage(fix, fix.problem, fix.repository, list(report_list(problem_id=fix.problem_id)[:_RECENT]))


def fixes_due(*, at: datetime) -> FixesDue:
    """Return what was not enqueued, or whose worker died. The tasks are safe to run once too often."""
    unfixed = Problem.objects.filter(
        status__in=[Problem.Status.OPEN, Problem.Status.REGRESSED],
        last_seen_at__gt=at - _SWEEP_WINDOW,
        agent_id__in=Repository.objects.values("agent_id"),
    ).annotate(merged=Count("fixes", filter=Q(fixes__status=Fix.Status.MERGED)), all_fixes=Count("fixes"))
    stale = Q(status=Fix.Status.OPENING, claimed_at__lt=at - CLAIM_LEASE)
    to_open = Fix.objects.filter(Q(status=Fix.Status.APPROVED) | stale)
    return FixesDue(
        problem_ids=_ids(unfixed.filter(all_fixes=F("merged"))),
        open_ids=_ids(to_open),
        sync_ids=_ids(Fix.objects.filter(status=Fix.Status.OPEN)),
    )


def _ids(rows: QuerySet[Problem] | QuerySet[Fix]) -> list[UUID]:
    return list(rows.order_by("created_at").values_list("id", flat=True)[:_SWEEP_LIMIT])
