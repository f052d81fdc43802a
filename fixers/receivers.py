"""What reports, and fixes themselves, tell. A receiver only enqueues a task once the transaction has been committed.

A broker that is down undoes nothing: the sweeper finds what was not enqueued.
"""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.dispatch import receiver

from fixers.signals import fix_approved, fix_wanted
from fixers.tasks import fix_open, fix_propose
from reports.signals import report_written


@receiver(report_written, dispatch_uid="fixers.fix_propose")
def fix_propose_enqueue(*, tenant_id: UUID, problem_id: UUID, is_shadow: bool, **_: Any) -> None:
    if not is_shadow:  # a rule in trial is noted, not acted on
        transaction.on_commit(partial(fix_propose.delay, str(tenant_id), str(problem_id)), robust=True)


@receiver(fix_wanted, dispatch_uid="fixers.fix_propose_again")
def fix_propose_again_enqueue(*, tenant_id: UUID, problem_id: UUID, **_: Any) -> None:
    transaction.on_commit(partial(fix_propose.delay, str(tenant_id), str(problem_id)), robust=True)


@receiver(fix_approved, dispatch_uid="fixers.fix_open")
def fix_open_enqueue(*, tenant_id: UUID, fix_id: UUID, **_: Any) -> None:
    transaction.on_commit(partial(fix_open.delay, str(tenant_id), str(fix_id)), robust=True)
