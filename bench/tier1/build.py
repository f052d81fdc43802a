"""Write the examples: ``python -m bench.tier1.build DATA OUT``. The same data gives the same bytes."""

from __future__ import annotations

import argparse
import json
import pickle
from collections import Counter
from pathlib import Path

from bench.tier1.examples import Example, digest
from bench.tier1.made import made
from bench.tier1.sources import corpora, hashes, read

MADE = {"train": 48_000, "dev": 1_000, "held": 1_000}


def manifest(examples: list[Example], folder: Path, seed: int) -> dict[str, object]:
    counts = Counter((example.source, example.split) for example in examples)
    asks = Counter((example.source, example.split) for example in examples for _ in example.asks)
    return {
        "seed": seed,
        "data_sha256": hashes(folder),
        "examples_sha256": digest(examples),
        "examples": {f"{source}/{split}": count for (source, split), count in sorted(counts.items())},
        "asks": {f"{source}/{split}": count for (source, split), count in sorted(asks.items())},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--share", type=float, default=1.0, help="of the made examples, for a smoke run")
    args = parser.parse_args()
    policies = [row for row in read(args.data / "policy_sgd.jsonl.gz") if row["source"].startswith("sgd")]
    counts = {split: round(count * args.share) for split, count in MADE.items()}
    examples = [*corpora(args.data, args.seed), *made(policies, counts, args.seed)]
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "examples.pickle").write_bytes(pickle.dumps(examples))
    (args.out / "data.json").write_text(json.dumps(manifest(examples, args.data, args.seed), indent=1) + "\n")
    print(json.dumps(manifest(examples, args.data, args.seed)["asks"], indent=1))


if __name__ == "__main__":
    main()
