from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from judging.providers import llm
from judging.providers.http import clients_close
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
def dialects_forgotten() -> Iterator[None]:
    yield
    llm._dialects.clear()
