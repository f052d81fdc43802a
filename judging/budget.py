"""A tenant's daily budget for models: what is left, and the alarm when it runs low or out.

At the limit nothing is asked any more: the judge is told so at once, and its fail mode says what follows. Questions
asked at the same moment are not counted against each other, so the limit may be passed by what was under way.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

from judging.config import AgentJudging
from judging.metrics import BUDGET_ALARMS, BUDGET_REFUSED
from judging.selectors import judge_spent
from tenants.access import actor_mirror
from tenants.models import AuditEntry, Tenant
from tenants.services import audit_write

logger = logging.getLogger(__name__)

_LOW = Decimal("0.8")


class Level(StrEnum):
    LOW = "low"  # four fifths are spent
    SPENT = "spent"


def budget_check(config: AgentJudging) -> bool:
    """Whether a question may be asked now; raises the day's alarm where that is due. Inside ``tenant_context`` only."""
    share = _share_spent(config)
    if share >= _LOW:
        _alarm(config, Level.SPENT if share >= 1 else Level.LOW)
    if share >= 1:
        BUDGET_REFUSED.inc()
    return share < 1


def _share_spent(config: AgentJudging) -> Decimal:
    """Of the tighter of both limits; 0 without a limit, 1 where the limit is nothing."""
    budget = config.budget
    if budget.usd is None and budget.tokens is None:
        return Decimal(0)
    spent = judge_spent(_today())
    limits = ((budget.usd, spent.usd), (budget.tokens, Decimal(spent.tokens)))
    return max(used / limit if limit else Decimal(1) for limit, used in limits if limit is not None)


def _alarm(config: AgentJudging, level: Level) -> None:
    """Once a day and level: in the audit log, where the tenant sees it, in the metrics, and in the log."""
    action = f"budget.{level.value}"
    if AuditEntry.objects.filter(action=action, created_at__gte=_today()).exists():
        return
    budget = config.budget
    detail = {"usd_per_day": str(budget.usd) if budget.usd is not None else None, "tokens_per_day": budget.tokens}
    audit_write(actor=actor_mirror(config.tenant_id), action=action, row=Tenant(id=config.tenant_id), detail=detail)
    BUDGET_ALARMS.labels(level.value).inc()
    extra = {"action": "budget_alarm", "level": level.value, "tenant_id": str(config.tenant_id)}
    logger.warning("daily budget runs out", extra={**extra, "agent_id": str(config.agent_id)})


def _today() -> datetime:
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
