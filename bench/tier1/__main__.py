"""Measure the shipped classifier on what it never learned from: ``python -m bench.tier1 DATA [--write]``.

``--write`` enters temperature, thresholds and figures into the model's manifest, and writes ``docs/tier1-figures.md``
and the diagram. Nothing is trained here; onnxruntime alone is needed. ``--full`` names a folder with the same model in
full precision (``bench.tier1.export`` writes it); without one, what the manifest says of it is shown.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.tier1.build import MADE
from bench.tier1.diagram import svg, tenths
from bench.tier1.evaluate import (
    Scored,
    auc,
    calibration_error,
    fitted_temperature,
    is_new,
    onnx_scorer,
    report,
    sample,
    scored,
    share,
)
from bench.tier1.judged import facts_table, judged_tables
from bench.tier1.made import made
from bench.tier1.policies import SETS, PolicyScore, policy_scores
from bench.tier1.precision import Pair, comparison, comparison_table
from bench.tier1.sources import corpora, read
from bench.tier1.speed import speed_table
from bench.tier1.tables import (
    Uses,
    act_threshold,
    calibration_table,
    hold_outs,
    logit,
    pairs_of,
    policy_tables,
    uses,
    uses_table,
)
from judging.providers.embedded import MODEL_FOLDER, embedded_uses

DOCS = Path("docs")
FIGURES, DIAGRAM = "tier1-figures.md", "tier1-calibration.svg"
MANIFEST = MODEL_FOLDER / "manifest.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--count", type=int, default=400, help="examples of each source and hold-out")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--full", type=Path, help="folder of the model in full precision")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    if not (args.data / "policy_sgd.jsonl.gz").is_file():
        raise SystemExit(f"no labelled data in {args.data}; name its folder: make bench-tier1 DATA=FOLDER")
    ask = onnx_scorer(MODEL_FOLDER)
    rows = scored(sample(examples(args.data, args.seed), args.count), ask)
    acts = [one for one in rows if is_new(one)]
    temperature = fitted_temperature(pairs_of(acts))
    threshold = act_threshold(acts, temperature)
    policies = [one for name in SETS for one in policy_scores(args.data, name, ask, temperature=temperature)]
    chosen, compared = uses(policies, threshold), rounding(rows, args.full)
    figures = figures_of(acts, policies, temperature, threshold)
    if args.write:  # first, because the judge reads it
        manifest_write(temperature, chosen, figures, compared)
        embedded_uses.cache_clear()
        (DOCS / DIAGRAM).write_text(svg(calibrated(acts, temperature), "How sure it is, and how often it is right"))
    told = page(rows, acts, policies, temperature, threshold, figures, chosen, compared)
    told += "\n" + facts_table(args.data, ask) + "\n" + judged_tables(args.data)
    print(told)
    if args.write:
        (DOCS / FIGURES).write_text(told + "\n", encoding="utf-8")


def examples(data: Path, seed: int) -> list[Any]:
    """Everything that may be measured: the corpora, and made turns of the splits that are not for training."""
    rule_rows = [one for one in read(data / "policy_sgd.jsonl.gz") if one["source"].startswith("sgd")]
    counts = {split: count for split, count in MADE.items() if split != "train"}
    return [*corpora(data, seed), *made(rule_rows, counts, seed)]


def rounding(rows: Sequence[Scored], full: Path | None) -> dict[str, Pair]:
    """Measured against ``full``; without it, as it was when the model was made."""
    if full is not None and (full / "model.onnx").is_file():
        return comparison(rows, onnx_scorer(full))
    known = json.loads(MANIFEST.read_text()).get("rounding", {})
    return {name: Pair(one["asked"], tuple(one["right"]), tuple(one["area"])) for name, one in known.items()}


def figures_of(
    acts: Sequence[Scored], policies: Sequence[PolicyScore], temperature: float, threshold: float
) -> dict[str, float]:
    return {
        "acts_auc": round(auc(pairs_of(acts)), 4),
        "acts_held_auc": round(auc(pairs_of([one for one in acts if one.example.split == "held"])), 4),
        "acts_calibration_error": round(calibration_error(pairs_of(acts), temperature), 4),
        "policies_sgd_auc": round(auc([(one.value, one.is_broken) for one in policies if one.source == SETS[0]]), 4),
        "threshold": round(threshold, 4),
    }


def calibrated(acts: Sequence[Scored], temperature: float) -> list[Any]:
    return tenths([(share(value, temperature), is_true) for value, is_true in pairs_of(acts)])


def page(
    rows: Sequence[Scored],
    acts: Sequence[Scored],
    policies: Sequence[PolicyScore],
    temperature: float,
    threshold: float,
    figures: dict[str, float],
    chosen: Uses,
    compared: dict[str, Pair],
) -> str:
    at = logit(threshold) * temperature
    before = calibration_error(pairs_of(acts), 1.0)
    return "\n".join((
        "# Figures of the embedded classifier\n",
        "Made by `make bench-tier1`, from the data's `dev` split and the hold-outs. Precision and recall are at the shipped "
        f"threshold, a score of {threshold:.3f} (temperature {temperature:.2f}); how common the true ones are is the data's, "
        "not a tenant's. The threshold was chosen on one half of the made acts that were never trained on.\n",
        "```json", json.dumps(figures, indent=1), "```",
        hold_outs(acts, at),
        policy_tables(policies, threshold),
        uses_table(chosen),
        calibration_table(calibrated(acts, temperature), figures["acts_calibration_error"], before),
        comparison_table(compared),
        speed_table(),
        report(rows, at),
    ))  # fmt: skip


def manifest_write(temperature: float, chosen: Uses, figures: dict[str, float], compared: dict[str, Pair]) -> None:
    found = json.loads(MANIFEST.read_text())
    rounded = {name: asdict(pair) for name, pair in compared.items()}
    found.update(temperature=round(temperature, 4), uses=chosen, figures=figures, rounding=rounded)
    MANIFEST.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
