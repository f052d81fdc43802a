"""From file to file: read, judge, write, count, with a progress bar when stderr is a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from judging.batch.counts import DEFAULT_SWEEP, Summary
from judging.batch.files import STDIO, Source, open_source, open_target
from judging.batch.jobs import in_order
from judging.batch.options import Options
from judging.batch.work import Kind


def judge_file(source: Path, target: Path, options: Options, *, jobs: int = 1, errors: TextIO | None = None) -> Summary:
    """Judge each case of a file and write one verdict a line, in input order.

    A bad line goes to ``errors`` (stderr) with its number and the reason; the others are judged.

    Raises:
        FileUnusable: a file cannot be read or written.
    """
    return _run(Kind.CASE, source, target, options, jobs, errors)


def replay_file(
    source: Path, target: Path | None, options: Options, *, jobs: int = 1, errors: TextIO | None = None
) -> Summary:
    """Judge every agent turn and tool call of each call of a file, in order; one verdict a line to the target.

    Raises:
        FileUnusable: a file cannot be read or written.
    """
    swept = replace(options, thresholds=options.thresholds or DEFAULT_SWEEP)
    return _run(Kind.CALL, source, target or Path(os.devnull), swept, jobs, errors)


def _run(kind: Kind, source: Path, target: Path, options: Options, jobs: int, errors: TextIO | None) -> Summary:
    summary = Summary.for_thresholds(options.thresholds)
    with open_source(source) as lines, open_target(target, source) as out, _progress(source, lines) as advance:
        for outcome in in_order(kind, options, lines.chunks(), jobs):
            out.write(b"".join(outcome.rows))
            if target == STDIO:
                out.flush()
            for complaint in outcome.complaints:
                print(complaint, file=errors or sys.stderr)
            summary.merge(outcome.summary)
            advance(outcome.position, summary.judged)
    return summary


Advance = Callable[[int, int], None]


@contextmanager
def _progress(source: Path, lines: Source) -> Iterator[Advance]:
    if not sys.stderr.isatty():
        yield lambda position, judged: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[judged]:,} turns"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        name = "stdin" if source == STDIO else source.name
        task = progress.add_task(name, total=lines.size, judged=0)
        yield lambda position, judged: progress.update(task, completed=position, judged=judged)
