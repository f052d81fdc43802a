"""Which processor core a process runs on, and what it has used of it."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]

# Two cores that are not the same one twice: the first and the last this process may use.
_ALLOWED = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
TESTED_CORE = _ALLOWED[0] if len(_ALLOWED) > 1 else None
LOAD_CORE = _ALLOWED[-1] if len(_ALLOWED) > 1 else None


def pin(core: int | None, pid: int = 0) -> bool:
    """Keep a process, with the threads it has and will start, on one core. False where that cannot be done."""
    if core is None:
        return False
    try:
        for thread in _threads(pid or os.getpid()):
            with suppress(ProcessLookupError):  # a thread that has just ended
                os.sched_setaffinity(thread, {core})
    except (OSError, PermissionError):
        return False
    return True


def _threads(pid: int) -> list[int]:
    return [int(one.name) for one in Path(f"/proc/{pid}/task").iterdir()]


def pinning() -> str:
    """How the processes of a run are spread, in words."""
    if TESTED_CORE is None:
        return "not pinned: this machine lets this process have one core, or none can be chosen"
    return f"server under test alone on core {TESTED_CORE}, load and all else on core {LOAD_CORE}"


def scheduling() -> str:
    """Whether what is measured comes before other work of the machine, in words."""
    is_ahead = hasattr(os, "SCHED_RR") and os.sched_getscheduler(0) in (os.SCHED_RR, os.SCHED_FIFO)
    return "scheduled ahead of the machine's other work" if is_ahead else "with no priority over other work"


def step_back() -> None:
    """Give up a priority that this process was started with: what follows is not timed."""
    if hasattr(os, "SCHED_OTHER"):
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


@dataclass(frozen=True, slots=True)
class Usage:
    """Of one process with all its threads, up to now."""

    cpu_s: float
    rss_bytes: int


def usage(pid: int) -> Usage:
    process = psutil.Process(pid)
    times = process.cpu_times()
    return Usage(times.user + times.system, process.memory_info().rss)
