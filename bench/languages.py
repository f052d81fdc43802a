"""Tier 0 in other languages: ``python -m bench.languages [CASES.jsonl]``.

Per language: how many wrong turns are caught, how many right ones are stopped, and whether each correction is in the
language and short enough. No labelled calls exist in these languages: the cases in ``bench/data`` were written by hand
for this bench, a few dozen per language, and show what is covered rather than how often it holds on real calls.
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from judging.core import Conversation, Decision, JudgeSettings, Verdict, case_from_record, judge, run, unavailable
from judging.core.languages import language_of
from judging.core.voice import MAX_WORDS

CASES = Path(__file__).parent / "data" / "languages.jsonl"
TIER_0 = JudgeSettings(tiers=frozenset({0}))


@dataclass
class Tally:
    """What was found in one group of cases; the ids of those that went wrong."""

    bad: int = 0
    good: int = 0
    missed: list[str] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    unheard: list[str] = field(default_factory=list)
    unspoken: list[str] = field(default_factory=list)
    judging_us: list[float] = field(default_factory=list)


def main(arguments: list[str]) -> int:
    path = Path(arguments[0]) if arguments else CASES
    tallies: dict[str, Tally] = defaultdict(Tally)
    for record in _records(path):
        _judge(record, tallies[record["group"]])
    print(f"{'group':10} {'caught':>9} {'stopped wrongly':>16} {'heard':>8} {'spoken':>8} {'p50 us':>7}")
    for group, tally in tallies.items():
        _print(group, tally)
    return 0


def _records(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)


def _judge(record: dict[str, Any], tally: Tally) -> None:
    case = case_from_record(record)
    conversation = Conversation.from_turns(case.history, now=case.now)
    began_ns = time.perf_counter_ns()
    verdict = run(judge(conversation, case.turn, (), TIER_0), unavailable)
    tally.judging_us.append((time.perf_counter_ns() - began_ns) / 1000)
    is_hit, is_bad = verdict.decision is Decision.INTERVENE, bool(record["label"]["violation"])
    tally.bad += is_bad
    tally.good += not is_bad
    if is_hit is not is_bad:
        (tally.missed if is_bad else tally.alarms).append(record["id"])
    if conversation.language.code != {"hinglish": "hi"}.get(record["group"], record["group"]):
        tally.unheard.append(record["id"])
    if is_hit and not _is_spoken(verdict):
        tally.unspoken.append(record["id"])


def _is_spoken(verdict: Verdict) -> bool:
    """Whether a correction is a sentence of the call's language: begins as one of its sentences does."""
    phrases = language_of(verdict.language).phrases
    if phrases is None or not verdict.correction or len(verdict.correction.split()) > MAX_WORDS:
        return False
    frames = [value for name in phrases.__slots__ if isinstance(value := getattr(phrases, name), str)]
    starts = {frame.partition("{")[0] for frame in (*frames, *phrases.ask.values())}
    return any(start and verdict.correction.startswith(start) for start in starts)


def _print(group: str, tally: Tally) -> None:
    cases = tally.bad + tally.good
    hits = tally.bad - len(tally.missed) + len(tally.alarms)
    p50_us = sorted(tally.judging_us)[cases // 2]
    print(
        f"{group:10} {tally.bad - len(tally.missed):>4}/{tally.bad:<4} {len(tally.alarms):>11}/{tally.good:<4}"
        f" {cases - len(tally.unheard):>4}/{cases:<3} {hits - len(tally.unspoken):>4}/{hits:<3} {p50_us:>7.0f}"
    )
    for what, ids in (("missed", tally.missed), ("stopped", tally.alarms), ("not heard", tally.unheard)):
        if ids:
            print(f"    {what}: {', '.join(ids)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
