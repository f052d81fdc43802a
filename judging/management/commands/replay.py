"""Judge whole recorded calls: ``manage.py replay --input calls.jsonl [--output verdicts.jsonl]``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from judging.batch import console, groups_table, replay_file, summary_table, sweep_table
from judging.batch.files import STDIO
from judging.management.commands._shared import add_options, options_from, told_in_one_line


class Command(BaseCommand):
    help = "Judge every agent turn and tool call of whole calls; prints tables and a threshold sweep."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        add_options(parser)
        parser.add_argument("--output", type=Path, help="one verdict a line, .gz too; - is stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        with told_in_one_line():
            chosen = options_from(options)
            summary = replay_file(options["input"], options["output"], chosen, jobs=options["jobs"])
            shown = console(is_stderr=options["output"] == STDIO)
            shown.print(summary_table(summary))
            shown.print(sweep_table(summary.sweep, "turns"))
            shown.print(sweep_table(summary.call_sweep, "calls"))
            if summary.whole.score.total or chosen.by:
                shown.print(groups_table(summary, chosen.by, "calls"))
        if summary.bad_lines:
            sys.exit(1)
