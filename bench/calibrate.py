"""Fit temperatures: ``python -m bench.calibrate FILE.jsonl``, lines like ``{"use": "x", "score": 0.8, "label": true}``.

One temperature per use (a kind of rule, or any name), to be set as ``Tier1Use.temperature``, with the calibration error
before and after. Make the file from labelled data that the model was not trained on.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path

from judging.core.act_scores import tempered
from judging.core.calibration import calibration_error, fit_temperature


def main(arguments: list[str]) -> int:
    """Print one line per use. Without a file of scores there is nothing to do."""
    files = [Path(argument) for argument in arguments if argument.endswith(".jsonl")]
    if not files:
        print("no file of scores given")
        return 0
    scores, labels = defaultdict(list), defaultdict(list)
    for line in (line for file in files for line in file.read_text().splitlines() if line.strip()):
        found = json.loads(line)
        scores[found["use"]].append(float(found["score"]))
        labels[found["use"]].append(bool(found["label"]))
    for use in sorted(scores):
        fitted = fit_temperature(scores[use], labels[use])
        before = calibration_error(scores[use], labels[use])
        after = calibration_error([tempered(score, fitted) for score in scores[use]], labels[use])
        print(f"{use}: temperature {fitted:.3f}, calibration error {before:.3f} -> {after:.3f}, n {len(scores[use])}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
