"""Live streams in numbers: ``python -m bench.streams [--page FILE]``.

Ours beside relays of the same libraries, in one run. The load generator is a process of its own on another core than
the server under test. Without ``--page`` a short form: one load, once. Nothing here fails for being slow: the targets
are printed beside what was measured.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from bench.streams.cores import pinning
from bench.streams.relaying import measure_relays, relays
from bench.streams.servers import Product, load_core_taken, product_serving
from bench.streams.supervising import measure_supervising

_PARTS = ("relays", "supervise")


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured."""

    levels: tuple[int, ...]
    seconds: float
    rounds: int
    supervised: int


SHORT = Extent((50,), 3.0, 1, 50)
FULL = Extent((50, 100, 150, 200), 8.0, 3, 200)


def main(arguments: list[str]) -> int:
    """Measure and print. A data folder among the arguments is not needed."""
    parser = argparse.ArgumentParser(prog="bench.streams", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path, help="ignored: no data is needed")
    parser.add_argument("--page", type=Path, help="measure at length and write it to this Markdown file")
    parser.add_argument("--only", action="append", choices=_PARTS, help="only these parts")
    parser.add_argument("--levels", help="numbers of calls, as in 50,100")
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--rounds", type=int)
    extent = _extent(options := parser.parse_args(arguments))
    load_core_taken()
    _say(pinning())
    with product_serving(with_classifier=False) as product:
        _measure(product, extent, options.only or _PARTS)
    return 0


def _extent(options: argparse.Namespace) -> Extent:
    usual = FULL if options.page else SHORT
    levels = tuple(int(one) for one in options.levels.split(",")) if options.levels else usual.levels
    return Extent(levels, options.seconds or usual.seconds, options.rounds or usual.rounds, usual.supervised)


def _measure(product: Product, extent: Extent, parts: tuple[str, ...]) -> None:
    if "relays" in parts:
        measure_relays(relays(product), levels=extent.levels, seconds=extent.seconds, rounds=extent.rounds, say=_say)
    if "supervise" in parts:
        measure_supervising(product, calls=extent.supervised, seconds=extent.seconds, rounds=extent.rounds, say=_say)


def _say(line: str) -> None:
    print(line, flush=True)
