"""The page ``docs/stream-figures.md``: what one run measured, with the targets beside it."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bench.streams.holding import Holding
from bench.streams.relaying import Point, Series
from bench.streams.supervising import PER_S, Supervising

if TYPE_CHECKING:  # needs Django's settings
    from bench.streams.cases import Cases

_NOTES = Path(__file__).with_name("notes.md")
_AGAIN = """```sh
make bench-streams
# on a machine that does other things, too, ahead of them (as root):
chrt --rr 1 make bench-streams
# one part, no page:
python -m bench.streams --only relays --levels 100 --rounds 3
```"""
# p99 in milliseconds that a load may add.
_ADDED_P99_MS = {100: 10.0, 150: 20.0}
_MOST_RATIO = 2.5
_NAMES = {
    "bare": "bare relay (ASGI + websockets)",
    "stock": "stock Channels consumer",
    "mirror": "**Mirror**, tier 0",
    "classifier": "**Mirror**, tiers 0 and 1",
}


@dataclass(frozen=True, slots=True)
class Found:
    """All that a run measured; None where a part was left out."""

    relays: dict[str, Series] | None = None
    supervising: Supervising | None = None
    holding: Holding | None = None
    cases: Cases | None = None


def page_text(found: Found, *, conditions: str, seconds: float, rounds: int) -> str:
    """Return the whole page. ``conditions``: how the measured processes were scheduled."""
    parts = [
        "# Live streams in numbers",
        "Written by `make bench-streams` from one run; do not edit it by hand. *Targets* are limits we set ourselves.",
        _machine(conditions, seconds, rounds),
        *(_relays(found.relays) if found.relays else ()),
        *(_supervising(found.supervising) if found.supervising else ()),
        *(_holding(found.holding) if found.holding else ()),
        *(_cases(found.cases) if found.cases else ()),
        "## Doing it again",
        _AGAIN,
        _NOTES.read_text(encoding="utf-8").strip(),
    ]
    return "\n\n".join(parts) + "\n"


def _machine(conditions: str, seconds: float, rounds: int) -> str:
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores ({_processor()}),"
        f" {platform.system()}, Python {platform.python_version()}; {conditions}. Each point was"
        f" measured for {seconds:g} s in {rounds} rounds, and the round with the lowest p99 is shown."
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


# --- relays ----------------------------------------------------------------------------------------------------------


def _relays(relays: dict[str, Series]) -> Iterable[str]:
    head = ("calls", "relay", "p50 ms", "p99 ms", "added p50", "added p99", "target", "us a frame", "of bare")
    yield "## The stream bridge"
    yield (
        "Each call sends 50 frames of 20 ms each way, as Plivo does; in each, the agent tells a turn every 5 s, which"
        " Mirror judges by two rules and a relay passes on. Delays are one way, over both directions; *added* is"
        " beyond the same load without a relay. *us a frame* is processor time of the server per relayed frame, with"
        f" all that it does beside relaying; *of bare* is that against the bare relay (target at most {_MOST_RATIO})."
    )
    levels = sorted(relays["direct"].points)
    yield table(head, [_relay_row(relays, name, calls) for calls in levels for name in _NAMES if name in relays])
    direct = [relays["direct"].points[calls].relayed.delays for calls in levels]
    told = ", ".join(f"{calls} calls {one}" for calls, one in zip(levels, direct, strict=True))
    yield f"Without a relay: {told}."
    yield _memory(relays)


def _relay_row(relays: dict[str, Series], name: str, calls: int) -> Sequence[str]:
    point, bare = relays[name].points[calls], relays["bare"].points.get(calls) if "bare" in relays else None
    delays, added = point.relayed.delays, point.added
    limit = _ADDED_P99_MS.get(calls) if name in ("mirror", "classifier") else None
    return (
        str(calls), _NAMES[name] + ("" if point.is_whole else " (falls behind)"),
        f"{delays.p50_ms:.1f}", f"{delays.p99_ms:.1f}",
        f"{added.p50_ms:.1f}" if added else "-", f"{added.p99_ms:.1f}" if added else "-",
        f"p99 <= {limit:.0f}" if limit else "", f"{point.cpu_us:.0f}", _ratio(point, bare),
    )  # fmt: skip


def _ratio(point: Point, bare: Point | None) -> str:
    return f"{point.cpu_us / bare.cpu_us:.2f}" if bare is not None and bare.cpu_us else "-"


def _memory(relays: dict[str, Series]) -> str:
    most = max(relays["direct"].points)
    told = ", ".join(
        f"{_NAMES[name]} {relays[name].points[most].memory_kib:.0f} KiB" for name in _NAMES if name in relays
    )
    return f"Memory a call, grown from 5 to {most} calls: {told}."


# --- the rest --------------------------------------------------------------------------------------------------------


def _supervising(found: Supervising) -> Iterable[str]:
    paced, pressed = found.paced, found.pressed
    yield "## The supervise socket"
    yield (
        f"{found.calls} live calls in one ASGI process; each exchange is a `customer.turn` and an `agent.turn`, both"
        " recorded and acknowledged; PostgreSQL, Valkey, worker and load share the other core. A verdict is timed from"
        " the turn's sending, an ack from its message's."
    )
    rows = [
        ("verdicts a second", f"{paced.per_s:.0f}", f">= {PER_S * found.calls / 200:.0f}"),
        ("verdict p50", f"{paced.verdicts.p50_ms:.1f} ms", ""),
        ("verdict p99", f"{paced.verdicts.p99_ms:.1f} ms", "<= 20 ms"),
        ("ack p50 / p99", f"{paced.acks.p50_ms:.1f} / {paced.acks.p99_ms:.1f} ms", ""),
        ("turns without a verdict", str(paced.unanswered), "0"),
        ("processor time an exchange", f"{paced.cpu_s / max(1, paced.verdicts.count) * 1e6:.0f} us", ""),
        ("memory a call, beyond what earlier loads had taken", f"{found.memory_kib:.0f} KiB", ""),
        ("as fast as clients can ask", f"{pressed.per_s:.0f} verdicts/s, {pressed.verdicts}", ""),
    ]
    yield table(("what", "measured", "target"), rows)
    yield "Asked as fast as that, rows wait in memory and are written, and acknowledged, later."


def _holding(found: Holding) -> Iterable[str]:
    yield "## First audio in `hold`"
    yield (
        f"{found.calls} calls; the agent sends a turn's text and at once its audio; the delay is that of the first"
        f" frame, over {found.hold.count} turns that tier 0 lets pass."
    )
    rows = [
        ("optimistic", f"{found.optimistic.p50_ms:.1f}", f"{found.optimistic.p99_ms:.1f}"),
        ("hold", f"{found.hold.p50_ms:.1f}", f"{found.hold.p99_ms:.1f}"),
        ("added by hold", f"{found.added.p50_ms:.1f}", f"{found.added.p99_ms:.1f}"),
        ("target", "<= 5", "<= 50"),
    ]
    yield table(("release", "p50 ms", "p99 ms"), rows)


def _cases(cases: Cases) -> Iterable[str]:
    held, lost, barged = cases.held, cases.lost_marks, cases.barge_ins
    yield "## What is kept whatever happens"
    yield (
        "Seeded calls in made-up time through the product's own bridge, session and voice: text and speech are cut at"
        " random places, checkpoints are lost at random, callers interrupt at random. Processor time counts as"
        " none here."
    )
    rows = [
        (f"`hold`, {held.streams:,} streams, {held.bad_turns:,} bad turns: letters of them heard",
         f"{held.heard_letters:.0f}", "0"),
        (f"the same, {held.good_turns:,} good turns: cut short", str(held.good_cut), "0"),
        (f"lost checkpoints, {len(lost):,} calls: correction after the buffer line's length, at most",
         f"{max(one.correction_ms for one in lost):.0f} ms", "300 ms"),
        ("control back after the correction's length, at most",
         f"{max(one.control_ms for one in lost):.0f} ms", "500 ms"),
        (f"caller over the correction, {len(barged):,} calls: silence after the frame that told, at most",
         f"{max(one.stopped_ms for one in barged):.0f} ms", "20 ms"),
        ("the caller's speech is told within", f"{max(one.told_ms for one in barged):.0f} ms", ""),
        ("frames of the correction behind the clear", str(sum(one.frames_after for one in barged)), "0"),
        (f"a hundred bad turns at once, {len(cases.interventions)} calls: interventions each, at most",
         str(max(cases.interventions)), "1"),
    ]  # fmt: skip
    yield table(("what", "measured", "target"), rows)
