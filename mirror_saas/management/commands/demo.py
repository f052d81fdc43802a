"""``demo``: bring everything up, play the calls, show what came of them, and stay up until Ctrl-C.

``DEMO_EXIT=1`` stops after the story, with status 0 only if nothing that must be there is missing. ``--against URL``
plays the story against a Mirror that runs already on this data folder.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import IO, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from mirror_saas.demo import epilogue, product
from mirror_saas.demo.catalogue import DemoCall, demo_agents, demo_calls
from mirror_saas.demo.compare import missing_after, missing_live
from mirror_saas.demo.repository import GitMissing, seed_repository
from mirror_saas.demo.seen import Seen
from mirror_saas.demo.show import LiveLog
from mirror_saas.demo.story import Collector, SimulatorFailed, demo_agent, free_port, plan, play
from mirror_saas.embedded import ServersRefused
from mirror_saas.env import BASE_DIR, env_bool, env_int
from mirror_saas.processes import ProgramFailed
from mirror_saas.supervisor import Stack, StackRefused

AT_ONCE = 4
REPORTS_TIMEOUT_S = 30.0
POLL_S = 0.25
FOLD_COLUMNS = 160  # where the output is no terminal


class Command(BaseCommand):
    help = "Play recorded calls through a whole Mirror of your own."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--against", metavar="URL", help="play against the Mirror that runs here already")
        parser.add_argument("--only", action="append", default=[], metavar="ID", help="play this scenario only")

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(self._story(options) if options["against"] else Everything(options["only"]).run())

    def _story(self, options: dict[str, Any]) -> int:
        """Play and compare. Runs in a process of its own, whose settings name the running databases."""
        console = Console(highlight=False, width=None if sys.stdout.isatty() else FOLD_COLUMNS)
        calls = tuple(call for call in demo_calls() if not options["only"] or call.scenario.id in options["only"])
        try:
            return 1 if tell(console, calls, options["against"].rstrip("/")) else 0
        except (SimulatorFailed, GitMissing) as error:
            raise CommandError(f"The demo failed: {error}") from error
        except KeyboardInterrupt:
            return 130


class Everything:
    """The stack, and the story told against it by a process of its own."""

    def __init__(self, only: list[str]) -> None:
        self._only = [f"--only={scenario}" for scenario in only]
        self._is_stopped = False
        self._log: IO[str] | None = None
        self._stack = Stack(sink=self._take_line)

    def run(self) -> int:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop_soon)
        try:
            self._stack.start()
            status = self._tell_story()
            if not env_bool("DEMO_EXIT") and not self._is_stopped:
                sys.stdout.write("Mirror stays up until Ctrl-C.\n")
                sys.stdout.flush()
                self._stack.wait()
        except KeyboardInterrupt:
            return 130
        except (StackRefused, ServersRefused, ProgramFailed) as error:
            raise CommandError(str(error)) from error
        finally:
            self._stack.stop()
        return status

    def _tell_story(self) -> int:
        command = [sys.executable, str(BASE_DIR / "manage.py"), "demo", "--against", self._stack.url, *self._only]
        # Its own session: Ctrl-C reaches this process alone, which then ends the story and the stack in order.
        story = subprocess.Popen(command, env=self._stack.env, start_new_session=True)  # noqa: S603
        while True:
            try:
                return story.wait(POLL_S)
            except subprocess.TimeoutExpired:
                if self._is_stopped:
                    story.send_signal(signal.SIGINT)
                    return story.wait()

    def _stop_soon(self, number: int, frame: FrameType | None) -> None:
        self._is_stopped = True
        self._stack.stop_soon()

    def _take_line(self, name: str, line: str) -> None:
        """The stack's own lines are shown; what its programs say goes to a file, so that the story can be read."""
        if name == "mirror":
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
            return
        if self._log is None:
            path = Path(self._stack.data_dir) / "logs" / "demo.log"
            path.parent.mkdir(parents=True, exist_ok=True)
            self._log = path.open("w", encoding="utf-8")
        self._log.write(f"{name:>8} | {line}\n")
        self._log.flush()


def tell(console: Console, calls: tuple[DemoCall, ...], url: str) -> list[str]:
    """Set up, play, wait for what follows, print it. Returns what is missing."""
    folder = settings.MIRROR_DATA_DIR / "demo-repo"
    seed_repository(folder)
    port = env_int("MIRROR_DEMO_AGENT_PORT", 0) or free_port()
    tenant = product.seed_tenant(demo_agents(), upstream_url=f"ws://127.0.0.1:{port}/", repository=folder)
    played = asyncio.run(play_calls(console, calls, tenant.answer_urls(url), port))
    missing = after_story(tenant, played)
    epilogue.print_reports(console, product.reports_of(tenant, [seen.call_id for _, seen in played]), folder)
    epilogue.print_end(console, url, tenant.email, tenant.password, missing)
    return missing


async def play_calls(
    console: Console, calls: tuple[DemoCall, ...], answer_urls: dict[str, str], agent_port: int
) -> list[tuple[DemoCall, Seen]]:
    planned = plan(calls)
    log = LiveLog(console, {each.call_id: each.demo_call for each in planned})
    collector = Collector(planned, log.tell)
    async with demo_agent(agent_port, collector):
        await play(planned, answer_urls, at_once=AT_ONCE, tell=collector)
    return [(each.demo_call, collector.seen[each.call_id]) for each in planned]


def after_story(tenant: product.DemoTenant, played: list[tuple[DemoCall, Seen]]) -> list[str]:
    """Wait for what comes after the calls, and return what is missing in all."""
    call_ids = [seen.call_id for _, seen in played]
    with_report = [seen.call_id for call, seen in played if call.expected.has_report]
    product.wait_until_told(tenant, with_report, call_ids, timeout_s=REPORTS_TIMEOUT_S)
    live = [sentence for call, seen in played for sentence in missing_live(call, seen)]
    return live + missing_after(played, product.recorded(tenant, call_ids))
