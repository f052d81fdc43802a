"""What Prometheus reads of the models behind the judge. Labels come from closed sets."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

ANSWERS = Counter(
    "mirror_judging_answers_total", "Answers of models to the judge, by tier and outcome", ["tier", "outcome"]
)
LATENCY_MS = Histogram(
    "mirror_judging_tier_latency_ms",
    "From question to answer as the live call waits for it",
    ["tier"],
    buckets=(5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 4_000, 8_000, 20_000),
)
BUDGET_REFUSED = Counter("mirror_judging_budget_refused_total", "Questions not asked because the day's budget is spent")
BUDGET_ALARMS = Counter("mirror_judging_budget_alarms_total", "A tenant's daily budget ran low or out", ["level"])


def answer_count(*, tier: int, failure: str, latency_ms: float) -> None:
    """Count one answer; an empty ``failure`` is a success."""
    ANSWERS.labels(str(tier), failure or "ok").inc()
    LATENCY_MS.labels(str(tier)).observe(latency_ms)
