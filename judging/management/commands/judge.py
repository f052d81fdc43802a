"""Judge a file of cases: ``manage.py judge --input cases.jsonl --output verdicts.jsonl``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from judging.batch import InputInvalid, judge_file, sweep_table
from judging.management.commands._shared import add_options, options_from


class Command(BaseCommand):
    help = "Judge one agent turn a line; needs no database, no Redis and no network for tier 0."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        add_options(parser)
        parser.add_argument("--output", type=Path, required=True, help="one verdict a line, .gz too")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            chosen = options_from(options)
            summary = judge_file(options["input"], options["output"], chosen)
        except InputInvalid as error:
            raise CommandError(str(error)) from error
        if chosen.thresholds:
            Console(stderr=True).print(sweep_table(summary.sweep, "turns"))
        if summary.bad_lines:
            sys.exit(1)
