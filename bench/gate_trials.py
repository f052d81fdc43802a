"""The tool gate under fire: ``python -m bench.gate_trials [COUNT]``, 10,000 seeded calls by default.

Each trial is one call in which models fail in every way, the store goes away or refuses a row, snapshots are lost,
processes die between decision and record, clients reconnect and ask twice. Prints how often each fault was injected,
and every broken promise with its seed: no irreversible call without a recorded allow, no fail-closed tool let through
unjudged, one decision per request and the same one again, every decision in the record.
"""

from __future__ import annotations

import sys
import time

from bench._gate_world import trials

_COUNT = 10_000


def main(arguments: list[str]) -> int:
    """Run the trials; 1 where a promise was broken. A data folder among the arguments is not needed."""
    count = next((int(argument) for argument in arguments if argument.isdecimal()), _COUNT)
    began_s = time.perf_counter()
    counts, broken = trials(range(count))
    print(f"{count} trials in {time.perf_counter() - began_s:.0f} s")
    for name, times in sorted(counts.items()):
        print(f"{times:>8}  {name}")
    for seed, promises in broken.items():
        print(f"seed {seed}: {'; '.join(promises)}")
    print(f"violations: {len(broken)}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
