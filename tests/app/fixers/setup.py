"""A problem with a repository behind it, and the host in memory that holds its prompt."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from fixers.delivery import fix_open, fix_sync
from fixers.hosts.memory import MemoryCodeHost
from fixers.models import Fix, Repository
from fixers.services import fix_approve, fix_propose
from reports.models import OutboxEvent, Problem, Report
from reports.services import report_write
from tenants.scope import tenant_context
from tests.app.reports.rows import START, call_make
from tests.cast import Cast

PATH = "prompt.md"
PROMPT = b"You take orders.\n"


@dataclass
class Story:
    """One tenant's way from a failed call to a fix, step by step."""

    cast: Cast
    host: MemoryCodeHost = field(default_factory=lambda: MemoryCodeHost(files={PATH: PROMPT}))

    def hosts(self, _target: object) -> Any:
        return nullcontext(self.host)

    def repository(self, **fields: Any) -> Repository:
        with tenant_context(self.cast.tenant.id):
            given = {"agent": self.cast.agent, "location": "/nowhere", "path": PATH, **fields}
            made: Repository = Repository.objects.create(**given)
        return made

    def report(self, external_id: str = "c-1", started_at: datetime = START) -> UUID:
        """A call fails and is reported; returns its problem."""
        call_id = call_make(self.cast.agent, external_id=external_id, started_at=started_at)
        report_write(tenant_id=self.cast.tenant.id, call_id=call_id)
        with tenant_context(self.cast.tenant.id):
            found: UUID = Report.objects.get(call_id=call_id).problem_id
        return found

    def propose(self, problem_id: UUID) -> UUID | None:
        return fix_propose(tenant_id=self.cast.tenant.id, problem_id=problem_id, hosts=self.hosts)

    def approve(self, fix_id: UUID) -> Fix:
        return fix_approve(actor=self.cast.actor(), fix_id=fix_id)

    def open(self, fix_id: UUID, at: datetime | None = None) -> bool:
        return fix_open(tenant_id=self.cast.tenant.id, fix_id=fix_id, hosts=self.hosts, at=at)

    def sync(self, fix_id: UUID) -> bool:
        return fix_sync(tenant_id=self.cast.tenant.id, fix_id=fix_id, hosts=self.hosts)

    def proposed(self) -> UUID:
        fix_id = self.propose(self.report())
        assert fix_id is not None
        return fix_id

    def approved(self) -> UUID:
        return self.approve(self.proposed()).id

    def opened(self) -> UUID:
        fix_id = self.approved()
        assert self.open(fix_id)
        return fix_id

    def fix(self, fix_id: UUID | None = None) -> Fix:
        with tenant_context(self.cast.tenant.id):
            fixes = Fix.objects.select_related("problem")
            found: Fix = fixes.get(id=fix_id) if fix_id else fixes.get()
        return found

    def problem(self) -> Problem:
        with tenant_context(self.cast.tenant.id):
            found: Problem = Problem.objects.get()
        return found

    def report_states(self) -> set[str]:
        with tenant_context(self.cast.tenant.id):
            return set(Report.objects.values_list("status", flat=True))

    def events(self) -> list[str]:
        """The events of fixes and of problems that were fixed."""
        with tenant_context(self.cast.tenant.id):
            types = OutboxEvent.objects.values_list("type", flat=True)
            return sorted(one for one in types if one.startswith("fix.") or one == "problem.fixed")
