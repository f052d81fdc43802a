"""Put one question to a tenant's LLM: within budget, through the circuit breaker, counted and paid once.

Synchronous: for the worker, for REST views, for reports and fixes. A live call asks through ``judging.live``.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from judging.budget import budget_check
from judging.config import AgentJudging, agent_judging_load
from judging.core import Answer, Ask, Json, read_judgement
from judging.models import JudgeUse
from judging.providers.breaker import Breakers
from judging.providers.errors import Failure, ProviderFailed
from judging.providers.llm import VERDICT_SCHEMA, Completion, LlmConfig, Messages, complete_sync
from tenants.scope import tenant_context

logger = logging.getLogger(__name__)

LATE_GRACE_S = 2.0
# A provider is not to blame for what it could not do in less.
_FAIR_S = 1.0
_REPAIR_S = 0.5
_REPAIR = "That was not the one JSON object asked for. Reply again with that object and nothing else."

breakers = Breakers()


@dataclass(frozen=True, slots=True)
class Question:
    """``use_id`` is the question's own: asked twice, it is answered and paid once. ``expires_at`` is Unix time.

    For ``grace_s`` after that an answer is still waited for, to know what was paid; it is never acted on.
    """

    use_id: UUID
    ask: Ask
    purpose: str
    expires_at: float
    grace_s: float = LATE_GRACE_S
    call_id: UUID | None = None
    turn_index: int | None = None

    @property
    def left_s(self) -> float:
        return self.expires_at - time.time()


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of a question. ``answer`` is a failed one when it came too late."""

    answer: Answer
    completion: Completion
    outcome: JudgeUse.Outcome
    latency_ms: int


def question_open(tenant_id: UUID, agent_id: UUID, question: Question) -> AgentJudging | Failure | None:
    """Return how to ask, why not to, or None where the question was answered before (a task delivered twice)."""
    with tenant_context(tenant_id):
        if JudgeUse.objects.filter(review_id=question.use_id).exists():
            return None
        config = agent_judging_load(agent_id)
        if config is None or config.llm is None:
            return Failure.UNAVAILABLE
        if budget_check(config):
            return config
    refused = Asked(Answer(failure=Failure.BUDGET), Completion(""), JudgeUse.Outcome.REFUSED, 0)
    question_record(question, config, refused)
    return Failure.BUDGET


def question_ask(question: Question, config: AgentJudging) -> Asked:
    """Ask, whatever the outcome: a failure is an answer."""
    began_s, left_s = time.monotonic(), question.left_s
    completion, failure = Completion(""), Failure.UNAVAILABLE.value
    if config.llm is not None:
        try:
            completion = _ask(question, config, config.llm, left_s + question.grace_s)
            failure = ""
        except ProviderFailed as error:
            failure = error.failure.value
            completion = Completion("", error.prompt_tokens, error.completion_tokens)
            _log_failure(config, error)
    outcome = JudgeUse.Outcome.FAILED if failure else JudgeUse.Outcome.IN_TIME
    if not failure and question.left_s < 0:
        outcome, failure = JudgeUse.Outcome.LATE, Failure.TIMEOUT.value
    answer = Answer(failure=failure) if failure else Answer(text=completion.text)
    return Asked(answer, completion, outcome, _since_ms(began_s))


def _ask(question: Question, config: AgentJudging, llm: LlmConfig, deadline_s: float) -> Completion:
    until_s = time.monotonic() + deadline_s
    is_verdict = question.purpose == JudgeUse.Purpose.JUDGE
    schema = VERDICT_SCHEMA if is_verdict else None
    messages = question.ask.messages
    completion = completion_guarded(config, llm, messages, deadline_s, schema=schema)
    is_read = not is_verdict or read_judgement(completion.text, question.ask) is not None
    if is_read or question.left_s < _REPAIR_S:
        return completion
    again = [*messages, {"role": "assistant", "content": completion.text}, {"role": "user", "content": _REPAIR}]
    try:
        second = completion_guarded(config, llm, again, until_s - time.monotonic(), schema=schema)
    except ProviderFailed as failed:
        # Both are paid for; the judge calls the first one garbage.
        second = Completion(completion.text, failed.prompt_tokens, failed.completion_tokens)
    return Completion(
        second.text,
        completion.prompt_tokens + second.prompt_tokens,
        completion.completion_tokens + second.completion_tokens,
    )


def completion_guarded(
    config: AgentJudging,
    llm: LlmConfig,
    messages: Messages,
    deadline_s: float,
    *,
    schema: Mapping[str, Json] | None = None,
    max_tokens: int = 500,
) -> Completion:
    """``complete_sync`` behind the breaker of this tenant and server. Raises: ProviderFailed."""
    key = (config.tenant_id, llm.kind, llm.base_url)
    if not breakers.allows(key, time.monotonic()):
        raise ProviderFailed(Failure.CIRCUIT_OPEN)
    try:
        completion = complete_sync(messages, llm, deadline_s, schema=schema, max_tokens=max_tokens)
    except ProviderFailed as error:
        is_fair = error.failure is not Failure.TIMEOUT or deadline_s >= _FAIR_S
        # A reply in the wrong form comes from a server that is up.
        is_alive = error.failure is Failure.GARBAGE or not is_fair
        breakers.record(key, is_success=is_alive, now_s=time.monotonic())
        if error.retry_after_s:
            breakers.rest(key, error.retry_after_s, time.monotonic())
        raise
    breakers.record(key, is_success=True, now_s=time.monotonic())
    return completion


def _log_failure(config: AgentJudging, error: ProviderFailed) -> None:
    logger.warning(
        "model failed",
        extra={
            "action": "model_fail",
            "tenant_id": str(config.tenant_id),
            "agent_id": str(config.agent_id),
            "failure": error.failure.value,
            "detail": error.detail,
        },
    )


def question_record(question: Question, config: AgentJudging, asked: Asked) -> None:
    """Write what it cost. Writing it twice changes nothing."""
    if config.llm is None:
        return
    with tenant_context(config.tenant_id):
        JudgeUse.objects.bulk_create(
            [
                JudgeUse(
                    review_id=question.use_id,
                    agent_id=config.agent_id,
                    purpose=question.purpose,
                    provider=config.llm.kind.value,
                    model=config.llm.model[:200],
                    outcome=asked.outcome,
                    failure=asked.answer.failure,
                    prompt_tokens=asked.completion.prompt_tokens,
                    completion_tokens=asked.completion.completion_tokens,
                    cost_usd=config.llm.cost_usd(asked.completion),
                    latency_ms=asked.latency_ms,
                    call_id=question.call_id,
                    turn_index=question.turn_index,
                    late_answer=_late_answer(question, config, asked),
                )
            ],
            ignore_conflicts=True,
        )


def _late_answer(question: Question, config: AgentJudging, asked: Asked) -> dict[str, Json] | None:
    """What came too late to be acted on. Its reason may quote the call, so it is kept only where transcripts are."""
    is_kept = asked.outcome == JudgeUse.Outcome.LATE and config.settings.record_transcripts
    found = read_judgement(asked.completion.text, question.ask) if is_kept else None
    if found is None:
        return None
    return {
        "violation": found.is_violation,
        "policy": found.policy,
        "score": found.score,
        "reason": found.reason,
        "correction": found.correction,
    }


def text_generate(
    *,
    tenant_id: UUID,
    agent_id: UUID,
    messages: Messages,
    purpose: JudgeUse.Purpose,
    deadline_s: float,
    schema: Mapping[str, Json] | None = None,
    max_tokens: int = 1_500,
) -> Completion:
    """Have the agent's LLM write a text (reports, fixes, derived policies); budgeted and counted. Not for live calls.

    Outside of any ``tenant_context``: it would hold a connection while the model thinks.

    Raises:
        ProviderFailed: also without an LLM (``unavailable``) and over budget (``budget``): go on without it.
    """
    question = Question(uuid.uuid4(), Ask(tier=2, messages=tuple(messages)), purpose, time.time() + deadline_s)
    config = question_open(tenant_id, agent_id, question)
    if not isinstance(config, AgentJudging):
        raise ProviderFailed(config or Failure.UNAVAILABLE)
    if config.llm is None or not config.has_generator:
        raise ProviderFailed(Failure.UNAVAILABLE, "this model judges only")
    began_s = time.monotonic()
    try:
        found = completion_guarded(config, config.llm, messages, deadline_s, schema=schema, max_tokens=max_tokens)
    except ProviderFailed as error:
        _log_failure(config, error)
        spent = Completion("", error.prompt_tokens, error.completion_tokens)
        failed = Asked(Answer(failure=error.failure), spent, JudgeUse.Outcome.FAILED, _since_ms(began_s))
        question_record(question, config, failed)
        raise
    in_time = Asked(Answer(text=found.text), found, JudgeUse.Outcome.IN_TIME, _since_ms(began_s))
    question_record(question, config, in_time)
    return found


def _since_ms(began_s: float) -> int:
    return int((time.monotonic() - began_s) * 1000)
