"""The page ``docs/judge-quality.md``: what a run measured, as Markdown. The same code gives the same but for times."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.judge.cases import SETS
from bench.judge.measure import PreGate, SetResult, clean_alarms
from bench.judge.speed import Speed, percentiles
from judging.core.scoring import Interval, Rate, Score

_LIMITS = Path(__file__).with_name("limits.md")
_WEAKEST = 12
_FEW = 5  # broken cases: with fewer a subtype says nothing


def page_text(results: Sequence[SetResult], speed: Speed, split: str) -> str:
    """Return the whole page."""
    cases = sum(result.ours.total for result in results)
    parts = [
        "# How good the judge is",
        f"Written by `make bench-judge` from one run over {cases:,} labelled turns (split `{split}`); do not edit it by"
        " hand. In brackets: 95 % intervals, Wilson's for rates; F1's follows from Wilson's for the share of what is"
        " rightly found in all that is flagged or broken. *Broken* turns are those that the label calls wrong, *good*"
        " ones the others; a *false alarm* is a good turn that would have been interrupted.",
        f"Over all sets, **{_rate(clean_alarms(results))} of the good turns** are interrupted by tier 0 alone"
        f" ({clean_alarms(results).hits} of {clean_alarms(results).trials:,}; the limit we set ourselves is 0.01).",
        "## Sets",
        _table(("set", "what it asks"), [(f"`{result.name}`", SETS[result.name]) for result in results]),
        "### Tier 0 alone",
        _scores_table((result, result.ours, result.auroc) for result in results),
        _classifier_part(results),
        "### The baseline: every value must literally stand in the call",
        _scores_table((result, result.baseline, None) for result in results),
        "## Checks",
        "What each check of tier 0 finds by itself, over all sets and in each; recall is its share of all broken turns"
        " there.",
        _checks_table(results),
        "## What it is bad at",
        f"The kinds of broken turns that tier 0 finds least often (kinds with at least {_FEW}):",
        _weakest_table(results),
        "Where the false alarms are:",
        _alarms_table(results),
        "Known limits:",
        _LIMITS.read_text(encoding="utf-8").strip(),
        "## The pre-gate",
        "The pre-gate decides whether tiers 1 and 2 are asked about a turn; tier 0 sees every turn. *Missed* are broken"
        " turns that it passes over and tier 0 does not find either: no tier can find those.",
        _pre_gate_table(results),
        _signs_line(results),
        "## Latency",
        f"On one core of the machine of this run ({platform.machine()}, Python {platform.python_version()}).",
        _latency_table(results, speed),
        "## Doing it again",
        _again(results, split),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _in_brackets(value: float, interval: Interval) -> str:
    return f"{value:.3f} ({interval[0]:.3f}-{interval[1]:.3f})"


def _rate(rate: Rate) -> str:
    return _in_brackets(rate.value, rate.interval) if rate.trials else "-"


def _scores_table(rows: Iterable[tuple[SetResult, Score, float | None]]) -> str:
    head = ("set", "turns", "broken", "precision", "recall", "F1", "false alarms", "AUROC")
    return _table(head, [_score_cells(result.name, found, area) for result, found, area in rows])


def _score_cells(name: str, found: Score, area: float | None) -> tuple[str, ...]:
    return (
        f"`{name}`",
        f"{found.total:,}",
        f"{found.recall.trials:,}",
        _rate(found.precision),
        _rate(found.recall),
        _in_brackets(found.f1, found.f1_interval),
        _rate(found.false_positive_rate),
        "-" if area is None else f"{area:.3f}",
    )


def _classifier_part(results: Sequence[SetResult]) -> str:
    asked = [(result, result.with_classifier, None) for result in results if result.with_classifier is not None]
    if not asked:
        return "Tier 1 was not measured: this run had no embedded classifier."
    return f"### Tiers 0 and 1, embedded classifier\n\n{_scores_table((r, s, a) for r, s, a in asked if s)}"


def _checks_table(results: Sequence[SetResult]) -> str:
    rows = []
    names = sorted({name for result in results for name in result.checks})
    for name in names:
        found = [(result.name, result.checks[name]) for result in results if name in result.checks]
        # In the sets where it never fired it has missed everything.
        silent = sum((_all_missed(result) for result in results if name not in result.checks), Score())
        rows.append(_check_cells(f"**{name}**", "all", sum((one for _, one in found), silent)))
        rows.extend(_check_cells("", f"`{where}`", one) for where, one in found if len(found) > 1)
    return _table(("check", "set", "right", "wrong", "precision", "recall", "F1"), rows)


def _all_missed(result: SetResult) -> Score:
    broken = result.ours.recall.trials
    return Score(0, 0, broken, result.ours.total - broken)


def _check_cells(name: str, where: str, found: Score) -> tuple[str, ...]:
    right, wrong = found.true_positives, found.false_positives
    f1 = _in_brackets(found.f1, found.f1_interval)
    return name, where, str(right), str(wrong), _rate(found.precision), _rate(found.recall), f1


def _by_subtype(results: Sequence[SetResult]) -> list[tuple[str, str, Score]]:
    return [(result.name, name, found) for result in results for name, found in sorted(result.subtypes.items())]


def _weakest_table(results: Sequence[SetResult]) -> str:
    counted = [row for row in _by_subtype(results) if row[2].recall.trials >= _FEW]
    weakest = sorted(counted, key=lambda row: (row[2].recall.value, -row[2].recall.trials))[:_WEAKEST]
    rows = [
        (f"`{where}`", name, str(found.recall.trials), str(found.recall.hits), _rate(found.recall))
        for where, name, found in weakest
    ]
    return _table(("set", "kind", "broken", "found", "recall"), rows)


def _alarms_table(results: Sequence[SetResult]) -> str:
    hit = [row for row in _by_subtype(results) if row[2].false_positives]
    worst = sorted(hit, key=lambda row: -row[2].false_positives)[:_WEAKEST]
    rows = [
        (f"`{where}`", name, str(found.false_positive_rate.trials), str(found.false_positives),
         _rate(found.false_positive_rate))
        for where, name, found in worst
    ]  # fmt: skip
    return _table(("set", "kind", "good", "false alarms", "share"), rows) if rows else "None."


def _pre_gate_table(results: Sequence[SetResult]) -> str:
    rows = [_pre_gate_cells(f"`{result.name}`", result.pre_gate) for result in results]
    rows.append(_pre_gate_cells("all", _whole(results)))
    return _table(("set", "broken", "passed over", "missed", "good turns passed over"), rows)


def _whole(results: Sequence[SetResult]) -> PreGate:
    whole = PreGate()
    for result in results:
        whole += result.pre_gate
    return whole


def _pre_gate_cells(name: str, found: PreGate) -> tuple[str, ...]:
    return (
        name,
        str(found.broken),
        _rate(Rate(found.passed_over, found.broken)),
        _rate(Rate(found.missed, found.broken)),
        _rate(Rate(found.spared, found.good)),
    )


def _signs_line(results: Sequence[SetResult]) -> str:
    signs = sorted(_whole(results).signs.items(), key=lambda item: (-item[1], item[0]))
    return f"First sign seen: {', '.join(f'{name} {count:,}' for name, count in signs)}."


def _latency_table(results: Sequence[SetResult], speed: Speed) -> str:
    rows = [(f"tier 0, made-up {name}", judged, entered) for name, (judged, entered) in speed.items()]
    for result in results:
        rows.append((f"tier 0, `{result.name}`", percentiles(result.judging_us), "-"))
        if result.tier1_us:
            rows.append((f"tier 1, `{result.name}`, one question", percentiles(result.tier1_us), "-"))
    entering = percentiles([one for result in results for one in result.entering_us])
    rows.append(("entering one turn of history", "-", entering))
    rows.append(("tier 2", "as long as the model takes; the turn's deadline bounds it", "-"))
    return _table(("what", "judged", "judged and entered"), rows)


def _again(results: Sequence[SetResult], split: str) -> str:
    files = _table(
        ("file", "SHA-256"), [(f"`{result.name}.jsonl.gz`", f"`{result.sha256[:16]}…`") for result in results]
    )
    return (
        "```sh\nmake bench-judge DATA=folder/with/the/sets\n"
        "# one set, no page:\n"
        f"python -m bench.judge folder/with/the/sets --split {split} --set {results[0].name}\n```\n\n"
        "The sets are not part of this repository: they derive from public corpora under licences of their own. Each"
        " line is a case as the `judge` command takes it, with `label.violation`, `split` and, where known, `subtype`."
        f"\n\n{files}"
    )
