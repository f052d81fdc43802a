"""``up``: the whole product in the foreground, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mirror_saas.embedded import ServersRefused
from mirror_saas.processes import ProgramFailed
from mirror_saas.supervisor import Stack, StackRefused


class Command(BaseCommand):
    help = "Run PostgreSQL, Valkey, the web server, the worker and beat until Ctrl-C."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        stack = Stack()

        def stop_soon(number: int, frame: FrameType | None) -> None:
            stack.stop_soon()

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, stop_soon)
        try:
            stack.start()
            self.stdout.write(f"Mirror is up: {stack.url}  (data in {stack.data_dir}; Ctrl-C stops it)")
            self.stdout.flush()
            is_asked = stack.wait()
        except KeyboardInterrupt:
            is_asked = True
        except (StackRefused, ServersRefused, ProgramFailed) as error:
            raise CommandError(str(error)) from error
        finally:
            stack.stop()
        if not is_asked:
            raise CommandError("stopped: a part keeps dying, see above")
        self.stdout.write("Mirror has stopped.")
