"""``manage.py simulate agent|carrier``: the call simulators, for trying an answer URL or an agent without a phone."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from calls.simulate import cli


class Command(BaseCommand):
    help = "Play a carrier that behaves like Plivo, or a scripted voice agent."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        cli.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(cli.run(options))
