"""What a run counts: decisions, checks, thresholds, groups. Counts of parts add up to those of the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from judging.core import Decision, Verdict
from judging.core.scoring import Score, Sweep, auroc, score

DEFAULT_SWEEP = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
OTHERS = "(others)"
_MOST_GROUPS = 500  # a field with a value of its own on every line must not fill the memory


@dataclass(slots=True)
class Group:
    """The judged cases (or calls) that have something in common. ``score`` counts the labelled ones."""

    score: Score = field(default_factory=Score)
    total: int = 0
    flagged: int = 0

    def add(self, is_flagged: bool, violation: bool | None) -> None:
        self.total += 1
        self.flagged += is_flagged
        if violation is not None:
            self.score += score([(is_flagged, violation)])

    def merge(self, other: Group) -> None:
        self.score += other.score
        self.total += other.total
        self.flagged += other.flagged


@dataclass(slots=True)
class Summary:
    """What a run came to.

    ``sweep`` counts by judged turn, ``call_sweep`` by call; ``whole`` and ``groups`` by case or call. ``scores`` has
    how often each (score to four digits, is a violation) came among the labelled ones.
    """

    judged: int = 0
    bad_lines: int = 0
    calls: int = 0
    decisions: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    sweep: Sweep = field(default_factory=lambda: Sweep(()))
    call_sweep: Sweep = field(default_factory=lambda: Sweep(()))
    whole: Group = field(default_factory=Group)
    groups: dict[str, Group] = field(default_factory=dict)
    scores: Counter[tuple[float, bool]] = field(default_factory=Counter)

    @classmethod
    def for_thresholds(cls, thresholds: Sequence[float]) -> Summary:
        return cls(sweep=Sweep(thresholds), call_sweep=Sweep(thresholds))

    @property
    def auroc(self) -> float | None:
        return auroc(self.scores)

    def count_verdict(self, verdict: Verdict) -> None:
        """Count one judged turn."""
        self.judged += 1
        self.decisions[verdict.decision.value] += 1
        if verdict.decision is Decision.INTERVENE:
            self.checks[verdict.check] += 1

    def count_case(self, value: float, is_flagged: bool, violation: bool | None, groups: Sequence[str]) -> None:
        """Count one case, or one call with the highest score in it, in each of its groups."""
        self.whole.add(is_flagged, violation)
        for name in groups:
            self._group(name).add(is_flagged, violation)
        if violation is not None:
            self.scores[round(value, 4), violation] += 1

    def merge(self, part: Summary) -> None:
        self.judged += part.judged
        self.bad_lines += part.bad_lines
        self.calls += part.calls
        self.decisions.update(part.decisions)
        self.checks.update(part.checks)
        self.sweep.merge(part.sweep)
        self.call_sweep.merge(part.call_sweep)
        self.whole.merge(part.whole)
        self.scores.update(part.scores)
        for name, group in part.groups.items():
            self._group(name).merge(group)

    def _group(self, name: str) -> Group:
        if name not in self.groups and len(self.groups) >= _MOST_GROUPS:
            name = OTHERS
        return self.groups.setdefault(name, Group())
