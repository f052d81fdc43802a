"""Events of fixes for the outbox, and what each tells. Inside ``tenant_context``."""

from __future__ import annotations

from fixers.models import Fix
from reports.outbox import outbox_add


def fix_event_add(event_type: str, fix: Fix, *, attempt: str = "") -> None:
    """Tell a step of a fix once; ``attempt`` names the try, where the step may come again after a retry."""
    outbox_add(
        event_type=event_type,
        dedupe_key=f"{event_type}:{fix.id}:{attempt}",
        data={
            "fix_id": str(fix.id),
            "problem_id": str(fix.problem_id),
            "title": fix.title,
            "branch": fix.branch,
            "path": fix.path,
            "url": fix.url,
            "confidence": fix.confidence,
            "failure": fix.failure,
        },
    )
