"""``manage.py simulate agent|carrier|doctor``: trying an answer URL or an agent without a phone."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from calls.simulate import cli


class Command(BaseCommand):
    help = "Play a carrier or a scripted voice agent, or find what is wrong with an agent's stream."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        cli.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(cli.run(options))
