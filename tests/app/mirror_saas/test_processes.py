"""Programs are stopped with a deadline, and never left behind."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator

import pytest

from mirror_saas.processes import Guard, Program, ProgramFailed, Starter, is_port_free, port_free, wait_until
from tests.processes import are_gone

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
PARENT = (
    "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    "print(child.pid, flush=True); child.wait()"
)


@pytest.fixture
def guard() -> Iterator[Guard]:
    guard = Guard()
    yield guard
    guard.close()


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def starter(guard: Guard, lines: list[str]) -> Starter:
    return Starter(guard=guard, sink=lambda name, line: lines.append(f"{name}: {line}"))


def python(starter: Starter, code: str, **options: float) -> Program:
    return Program("part", [sys.executable, "-c", code], starter=starter, **options)  # type: ignore[arg-type]


def test_its_lines_go_to_the_sink_under_its_name(starter: Starter, lines: list[str]):
    assert python(starter, "print('one'); print('two')").wait(deadline_s=30) == 0
    assert lines == ["part: one", "part: two"]


def test_one_that_ignores_the_signal_is_killed_at_its_deadline(starter: Starter, lines: list[str]):
    program = python(starter, DEAF, stop_s=0.2)
    wait_until(lambda: "part: deaf" in lines, program=program, deadline_s=30)
    program.stop()
    assert (program.returncode, lines[-1]) == (-9, "part: does not stop after 0 s: killed")


def test_stopping_takes_along_what_it_started(starter: Starter, lines: list[str]):
    program = python(starter, PARENT)
    wait_until(lambda: bool(lines), program=program, deadline_s=30)
    program.stop()
    assert are_gone([int(lines[0].removeprefix("part: "))], within_s=10)


def test_stopping_twice_is_stopping_once(starter: Starter):
    program = python(starter, "import time; time.sleep(600)")
    program.stop()
    program.stop()
    assert program.returncode == -15


def test_one_that_is_not_done_in_time_is_stopped(starter: Starter):
    program = python(starter, "import time; time.sleep(600)")
    with pytest.raises(ProgramFailed, match="part was not done after 0 s"):
        program.wait(deadline_s=0.1)
    assert program.returncode is not None


def test_one_that_ends_while_awaited_shows_its_last_lines(starter: Starter):
    program = python(starter, "print('no such table'); raise SystemExit(3)")
    with pytest.raises(ProgramFailed, match=r"part ended with 3\n  part: no such table"):
        wait_until(lambda: False, program=program, deadline_s=30)
    program.stop()


def test_waiting_ends_when_nobody_wants_it_any_more(starter: Starter):
    program = python(starter, "import time; time.sleep(600)")
    with pytest.raises(KeyboardInterrupt):
        wait_until(lambda: False, program=program, deadline_s=30, is_given_up=lambda: True)
    program.stop()


def test_the_guard_ends_what_its_supervisor_left(lines: list[str]):
    guard = Guard()
    program = python(Starter(guard=guard, sink=lambda name, line: lines.append(line)), "import time; time.sleep(600)")
    closing = threading.Thread(target=guard.close)
    closing.start()
    assert program.wait(deadline_s=10) == -15
    closing.join()


def test_a_port_that_is_listened_on_is_not_free():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert not is_port_free(port)
        assert port_free(port) != port
