"""What flows of one kind share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from calls.simulate.realtime_server import RealtimeServer
from mirror_saas.processes import port_free
from tests.flows.realtime import KEY, Script
from tests.processes import are_gone, programs_of
from tests.stack import RunningStack, stack_start


@pytest.fixture(scope="session")
def realtime_port() -> int:
    """Where the scripted models of all tests listen, one after the other."""
    return port_free()


@pytest.fixture(scope="session")
def realtime_rules(tmp_path_factory: pytest.TempPathFactory) -> str:
    found: Path = tmp_path_factory.mktemp("realtime") / "rules.yaml"
    found.write_text("- Never promise a refund.\n")
    return str(found)


@pytest.fixture(scope="module")
def broken_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """A stack that these tests may break, and that heals itself."""
    running = stack_start(tmp_path_factory.mktemp("faults") / "data")
    yield running
    running.stop()
    print("".join(running.lines))  # shown where a test failed
    assert are_gone(list(programs_of(running.data_dir)), within_s=30)


@pytest.fixture
async def script() -> Script:
    return Script()


@pytest.fixture
async def provider(script: Script, realtime_port: int) -> AsyncIterator[RealtimeServer]:
    async with RealtimeServer(script, key=KEY).serving(port=realtime_port) as server:
        yield server
