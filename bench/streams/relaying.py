"""Relays beside each other: direct, bare, stock, ours. Each at the same loads, one after the other, several times."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from bench.streams.cores import LOAD_CORE, usage
from bench.streams.delays import Delays
from bench.streams.load import Load
from bench.streams.relay_load import Relayed, RelayLoad
from bench.streams.servers import Direct, Product, Server, relay_serving
from mirror_saas.processes import port_free

_SETTLE_S = 2.0
_WARM_CALLS, _WARM_S = 5, 1.0
_QUIET_SHARE, _QUIET_WITHIN_S = 0.05, 20.0

Serving = Callable[[str], AbstractContextManager[Server]]


@dataclass(frozen=True, slots=True)
class Point:
    """One relay at one load. ``added`` is beyond the direct run; ``memory_kib`` per call."""

    calls: int
    relayed: Relayed
    memory_kib: float
    added: Delays | None = None

    @property
    def cpu_us(self) -> float:
        """Processor time per frame."""
        return self.relayed.cpu_s / max(1, self.relayed.frames) * 1e6

    @property
    def is_whole(self) -> bool:
        """Whether nearly all that was sent arrived; a relay that falls behind has no delay worth telling."""
        return self.relayed.frames > 0.98 * self.relayed.expected


@dataclass(slots=True)
class Series:
    """One relay at all loads: of several rounds the one with the lowest 99th percentile.

    Memory is that of the round in which the process grew: later ones find it as large as it was.
    """

    name: str
    points: dict[int, Point] = field(default_factory=dict)

    def take(self, point: Point) -> None:
        known = self.points.get(point.calls, point)
        best = min(known, point, key=lambda one: one.relayed.delays.p99_ms)
        self.points[point.calls] = replace(best, memory_kib=max(known.memory_kib, point.memory_kib))


@contextmanager
def _direct(agent_url: str) -> Iterator[Direct]:
    yield Direct(agent_url)


def ours(product: Product) -> Serving:
    """A fresh tenant of the running product."""

    @contextmanager
    def serving(agent_url: str) -> Iterator[Server]:
        yield product.tenant(f"Relay{time.time_ns()}", agent_url)

    return serving


def relays(product: Product) -> dict[str, Serving]:
    """What is compared, by name. Ours is one running product for the whole run."""
    return {
        "direct": _direct,
        "bare": partial(relay_serving, "bare"),
        "stock": partial(relay_serving, "stock"),
        "mirror": ours(product),
    }


def measure_relays(
    serving: dict[str, Serving],
    *,
    levels: Sequence[int],
    seconds: float,
    rounds: int,
    say: Callable[[str], None],
    direct: Series | None = None,
) -> dict[str, Series]:
    """``direct``: the run without a relay, where it is not among those served."""
    found = {name: Series(name) for name in serving}
    for number in range(rounds):
        for name, serve in serving.items():
            for point in _round(serve, levels=levels, seconds=seconds):
                found[name].take(point)
                say(f"round {number + 1}, {name:>7}, {point_line(point)}")
    for series in found.values():
        _add(series, direct or found["direct"])
    return found


def _round(serve: Serving, *, levels: Sequence[int], seconds: float) -> Iterator[Point]:
    port = port_free()
    with Load(RelayLoad, core=LOAD_CORE) as load:
        load.ask("serve", port=port)
        with serve(f"ws://127.0.0.1:{port}/stream") as server:
            _at(load, server, _WARM_CALLS, _WARM_S)
            # The most calls first: what they need is then grown from nothing, and can be told per call.
            for calls in sorted(levels, reverse=True):
                yield _at(load, server, calls, seconds)


def _at(load: Load, server: Server, calls: int, seconds: float) -> Point:
    before = usage(server.pid).rss_bytes
    load.ask("connect", urls=server.stream_urls(load.ask("names", count=calls)))
    time.sleep(_SETTLE_S)
    relayed: Relayed = load.ask("measure", seconds=seconds, pid=server.pid)
    load.ask("disconnect")
    _until_quiet(server.pid)
    return Point(calls, relayed, max(0, relayed.rss_bytes - before) / 1024 / calls)


def _until_quiet(pid: int) -> None:
    """What follows the end of a call must not disturb the next load."""
    until = time.monotonic() + _QUIET_WITHIN_S
    while time.monotonic() < until:
        before = usage(pid).cpu_s
        time.sleep(1.0)
        if usage(pid).cpu_s - before < _QUIET_SHARE:
            return


def _add(series: Series, direct: Series) -> None:
    for calls, point in series.points.items():
        base = direct.points[calls].relayed.delays
        series.points[calls] = replace(point, added=point.relayed.delays.minus(base))


def point_line(point: Point) -> str:
    """One measurement in words."""
    relayed = point.relayed
    whole = "" if point.is_whole else f", only {relayed.frames / max(1, relayed.expected):.0%} of the frames came"
    events = ", ".join(f"{number} {name}" for name, number in sorted(relayed.events.items()))
    return (
        f"{point.calls} calls: {relayed.delays} (to the agent {relayed.to_agent}; to the carrier {relayed.to_carrier}),"
        f" {point.cpu_us:.0f} us a frame, {point.memory_kib:.0f} KiB a call, generator late {relayed.lateness}{whole}"
        f" [{events}]"
    )
