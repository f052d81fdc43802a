"""What ``hold`` adds to the first audio of a turn that tier 0 lets pass, against ``optimistic`` in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.streams.cores import LOAD_CORE
from bench.streams.delays import Delays
from bench.streams.load import Load
from bench.streams.relay_load import Relayed, RelayLoad
from bench.streams.servers import Product, Tenant
from mirror_saas.processes import port_free

# The agent tells a turn so often, and then speaks so long.
_TURN_EVERY_S, _TALK_FRAMES = 2.0, 40
_WARM_S, _SETTLE_S = 1.0, 3.0


@dataclass(frozen=True, slots=True)
class Holding:
    calls: int
    optimistic: Delays
    hold: Delays

    @property
    def added(self) -> Delays:
        return self.hold.minus(self.optimistic)


def measure_holding(
    product: Product, *, calls: int, seconds: float, rounds: int, say: Callable[[str], None]
) -> Holding:
    """The best of the rounds, by the 99th percentile of each."""
    port = port_free()
    with Load(RelayLoad, core=LOAD_CORE) as load:
        load.ask("serve", port=port)
        tenants = [
            product.tenant(f"{release}{time.time_ns()}", f"ws://127.0.0.1:{port}/stream", release=release)
            for release in ("optimistic", "hold")
        ]
        best = [
            min((_first_audio(load, tenant, calls, seconds) for _ in range(rounds)), key=lambda one: one.p99_ms)
            for tenant in tenants
        ]
    found = Holding(calls, *best)
    say(holding_line(found))
    return found


def _first_audio(load: Load, tenant: Tenant, calls: int, seconds: float) -> Delays:
    urls = tenant.stream_urls(load.ask("names", count=calls))
    load.ask("connect", urls=urls, talk_frames=_TALK_FRAMES, turn_every_s=_TURN_EVERY_S)
    time.sleep(_WARM_S)
    relayed: Relayed = load.ask("measure", seconds=seconds, pid=tenant.pid)
    load.ask("disconnect")
    time.sleep(_SETTLE_S)
    return relayed.first_audio


def holding_line(found: Holding) -> str:
    return (
        f"first audio of a turn, {found.calls} calls, {found.hold.count} turns: optimistic {found.optimistic};"
        f" hold {found.hold}; added {found.added}"
    )
