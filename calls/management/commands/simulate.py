"""``manage.py simulate agent|carrier|doctor|llm``: trying an answer URL, an agent or the proxy without a phone."""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from calls.simulate import cli

# The calls of the demo, so that the first try needs no files.
_DEMO = settings.BASE_DIR / "mirror_saas" / "demo"


class Command(BaseCommand):
    help = "Play a carrier, a voice agent or a realtime model, or find what is wrong with an agent's stream."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        cli.add_arguments(parser, scenarios=_DEMO / "scenarios", audio=_DEMO / "audio")

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(cli.run(options))
