"""All benchmarks in turn: ``python -m bench [DATA_FOLDER]``; their names: ``python -m bench --list``.

Each benchmark is a module here with ``main(arguments) -> int``; one by itself: ``python -m bench.judge DATA_FOLDER``.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    names = sorted(module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    if arguments == ["--list"]:
        print("\n".join(name for name in names if not name.startswith("_")))
        return 0
    failed = 0
    for name in names:
        if name.startswith("_"):
            continue
        print(f"== {name}", flush=True)
        failed |= importlib.import_module(f"bench.{name}").main(arguments)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
