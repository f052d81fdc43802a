"""Tier 1 for an agent: the classifier it has, behind the breaker of this tenant and server."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from uuid import UUID

from django.conf import settings

from judging.config import AgentJudging
from judging.core import Answer, Ask
from judging.providers.breaker import Breakers
from judging.providers.embedded import ModelInvalid, embedded_tier1
from judging.providers.errors import Failure, ProviderFailed
from judging.providers.tier1 import HttpTier1, Tier1, Tier1Config, Tier1Kind
from judging.score_cache import ScoreCache

logger = logging.getLogger(__name__)

breakers = Breakers()
scores_known = ScoreCache()

# The classifier's own deadline comes before its caller's, so that a hang is its failure and not a cancellation.
_MARGIN_S = 0.02


def classifier_load() -> None:
    """Load the embedded classifier where it is used, so that no call waits for it. Blocks.

    Damaged files are no reason to answer no calls: they are judged without tier 1, and the system check says why.
    """
    if not settings.MIRROR_EMBEDDED_TIER1:
        return
    try:
        embedded_tier1.load()
    except ModelInvalid as error:
        logger.error("classifier not loaded", extra={"action": "classifier_load", "reason": str(error)})  # noqa: TRY400


async def classify(ask: Ask, config: AgentJudging, deadline_s: float) -> Answer:
    """Return a score per hypothesis. Raises: ProviderFailed, by ``deadline_s``."""
    if config.tier1 is None:
        raise ProviderFailed(Failure.UNAVAILABLE)
    owner = (config.tenant_id, config.tier1)
    known = scores_known.known(owner, ask.premise, ask.hypotheses)
    missing = tuple(one for one in dict.fromkeys(ask.hypotheses) if one not in known)
    if missing:
        fresh = await _scored(ask.premise, missing, config.tenant_id, config.tier1, deadline_s)
        scores_known.keep(owner, ask.premise, fresh)
        known |= fresh
    return Answer(scores=tuple(known[one] for one in ask.hypotheses))


async def _scored(
    premise: str, hypotheses: Sequence[str], tenant_id: UUID, tier1: Tier1Config, deadline_s: float
) -> dict[str, float]:
    key = (tenant_id, tier1.kind, tier1.base_url)
    if not breakers.allows(key, time.monotonic()):
        raise ProviderFailed(Failure.CIRCUIT_OPEN)
    try:
        scores = await _tier1(tier1).score(premise, hypotheses, deadline_s - _MARGIN_S)
    except ProviderFailed as failed:
        breakers.record(key, is_success=False, now_s=time.monotonic())
        if failed.retry_after_s:
            breakers.rest(key, failed.retry_after_s, time.monotonic())
        raise
    breakers.record(key, is_success=True, now_s=time.monotonic())
    return dict(zip(hypotheses, scores, strict=True))


def _tier1(config: Tier1Config) -> Tier1:
    return embedded_tier1 if config.kind is Tier1Kind.EMBEDDED else HttpTier1(config)
