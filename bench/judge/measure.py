"""One labelled set judged: counts and times."""

from __future__ import annotations

import hashlib
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.judge.cases import literal_baseline, records, subtype_of
from judging.batch.options import models_for, no_models
from judging.core import (
    Answer,
    Ask,
    Case,
    Conversation,
    Decision,
    JudgeSettings,
    Verdict,
    case_from_record,
    judge,
    run,
    unavailable,
)
from judging.core.pregate import Sign, sign_of
from judging.core.scoring import Rate, Score, auroc, score
from judging.core.view import TurnView
from judging.providers.embedded import embedded_uses

TIER_0 = JudgeSettings(tiers=frozenset({0}))
TIERS_0_1 = JudgeSettings(tiers=frozenset({0, 1}), tier1_uses=embedded_uses())
LIVE = JudgeSettings()


@dataclass(slots=True)
class PreGate:
    """What the pre-gate does to the turns of a set. ``missed``: broken, passed over, and not found by tier 0 either."""

    broken: int = 0
    passed_over: int = 0
    missed: int = 0
    good: int = 0
    spared: int = 0
    signs: Counter[str] = field(default_factory=Counter)

    def add(self, sign: Sign, *, violation: bool, is_found: bool) -> None:
        is_quiet = sign is Sign.QUIET
        self.signs[sign.value] += 1
        if violation:
            self.broken += 1
            self.passed_over += is_quiet
            self.missed += is_quiet and not is_found
        else:
            self.good += 1
            self.spared += is_quiet

    def __iadd__(self, other: PreGate) -> PreGate:
        self.broken += other.broken
        self.passed_over += other.passed_over
        self.missed += other.missed
        self.good += other.good
        self.spared += other.spared
        self.signs += other.signs
        return self


@dataclass(slots=True)
class SetResult:
    """What was measured on one set. ``checks`` has each check as if it were the only one; times in microseconds.

    ``with_classifier`` is the score of tiers 0 and 1, None where there is no classifier or no policy to ask about.
    """

    name: str
    sha256: str
    ours: Score = field(default_factory=Score)
    baseline: Score = field(default_factory=Score)
    with_classifier: Score | None = None
    scores: Counter[tuple[float, bool]] = field(default_factory=Counter)
    checks: dict[str, Score] = field(default_factory=dict)
    subtypes: dict[str, Score] = field(default_factory=dict)
    pre_gate: PreGate = field(default_factory=PreGate)
    judging_us: list[float] = field(default_factory=list)
    entering_us: list[float] = field(default_factory=list)
    tier1_us: list[float] = field(default_factory=list)

    @property
    def auroc(self) -> float | None:
        return auroc(self.scores)


def measure_set(path: Path, split: str) -> SetResult:
    result = SetResult(path.name.split(".")[0], hashlib.sha256(path.read_bytes()).hexdigest())
    classifier = _Classifier(result.tier1_us)
    by_check: dict[str, Counter[bool]] = defaultdict(Counter)
    for record in records(path, split):
        case, violation = case_from_record(record), bool(record["label"]["violation"])
        verdict = _judged(case, result)
        is_found = verdict.decision is Decision.INTERVENE
        _count(result, record, case, violation, is_found, verdict.score)
        for name in {finding.check for finding in verdict.findings if finding.is_sure}:
            by_check[name][violation] += 1
        if classifier.is_there and case.policies:
            is_found = classifier.finds(case)
        if classifier.is_there:
            result.with_classifier = (result.with_classifier or Score()) + score([(is_found, violation)])
    if not result.tier1_us:
        result.with_classifier = None
    result.checks = {name: _alone(found, result.ours) for name, found in by_check.items()}
    return result


def _judged(case: Case, result: SetResult) -> Verdict:
    started = time.perf_counter_ns()
    conversation = Conversation.from_turns(case.history, now=case.now, facts=case.facts)
    entered = time.perf_counter_ns()
    verdict = run(judge(conversation, case.turn, case.policies, TIER_0), unavailable)
    judged = time.perf_counter_ns()
    result.entering_us.append((entered - started) / 1000 / max(1, len(case.history)))
    result.judging_us.append((judged - entered) / 1000)
    return verdict


def _count(
    result: SetResult, record: dict[str, Any], case: Case, violation: bool, is_found: bool, value: float
) -> None:
    result.ours += score([(is_found, violation)])
    result.baseline += score([(literal_baseline(case), violation)])
    result.scores[round(value, 4), violation] += 1
    subtype = subtype_of(record)
    result.subtypes[subtype] = result.subtypes.get(subtype, Score()) + score([(is_found, violation)])
    conversation = Conversation.from_turns(case.history, now=case.now, facts=case.facts)
    sign = sign_of(TurnView(conversation, case.turn, case.policies, LIVE), follows_intervention=False)
    result.pre_gate.add(sign, violation=violation, is_found=is_found)


def _alone(found: Counter[bool], whole: Score) -> Score:
    """A check's score as if it were the only one: what it does not find is missed."""
    right, wrong = found[True], found[False]
    broken = whole.true_positives + whole.false_negatives
    return Score(right, wrong, broken - right, whole.total - broken - wrong)


class _Classifier:
    """Tiers 0 and 1 with the embedded classifier, where there is one; keeps the time of each question."""

    def __init__(self, tier1_us: list[float]) -> None:
        make = models_for(TIERS_0_1.tiers)
        self.is_there = make is not no_models
        self._answer, self._tier1_us = make(), tier1_us

    def finds(self, case: Case) -> bool:
        conversation = Conversation.from_turns(case.history, now=case.now, facts=case.facts)
        verdict = run(judge(conversation, case.turn, case.policies, TIERS_0_1), self._timed)
        return verdict.decision is Decision.INTERVENE

    def _timed(self, ask: Ask) -> Answer:
        started = time.perf_counter_ns()
        answer = self._answer(ask)
        self._tier1_us.append((time.perf_counter_ns() - started) / 1000)
        return answer


def clean_alarms(results: Iterable[SetResult]) -> Rate:
    """The false alarms over the clean turns of all sets."""
    return sum((result.ours for result in results), Score()).false_positive_rate
