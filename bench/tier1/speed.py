"""How long the classifier takes and how much memory: on this machine, in this minute."""

from __future__ import annotations

import subprocess
import sys
import time

from judging.providers.embedded import Model

PREMISE = (
    "Customer: I moved house last week and I would like to have the parcel sent to the new place, if that still works.\n"
    "Agent: Of course, I have changed the delivery address. It will arrive on Thursday, and the change costs five dollars.\n"
    "Tool: change_address(order=48213, city=Leeds)"
)
DEEDS = "promises a refund|states a price|gives legal advice|asks for a password|insults the customer".split("|")


def hypotheses(count: int) -> list[str]:
    return [
        f"The agent {DEEDS[at % len(DEEDS)]}{'' if at < len(DEEDS) else f' for reason {at}'}." for at in range(count)
    ]


def times_ms(model: Model, count: int, runs: int) -> list[float]:
    texts, found = hypotheses(count), []
    model.scores(PREMISE, texts)
    for _ in range(runs):
        began_s = time.perf_counter()
        model.scores(PREMISE, texts)
        found.append((time.perf_counter() - began_s) * 1000)
    return sorted(found)


def memory_mb() -> int:
    """The most memory that a process with nothing but the model has held, after asking 50 rules."""
    code = (
        "from bench.tier1.speed import *; m = Model.load(); m.scores(PREMISE, hypotheses(50));"
        "print(*[line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')])"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)  # noqa: S603
    return int(found.stdout) // 1024


def speed_table() -> str:
    began_s = time.perf_counter()
    model = Model.load()
    loaded_ms = (time.perf_counter() - began_s) * 1000
    lines = [f"\n### Speed (one thread; loaded in {loaded_ms:.0f} ms, {memory_mb()} MB with Python)",
             "| rules asked | least ms | p50 ms | p99 ms |", "| --- | --- | --- | --- |"]  # fmt: skip
    for count, runs in ((1, 200), (5, 200), (20, 100), (50, 100)):
        found = times_ms(model, count, runs)
        lines.append(
            f"| {count} | {found[0]:.1f} | {found[len(found) // 2]:.1f} | {found[int(len(found) * 0.99)]:.1f} |"
        )
    return "\n".join(lines)
