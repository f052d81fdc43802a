"""Live streams in numbers: ``python -m bench.streams [--page FILE]``.

Ours beside relays of the same libraries, in one run. The load generator is a process of its own on another core than
the server under test. Without ``--page`` a short form: one load, once. Nothing here fails for being slow: the targets
are printed beside what was measured.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import django

from bench.streams.cores import pinning, scheduling, step_back
from bench.streams.holding import measure_holding
from bench.streams.page import Found, page_text
from bench.streams.relaying import Series, measure_relays, ours, relays
from bench.streams.servers import load_core_taken, product_serving
from bench.streams.supervising import measure_supervising

if TYPE_CHECKING:  # needs Django's settings
    from bench.streams.cases import Cases

_PARTS = ("relays", "supervise", "hold", "cases")


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured: numbers of calls, seconds at each load, made-up streams and calls."""

    levels: tuple[int, ...]
    seconds: float
    rounds: int
    supervised: int
    holding: int
    streams: int
    made_up: int


SHORT = Extent((50,), 3.0, 1, 50, 20, 200, 30)
FULL = Extent((50, 100, 150, 200), 3.0, 3, 200, 100, 10_000, 1_000)


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
    conditions = f"{pinning()}; {scheduling()}"
    _say(conditions)
    found = _measure(extent, options.only or _PARTS)
    if options.page:
        text = page_text(found, conditions=conditions, seconds=extent.seconds, rounds=extent.rounds)
        options.page.write_text(text, encoding="utf-8")
        _say(f"wrote {options.page}")
    return 0


def _extent(options: argparse.Namespace) -> Extent:
    usual = FULL if options.page else SHORT
    levels = tuple(int(one) for one in options.levels.split(",")) if options.levels else usual.levels
    return replace(
        usual, levels=levels, seconds=options.seconds or usual.seconds, rounds=options.rounds or usual.rounds
    )


def _measure(extent: Extent, parts: Sequence[str]) -> Found:
    found = Found()
    if set(parts) - {"cases"}:
        found = _measure_facts_only(extent, parts)
    if found.relays is not None:
        found = replace(found, relays={**found.relays, **_measure_classifier(extent, found.relays["direct"])})
    return replace(found, cases=_measure_cases(extent)) if "cases" in parts else found


def _measure_facts_only(extent: Extent, parts: Sequence[str]) -> Found:
    """The product with tier 0 alone, beside the relays."""
    seconds, rounds = extent.seconds, extent.rounds
    compared = supervising = holding = None
    with product_serving(with_classifier=False) as product:
        if "relays" in parts:
            compared = measure_relays(relays(product), levels=extent.levels, seconds=seconds, rounds=rounds, say=_say)
        if "hold" in parts:
            holding = measure_holding(product, calls=extent.holding, seconds=seconds, rounds=rounds, say=_say)
        if "supervise" in parts:
            supervising = measure_supervising(
                product, calls=extent.supervised, seconds=seconds, rounds=rounds, say=_say
            )
    return Found(compared, supervising, holding)


def _measure_classifier(extent: Extent, direct: Series) -> dict[str, Series]:
    """The product as it comes: the embedded classifier judges, too."""
    with product_serving(with_classifier=True) as product:
        return measure_relays(
            {"classifier": ours(product)},
            levels=extent.levels, seconds=extent.seconds, rounds=extent.rounds, say=_say, direct=direct,
        )  # fmt: skip


def _measure_cases(extent: Extent) -> Cases:
    step_back()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mirror_saas.settings")
    django.setup()
    from bench.streams.cases import measure_cases

    return measure_cases(streams=extent.streams, calls=extent.made_up, say=_say)


def _say(line: str) -> None:
    print(line, flush=True)
