from __future__ import annotations

import time
import uuid
from typing import Any

import pytest

from judging import tasks
from judging.asking import Question, question_ask, question_open, text_generate
from judging.config import AgentJudging
from judging.core import Answer, Ask
from judging.models import JudgeUse
from judging.providers.errors import Failure, ProviderFailed
from judging.selectors import judge_late_list
from judging.wire import ask_from_json, ask_to_json, reply_dump, reply_load
from tenants.models import AuditEntry
from tenants.scope import tenant_context
from tests.app.judging.conftest import VERDICT, chat, llm_give
from tests.cast import Cast
from tests.fakes_http import FAULTS, Connection, FakeServer, answers, hangs

ASK = Ask(
    tier=2, messages=({"role": "user", "content": "Rules:\n1. Be kind.\n\n⟦turn⟧\nhi\n⟦/turn⟧"},), policy_indexes=(0,)
)


@pytest.fixture
def replies(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Answer]]:
    """What the task publishes, in place of Valkey."""
    found: list[tuple[str, Answer]] = []

    class Channel:
        def publish(self, channel: str, message: str) -> None:
            reply = reply_load(message)
            assert reply is not None
            found.append((channel, reply[1]))

    monkeypatch.setattr(tasks, "_valkey", Channel)
    return found


def asked(
    cast: Cast, *, use_id: uuid.UUID | None = None, within_s: float = 5.0, purpose: str = "judge", **about: Any
) -> None:
    tasks.tier2_answer(
        str(cast.tenant.id),
        str(use_id or uuid.uuid4()),
        str(cast.agent.id),
        ask_to_json(ASK),
        "answers:1",
        time.time() + within_s,
        purpose,
        **about,
    )


def question() -> Question:
    return Question(uuid.uuid4(), ASK, "judge", time.time() + 5)


def uses(cast: Cast) -> list[tuple[Any, ...]]:
    with tenant_context(cast.tenant.id):
        return list(JudgeUse.objects.values_list("outcome", "failure", "prompt_tokens", "completion_tokens"))


def test_an_answer_is_published_and_paid(cast: Cast, server: FakeServer, replies: Any):
    llm_give(cast, f"{server.url}/v1", prompt_usd_per_mtok="10", completion_usd_per_mtok="100")
    server.serves(answers(chat(VERDICT)))
    asked(cast)
    assert replies == [("answers:1", Answer(text=VERDICT))]
    with tenant_context(cast.tenant.id):
        use = JudgeUse.objects.get()
    assert (use.provider, use.model, use.purpose, str(use.cost_usd)) == ("openai", "m1", "judge", "0.003000")
    assert uses(cast) == [("in_time", "", 100, 20)]


def test_a_task_that_runs_twice_asks_and_pays_once(cast: Cast, server: FakeServer, replies: Any):
    llm_give(cast, server.url)
    server.otherwise = answers(chat(VERDICT))
    use_id = uuid.uuid4()
    asked(cast, use_id=use_id)
    asked(cast, use_id=use_id)
    assert (len(server.received), len(replies), len(uses(cast))) == (1, 1, 1)


def test_a_question_that_expired_is_not_asked(cast: Cast, server: FakeServer, replies: Any):
    llm_give(cast, server.url)
    asked(cast, within_s=-0.1)
    assert (server.received, replies, uses(cast)) == ([], [], [])


def test_a_late_answer_is_recorded_and_not_told(cast: Cast, server: FakeServer, replies: Any):
    llm_give(cast, server.url)

    def late(connection: Connection) -> None:
        connection.stopped.wait(0.5)
        answers(chat(VERDICT))(connection)

    server.serves(late)
    call_id = uuid.uuid4()
    asked(cast, within_s=0.3, call_id=str(call_id), turn_index=4)
    assert (replies, uses(cast)) == ([], [("late", "timeout", 100, 20)])
    with tenant_context(cast.tenant.id):
        (use,) = judge_late_list(call_id)
    assert use.late_answer is not None
    assert (use.turn_index, use.late_answer["violation"], use.late_answer["reason"]) == (4, True, "said two")
    with tenant_context(cast.other_tenant.id):
        assert not judge_late_list(call_id)


def test_a_reply_in_the_wrong_form_is_asked_for_once_more(cast: Cast, server: FakeServer, replies: Any):
    llm_give(cast, server.url)
    server.serves(answers(chat("It is fine.")), answers(chat(VERDICT)))
    asked(cast)
    assert replies == [("answers:1", Answer(text=VERDICT))]
    assert uses(cast) == [("in_time", "", 200, 40)]
    assert server.received[1].body["messages"][-2] == {"role": "assistant", "content": "It is fine."}


@pytest.mark.parametrize("second", [answers(chat("Still fine.")), FAULTS["500"]])
def test_a_second_reply_in_the_wrong_form_is_left_to_the_judge(
    cast: Cast, server: FakeServer, replies: Any, second: Any
):
    llm_give(cast, server.url)
    server.serves(answers(chat("It is fine.")), second)
    asked(cast)
    assert len(server.received) == 2
    assert replies[0][1].text.endswith("fine.")


def test_a_correction_is_taken_as_it_comes(cast: Cast, server: FakeServer, replies: Any):
    llm_give(cast, server.url)
    server.serves(answers(chat("Just to confirm: one?")))
    asked(cast, purpose="correction")
    assert replies == [("answers:1", Answer(text="Just to confirm: one?"))]
    assert "response_format" not in server.received[0].body


@pytest.mark.parametrize("fault", ["500", "429", "wrong_schema", "closes_mid_body", "not_json"])
def test_a_provider_that_fails_is_answered_and_counted(cast: Cast, server: FakeServer, replies: Any, fault: str):
    llm_give(cast, server.url)
    server.serves(FAULTS[fault])
    asked(cast)
    failure = replies[0][1].failure
    assert failure in {"provider_error", "garbage"}
    assert uses(cast) == [("failed", failure, 0, 0)]


def test_a_provider_that_hangs_ends_soon_after_the_deadline(cast: Cast, server: FakeServer, replies: Any):
    llm_give(cast, server.url)
    server.serves(hangs)
    began_s = time.monotonic()
    asked(cast, within_s=0.1)
    assert time.monotonic() - began_s < 4
    assert (replies, uses(cast)) == ([], [("failed", "timeout", 0, 0)])


def test_a_provider_that_keeps_failing_is_left_alone(cast: Cast, server: FakeServer, replies: Any):
    llm_give(cast, server.url)
    server.otherwise = FAULTS["500"]
    for _ in range(7):
        asked(cast)
    assert [answer.failure for _, answer in replies] == ["provider_error"] * 5 + ["circuit_open"] * 2
    assert len(server.received) == 5


@pytest.mark.parametrize(
    "budget", [{"budget_usd_per_day": "0.003", "prompt_usd_per_mtok": "30"}, {"budget_tokens_per_day": 120}]
)
def test_over_the_days_budget_nothing_is_asked(cast: Cast, server: FakeServer, replies: Any, budget: dict[str, Any]):
    llm_give(cast, server.url, **budget)
    server.otherwise = answers(chat(VERDICT))
    asked(cast)
    asked(cast)
    asked(cast)
    assert [answer.failure for _, answer in replies] == ["", "budget", "budget"]
    assert len(server.received) == 1
    assert uses(cast).count(("refused", "budget", 0, 0)) == 2
    with tenant_context(cast.tenant.id):
        assert AuditEntry.objects.filter(action="budget.spent").count() == 1  # the alarm of the day


def test_a_budget_that_runs_low_raises_an_alarm_and_still_asks(cast: Cast, server: FakeServer, replies: Any):
    llm_give(cast, server.url, budget_tokens_per_day=140)
    server.otherwise = answers(chat(VERDICT))
    asked(cast)
    asked(cast)
    assert [answer.failure for _, answer in replies] == ["", ""]
    with tenant_context(cast.tenant.id):
        assert AuditEntry.objects.filter(action="budget.low").count() == 1


def test_a_reply_of_no_use_is_paid_for(cast: Cast, server: FakeServer, replies: Any):
    llm_give(cast, server.url)
    server.serves(answers(chat(None)))
    asked(cast)
    assert uses(cast) == [("failed", "garbage", 100, 20)]


def test_a_provider_that_asks_for_rest_is_left_alone(cast: Cast, server: FakeServer, replies: Any):
    llm_give(cast, server.url)
    server.serves(FAULTS["429_with_retry_after"])
    asked(cast)
    asked(cast)
    assert [answer.failure for _, answer in replies] == ["provider_error", "circuit_open"]
    assert len(server.received) == 1


def test_an_agent_without_a_model_is_told_so(cast: Cast, replies: Any):
    asked(cast)
    assert replies == [("answers:1", Answer(failure="unavailable"))]
    assert uses(cast) == []


def test_another_tenants_agent_is_unavailable(cast: Cast, server: FakeServer):
    llm_give(cast, server.url)
    assert question_open(cast.other_tenant.id, cast.agent.id, question()) is Failure.UNAVAILABLE


def test_a_broken_valkey_does_not_lose_the_books(
    cast: Cast, server: FakeServer, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    tasks._valkey.cache_clear()
    llm_give(cast, server.url)
    server.serves(answers(chat(VERDICT)))
    asked(cast)
    tasks._valkey.cache_clear()
    assert uses(cast) == [("in_time", "", 100, 20)]


def test_a_text_is_generated_and_counted(cast: Cast, server: FakeServer):
    llm_give(cast, server.url)
    server.serves(answers(chat("A report.")), FAULTS["500"])
    told: dict[str, Any] = {
        "tenant_id": cast.tenant.id,
        "agent_id": cast.agent.id,
        "messages": ASK.messages,
        "purpose": JudgeUse.Purpose.REPORT,
        "deadline_s": 5.0,
    }
    assert text_generate(**told).text == "A report."
    with pytest.raises(ProviderFailed, match="provider_error"):
        text_generate(**told)
    assert sorted(uses(cast)) == [("failed", "provider_error", 0, 0), ("in_time", "", 100, 20)]


def test_without_a_writer_no_text_is_generated(cast: Cast, server: FakeServer):
    told: dict[str, Any] = {
        "tenant_id": cast.tenant.id,
        "agent_id": cast.agent.id,
        "messages": ASK.messages,
        "purpose": JudgeUse.Purpose.REPORT,
        "deadline_s": 5.0,
    }
    with pytest.raises(ProviderFailed, match="unavailable"):
        text_generate(**told)
    llm_give(cast, server.url, provider="selene")
    with pytest.raises(ProviderFailed, match="judges only"):
        text_generate(**told)


def test_a_private_address_is_refused_where_the_operator_says_so(cast: Cast, server: FakeServer, settings: Any):
    settings.MIRROR_PRIVATE_PROVIDERS = False
    llm_give(cast, server.url)
    config = question_open(cast.tenant.id, cast.agent.id, question())
    assert isinstance(config, AgentJudging)
    found = question_ask(Question(uuid.uuid4(), ASK, "judge", time.time() + 5), config)
    assert (found.answer.failure, server.received) == ("provider_error", [])


def test_questions_and_answers_survive_json():
    ask = Ask(1, "p", ("h1", "h2"), (0, 3), ({"role": "user", "content": "x"},))
    assert ask_from_json(ask_to_json(ask)) == ask
    answer = Answer((0.5, 1.0), "text", "timeout")
    assert reply_load(reply_dump("k", answer)) == ("k", answer)
