"""Live streams in numbers."""

from __future__ import annotations

import argparse

from bench.streams.cores import pinning
from bench.streams.relaying import measure_relays, relays
from bench.streams.supervising import measure_supervising
from bench.streams.servers import load_core_taken, product_serving


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench.streams", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--levels", default="50,100,150,200")
    parser.add_argument("--only", default="")
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    load_core_taken()
    print(pinning())
    with product_serving(with_classifier=False) as product:
        serving = relays(product)
        if options.only == "supervise":
            measure_supervising(product, calls=200, seconds=options.seconds, rounds=options.rounds, say=print)
            return 0
        if options.only:
            serving = {name: serve for name, serve in serving.items() if name in ("direct", *options.only.split(","))}
        measure_relays(
            serving,
            levels=[int(one) for one in options.levels.split(",")],
            seconds=options.seconds,
            rounds=options.rounds,
            say=lambda line: print(line, flush=True),
        )
    return 0
