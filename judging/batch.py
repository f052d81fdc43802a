"""Judge files of cases and of whole calls, line by line: what the ``judge`` and ``replay`` commands do.

No Django and no database. A million lines need no more memory than ten: nothing is kept but counts.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, TextIO, cast

import yaml
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from judging.core import (
    Answer,
    Ask,
    CaseInvalid,
    Conversation,
    Decision,
    Json,
    JudgeSettings,
    Policy,
    Role,
    Turn,
    Verdict,
    case_from_record,
    judge,
    run,
    unavailable,
)
from judging.core.cases import moment, policy_from_record, turns_from_records
from judging.core.scoring import Score, Sweep

Answerer = Callable[[Ask], Answer]
DEFAULT_SWEEP = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
_JUDGED = frozenset({Role.AGENT, Role.TOOL_CALL})


class InputInvalid(Exception):
    """A file that cannot be used as a whole. The message names it."""


@dataclass(slots=True)
class Options:
    """What to judge with. ``policies`` replace those of the records; None keeps them."""

    settings: JudgeSettings
    policies: tuple[Policy, ...] | None = None
    thresholds: tuple[float, ...] = ()
    answer: Answerer = unavailable


@dataclass(slots=True)
class Summary:
    """What a run came to. ``sweep`` counts by judged turn, ``call_sweep`` by call."""

    judged: int = 0
    bad_lines: int = 0
    calls: int = 0
    decisions: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    sweep: Sweep = field(default_factory=lambda: Sweep(()))
    call_sweep: Sweep = field(default_factory=lambda: Sweep(()))

    def count(self, verdict: Verdict) -> None:
        self.judged += 1
        self.decisions[verdict.decision.value] += 1
        if verdict.decision is Decision.INTERVENE:
            self.checks[verdict.check] += 1


def judge_file(source: Path, target: Path, options: Options, *, errors: TextIO | None = None) -> Summary:
    """Judge each case of a file and write one verdict a line, in input order.

    A bad line goes to ``errors`` (stderr) with its number and the reason; the others are judged.
    """
    summary = Summary(sweep=Sweep(options.thresholds))
    with open_write(target) as out:
        for record in read_records(source, summary, errors or sys.stderr):
            out.writelines(_guarded(_judge_case, record, options, summary, errors or sys.stderr))
    return summary


def replay_file(source: Path, target: Path | None, options: Options, *, errors: TextIO | None = None) -> Summary:
    """Judge every agent turn and tool call of each call of a file, in order; one verdict a line to the target."""
    thresholds = options.thresholds or DEFAULT_SWEEP
    summary = Summary(sweep=Sweep(thresholds), call_sweep=Sweep(thresholds))
    with open_write(target or Path(os.devnull)) as out:
        for record in read_records(source, summary, errors or sys.stderr):
            out.writelines(_guarded(_replay_call, record, options, summary, errors or sys.stderr))
    return summary


@dataclass(frozen=True, slots=True)
class Record:
    """One parsed line with its number, counted from 1."""

    number: int
    value: Json


Work = Callable[[Record, Options, Summary], list[str]]


def read_records(source: Path, summary: Summary, errors: TextIO) -> Iterator[Record]:
    """Yield the records of a JSON lines file (``.gz`` too), with a progress bar when stderr is a terminal."""
    with open_read(source) as (stream, raw), _progress(source, raw) as advance:
        for number, line in enumerate(stream, 1):
            advance()
            if not line.strip():
                continue
            try:
                yield Record(number, json.loads(line))
            except (ValueError, RecursionError) as error:
                _report(summary, errors, number, f"not JSON: {error}")


def _report(summary: Summary, errors: TextIO, number: int, reason: str) -> None:
    summary.bad_lines += 1
    print(f"line {number}: {reason}", file=errors)


def _guarded(work: Work, record: Record, options: Options, summary: Summary, errors: TextIO) -> list[str]:
    try:
        return work(record, options, summary)
    except CaseInvalid as error:
        _report(summary, errors, record.number, str(error))
        return []


def _judge_case(record: Record, options: Options, summary: Summary) -> list[str]:
    case = case_from_record(record.value, options.policies)
    conversation = Conversation.from_turns(case.history, now=case.now, facts=case.facts)
    verdict, latency_us = _timed(conversation, case.turn, case.policies, options)
    summary.count(verdict)
    summary.sweep.add(verdict.score, _violation(record.value))
    return [json.dumps({"id": record.value.get("id"), **verdict_row(verdict, latency_us)}, ensure_ascii=False) + "\n"]


def _replay_call(record: Record, options: Options, summary: Summary) -> list[str]:
    value = record.value
    if not isinstance(value, dict) or not isinstance(value.get("turns"), list):
        raise CaseInvalid("turns: expected a list of turns")
    turns = turns_from_records(value["turns"])
    own = tuple(policy_from_record(entry, f"policies[{at}]") for at, entry in enumerate(value.get("policies") or ()))
    policies = own if options.policies is None else options.policies
    conversation = Conversation(now=moment(value.get("now")))
    rows, highest, violation = [], 0.0, _violation(value)
    for turn in turns:
        if turn.role in _JUDGED:
            verdict, latency_us = _timed(conversation, replace(turn, role=Role.AGENT), policies, options)
            summary.count(verdict)
            summary.sweep.add(verdict.score, None)
            highest = max(highest, verdict.score)
            row = {"id": value.get("id"), "turn": turn.index, **verdict_row(verdict, latency_us)}
            rows.append(json.dumps(row, ensure_ascii=False) + "\n")
        conversation.add(turn)
    summary.calls += 1
    summary.call_sweep.add(highest, violation)
    return rows


def _timed(
    conversation: Conversation, turn: Turn, policies: Sequence[Policy], options: Options
) -> tuple[Verdict, float]:
    started = time.perf_counter_ns()
    verdict = run(judge(conversation, turn, policies, options.settings), options.answer)
    return verdict, (time.perf_counter_ns() - started) / 1000


def verdict_row(verdict: Verdict, latency_us: float) -> dict[str, Json]:
    """A verdict as the commands write it."""
    return {
        "decision": verdict.decision.value,
        "score": round(verdict.score, 4),
        "tier": verdict.tier,
        "check": verdict.check,
        "policy_index": verdict.policy_index,
        "reason": verdict.reason,
        "evidence": [item.as_json() for item in verdict.evidence],
        "latency_us": round(latency_us, 1),
    }


def _violation(record: Json) -> bool | None:
    """The label of a record: ``violation``, or ``success`` turned round; None when it has none."""
    label = record.get("label") if isinstance(record, dict) else None
    if not isinstance(label, dict):
        return None
    if isinstance(label.get("violation"), bool):
        return cast(bool, label["violation"])
    return not label["success"] if isinstance(label.get("success"), bool) else None


@contextmanager
def open_read(source: Path) -> Iterator[tuple[Iterable[str], IO[bytes]]]:
    """Open a text file or a ``.gz`` of one; the second handle tells how many bytes were read from disk."""
    try:
        raw = source.open("rb")
    except OSError as error:
        raise InputInvalid(f"{source}: {error.strerror}") from error
    with raw:
        if source.suffix != ".gz":
            yield (line.decode("utf-8", errors="replace") for line in raw), raw
            return
        with gzip.open(raw, "rt", encoding="utf-8", errors="replace") as text:
            yield text, raw


@contextmanager
def open_write(target: Path) -> Iterator[IO[str]]:
    try:
        raw = target.open("wb")
    except OSError as error:
        raise InputInvalid(f"{target}: {error.strerror}") from error
    with raw:
        packed: Any = gzip.GzipFile(target.stem, "wb", fileobj=raw, mtime=0) if target.suffix == ".gz" else raw
        with io.TextIOWrapper(packed, encoding="utf-8") as text:
            yield text


@contextmanager
def _progress(source: Path, raw: IO[bytes]) -> Iterator[Callable[[], None]]:
    if not sys.stderr.isatty():
        yield lambda: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(source.name, total=source.stat().st_size)
        yield lambda: progress.update(task, completed=raw.tell())


def load_policies(source: Path) -> tuple[Policy, ...]:
    """Read policies: YAML or JSON (a list, or an object with ``policies``), or plain text with one rule a line.

    Raises:
        InputInvalid: the file cannot be read or has another form.
    """
    try:
        text = source.read_text(encoding="utf-8")
        if source.suffix not in (".json", ".yaml", ".yml"):
            return tuple(
                Policy(line.strip()) for line in text.splitlines() if line.strip() and not line.startswith("#")
            )
        found = json.loads(text) if source.suffix == ".json" else yaml.safe_load(text)
        entries = found.get("policies") if isinstance(found, dict) else found
        if not isinstance(entries, list):
            raise InputInvalid(f"{source}: expected a list of policies")
        return tuple(policy_from_record(entry, f"policies[{at}]") for at, entry in enumerate(entries))
    except OSError as error:
        raise InputInvalid(f"{source}: {error.strerror}") from error
    except (ValueError, yaml.YAMLError, CaseInvalid) as error:
        raise InputInvalid(f"{source}: {error}") from error


def parse_thresholds(text: str) -> tuple[float, ...]:
    """Read "0.5,0.6". Raises ValueError for anything that is no list of numbers from 0 to 1."""
    values = tuple(float(part) for part in text.split(",") if part.strip())
    if any(not 0 <= value <= 1 for value in values):
        raise ValueError("thresholds are from 0 to 1")
    return values


def parse_tiers(text: str) -> frozenset[int]:
    """Read "0,1". Raises ValueError for an unknown tier."""
    tiers = frozenset(int(part) for part in text.split(",") if part.strip())
    if not tiers or not tiers <= {0, 1, 2}:
        raise ValueError("tiers are 0, 1 and 2")
    return tiers


def summary_table(summary: Summary) -> Table:
    """What was judged, and what was found how often."""
    calls = f"{summary.calls} calls, " if summary.calls else ""
    table = Table(title=f"{calls}{summary.judged} turns judged, {summary.bad_lines} bad lines")
    table.add_column("check")
    table.add_column("interventions", justify="right")
    for check, count in summary.checks.most_common():
        table.add_row(check, str(count))
    for decision, count in sorted(summary.decisions.items()):
        table.add_row(f"decision: {decision}", str(count), style="dim")
    return table


def sweep_table(sweep: Sweep, of_what: str) -> Table:
    """Each threshold with how much it flags, and how well where there are labels."""
    table = Table(title=f"threshold sweep over {sweep.total} {of_what}, {sweep.labelled} labelled")
    for name in ("threshold", "flagged", "precision", "recall", "F1", "false alarms"):
        table.add_column(name, justify="right")
    for threshold, score in sweep.scores().items():
        measured = _measured(score) if sweep.labelled else ("-", "-", "-", "-")
        table.add_row(f"{threshold:.2f}", str(sweep.flagged[threshold]), *measured)
    return table


def _measured(score: Score) -> tuple[str, str, str, str]:
    return str(score.precision), str(score.recall), f"{score.f1:.3f}", str(score.false_positive_rate)
