from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from celery.contrib.testing.worker import start_worker
from django.conf import settings as django_settings
from kombu.exceptions import OperationalError

from judging.config import AgentJudging, agent_judging_load, judge_settings
from judging.core import Answer, Ask
from judging.live import LiveModels
from judging.providers.llm import LlmConfig, LlmKind
from judging.providers.tier1 import Tier1Config, Tier1Kind
from judging.reply_bus import ReplyBus
from judging.tasks import QUEUE
from mirror_saas.celery import app
from mirror_saas.embedded import Servers
from tenants.agent_settings import AgentSettings
from tenants.scope import tenant_context
from tests.app.judging.conftest import VERDICT, chat, llm_give
from tests.cast import Cast
from tests.fakes_http import FAULTS, FakeServer, answers, hangs

TIER1 = Ask(1, "agent: hi", ("It is rude.", "It lies."), (0, 1))
TIER2 = Ask(2, messages=({"role": "user", "content": "Rules:\n1. Be kind."},), policy_indexes=(0,))


def load(cast: Cast) -> AgentJudging:
    with tenant_context(cast.tenant.id):
        config = agent_judging_load(cast.agent.id)
    assert config is not None
    return config


def configured(server: FakeServer | None = None) -> AgentJudging:
    """An agent with a classifier and an LLM at the server, or with none."""
    given = AgentSettings()
    models: dict[str, Any] = {}
    if server is not None:
        models["tier1"] = Tier1Config(Tier1Kind.TEI, server.url, is_private_allowed=True)
        models["llm"] = LlmConfig(LlmKind.OPENAI, server.url, "m1", is_private_allowed=True)
    judge = judge_settings(given, tiers=frozenset({0, 1, 2}))
    return AgentJudging(uuid4(), uuid4(), "orders", given, judge, 0, (), **models)


@pytest.fixture
async def models(servers: Servers, closing: None) -> AsyncIterator[LiveModels]:
    models = LiveModels()
    await models.start()
    yield models
    await models.close()


@pytest.fixture
def worked(servers: Servers, transactional_cast: Cast, server: FakeServer) -> Iterator[AgentJudging]:
    """An agent whose LLM is at the server, and a real worker on the judge's queue over the real broker."""
    llm_give(transactional_cast, server.url)
    config = load(transactional_cast)
    with start_worker(app, pool="threads", concurrency=2, queues=[QUEUE], perform_ping_check=False):
        yield config


async def test_a_classifier_answers_in_this_process(server: FakeServer, closing: None):
    config = configured(server)
    server.serves(answers([[{"label": "entailment", "score": 0.9}], [{"label": "entailment", "score": 0.1}]]))
    models = LiveModels()
    assert await models.answer(TIER1, config=config, review_id="r1", deadline_s=5) == Answer(scores=(0.9, 0.1))
    await models.close()


async def test_what_was_scored_is_not_asked_again_but_for_another_tenant(server: FakeServer, closing: None):
    config = configured(server)
    scored = answers([[{"label": "entailment", "score": 0.9}], [{"label": "entailment", "score": 0.1}]])
    server.otherwise = scored
    models = LiveModels()
    for tenant in (config, config, replace(config, tenant_id=UUID(int=7))):
        answer = await models.answer(TIER1, config=tenant, review_id="r1", deadline_s=5)
        assert answer == Answer(scores=(0.9, 0.1))
    assert len(server.received) == 2
    await models.close()


@pytest.mark.parametrize("fault", ["hangs", "drips", "500", "wrong_schema", "closes_mid_body"])
async def test_a_classifiers_fault_is_a_failed_answer_in_time(server: FakeServer, closing: None, fault: str):
    config = configured(server)
    server.serves(FAULTS[fault])
    models, began_s = LiveModels(), time.monotonic()
    answer = await models.answer(TIER1, config=config, review_id="r1", deadline_s=0.4)
    assert (bool(answer.failure), time.monotonic() - began_s < 1.0) == (True, True)
    await models.close()


async def test_a_classifier_that_keeps_failing_is_left_alone(server: FakeServer, closing: None):
    config = configured(server)
    server.otherwise = FAULTS["500"]
    models = LiveModels()
    found = [await models.answer(TIER1, config=config, review_id=str(n), deadline_s=5) for n in range(6)]
    assert [answer.failure for answer in found] == ["provider_error"] * 5 + ["circuit_open"]
    await models.close()


async def test_without_a_model_the_answer_is_unavailable(models: LiveModels):
    config = configured()
    for ask in (TIER1, TIER2):
        assert await models.answer(ask, config=config, review_id="r", deadline_s=5) == Answer(failure="unavailable")
    assert await models.correction(config=config, turn_text="x", reason="y", policy_text="", deadline_s=5) == ""


async def test_without_valkey_the_answer_is_unavailable_and_soon(server: FakeServer):
    config = configured(server)
    models = LiveModels(bus=ReplyBus("redis://127.0.0.1:1/0", prefix="test"))
    began_s = time.monotonic()
    answer = await models.answer(TIER2, config=config, review_id="r1", deadline_s=4)
    assert (answer.failure, time.monotonic() - began_s < 2.5) == ("unavailable", True)
    await models.close()


async def test_a_broker_that_refuses_or_hangs_is_a_failed_answer_in_time(servers: Servers, server: FakeServer):
    config = configured(server)
    released = threading.Event()

    def refuse(arguments: dict[str, Any], expires_s: float) -> None:
        raise OperationalError("down")

    def hang(arguments: dict[str, Any], expires_s: float) -> None:
        released.wait(30)

    def fail(arguments: dict[str, Any], expires_s: float) -> None:
        raise RuntimeError("a fault of ours")

    failures = []
    for send in (refuse, hang, fail):
        bus = ReplyBus(django_settings.REDIS_URL, prefix="test")
        assert await bus.start(patience_s=10)
        models, began_s = LiveModels(bus=bus, send=send), time.monotonic()
        failures.append((await models.answer(TIER2, config=config, review_id="r1", deadline_s=0.3)).failure)
        assert time.monotonic() - began_s < 1.5
        released.set()
        await models.close()
    assert failures == ["unavailable", "timeout", "provider_error"]


async def test_nobody_working_is_a_timeout(models: LiveModels, server: FakeServer):
    config = configured(server)
    assert await models.answer(TIER2, config=config, review_id="r1", deadline_s=0.3) == Answer(failure="timeout")
    assert models._bus._waiting == {}


async def test_one_who_hangs_up_leaves_nothing_behind(servers: Servers, server: FakeServer):
    is_sent, loop = asyncio.Event(), asyncio.get_running_loop()

    def sent(arguments: dict[str, Any], expires_s: float) -> None:
        loop.call_soon_threadsafe(is_sent.set)

    models = LiveModels(send=sent)
    asking = asyncio.create_task(models.answer(TIER2, config=configured(server), review_id="r1", deadline_s=20))
    await is_sent.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert models._bus._waiting == {}
    await models.close()


async def test_the_same_review_has_the_same_id_in_one_tenant_only(servers: Servers, server: FakeServer):
    config = configured(server)
    sent: list[dict[str, Any]] = []
    bus = ReplyBus(django_settings.REDIS_URL, prefix="test")
    models = LiveModels(bus=bus, send=lambda arguments, expires_s: sent.append(arguments))
    for tenant in (config, config, replace(config, tenant_id=UUID(int=7))):
        await models.answer(TIER2, config=tenant, review_id="call:r1", deadline_s=0.05)
    first, again, other = (UUID(arguments["review_id"]) for arguments in sent)
    assert (first == again, first == other) == (True, False)
    await models.close()


async def test_a_worker_answers_a_live_question(worked: AgentJudging, models: LiveModels, server: FakeServer):
    server.serves(
        answers(chat(VERDICT)), answers(chat("Just to confirm: one pizza?")), answers(chat("Tell the customer no."))
    )
    assert await models.answer(TIER2, config=worked, review_id="r1", deadline_s=20) == Answer(text=VERDICT)
    made: dict[str, Any] = {
        "config": worked,
        "turn_text": "Two pizzas",
        "reason": "said one",
        "policy_text": "",
        "deadline_s": 20.0,
    }
    assert await models.correction(**made) == "Just to confirm: one pizza?"
    assert await models.correction(**made) == ""  # not in the agent's voice


async def test_a_provider_that_hangs_is_a_timeout_in_time(worked: AgentJudging, models: LiveModels, server: FakeServer):
    server.serves(hangs, hangs)
    began_s = time.monotonic()
    answer = await models.answer(TIER2, config=worked, review_id="r1", deadline_s=1.0)
    assert (answer.failure, time.monotonic() - began_s < 1.6) == ("timeout", True)
