"""Judge a file of cases: ``manage.py judge --input cases.jsonl --output verdicts.jsonl``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from judging.batch import Options, Summary, console, groups_table, judge_file, sweep_table
from judging.management.commands._shared import add_options, options_from, told_in_one_line


class Command(BaseCommand):
    help = "Judge one agent turn a line; needs no database, no Redis and no network for tier 0."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        add_options(parser)
        parser.add_argument("--output", type=Path, required=True, help="one verdict a line, .gz too; - is stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        with told_in_one_line():
            chosen = options_from(options)
            summary = judge_file(options["input"], options["output"], chosen, jobs=options["jobs"])
            _show(summary, chosen)
        if summary.bad_lines:
            sys.exit(1)


def _show(summary: Summary, chosen: Options) -> None:
    """Print what was measured to stderr; stdout may carry the verdicts."""
    shown = console(is_stderr=True)
    if summary.whole.score.total or chosen.by:
        shown.print(groups_table(summary, chosen.by, "turns"))
    if chosen.thresholds:
        shown.print(sweep_table(summary.sweep, "turns"))
