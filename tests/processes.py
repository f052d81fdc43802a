"""Looking at the programs of a data folder from outside, for tests that count what is left behind (Linux)."""

from __future__ import annotations

import os
import select
import time
from pathlib import Path


def programs_of(data_dir: Path) -> dict[int, str]:
    """Return ``{process id: command line}`` of all that was started for the folder.

    Each carries its path: our own programs in their environment, the servers as their working folder.
    """
    found: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _belongs(entry, str(data_dir)):
            command = (entry / "cmdline").read_bytes() if (entry / "cmdline").exists() else b""
            found[int(entry.name)] = command.replace(b"\0", b" ").decode(errors="replace").strip()
    return found


def pid_of(data_dir: Path, part: str) -> int:
    """Return the process whose command line holds ``part``, the first started."""
    return min(pid for pid, command in programs_of(data_dir).items() if part in command)


def are_gone(pids: list[int], *, within_s: float) -> bool:
    """Wait until all have ended; whether they have."""
    until = time.monotonic() + within_s
    return all(_is_gone(pid, until - time.monotonic()) for pid in pids)


def _is_gone(pid: int, within_s: float) -> bool:
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], max(within_s, 0))[0])
    finally:
        os.close(handle)


def _belongs(entry: Path, data_dir: str) -> bool:
    try:
        folder = os.readlink(entry / "cwd")
        environment = (entry / "environ").read_bytes()
    except OSError:
        return False
    return folder.startswith(data_dir) or data_dir.encode() in environment
