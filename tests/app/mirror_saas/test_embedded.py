"""One set of servers per data folder: started, shared, refused or recovered, with everything stored kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from mirror_saas.embedded import Servers, ServersRefused
from mirror_saas.env import BASE_DIR
from mirror_saas.processes import orphan_end
from tests.processes import are_gone, pid_of, programs_of

HOLD = """
import sys
from pathlib import Path
from typing import Any
from mirror_saas.embedded import Servers
with Servers(Path(sys.argv[1]), environ={}, is_durable=False) as servers:
    print("up", flush=True)
    sys.stdin.read()
"""


def servers_in(folder: Path, **environ: str) -> Servers:
    return Servers(folder, environ=environ, is_durable=False)


def note_write(env: dict[str, str], text: str) -> None:
    with psycopg.connect(env["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS note (text text)")
        owner.execute("INSERT INTO note VALUES (%s)", [text])
    with redis.Redis.from_url(env["REDIS_URL"]) as client:
        client.set("note", text)


def notes_read(env: dict[str, str]) -> tuple[list[Any], Any]:
    with psycopg.connect(env["DATABASE_OWNER_URL"]) as owner, redis.Redis.from_url(env["REDIS_URL"]) as client:
        return owner.execute("SELECT text FROM note").fetchall(), client.get("note")


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that runs the servers of ``tmp_path``."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        cwd=BASE_DIR,
        env={**os.environ, "MIRROR_DATA_DIR": str(tmp_path)},  # by which its programs are found
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        yield process
        process.kill()


def test_what_was_stored_is_there_at_the_next_start_under_the_same_addresses(tmp_path: Path):
    with servers_in(tmp_path) as first:
        note_write(first.env, "kept")
    with servers_in(tmp_path) as second:
        assert notes_read(second.env) == ([("kept",)], b"kept")
        assert second.env == first.env
    assert programs_of(tmp_path) == {}


def test_the_application_role_is_plain_and_the_owner_no_superuser(tmp_path: Path):
    with servers_in(tmp_path) as servers, psycopg.connect(servers.env["DATABASE_URL"]) as app:
        roles = app.execute(
            "SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole, rolcreatedb FROM pg_roles "
            "WHERE rolname LIKE 'mirror%' ORDER BY 1"
        ).fetchall()
        assert roles == [("mirror_app", False, False), ("mirror_owner", False, True)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("CREATE TABLE mine ()")


def test_passwords_are_for_ourselves_only(tmp_path: Path):
    with servers_in(tmp_path):
        kept = [*(tmp_path / "secrets").iterdir(), tmp_path / "run" / "servers.json"]
    assert {path.stat().st_mode & 0o777 for path in kept if path.exists()} == {0o600}


def test_a_second_process_shares_the_running_servers_and_leaves_them_running(
    tmp_path: Path, holder: subprocess.Popen[str]
):
    with servers_in(tmp_path) as joined:
        assert joined.is_shared
        note_write(joined.env, "shared")
    with servers_in(tmp_path) as again:
        assert notes_read(again.env) == ([("shared",)], b"shared")


def test_one_that_needs_more_than_runs_is_refused(tmp_path: Path):
    with servers_in(tmp_path, REDIS_URL="redis://elsewhere/0"), pytest.raises(ServersRefused, match="REDIS_URL"):
        servers_in(tmp_path).__enter__()


def test_nothing_is_started_that_the_environment_names(tmp_path: Path):
    with servers_in(tmp_path, DATABASE_URL="postgresql://x/y", REDIS_URL="redis://x/0") as servers:
        assert servers.env == {}
    assert list(tmp_path.iterdir()) == []


def test_everything_comes_back_after_the_supervisor_was_killed(tmp_path: Path, holder: subprocess.Popen[str]):
    with servers_in(tmp_path) as joined:
        note_write(joined.env, "kept")
    left = [pid for pid in programs_of(tmp_path) if pid != holder.pid]
    holder.kill()
    assert are_gone(left, within_s=20)
    with servers_in(tmp_path) as again:
        assert notes_read(again.env) == ([("kept",)], b"kept")


def test_everything_comes_back_after_all_was_killed_at_once(tmp_path: Path, holder: subprocess.Popen[str]):
    """A power cut, as near as a test comes to it: pid files stay behind, nobody had a chance to write."""
    with servers_in(tmp_path) as joined:
        note_write(joined.env, "kept")
        pids = list(programs_of(tmp_path))
        for pid in sorted(pids, key=lambda pid: pid != holder.pid):
            with suppress(ProcessLookupError):  # one that was ending by itself
                os.kill(pid, signal.SIGKILL)
        assert are_gone(pids, within_s=20)
    assert (tmp_path / "postgres" / "postmaster.pid").exists()
    with servers_in(tmp_path) as again:
        assert notes_read(again.env)[0] == [("kept",)]


def test_a_server_that_outlived_its_supervisor_is_ended_first(tmp_path: Path, holder: subprocess.Popen[str]):
    guard = pid_of(tmp_path, "watch.py")
    left = [pid_of(tmp_path, "bin/postgres -D"), pid_of(tmp_path, "valkey-server")]
    with servers_in(tmp_path) as joined:
        note_write(joined.env, "kept")
    # Killing the guard first is the only way to leave a server behind.
    for pid in (guard, holder.pid):
        os.kill(pid, signal.SIGKILL)
    holder.wait()
    assert [are_gone([pid], within_s=0) for pid in left] == [False, False]
    with servers_in(tmp_path) as again:
        assert notes_read(again.env) == ([("kept",)], b"kept")
        assert are_gone(left, within_s=0)


def test_a_pid_file_that_names_somebody_elses_process_is_cleared(tmp_path: Path):
    pid_file = tmp_path / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n/data\n")
    orphan_end(pid_file, "postgres", lambda name, line: None)
    assert not pid_file.exists()


def test_a_dead_server_is_revived_on_its_port(tmp_path: Path):
    with servers_in(tmp_path) as servers:
        assert servers.revive() == []
        note_write(servers.env, "kept")
        os.kill(pid_of(tmp_path, "bin/postgres -D"), signal.SIGKILL)
        assert servers.postgres is not None
        assert servers.postgres.program is not None
        servers.postgres.program.wait(deadline_s=10)
        assert servers.revive() == ["postgres"]
        assert notes_read(servers.env)[0] == [("kept",)]
