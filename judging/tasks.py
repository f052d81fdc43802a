"""The judge's work in Celery: one question to a model, its answer back to the live process that waits."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Any
from uuid import UUID

import redis
from celery import shared_task
from django.conf import settings

from judging.asking import Question, question_ask, question_open, question_record
from judging.config import AgentJudging
from judging.core import Answer
from judging.wire import ask_from_json, reply_dump

logger = logging.getLogger(__name__)

QUEUE = "judge"
_SOCKET_S = 2.0


@shared_task(name="judging.tier2_answer", ignore_result=True, max_retries=0)
def tier2_answer(
    tenant_id: str,
    review_id: str,
    agent_id: str,
    ask_json: dict[str, Any],
    reply_to: str,
    expires_at: float,
    purpose: str = "judge",
    call_id: str | None = None,
    turn_index: int | None = None,
) -> None:
    """Answer on the channel ``reply_to`` (``judging.wire``), before ``expires_at`` (Unix time) or not at all.

    Sent to ``QUEUE`` by its callers, with ``expires``, so that live turns never stand behind reports.

    ``call_id`` and ``turn_index`` are only kept with what it cost. A provider's failure is answered like any answer.
    Run twice, the second run finds the first one's ``JudgeUse``.
    """
    question = Question(
        UUID(review_id),
        ask_from_json(ask_json),
        purpose,
        expires_at,
        call_id=UUID(call_id) if call_id else None,
        turn_index=turn_index,
    )
    if question.left_s <= 0:
        return
    config = question_open(UUID(tenant_id), UUID(agent_id), question)
    if config is None:
        return
    if not isinstance(config, AgentJudging):
        _reply(reply_to, review_id, Answer(failure=config.value))
        return
    asked = question_ask(question, config)
    # First the caller who waits, then the books. Nobody waits for a late answer.
    if question.left_s > 0:
        _reply(reply_to, review_id, asked.answer)
    question_record(question, config, asked)


def _reply(reply_to: str, review_id: str, answer: Answer) -> None:
    try:
        _valkey().publish(reply_to, reply_dump(review_id, answer))
    except redis.RedisError:
        logger.warning("answer not published", extra={"action": "tier2_reply", "review_id": review_id})


@lru_cache(maxsize=1)
def _valkey() -> redis.Redis:
    """One pool per process; it notices a fork by itself."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=_SOCKET_S, socket_connect_timeout=_SOCKET_S)
