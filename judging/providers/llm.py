"""Chat completions of any OpenAI-compatible server, Azure's and Selene's included.

One exchange may take several requests (a server that knows no JSON schema is asked again without); it is a generator
that yields requests and is sent replies, so it can be read and tested without a socket.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias
from urllib.parse import quote

from judging.core.types import Json
from judging.providers import selene
from judging.providers.background import run_sync
from judging.providers.errors import Failure, ProviderFailed
from judging.providers.http import HttpReply, HttpRequest, send
from tenants.errors import MirrorError

Messages: TypeAlias = Sequence[Mapping[str, str]]

_MILLION = Decimal(1_000_000)
_MAX_TRIES = 4
_THOUGHT = re.compile(r"\A\s*<think>.*?</think>\s*", re.S)

VERDICT_SCHEMA: Mapping[str, Json] = {
    "type": "object",
    "properties": {
        "case": {"type": "string"},
        "violation": {"type": "boolean"},
        "policy": {"type": ["integer", "null"]},
        "score": {"type": "number"},
        "reason": {"type": "string"},
        "correction": {"type": "string"},
    },
    "required": ["case", "violation", "policy", "score", "reason", "correction"],
    "additionalProperties": False,
}


class LlmKind(StrEnum):
    OPENAI = "openai"
    AZURE = "azure"
    SELENE = "selene"


@dataclass(frozen=True, slots=True)
class LlmConfig:
    """A server and a model. ``secret`` gives the key at use and only then; "" for a server without one.

    ``base_url`` is what stands before ``/chat/completions`` (``https://api.openai.com/v1``). For Azure with an
    ``api_version`` it is the resource (``https://NAME.openai.azure.com``) and ``model`` the deployment.
    """

    kind: LlmKind
    base_url: str
    model: str
    api_version: str = ""
    prompt_usd_per_mtok: Decimal = Decimal(0)
    completion_usd_per_mtok: Decimal = Decimal(0)
    is_private_allowed: bool = False
    secret: Callable[[], str] = field(default=str, repr=False, compare=False)

    def cost_usd(self, completion: Completion) -> Decimal:
        prompt = self.prompt_usd_per_mtok * completion.prompt_tokens
        return (prompt + self.completion_usd_per_mtok * completion.completion_tokens) / _MILLION


@dataclass(frozen=True, slots=True)
class Completion:
    """A reply. Token counts are 0 where the server told none."""

    text: str = field(repr=False)
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Format(StrEnum):
    SCHEMA = "schema"
    OBJECT = "object"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a server was found to understand."""

    format: Format = Format.SCHEMA
    tokens_field: str = "max_tokens"
    has_temperature: bool = True


# Learned from refusals, per server and model, so that each is refused once per process and not once per turn.
_dialects: dict[tuple[str, str], Dialect] = {}
_MAX_DIALECTS = 1_000

Flow: TypeAlias = Generator[HttpRequest, HttpReply, Completion]


async def complete(
    messages: Messages,
    config: LlmConfig,
    deadline_s: float,
    *,
    schema: Mapping[str, Json] | None = None,
    max_tokens: int = 500,
) -> Completion:
    """Return the model's reply. With ``schema`` the server is held to it where it can be: check the text all the same.

    Raises:
        ProviderFailed: in ``deadline_s`` at the latest.
    """
    until_s = time.monotonic() + deadline_s
    secret = await asyncio.to_thread(_reveal, config)
    flow = completion_flow(messages, config, secret, schema=schema, max_tokens=max_tokens)
    try:
        request = next(flow)
        while True:
            request = flow.send(await send(request, deadline_s=until_s - time.monotonic()))
    except StopIteration as done:
        completion: Completion = done.value
        return completion


def complete_sync(
    messages: Messages,
    config: LlmConfig,
    deadline_s: float,
    *,
    schema: Mapping[str, Json] | None = None,
    max_tokens: int = 500,
) -> Completion:
    """``complete`` for code that does not run in an event loop. Raises: ProviderFailed."""
    return run_sync(complete(messages, config, deadline_s, schema=schema, max_tokens=max_tokens))


def _reveal(config: LlmConfig) -> str:
    try:
        return config.secret()
    except MirrorError as error:
        raise ProviderFailed(Failure.UNAVAILABLE, f"the key: {error.code}") from error


def completion_flow(
    messages: Messages, config: LlmConfig, secret: str, *, schema: Mapping[str, Json] | None, max_tokens: int
) -> Flow:
    """Yield requests until one is understood; return the completion. Raises: ProviderFailed."""
    is_selene = config.kind is LlmKind.SELENE and schema is VERDICT_SCHEMA
    key = (config.base_url, config.model)
    dialect = _dialects.get(key, Dialect())
    if is_selene:
        messages, schema = selene.prompt(messages), None
    for _ in range(_MAX_TRIES):
        body = _body(messages, config, dialect, schema, max_tokens)
        reply = yield HttpRequest(
            url=_url(config), body=body, headers=_headers(config, secret), is_private_allowed=config.is_private_allowed
        )
        if reply.is_success:
            _remember(key, dialect)
            completion = _completion(reply, is_cut_fine=schema is not None)
            return _of_selene(completion, messages) if is_selene else completion
        simpler = _simpler(dialect, reply, has_schema=schema is not None)
        if simpler is None:
            break
        dialect = simpler
    raise ProviderFailed(Failure.PROVIDER_ERROR, f"HTTP {reply.status}", retry_after_s=reply.retry_after_s)


def _of_selene(completion: Completion, messages: Messages) -> Completion:
    try:
        return replace(completion, text=selene.verdict_json(completion.text, messages))
    except ProviderFailed as failed:
        raise _paid(failed.failure, failed.detail, completion) from failed


def _paid(failure: Failure, detail: str, completion: Completion) -> ProviderFailed:
    """A failure that cost tokens all the same."""
    spent = {"prompt_tokens": completion.prompt_tokens, "completion_tokens": completion.completion_tokens}
    return ProviderFailed(failure, detail, **spent)


def _url(config: LlmConfig) -> str:
    base = config.base_url.rstrip("/")
    if config.kind is LlmKind.AZURE and config.api_version:
        deployment = f"{base}/openai/deployments/{quote(config.model, safe='')}"
        return f"{deployment}/chat/completions?api-version={quote(config.api_version, safe='')}"
    return f"{base}/chat/completions"


def _headers(config: LlmConfig, secret: str) -> dict[str, str]:
    if not secret:
        return {}
    return {"api-key": secret} if config.kind is LlmKind.AZURE else {"Authorization": f"Bearer {secret}"}


def _body(
    messages: Messages, config: LlmConfig, dialect: Dialect, schema: Mapping[str, Json] | None, max_tokens: int
) -> dict[str, Json]:
    body: dict[str, Json] = {
        "model": config.model,
        "messages": [dict(message) for message in messages],
        dialect.tokens_field: max_tokens,
    }
    if dialect.has_temperature:
        body["temperature"] = 0
    if schema is not None and dialect.format is Format.SCHEMA:
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "reply", "strict": True, "schema": dict(schema)},
        }
    elif schema is not None and dialect.format is Format.OBJECT:
        body["response_format"] = {"type": "json_object"}
    return body


def _simpler(dialect: Dialect, reply: HttpReply, *, has_schema: bool) -> Dialect | None:
    """Return what to try after a refusal, None where another try cannot help."""
    if reply.status not in {400, 422}:
        return None
    told = reply.body[:4_000].decode("utf-8", "replace").lower()
    if "content_filter" in told or "context_length" in told:
        return None
    if "max_completion_tokens" in told and dialect.tokens_field == "max_tokens":
        return replace(dialect, tokens_field="max_completion_tokens")
    if "temperature" in told and dialect.has_temperature:
        return replace(dialect, has_temperature=False)
    if not has_schema or dialect.format is Format.NONE:
        return None
    is_schema_refused = dialect.format is Format.SCHEMA and "json_schema" in told
    return replace(dialect, format=Format.OBJECT if is_schema_refused else Format.NONE)


def _remember(key: tuple[str, str], dialect: Dialect) -> None:
    if len(_dialects) >= _MAX_DIALECTS:
        _dialects.clear()
    _dialects[key] = dialect


def _completion(reply: HttpReply, *, is_cut_fine: bool) -> Completion:
    """Read a reply. One that was cut off is fine where its form is checked anyway: it may be whole all the same."""
    found = reply.json()
    try:
        choice = found["choices"][0]
        message, why = choice["message"], choice.get("finish_reason")
        content = message["content"]
        refusal = message.get("refusal")
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise _paid(Failure.GARBAGE, "the reply is no chat completion", _usage(found)) from error
    if not isinstance(content, str) or not content.strip():
        told = "the model refused" if refusal else "the reply has no text"
        raise _paid(Failure.GARBAGE, told, _usage(found))
    if why == "content_filter" or (why == "length" and not is_cut_fine):
        raise _paid(Failure.GARBAGE, f"the reply was cut off: {why}", _usage(found))
    return replace(_usage(found), text=_THOUGHT.sub("", content))


def _usage(found: Json) -> Completion:
    usage = found.get("usage") if isinstance(found, dict) else None
    usage = usage if isinstance(usage, dict) else {}
    return Completion("", _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens")))


def _count(value: Json) -> int:
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31
    return value if is_count else 0
