"""Reports per day, for the console's small charts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone

from reports.models import Report

TREND_DAYS = 14


def trend_of(problem_ids: Iterable[UUID], *, days: int = TREND_DAYS) -> dict[UUID, list[dict[str, Any]]]:
    """Return ``{problem_id: [{"label": "9 Nov", "total": 2}, ...]}``: one entry a day up to today, current zone."""
    wanted, today = list(problem_ids), timezone.localdate()
    first = today - timedelta(days=days - 1)
    rows = (
        Report.objects.filter(problem_id__in=wanted, created_at__date__gte=first)
        .annotate(day=TruncDate("created_at"))
        .order_by()
        .values("problem_id", "day")
        .annotate(total=Count("id"))
    )
    counted = {(row["problem_id"], row["day"]): row["total"] for row in rows}
    return {problem_id: days_filled(first, days, _of(counted, problem_id)) for problem_id in wanted}


def days_filled(first: date, days: int, totals: Mapping[date, int]) -> list[dict[str, Any]]:
    """Return one bar for each day from ``first`` on, days without any included."""
    every = [first + timedelta(days=place) for place in range(days)]
    return [{"label": f"{day:%-d %b}", "total": totals.get(day, 0)} for day in every]


def _of(counted: Mapping[tuple[UUID, date], int], problem_id: UUID) -> dict[date, int]:
    return {day: total for (each, day), total in counted.items() if each == problem_id}
