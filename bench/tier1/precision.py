"""What rounding the weights to whole numbers costs: the shipped model against the same one in full precision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.tier1.evaluate import Scored, Scorer, auc, is_new, scored

NLI = ("snli", "cad-nli", "conjnli-dev")


@dataclass(frozen=True)
class Pair:
    """Both models on one group of questions: shares that are right, and areas under the curve."""

    asked: int
    right: tuple[float, float]  # shipped, full precision
    area: tuple[float, float]


def compared(rows: Sequence[Scored], full: Sequence[Scored]) -> Pair:
    """``rows`` and ``full`` answer the same questions in the same order."""
    right = [sum((one.logit > 0) == one.ask.is_entailed for one in found) / len(found) for found in (rows, full)]
    area = [auc([(one.logit, one.ask.is_entailed) for one in found]) for found in (rows, full)]
    return Pair(len(rows), (right[0], right[1]), (area[0], area[1]))


def comparison(rows: Sequence[Scored], full: Scorer) -> dict[str, Pair]:
    """The shipped model's answers against those of ``full``, on acts in new wordings and on sentence pairs."""
    found = {}
    for name, chosen in (
        ("acts", [one for one in rows if is_new(one)]),
        ("sentence pairs (SNLI and like it)", [one for one in rows if one.example.source in NLI]),
    ):
        examples = list({id(one.example): one.example for one in chosen}.values())
        again = {(id(one.example), one.ask.text): one for one in scored(examples, full)}
        found[name] = compared(chosen, [again[id(one.example), one.ask.text] for one in chosen])
    return found


def comparison_table(found: dict[str, Pair]) -> str:
    lines = ["\n### Rounded to whole numbers, against full precision",
             "| what | asked | right, shipped | right, full | AUC, shipped | AUC, full |",
             "| --- | --- | --- | --- | --- | --- |"]  # fmt: skip
    for name, pair in found.items():
        lines.append(
            f"| {name} | {pair.asked} | {pair.right[0]:.4f} | {pair.right[1]:.4f} | {pair.area[0]:.4f} | {pair.area[1]:.4f} |"
        )
    return "\n".join(lines)
