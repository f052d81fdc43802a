"""What the benchmark prints while it runs."""

from __future__ import annotations

from collections.abc import Sequence

from bench.judge.measure import PreGate, SetResult, clean_alarms
from bench.judge.speed import percentiles
from judging.core.scoring import Rate, Score, with_interval


def print_set(result: SetResult, split: str) -> None:
    print(f"\n{result.name} ({split}, {result.ours.total} cases)")
    _print_score("tier 0", result.ours)
    if result.with_classifier is not None:
        _print_score("tiers 0 and 1", result.with_classifier)
    _print_score("baseline: literal", result.baseline)
    area = "-" if result.auroc is None else f"{result.auroc:.3f}"
    print(f"    AUROC {area}")
    for name, alone in sorted(result.checks.items(), key=lambda item: -item[1].precision.trials):
        rate = alone.precision
        print(
            f"    {name:24} precision {rate} ({rate.hits} right, {rate.trials - rate.hits} wrong),"
            f" recall {alone.recall.value:.3f}, F1 {alone.f1:.3f}"
        )
    for name, found in sorted(result.subtypes.items(), key=lambda item: item[1].recall.value):
        _print_subtype(name, found)
    print(f"    pre-gate: {_pre_gate(result.pre_gate)}")
    print(f"    judging {percentiles(result.judging_us)}; entering one turn {percentiles(result.entering_us)}")
    if result.tier1_us:
        print(f"    tier 1, one question {percentiles(result.tier1_us)}")


def print_total(results: Sequence[SetResult]) -> None:
    whole = PreGate()
    for result in results:
        whole += result.pre_gate
    print(f"\nall sets together: false alarms on clean turns {clean_alarms(results)}; pre-gate: {_pre_gate(whole)}")


def _print_score(name: str, found: Score) -> None:
    print(
        f"  {name:18} precision {found.precision}  recall {found.recall}"
        f"  F1 {with_interval(found.f1, found.f1_interval)}  false alarms {found.false_positive_rate}"
    )


def _print_subtype(name: str, found: Score) -> None:
    broken = f"found {found.recall.hits} of {found.recall.trials} broken" if found.recall.trials else ""
    alarms = found.false_positive_rate
    good = f"{alarms.hits} false alarms on {alarms.trials} good" if alarms.trials else ""
    print(f"    subtype {name:24} {', '.join(part for part in (broken, good) if part)}")


def _pre_gate(found: PreGate) -> str:
    return (
        f"passes over {Rate(found.passed_over, found.broken)} of the broken turns"
        f" ({found.missed} of {found.broken} lost for every tier)"
        f" and {Rate(found.spared, found.good)} of the good ones"
    )
