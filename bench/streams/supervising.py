"""The supervise socket under many live calls: how soon a verdict comes, and how many a second at most."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from bench.streams.cores import LOAD_CORE, usage
from bench.streams.load import Load
from bench.streams.servers import Product, Tenant
from bench.streams.supervise_load import Supervised, SuperviseLoad

CALLS, PER_S = 200, 1_000.0
_WARM_CALLS, _WARM_S = 5, 1.0


@dataclass(frozen=True, slots=True)
class Supervising:
    """``paced`` at ``PER_S`` verdicts a second, the best of the rounds; ``pressed`` as fast as clients may."""

    calls: int
    paced: Supervised
    pressed: Supervised
    memory_kib: float


def measure_supervising(
    product: Product, *, calls: int, seconds: float, rounds: int, say: Callable[[str], None]
) -> Supervising:
    tenant = product.tenant(f"Supervised{time.time_ns()}", "ws://127.0.0.1:9/")
    with Load(SuperviseLoad, core=LOAD_CORE) as load:
        _connect(load, tenant, _WARM_CALLS)
        load.ask("pace", per_s=50.0, seconds=_WARM_S, pid=tenant.pid)
        load.ask("disconnect")
        found = [_round(load, tenant, calls=calls, seconds=seconds) for _ in range(rounds)]
    for number, one in enumerate(found, 1):
        say(f"round {number}, {calls} calls: {supervised_line(one.paced)}")
        say(f"round {number}, as fast as it goes: {supervised_line(one.pressed)}")
    best = min(found, key=lambda one: one.paced.verdicts.p99_ms)
    # Only the first round finds the process as small as it begins.
    return replace(best, memory_kib=max(one.memory_kib for one in found))


def _connect(load: Load, tenant: Tenant, calls: int) -> None:
    load.ask("connect", url=tenant.supervise_url, headers=tenant.headers, calls=calls)


def _round(load: Load, tenant: Tenant, *, calls: int, seconds: float) -> Supervising:
    before = usage(tenant.pid).rss_bytes
    _connect(load, tenant, calls)
    rate = PER_S * calls / CALLS
    paced: Supervised = load.ask("pace", per_s=rate, seconds=seconds, pid=tenant.pid)
    pressed: Supervised = load.ask("press", seconds=seconds / 2, pid=tenant.pid)
    load.ask("disconnect")
    return Supervising(calls, paced, pressed, max(0, paced.rss_bytes - before) / 1024 / calls)


def supervised_line(one: Supervised) -> str:
    cpu_us = one.cpu_s / max(1, one.verdicts.count) * 1e6
    left = f", {one.unanswered} without an answer" if one.unanswered else ""
    events = ", ".join(f"{number} {name}" for name, number in sorted(one.events.items()))
    return (
        f"{one.per_s:.0f} verdicts/s, {one.verdicts}; acks {one.acks}; {cpu_us:.0f} us a verdict{left};"
        f" generator late {one.lateness} [{events}]"
    )
