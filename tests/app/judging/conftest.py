from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from pytest_django import Settings

from judging import asking, classifying
from judging.providers import llm
from judging.providers.breaker import Breakers
from judging.providers.http import clients_close
from judging.score_cache import ScoreCache
from tenants.services import credential_set
from tests.cast import Cast
from tests.fakes_http import FakeServer, serving


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with serving() as fake:
        yield fake


@pytest.fixture
async def closing() -> AsyncIterator[None]:
    """Close the test's connections before its loop ends."""
    yield
    await clients_close()


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a process learns of servers stays with the test that taught it."""
    monkeypatch.setattr(asking, "breakers", Breakers())
    monkeypatch.setattr(classifying, "breakers", Breakers())
    monkeypatch.setattr(classifying, "scores_known", ScoreCache())
    yield
    llm._dialects.clear()


@pytest.fixture(autouse=True)
def no_operators_llm(settings: Settings) -> None:
    settings.MIRROR_LLM_BASE_URL = settings.MIRROR_LLM_MODEL = settings.MIRROR_LLM_API_KEY = ""
    settings.MIRROR_PRIVATE_PROVIDERS = True


VERDICT = '{"violation": true, "policy": 1, "score": 0.9, "reason": "said two", "correction": ""}'


def chat(text: Any, prompt_tokens: int = 100, completion_tokens: int = 20) -> dict[str, Any]:
    """A chat completion as a server gives it."""
    usage = {"prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens}
    return {"choices": [{"message": {"role": "assistant", "content": text}}], "usage": usage}


def llm_give(cast: Cast, url: str, **config: Any) -> None:
    """Give Ann's tenant an LLM at ``url``."""
    values = {"provider": "openai_compatible", "base_url": url, "model": "m1", **config}
    credential_set(actor=cast.actor(), kind="llm", name="default", config=values, secret="sk-1")
