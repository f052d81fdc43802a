"""What flows of one kind share."""

from __future__ import annotations

from pathlib import Path

import pytest

from mirror_saas.processes import port_free


@pytest.fixture(scope="session")
def realtime_port() -> int:
    """Where the scripted models of all tests listen, one after the other."""
    return port_free()


@pytest.fixture(scope="session")
def realtime_rules(tmp_path_factory: pytest.TempPathFactory) -> str:
    found: Path = tmp_path_factory.mktemp("realtime") / "rules.yaml"
    found.write_text("- Never promise a refund.\n")
    return str(found)
