"""What the commands print at the end."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from judging.batch.counts import Group, Summary
from judging.core.scoring import Rate, Score, Sweep, with_interval

_MEASURES = ("precision", "recall", "F1", "false alarms")
_FILE_WIDTH = 150


def console(*, is_stderr: bool) -> Console:
    """Where the tables go. What is no terminal gets them at full width."""
    found = Console(stderr=is_stderr)
    return found if found.is_terminal else Console(stderr=is_stderr, width=_FILE_WIDTH)


def summary_table(summary: Summary) -> Table:
    """What was judged, and what was found how often."""
    calls = f"{summary.calls} calls, " if summary.calls else ""
    table = Table(title=f"{calls}{summary.judged} turns judged, {summary.bad_lines} bad lines")
    table.add_column("check")
    table.add_column("interventions", justify="right")
    for check, count in summary.checks.most_common():
        table.add_row(check, str(count))
    for decision, count in sorted(summary.decisions.items()):
        table.add_row(f"decision: {decision}", str(count), style="dim")
    return table


def sweep_table(sweep: Sweep, of_what: str) -> Table:
    """Each threshold with how much it flags, and how well where there are labels."""
    table = Table(title=f"threshold sweep over {sweep.total} {of_what}, {sweep.labelled} labelled")
    for name in ("threshold", "flagged", *_MEASURES):
        table.add_column(name, justify="right", overflow="fold")
    for threshold, score in sweep.scores().items():
        table.add_row(f"{threshold:.2f}", str(sweep.flagged[threshold]), *_measured(score))
    return table


def groups_table(summary: Summary, by: str, of_what: str) -> Table:
    """How well the labelled ones were judged: all of them, and each group; 95 % intervals."""
    area = "" if summary.auroc is None else f", AUROC {summary.auroc:.3f}"
    table = Table(title=f"{summary.whole.score.total} labelled {of_what}{area}", caption="95 % intervals")
    table.add_column(by or "")
    for name in (of_what, "broken", "flagged", *_MEASURES):
        table.add_column(name, justify="right", overflow="fold")
    _add_group(table, "all", summary.whole, _measured(summary.whole.score))
    for name, group in _by_size(summary.groups):
        # Of a check only what it flags is known, so there is nothing that it has missed.
        measured = _measured(group.score)
        _add_group(table, name, group, (measured[0], "-", "-", "-") if by == "check" else measured)
    return table


def _add_group(table: Table, name: str, group: Group, measured: tuple[str, ...]) -> None:
    broken = group.score.true_positives + group.score.false_negatives
    table.add_row(name, str(group.total), str(broken), str(group.flagged), *measured)


def _by_size(groups: Mapping[str, Group]) -> list[tuple[str, Group]]:
    return sorted(groups.items(), key=lambda item: (-item[1].total, item[0]))


def _measured(score: Score) -> tuple[str, str, str, str]:
    """Precision, recall, F1 and false alarms; "-" where nothing could be measured."""
    f1 = with_interval(score.f1, score.f1_interval) if score.recall.trials else "-"
    return _rate(score.precision), _rate(score.recall), f1, _rate(score.false_positive_rate)


def _rate(rate: Rate) -> str:
    return str(rate) if rate.trials else "-"
