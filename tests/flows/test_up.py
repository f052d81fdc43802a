"""``up`` brings the whole product up, and leaves nothing behind however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mirror_saas.env import BASE_DIR
from tests.processes import are_gone, pid_of, programs_of
from tests.stack import RunningStack, stack_environment, stack_start

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes through /proc"),
]

PARTS = {
    "web": "uvicorn",
    "worker": "mirror_saas --quiet worker",
    "beat": "mirror_saas --quiet beat",
    "valkey": "valkey-server",
    "postgres": "bin/postgres -D",
}


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[RunningStack]:
    """A stack for one test, which may break it."""
    running = stack_start(tmp_path / "data")
    yield running
    running.stop()
    print("".join(running.lines))  # shown where the test fails
    assert are_gone(list(programs_of(running.data_dir)), within_s=30)


def up_refused(stack: RunningStack, **changes: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=BASE_DIR,
        env={**stack.env, **changes},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    return done.stderr


def test_every_part_answers(stack: RunningStack):
    ready = httpx.get(f"{stack.url}/readyz")
    assert (ready.status_code, ready.json()) == (200, {"status": "ok", "database": "ok", "valkey": "ok"})
    assert httpx.get(f"{stack.url}/healthz").json() == {"status": "ok"}
    assert "python_info" in httpx.get(f"{stack.url}/metrics").text


def test_an_unknown_address_below_api_is_a_problem_document(stack: RunningStack):
    answer = httpx.get(f"{stack.url}/api/v1/nothing/")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "not_found"


def test_pages_allow_no_inline_script_or_style(stack: RunningStack):
    policy = httpx.get(f"{stack.url}/sign-in/").headers["content-security-policy"]
    assert "script-src 'self';" in f"{policy};"
    assert "unsafe" not in policy


def test_commands_by_hand_use_the_running_servers(stack: RunningStack):
    assert "[X] 0002_lookups" in stack.manage("showmigrations", "tenants")
    stack.manage("migrate", "--verbosity", "0")


def test_a_second_one_on_the_same_data_is_refused_and_told_where_the_first_is(stack: RunningStack):
    assert stack.url in up_refused(stack)


def test_a_taken_port_is_refused_by_name(stack: RunningStack, tmp_path: Path):
    assert f"port {stack.port} is taken" in up_refused(stack, MIRROR_DATA_DIR=str(tmp_path / "other"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_cleanly_and_leaves_no_program(own_stack: RunningStack, number: signal.Signals):
    before = programs_of(own_stack.data_dir)
    assert {"postgres", "valkey", "uvicorn", "celery", "watch.py"} <= {
        part
        for part in ("postgres", "valkey", "uvicorn", "celery", "watch.py")
        if any(part in c for c in before.values())
    }
    assert own_stack.stop(number) == 0
    assert programs_of(own_stack.data_dir) == {}
    assert own_stack.lines[-1] == "Mirror has stopped.\n"
    log = (own_stack.data_dir / "logs" / "postgres.log").read_text()
    assert log.rstrip().endswith("database system is shut down")


def test_a_signal_while_it_starts_leaves_no_program(tmp_path: Path):
    env = stack_environment(tmp_path / "data", 0)
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up"], cwd=BASE_DIR, env=env, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout as lines:
        assert "postgres answers" in next(iter(lines))
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert programs_of(tmp_path / "data") == {}


def test_nothing_outlives_a_kill_for_long_and_the_data_comes_back(own_stack: RunningStack):
    own_stack.tenant("Acme")
    left = [pid for pid in programs_of(own_stack.data_dir) if pid != own_stack.process.pid]
    own_stack.stop(signal.SIGKILL)
    assert are_gone(left, within_s=30)
    again = stack_start(own_stack.data_dir)
    try:
        assert again.tenant("Acme")["api_key"] is None  # it exists already
    finally:
        again.stop()


def test_a_part_that_dies_is_started_again(own_stack: RunningStack):
    for name, command in PARTS.items():
        os.kill(pid_of(own_stack.data_dir, command), signal.SIGKILL)
        own_stack.line_with("mirror |", name, "answers again")
        ready = httpx.get(f"{own_stack.url}/readyz").json()
        assert (name, ready) == (name, {"status": "ok", "database": "ok", "valkey": "ok"})


def test_web_and_worker_run_as_the_application_role(stack: RunningStack):
    shown = stack.manage("shell", "-c", "from django.db import connection as c; print(c.settings_dict['USER'])")
    assert shown.split()[-1] == "mirror_app"
