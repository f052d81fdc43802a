"""``manage.py demo``: bring everything up, play the calls, show what came of them, and stay up.

``DEMO_EXIT=1`` stops after the story, with status 0 only if nothing that must be there is missing.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from rich.console import Console

from mirror_saas.demo import epilogue, product
from mirror_saas.demo.catalogue import DemoCall, demo_agents, demo_calls
from mirror_saas.demo.compare import missing_after, missing_live
from mirror_saas.demo.repository import GitMissing, seed_repository
from mirror_saas.demo.seen import Seen
from mirror_saas.demo.show import LiveLog
from mirror_saas.demo.story import Collector, SimulatorFailed, demo_agent, plan, play
from mirror_saas.env import env_bool, env_int
from mirror_saas.supervisor import Stack

AT_ONCE = 4
REPORTS_TIMEOUT_S = 30.0


class Command(BaseCommand):
    help = "Play recorded calls through a whole Mirror of your own."
    requires_system_checks: list[str] = []  # the stack runs them

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", action="append", default=[], metavar="ID", help="play this scenario only")

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, _as_interrupt)
        calls = tuple(call for call in demo_calls() if not options["only"] or call.scenario.id in options["only"])
        console = Console(highlight=False)
        try:
            missing = self._run(console, calls)
        except (SimulatorFailed, GitMissing) as error:
            console.print(f"The demo failed: {error}", style="bold red")
            sys.exit(1)
        except KeyboardInterrupt:
            console.print("Stopped.")
            sys.exit(130)
        sys.exit(1 if missing else 0)

    def _run(self, console: Console, calls: tuple[DemoCall, ...]) -> list[str]:
        with Stack(data_dir=settings.MIRROR_DATA_DIR, port=settings.MIRROR_PORT) as stack:
            folder = settings.MIRROR_DATA_DIR / "demo-repo"
            seed_repository(folder)
            port = env_int("MIRROR_DEMO_AGENT_PORT", 0) or free_port()
            tenant = product.seed_tenant(demo_agents(), upstream_url=f"ws://127.0.0.1:{port}/", repository=folder)
            played = asyncio.run(tell_story(console, calls, tenant.answer_urls(stack.url), port))
            missing = after_story(tenant, played)
            epilogue.print_reports(console, product.reports_of(tenant, [seen.call_id for _, seen in played]), folder)
            epilogue.print_end(console, stack.url, tenant.email, tenant.password, missing)
            if not env_bool("DEMO_EXIT"):
                console.print("Mirror stays up until Ctrl-C.")
                signal.pause()
            return missing


async def tell_story(
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


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _as_interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
