"""Tier 1 for an agent: the classifier it has, behind the breaker of this tenant and server."""

from __future__ import annotations

import time

from judging.config import AgentJudging
from judging.core import Answer, Ask
from judging.providers.breaker import Breakers
from judging.providers.errors import Failure, ProviderFailed
from judging.providers.tier1 import HttpTier1

breakers = Breakers()

# The classifier's own deadline comes before its caller's, so that a hang is its failure and not a cancellation.
_MARGIN_S = 0.02


async def classify(ask: Ask, config: AgentJudging, deadline_s: float) -> Answer:
    """Return a score per hypothesis. Raises: ProviderFailed, by ``deadline_s``."""
    if config.tier1 is None:
        raise ProviderFailed(Failure.UNAVAILABLE)
    key = (config.tenant_id, config.tier1.kind, config.tier1.base_url)
    if not breakers.allows(key, time.monotonic()):
        raise ProviderFailed(Failure.CIRCUIT_OPEN)
    try:
        scores = await HttpTier1(config.tier1).score(ask.premise, ask.hypotheses, deadline_s - _MARGIN_S)
    except ProviderFailed as failed:
        breakers.record(key, is_success=False, now_s=time.monotonic())
        if failed.retry_after_s:
            breakers.rest(key, failed.retry_after_s, time.monotonic())
        raise
    breakers.record(key, is_success=True, now_s=time.monotonic())
    return Answer(scores=scores)
