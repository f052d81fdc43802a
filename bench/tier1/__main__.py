"""Measure the shipped classifier on what it never learned from: ``python -m bench.tier1 DATA [--write]``.

``--write`` enters temperature, thresholds and figures into the model's manifest and ``docs/tier1-figures.md``. Nothing
is trained here; onnxruntime alone is needed.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from bench.tier1.build import MADE
from bench.tier1.evaluate import (
    HEAD,
    Scored,
    at_threshold,
    auc,
    calibration_error,
    fitted_temperature,
    grouped,
    is_new,
    onnx_scorer,
    report,
    row,
    sample,
    scored,
    share,
    threshold_for,
)
from bench.tier1.made import made
from bench.tier1.policies import SETS, PolicyScore, policy_scores
from bench.tier1.sources import corpora, read
from bench.tier1.speed import speed_table
from judging.core import Kind
from judging.providers.embedded import MODEL_FOLDER

FIGURES = Path("docs/tier1-figures.md")
WANTED_PRECISION = 0.95
LEAST_THRESHOLD = 0.85
ENOUGH = 50  # broken rules of a kind that a precision is believed from


def logit(value: float) -> float:
    value = min(1 - 1e-6, max(1e-6, value))
    return math.log(value / (1 - value))


def pairs_of(rows: Sequence[Scored]) -> list[tuple[float, bool]]:
    return [(one.logit, one.ask.is_entailed) for one in rows]


def act_threshold(acts: Sequence[Scored], temperature: float) -> float:
    """The score from which made acts that were never trained on, the hardest we have, are right often enough."""
    held = [one for one in acts if one.example.split == "held" and one.example.source == "acts"]
    return max(LEAST_THRESHOLD, share(threshold_for(pairs_of(held), WANTED_PRECISION), temperature))


def uses(policies: Sequence[PolicyScore], threshold: float) -> dict[str, dict[str, object]]:
    """Per kind of rule: whether the model may decide, and from which score on."""
    found: dict[str, dict[str, object]] = {}
    for kind in Kind:
        values = [(one.value, one.is_broken) for one in policies if one.kind is kind]
        chosen = max(threshold, min(1.0, threshold_for(values, WANTED_PRECISION)))
        precision, recall = at_threshold(values, chosen)
        is_shown = sum(broken for _, broken in values) >= ENOUGH and precision >= WANTED_PRECISION
        found[kind.value] = {
            "is_observed": not is_shown,
            "threshold": round(chosen if is_shown else threshold, 4),
            "temperature": 1.0,
            "precision": None if math.isnan(precision) else round(precision, 4),
            "recall": None if math.isnan(recall) else round(recall, 4),
            "turns": len(values),
            "broken": sum(broken for _, broken in values),
        }
    return found


def policy_table(title: str, groups: dict[str, list[PolicyScore]], threshold: float) -> str:
    lines = [f"\n### {title}", HEAD]
    for name, found in sorted(groups.items()):
        values = [(one.value, one.is_broken) for one in found]
        precision, recall = at_threshold(values, threshold)
        broken = sum(is_broken for _, is_broken in values)
        lines.append(f"| {name} | {len(values)} | {broken} | {auc(values):.3f} | {precision:.3f} | {recall:.3f} |")
    return "\n".join(lines)


def calibration_table(acts: Sequence[Scored], temperature: float) -> str:
    """What share of the answers of each tenth is right."""
    cells: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for value, is_true in pairs_of(acts):
        said = share(value, temperature)
        cells[min(9, int(said * 10))].append((said, is_true))
    lines = [
        "\n### Calibration (acts in new wordings)",
        "| score | asked | mean score | true |",
        "| --- | --- | --- | --- |",
    ]
    for cell, found in sorted(cells.items()):
        said, true = sum(value for value, _ in found) / len(found), sum(is_true for _, is_true in found) / len(found)
        bar = "█" * round(true * 20)
        lines.append(f"| {cell / 10:.1f} to {(cell + 1) / 10:.1f} | {len(found)} | {said:.2f} | {true:.2f} {bar} |")
    return "\n".join(lines)


def by(rows: Sequence[PolicyScore], name: str) -> dict[str, list[PolicyScore]]:
    found: dict[str, list[PolicyScore]] = defaultdict(list)
    for one in rows:
        found[str(getattr(one, name))].append(one)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--count", type=int, default=400, help="examples of each source and hold-out")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    rule_rows = [one for one in read(args.data / "policy_sgd.jsonl.gz") if one["source"].startswith("sgd")]
    counts = {split: count for split, count in MADE.items() if split != "train"}
    examples = [*corpora(args.data, args.seed), *made(rule_rows, counts, args.seed)]
    score = onnx_scorer(MODEL_FOLDER)
    rows = scored(sample(examples, args.count), score)
    acts = [one for one in rows if is_new(one)]
    temperature = fitted_temperature(pairs_of(acts))
    threshold = act_threshold(acts, temperature)
    policies = [one for name in SETS for one in policy_scores(args.data, name, score, temperature=temperature)]
    chosen = uses(policies, threshold)
    figures = {
        "acts_auc": round(auc(pairs_of(acts)), 4),
        "acts_held_auc": round(auc(pairs_of([one for one in acts if one.example.split == "held"])), 4),
        "acts_calibration_error": round(calibration_error(pairs_of(acts), temperature), 4),
        "policies_sgd_auc": round(auc([(one.value, one.is_broken) for one in policies if one.source == SETS[0]]), 4),
        "threshold": round(threshold, 4),
    }
    told = page(rows, acts, policies, temperature, threshold, figures, chosen)
    print(told)
    if args.write:
        manifest_write(temperature, chosen, figures)
        FIGURES.write_text(told + "\n", encoding="utf-8")


def page(
    rows: Sequence[Scored],
    acts: Sequence[Scored],
    policies: Sequence[PolicyScore],
    temperature: float,
    threshold: float,
    figures: dict[str, float],
    chosen: dict[str, dict[str, object]],
) -> str:
    at = logit(threshold) * temperature
    held = grouped(acts, lambda one: f"{one.example.source}, {'held out' if one.example.split == 'held' else 'seen'}")
    parts = [
        "# Figures of the embedded classifier\n",
        "Made by `make bench-tier1`, from the data's `dev` split and the hold-outs. Precision and recall are at the shipped "
        f"threshold, a score of {threshold:.3f} (temperature {temperature:.2f}); how common the true ones are is the data's, "
        "not a tenant's.\n",
        "```json", json.dumps(figures, indent=1), "```",
        "\n### Acts in new wordings, and acts that were never trained on", HEAD,
        *(row(name, found, at) for name, found in sorted(held.items())),
        row("all", acts, at),
        policy_table("Policies as compiled, by set", by(policies, "source"), threshold),
        policy_table("Policies as compiled, by kind", by(policies, "kind"), threshold),
        policy_table("policy_sgd by policy text", by([one for one in policies if one.source == SETS[0] and one.policy_kind not in ("readback", "stale_readback")], "text"), threshold),
        policy_table("policy_sgd by domain (Homes, Media and Travel were never trained on)", by([one for one in policies if one.source == SETS[0]], "domain"), threshold),
        "\n### What the model may do, by kind of rule",
        "| kind | may decide | from | precision | recall | rules asked | broken |\n| --- | --- | --- | --- | --- | --- | --- |",
        *(f"| {kind} | {'asks tier 2 only' if use['is_observed'] else 'yes'} | {use['threshold']} | {use['precision']} | {use['recall']} | {use['turns']} | {use['broken']} |" for kind, use in chosen.items()),
        calibration_table(acts, temperature),
        f"\nCalibration error {figures['acts_calibration_error']} ({calibration_error(pairs_of(acts), 1.0):.3f} before).",
        speed_table(),
        report(rows, at),
    ]  # fmt: skip
    return "\n".join(parts)


def manifest_write(temperature: float, chosen: dict[str, dict[str, object]], figures: dict[str, float]) -> None:
    path = MODEL_FOLDER / "manifest.json"
    found = json.loads(path.read_text())
    found.update(temperature=round(temperature, 4), uses=chosen, figures=figures)
    path.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
