"""Score a checkpoint or an exported model on what it never learned from: ``python -m bench.tier1.evaluate``.

Tables per source, kind and hold-out: area under the curve (AUC), and precision and recall at one threshold, which is
the lowest of the calibrated ones with the wanted precision.
"""

from __future__ import annotations

import argparse
import json
import math
import pickle
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.tier1.examples import Ask, Example

Scorer = Callable[[str, Sequence[str]], Sequence[float]]  # logits


@dataclass(frozen=True)
class Scored:
    """One asked hypothesis with its logit."""

    example: Example
    ask: Ask
    logit: float

    @property
    def kind(self) -> str:
        return self.ask.kind.split("/")[0]


def auc(rows: Iterable[tuple[float, bool]]) -> float:
    """The chance that a true one scores above an untrue one; nan with one kind only."""
    ordered = sorted(rows)
    positives = sum(is_true for _, is_true in ordered)
    negatives = len(ordered) - positives
    if not positives or not negatives:
        return math.nan
    total, at = 0.0, 0
    while at < len(ordered):
        end = at
        while end < len(ordered) and ordered[end][0] == ordered[at][0]:
            end += 1
        total += sum(is_true for _, is_true in ordered[at:end]) * (at + 1 + end) / 2
        at = end
    return (total - positives * (positives + 1) / 2) / (positives * negatives)


def share(logit: float, temperature: float = 1.0) -> float:
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, logit / temperature))))


def fitted_temperature(rows: Sequence[tuple[float, bool]]) -> float:
    """The temperature with the least log loss, by golden section on a log scale."""

    def loss(log_temperature: float) -> float:
        temperature = math.exp(log_temperature)
        shares = ((share(logit, temperature), is_true) for logit, is_true in rows)
        return -sum(math.log(max(1e-9, value if is_true else 1 - value)) for value, is_true in shares) / len(rows)

    low, high, ratio = math.log(0.2), math.log(8.0), (math.sqrt(5) - 1) / 2
    for _ in range(40):
        first, second = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, second) if loss(first) < loss(second) else (first, high)
    return math.exp((low + high) / 2)


def calibration_error(rows: Sequence[tuple[float, bool]], temperature: float, bins: int = 10) -> float:
    """Expected calibration error over bins of equal width."""
    cells: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for logit, is_true in rows:
        value = share(logit, temperature)
        cells[min(bins - 1, int(value * bins))].append((value, is_true))
    gaps = (abs(sum(v for v, _ in cell) - sum(t for _, t in cell)) for cell in cells.values())
    return sum(gaps) / len(rows)


def at_threshold(rows: Sequence[tuple[float, bool]], threshold: float) -> tuple[float, float]:
    """Precision and recall of scores from ``threshold`` up (logits)."""
    hits = [is_true for logit, is_true in rows if logit >= threshold]
    positives = sum(is_true for _, is_true in rows)
    return (sum(hits) / len(hits) if hits else math.nan), (sum(hits) / positives if positives else math.nan)


def threshold_for(rows: Sequence[tuple[float, bool]], precision: float) -> float:
    """The lowest logit from which on the precision is reached; infinite where it never is."""
    found, hits, true = math.inf, 0, 0
    ordered = sorted(rows, reverse=True)
    for at, (logit, is_true) in enumerate(ordered):
        hits, true = hits + 1, true + is_true
        is_last = at + 1 == len(ordered) or ordered[at + 1][0] < logit  # like answers stand or fall together
        if is_last and hits >= 20 and true / hits >= precision:
            found = logit
    return found


def torch_scorer(checkpoint: Path, tokenizer: Path) -> Scorer:
    import torch

    from bench.tier1.batches import Encoder, collate
    from bench.tier1.export import load

    torch.set_num_threads(1)
    model, encoder = load(checkpoint), Encoder(tokenizer)

    def score(premise: str, hypotheses: Sequence[str]) -> Sequence[float]:
        item = (encoder.premise(premise), [(encoder.hypothesis(text), Ask(text, False)) for text in hypotheses])
        size = (len(item[0]), len(hypotheses), max(len(ids) for ids, _ in item[1]))
        batch = collate([item], size)
        with torch.no_grad():
            logits = model(batch.premise, batch.hypotheses, batch.premise_mask, batch.hypotheses_mask)
        return [float(value) for value in logits[0, :, 0]]

    return score


def onnx_scorer(folder: Path) -> Scorer:
    from judging.providers.embedded import Model

    model = Model(folder, temperature=1.0)
    return lambda premise, hypotheses: model.logits(premise, hypotheses)


def scored(examples: Sequence[Example], score: Scorer) -> list[Scored]:
    found = []
    for example in examples:
        logits = score(example.premise, [ask.text for ask in example.asks])
        found += [Scored(example, ask, float(logit)) for ask, logit in zip(example.asks, logits, strict=True)]
    return found


def sample(examples: Sequence[Example], count: int, seed: int = 0) -> list[Example]:
    """At most ``count`` examples of each source and split, never of training."""
    groups: dict[tuple[str, str], list[Example]] = defaultdict(list)
    for example in examples:
        if example.split != "train":
            groups[example.source, example.split].append(example)
    rng = random.Random(seed)
    return [example for key in sorted(groups) for example in rng.sample(groups[key], min(count, len(groups[key])))]


def row(name: str, rows: Sequence[Scored], threshold: float) -> str:
    pairs = [(found.logit, found.ask.is_entailed) for found in rows]
    precision, recall = at_threshold(pairs, threshold)
    positives = sum(is_true for _, is_true in pairs)
    return f"| {name} | {len(pairs)} | {positives} | {auc(pairs):.3f} | {precision:.3f} | {recall:.3f} |"


HEAD = "| what | asked | true | AUC | precision | recall |\n| --- | --- | --- | --- | --- | --- |"


def table(title: str, groups: dict[str, list[Scored]], threshold: float) -> str:
    lines = [row(name, found, threshold) for name, found in sorted(groups.items()) if found]
    return "\n".join([f"\n### {title}", HEAD, *lines])


def grouped(rows: Iterable[Scored], key: Callable[[Scored], str | None]) -> dict[str, list[Scored]]:
    found: dict[str, list[Scored]] = defaultdict(list)
    for one in rows:
        name = key(one)
        if name is not None:
            found[name].append(one)
    return found


ACT_SOURCES = {"sgd_acts", "sgd_turns", "acts"}


def is_new(one: Scored) -> bool:
    """Whether an act is asked in a wording that was never trained on, or is an act that never was."""
    return one.example.source in ACT_SOURCES and (one.ask.wording == "dev" or one.example.split == "held")


def report(rows: Sequence[Scored], threshold: float) -> str:
    acts = [one for one in rows if is_new(one)]
    parts = [
        table("By source and hold-out", grouped(rows, lambda one: f"{one.example.source} / {one.example.split}"), threshold),
        table("Acts by wording and hold-out", grouped(
            (one for one in rows if one.example.source in ACT_SOURCES),
            lambda one: f"{one.example.source} / {one.example.split} / wording {one.ask.wording}"), threshold),
        table("Acts by kind (new wordings)", grouped(acts, lambda one: one.kind), threshold),
        table("Service domains held out", grouped(
            (one for one in acts if one.example.split == "held" and one.example.source != "acts"),
            lambda one: one.example.domain), threshold),
    ]  # fmt: skip
    return "\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--tokenizer", type=Path)
    parser.add_argument("--exported", type=Path)
    parser.add_argument("--count", type=int, default=300, help="examples of each source and split")
    parser.add_argument("--precision", type=float, default=0.95)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    score = onnx_scorer(args.exported) if args.exported else torch_scorer(args.checkpoint, args.tokenizer)
    rows = scored(sample(pickle.loads(args.examples.read_bytes()), args.count), score)
    acts = [(one.logit, one.ask.is_entailed) for one in rows if is_new(one)]
    temperature = fitted_temperature(acts)
    threshold = threshold_for(acts, args.precision)
    print(f"acts, new wordings: AUC {auc(acts):.3f}, temperature {temperature:.3f}, "
          f"calibration error {calibration_error(acts, temperature):.3f} (raw {calibration_error(acts, 1.0):.3f}), "
          f"threshold {threshold:.2f} (share {share(threshold, temperature):.3f})")  # fmt: skip
    print(report(rows, threshold))
    if args.out:
        args.out.write_text(json.dumps({"temperature": temperature, "threshold": threshold}))


if __name__ == "__main__":
    main()
