"""What a caller hears in ``hold``: ``python -m bench.hold_trials [COUNT]``, 10,000 seeded calls by default.

Each trial is a call whose agent streams text and speech, both cut at random places, and promises what it must not; the
judge's facts decide. Prints the letters of bad sentences that were heard, which must be none, and good turns that were
cut short, of which there must be none either; then the same for agents whose text is slower than the budget, where
what is heard is what the budget lets flow.
"""

from __future__ import annotations

import sys
import time
from collections import Counter

from bench._hold_world import trial

_COUNT = 10_000


def main(arguments: list[str]) -> int:
    """Run the trials; 1 where something bad was heard. A data folder among the arguments is not needed."""
    count = next((int(argument) for argument in arguments if argument.isdecimal()), _COUNT)
    began_s = time.perf_counter()
    bad, cut = _run(count, is_text_in_time=True)
    _run(count // 10, is_text_in_time=False)
    print(f"{time.perf_counter() - began_s:.0f} s")
    return 1 if bad or cut else 0


def _run(count: int, *, is_text_in_time: bool) -> tuple[int, int]:
    counts: Counter[str] = Counter()
    letters, bad = 0.0, 0
    for seed in range(count):
        heard = trial(seed, is_text_in_time=is_text_in_time)
        counts += heard.counts
        letters += heard.bad_letters
        bad += heard.bad_letters > 0
    print("text in time" if is_text_in_time else "text slower than the budget")
    print(f"{count:>8}  calls, {', '.join(f'{number} {name}' for name, number in sorted(counts.items()))}")
    print(f"{letters:>8.0f}  letters of bad sentences heard, in {bad} calls")
    return bad, counts["good turns cut short"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
