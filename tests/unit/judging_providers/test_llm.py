from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest

from judging.core import parse_judgement
from judging.providers.errors import ProviderFailed
from judging.providers.http import HttpReply
from judging.providers.llm import (
    VERDICT_SCHEMA,
    Completion,
    LlmConfig,
    LlmKind,
    complete,
    complete_sync,
    completion_flow,
)
from tenants.errors import Conflict
from tests.fakes_http import FAULTS, FakeServer, answers, answers_raw, hangs

pytestmark = pytest.mark.usefixtures("closing")

MESSAGES = ({"role": "system", "content": "Reply with JSON."}, {"role": "user", "content": "Is it?"})
VERDICT = '{"violation": true, "policy": 1, "score": 0.9, "reason": "said two", "correction": "Just to confirm: one?"}'
DEADLINE_S, SLACK_S = 0.4, 0.6


def config(url: str = "https://llm.example/v1", **fields: Any) -> LlmConfig:
    return LlmConfig(**{"kind": LlmKind.OPENAI, "base_url": url, "model": "m1", "is_private_allowed": True, **fields})


def recorded(text: Any, **usage: Any) -> dict[str, Any]:
    """A reply as OpenAI and vLLM give it."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_760_000_000,
        "model": "m1",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text, "refusal": None},
                "finish_reason": "stop",
                "logprobs": None,
            }
        ],
        "usage": {"prompt_tokens": 120, "completion_tokens": 30, "total_tokens": 150, **usage},
    }


def refused(told: str) -> dict[str, Any]:
    return {"error": {"message": told, "type": "invalid_request_error", "param": None, "code": None}}


async def test_it_asks_for_the_schema_and_reads_text_and_tokens(server: FakeServer):
    server.serves(answers(recorded(VERDICT)))
    found = await complete(MESSAGES, config(f"{server.url}/v1/", secret=lambda: "sk-1"), 5, schema=VERDICT_SCHEMA)
    assert found == Completion(VERDICT, 120, 30)
    request = server.received[0]
    assert (request.path, request.headers["authorization"]) == ("/v1/chat/completions", "Bearer sk-1")
    assert request.body == {
        "model": "m1",
        "messages": list(MESSAGES),
        "max_tokens": 500,
        "temperature": 0,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "reply", "strict": True, "schema": VERDICT_SCHEMA},
        },
    }


def test_the_schema_admits_what_the_judge_accepts():
    assert set(VERDICT_SCHEMA["properties"]) == set(VERDICT_SCHEMA["required"])
    assert parse_judgement(VERDICT, [1]) is not None


async def test_without_a_key_no_header_is_sent(server: FakeServer):
    server.serves(answers(recorded("hi")))
    await complete(MESSAGES, config(server.url), 5)
    assert "authorization" not in server.received[0].headers
    assert "response_format" not in server.received[0].body


async def test_azure_gets_its_path_version_and_header(server: FakeServer):
    server.serves(answers(recorded("hi")))
    azure = config(server.url, kind=LlmKind.AZURE, model="my dep", api_version="2024-10-21", secret=lambda: "az-1")
    await complete(MESSAGES, azure, 5)
    request = server.received[0]
    assert request.path == "/openai/deployments/my%20dep/chat/completions?api-version=2024-10-21"
    assert (request.headers["api-key"], "authorization" in request.headers) == ("az-1", False)


async def test_azure_without_a_version_is_the_newer_address(server: FakeServer):
    server.serves(answers(recorded("hi")))
    await complete(MESSAGES, config(f"{server.url}/openai/v1", kind=LlmKind.AZURE, secret=lambda: "az-1"), 5)
    assert server.received[0].path == "/openai/v1/chat/completions"


@pytest.mark.parametrize(
    ("told", "format_after"),
    [
        ("response_format type json_schema is not supported", "json_object"),
        ("'response_format' is an unknown field", None),
    ],
)
async def test_a_server_without_schemas_is_asked_once_more_and_remembered(
    server: FakeServer, told: str, format_after: str | None
):
    server.serves(answers(refused(told), 400), answers(recorded(VERDICT)), answers(recorded(VERDICT)))
    for _ in range(2):
        await complete(MESSAGES, config(server.url), 5, schema=VERDICT_SCHEMA)
    formats = [request.body.get("response_format", {}).get("type") for request in server.received]
    assert formats == ["json_schema", format_after, format_after]


async def test_a_model_with_its_own_names_is_understood(server: FakeServer):
    server.serves(
        answers(refused("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."), 400),
        answers(refused("Unsupported value: 'temperature' does not support 0 with this model."), 400),
        answers(recorded(VERDICT)),
    )
    await complete(MESSAGES, config(server.url), 5, schema=VERDICT_SCHEMA)
    last = server.received[-1].body
    assert (last["max_completion_tokens"], "max_tokens" in last, "temperature" in last) == (500, False, False)
    assert last["response_format"]["type"] == "json_schema"


@pytest.mark.parametrize("told", ["content_filter", "context_length_exceeded"])
async def test_a_refusal_of_the_content_is_not_tried_again(server: FakeServer, told: str):
    server.serves(answers(refused(told), 400))
    with pytest.raises(ProviderFailed, match="HTTP 400"):
        await complete(MESSAGES, config(server.url), 5, schema=VERDICT_SCHEMA)
    assert len(server.received) == 1


async def test_a_server_that_refuses_everything_is_asked_a_few_times_only(server: FakeServer):
    server.otherwise = answers(refused("json_schema"), 400)
    with pytest.raises(ProviderFailed, match="HTTP 400"):
        await complete(MESSAGES, config(server.url), 5, schema=VERDICT_SCHEMA)
    assert len(server.received) <= 4


async def test_the_deadline_spans_all_tries(server: FakeServer):
    server.serves(answers(refused("json_schema"), 400), hangs)
    began_s = time.monotonic()
    with pytest.raises(ProviderFailed, match="timeout"):
        await complete(MESSAGES, config(server.url), DEADLINE_S, schema=VERDICT_SCHEMA)
    assert time.monotonic() - began_s < DEADLINE_S + SLACK_S


@pytest.mark.parametrize("fault", FAULTS)
async def test_every_fault_is_a_failure_within_the_deadline(server: FakeServer, fault: str):
    server.serves(FAULTS[fault])
    began_s = time.monotonic()
    with pytest.raises(ProviderFailed):
        await complete(MESSAGES, config(server.url), DEADLINE_S, schema=VERDICT_SCHEMA)
    assert time.monotonic() - began_s < DEADLINE_S + SLACK_S


@pytest.mark.parametrize("content", [None, "", "   ", 7, [{"type": "text"}]])
async def test_a_reply_without_text_is_garbage(server: FakeServer, content: Any):
    server.serves(answers(recorded(content)))
    with pytest.raises(ProviderFailed, match="garbage"):
        await complete(MESSAGES, config(server.url), 5)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"message": {"role": "assistant", "content": None, "refusal": "I cannot help."}}, "refused"),
        ({"message": {"role": "assistant", "content": ""}}, "no text"),
        ({"message": {"role": "assistant", "content": "Just to"}, "finish_reason": "length"}, "cut off"),
        ({"message": {"role": "assistant", "content": "Just to"}, "finish_reason": "content_filter"}, "cut off"),
        ({"message": None}, "no chat completion"),
        ({"message": {"role": "assistant"}}, "no chat completion"),
    ],
)
async def test_a_reply_of_no_use_tells_what_it_cost(server: FakeServer, change: dict[str, Any], told: str):
    reply = recorded("x")
    reply["choices"][0] |= change
    server.serves(answers(reply))
    with pytest.raises(ProviderFailed, match=told) as failed:
        await complete(MESSAGES, config(server.url), 5)
    assert (failed.value.prompt_tokens, failed.value.completion_tokens) == (120, 30)


async def test_a_verdict_that_was_cut_off_is_left_to_its_reader(server: FakeServer):
    """Some servers fill up with blanks behind the object until the limit."""
    reply = recorded(f"{VERDICT}   ")
    reply["choices"][0]["finish_reason"] = "length"
    server.serves(answers(reply))
    assert (await complete(MESSAGES, config(server.url), 5, schema=VERDICT_SCHEMA)).text.strip() == VERDICT


async def test_selenes_garbage_is_paid_for(server: FakeServer):
    server.serves(answers(recorded("no result")))
    with pytest.raises(ProviderFailed) as failed:
        await complete(MESSAGES, config(server.url, kind=LlmKind.SELENE), 5, schema=VERDICT_SCHEMA)
    assert failed.value.prompt_tokens == 120


@pytest.mark.parametrize(
    ("told", "expected"),
    [("7", 7.0), ("0", 0.0), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0), ("soon", None), ("-3", None), ("", None)],
)
async def test_how_long_a_server_wants_to_be_left_alone(server: FakeServer, told: str, expected: float | None):
    server.serves(answers_raw(b"{}", 429, f"Retry-After: {told}\r\n"))
    with pytest.raises(ProviderFailed) as failed:
        await complete(MESSAGES, config(server.url), 5)
    assert failed.value.retry_after_s == expected


async def test_token_counts_that_are_none_count_as_none(server: FakeServer):
    server.serves(answers(recorded("hi", prompt_tokens="many", completion_tokens=-3)))
    assert await complete(MESSAGES, config(server.url), 5) == Completion("hi", 0, 0)


async def test_a_models_thoughts_are_left_out(server: FakeServer):
    server.serves(answers(recorded(f"<think>\nhm {{}}\n</think>\n\n{VERDICT}")))
    assert (await complete(MESSAGES, config(server.url), 5)).text == VERDICT


async def test_a_key_that_cannot_be_read_is_unavailable():
    def gone() -> str:
        raise Conflict("no")

    with pytest.raises(ProviderFailed, match="unavailable"):
        await complete(MESSAGES, config(secret=gone), 5)


def test_synchronous_code_gets_the_same(server: FakeServer):
    server.serves(answers(recorded("hi")))
    assert complete_sync(MESSAGES, config(server.url), 5) == Completion("hi", 120, 30)


def test_the_flow_can_be_run_without_a_socket():
    flow = completion_flow(MESSAGES, config(), "", schema=None, max_tokens=9)
    assert next(flow).body["max_tokens"] == 9
    with pytest.raises(ProviderFailed, match="HTTP 503"):
        flow.send(HttpReply(503, b""))


def test_the_key_is_not_in_the_repr():
    assert "sk-1" not in repr(config(secret=lambda: "sk-1"))


def test_cost_follows_the_prices():
    priced = config(prompt_usd_per_mtok=Decimal("0.40"), completion_usd_per_mtok=Decimal("1.60"))
    assert priced.cost_usd(Completion("", 1_000_000, 500_000)) == Decimal("1.20")
