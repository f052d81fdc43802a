"""The judge over labelled cases: ``python -m bench.judge DATA_FOLDER [--split dev] [--set NAME] [--page FILE]``.

Per set: precision, recall, F1 and false alarms with 95 % intervals, AUROC, what each check finds alone, what the
pre-gate would have passed over, and latency, against a baseline in the same run: "each argument value must literally
stand in the call" (for sets without tool calls: "each number the agent states must stand in the call"). Without data:
speed over made-up calls only, and no page.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from bench.judge.cases import SETS
from bench.judge.measure import SetResult, measure_set
from bench.judge.page import page_text
from bench.judge.printing import print_set, print_total
from bench.judge.speed import measure_long_calls, measure_speed, print_long_calls, print_speed


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench.judge", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path, help="folder with the labelled sets")
    parser.add_argument("--split", default="dev")
    parser.add_argument("--set", action="append", dest="sets", choices=SETS, help="only these sets; writes no page")
    parser.add_argument("--page", type=Path, help="write what was measured to this Markdown file")
    options = parser.parse_args(arguments)
    speed = measure_speed()
    print_speed(speed)
    print_long_calls(measure_long_calls())
    if options.data is None or not options.data.is_dir():
        left = f"; {options.page} is left as it is" if options.page else ""
        print(f"no labelled data ({options.data or 'none given'}): precision and recall are not measured{left}")
        return 0
    results = _measure(options.data, options.sets or list(SETS), options.split)
    if results:
        print_total(results)
    if results and options.page and not options.sets:
        options.page.write_text(page_text(results, speed, options.split), encoding="utf-8")
        print(f"wrote {options.page}")
    return 0


def _measure(data: Path, names: Sequence[str], split: str) -> list[SetResult]:
    results = []
    for name in names:
        path = data / f"{name}.jsonl.gz"
        if not path.exists():
            print(f"{name}: not in {data}")
            continue
        result = measure_set(path, split)
        if result.ours.total:
            print_set(result, split)
            results.append(result)
        else:
            print(f"{name}: no records of split {split}")
    return results
