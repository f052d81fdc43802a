"""Many lines: worker processes, flat memory, pipes, and how the commands end."""

from __future__ import annotations

import gzip
import json
import os
import pty
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from judging.batch import Options, judge_file, replay_file
from tests.unit.judging.helpers import TIER_0
from tests.unit.judging.test_batch import BAD, CALL, GOOD, lines

ROOT = Path(__file__).parents[3]
MANAGE = [sys.executable, "manage.py"]
PLENTY = 1100  # lines: more than are judged without workers


def without_latency(path: Path) -> list[dict[str, Any]]:
    return [{**json.loads(line), "latency_us": 0} for line in path.read_text().splitlines()]


def command(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*MANAGE, *map(str, arguments)], cwd=ROOT, input=stdin, capture_output=True, check=False)


@pytest.mark.parametrize("work", [judge_file, replay_file])
def test_any_number_of_jobs_writes_the_same_in_input_order(tmp_path, work, capsys):
    record = CALL if work is replay_file else BAD
    records = [{**record, "id": at} if at % 100 else "{broken" for at in range(PLENTY)]
    (tmp_path / "in.jsonl").write_text(lines(*records))
    summaries = [
        work(tmp_path / "in.jsonl", tmp_path / f"out-{jobs}.jsonl", Options(TIER_0, by="id"), jobs=jobs)
        for jobs in (1, 2)
    ]
    alone, shared = (without_latency(tmp_path / f"out-{jobs}.jsonl") for jobs in (1, 2))
    assert alone == shared
    assert [row["id"] for row in alone] == sorted(row["id"] for row in alone)
    assert summaries[0].decisions == summaries[1].decisions
    assert {name: group.total for name, group in summaries[0].groups.items()} == {
        name: group.total for name, group in summaries[1].groups.items()
    }
    told = capsys.readouterr().err.splitlines()
    assert told[:11] == told[11:]
    assert [line.split(":")[0] for line in told[:11]] == [f"line {at}" for at in range(1, PLENTY + 1, 100)]


_PEAK = """
import resource, sys
from pathlib import Path
from judging.batch import Options, judge_file
from judging.core import JudgeSettings
judge_file(Path(sys.argv[1]), Path(sys.argv[2]), Options(JudgeSettings(tiers=frozenset({0}))), jobs=int(sys.argv[3]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.parametrize("jobs", [1, 2])
def test_ten_times_the_lines_need_no_more_memory(tmp_path, jobs):
    peaks = []
    for count in (1500, 15_000):
        path = tmp_path / f"{count}.jsonl.gz"
        with gzip.open(path, "wt", compresslevel=1) as out:
            out.writelines(json.dumps({**GOOD, "id": f"{at:02000}"}) + "\n" for at in range(count))
        arguments = [sys.executable, "-c", _PEAK, str(path), os.devnull, str(jobs)]
        done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout) * resource.getpagesize() // 4096 / 1024)
    # 15,000 lines and their verdicts are 60 MB.
    assert peaks[1] - peaks[0] < 12


def test_lines_come_from_stdin_and_go_to_stdout():
    done = command("judge", "--input", "-", "--output", "-", stdin=gzip.compress(lines(BAD, GOOD).encode()))
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["bad", "good"]
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_bad_line_ends_in_exit_1_and_labels_in_a_table(tmp_path):
    labelled = BAD | {"label": {"violation": True}, "subtype": "count"}
    (tmp_path / "in.jsonl").write_text(lines(labelled, "{"))
    done = command("judge", "--input", tmp_path / "in.jsonl", "--output", tmp_path / "o.gz", "--by", "subtype")
    assert done.returncode == 1
    assert done.stderr.startswith(b"line 2: not JSON")
    assert b"1 labelled turns" in done.stderr
    assert json.loads(gzip.decompress((tmp_path / "o.gz").read_bytes()))["id"] == "bad"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--input", "gone.jsonl", "--output", "-"), b"gone.jsonl: No such file or directory"),
        (("--input", "-", "--output", "/no/folder/out"), b"/no/folder/out: No such file or directory"),
        (("--input", "-", "--output", "-", "--policies", "gone.txt"), b"gone.txt: No such file or directory"),
        (("--input", "-", "--output", "-", "--policies", "pyproject.toml.yaml"), b"pyproject.toml.yaml: No such"),
    ],
)
def test_a_file_that_cannot_be_used_ends_in_one_line_and_exit_2(arguments, message):
    done = command("judge", *arguments, stdin=lines(GOOD).encode())
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"CommandError: " + message)
    assert done.stderr.count(b"\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_full_disk_ends_in_one_line_and_exit_2():
    done = command("judge", "--input", "-", "--output", "/dev/full", stdin=lines(GOOD).encode())
    assert (done.returncode, done.stderr) == (2, b"CommandError: /dev/full: No space left on device\n")


@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_ends_cleanly_with_whole_lines(jobs):
    arguments = [*MANAGE, "judge", "--input", "-", "--output", "-", "--jobs", str(jobs)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        arguments, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True, bufsize=0
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write(lines(*[GOOD] * PLENTY).encode())
        running.stdin.flush()
        first = running.stdout.readline()
        os.killpg(running.pid, signal.SIGINT)
        rest, told = running.communicate()
    assert (running.returncode, told) == (130, b"CommandError: stopped; what was judged so far is written\n")
    assert {json.loads(line)["id"] for line in [first, *rest.splitlines()]} == {"good"}


def test_a_reader_that_goes_away_ends_it_quietly():
    arguments = [*MANAGE, "judge", "--input", "-", "--output", "-", "--jobs", "1"]
    with subprocess.Popen(
        arguments, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        running.stdout.close()
        _, told = running.communicate(lines(*[GOOD] * PLENTY).encode())
    assert (running.returncode, told) == (2, b"")


def test_a_terminal_sees_a_progress_bar(tmp_path):
    (tmp_path / "in.jsonl").write_text(lines(*[GOOD] * 300))
    ours, theirs = pty.openpty()
    arguments = [*MANAGE, "judge", "--input", str(tmp_path / "in.jsonl"), "--output", os.devnull, "--jobs", "1"]
    with subprocess.Popen(arguments, cwd=ROOT, stderr=theirs, env={**os.environ, "TERM": "xterm"}) as running:
        os.close(theirs)
        shown = b""
        while part := _read(ours):
            shown += part
    os.close(ours)
    assert running.returncode == 0
    assert b"in.jsonl" in shown
    assert b"100%" in shown


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # the other side was closed
        return b""
