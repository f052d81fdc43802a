"""Ends the programs of a supervisor that died without ending them itself (``kill -9``, out of memory).

Runs as a process of its own, on the standard library alone. The supervisor writes ``+<group> <signal>`` for every
program it starts and ``-<group>`` for every one it has ended. When the pipe closes, what is left is ended, the last
started first: each is asked by its signal, and killed where it does not listen.
"""

from __future__ import annotations

import os
import signal
import sys
import time

ASK_S = 5.0


def main() -> None:
    # Ctrl-C reaches every process of the terminal; the supervisor answers it, and closes the pipe when it is done.
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: dict[int, int] = {}
    for line in sys.stdin:
        note(line, groups)
    end(groups)


def note(line: str, groups: dict[int, int]) -> None:
    mark, *values = line[:1], *line[1:].split()
    if mark == "+":
        groups[int(values[0])] = int(values[1])
    elif mark == "-":
        groups.pop(int(values[0]), None)


def end(groups: dict[int, int]) -> None:
    left = [group for group, number in reversed(groups.items()) if ask(group, number)]
    until = time.monotonic() + ASK_S
    while left and time.monotonic() < until:
        time.sleep(0.05)
        left = [group for group in left if ask(group, 0)]
    for group in left:
        ask(group, signal.SIGKILL)


def ask(group: int, number: int) -> bool:
    """Send the signal to the group; return whether there was anybody to get it."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    main()
