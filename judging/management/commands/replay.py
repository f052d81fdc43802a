"""Judge whole recorded calls: ``manage.py replay --input calls.jsonl [--output verdicts.jsonl]``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from judging.batch import InputInvalid, replay_file, summary_table, sweep_table
from judging.management.commands._shared import add_options, options_from


class Command(BaseCommand):
    help = "Judge every agent turn and tool call of whole calls; prints a table and a threshold sweep."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        add_options(parser)
        parser.add_argument("--output", type=Path, help="one verdict a line, .gz too")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            summary = replay_file(options["input"], options["output"], options_from(options))
        except InputInvalid as error:
            raise CommandError(str(error)) from error
        console = Console()
        console.print(summary_table(summary))
        console.print(sweep_table(summary.sweep, "turns"))
        console.print(sweep_table(summary.call_sweep, "calls"))
        if summary.bad_lines:
            sys.exit(1)
