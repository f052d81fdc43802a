"""What is done with each line, in this process or in a worker: read it, judge it, count it, write its row."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import cast

from judging.batch.counts import Summary
from judging.batch.files import Chunk
from judging.batch.options import Answerer, Options
from judging.core import (
    CaseInvalid,
    Conversation,
    Decision,
    Json,
    Policy,
    Role,
    Turn,
    Verdict,
    case_from_record,
    judge,
    policies_from_record,
    run,
    turns_from_records,
)
from judging.core.cases import moment

_JUDGED = frozenset({Role.AGENT, Role.TOOL_CALL})
_NO_VALUE = "(none)"


class LineInvalid(Exception):
    """A line that cannot be judged. The message says why."""


class Kind(StrEnum):
    """What a line holds."""

    CASE = "case"
    CALL = "call"


@dataclass(slots=True)
class Outcome:
    """What came of a chunk: rows to write, complaints about bad lines, and counts."""

    summary: Summary
    rows: list[bytes] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    position: int = 0


class Worker:
    """Judges chunks of lines of one kind."""

    def __init__(self, kind: Kind, options: Options) -> None:
        self._options = options
        self._answer: Answerer = options.models()
        self._work = self._judge_case if kind is Kind.CASE else self._replay_call

    def __call__(self, chunk: Chunk) -> Outcome:
        outcome = Outcome(Summary.for_thresholds(self._options.thresholds), position=chunk.position)
        for number, line in enumerate(chunk.lines, chunk.first):
            if line is not None and not line.strip():
                continue
            try:
                outcome.rows.extend(_encoded(row) for row in self._work(_record(line, number), outcome.summary))
            except (LineInvalid, CaseInvalid) as error:
                _complain(outcome, number, str(error))
            except Exception as error:  # noqa: BLE001  the edge of one line: the others are judged, and it is named
                _complain(outcome, number, f"cannot be judged: {type(error).__name__}: {error}")
        return outcome

    def _judge_case(self, record: dict[str, Json], summary: Summary) -> Iterable[dict[str, Json]]:
        options, violation = self._options, _violation(record)
        case = case_from_record(record, options.policies)
        conversation = Conversation.from_turns(case.history, now=case.now, facts=case.facts, language=case.language)
        verdict, latency_us = self._timed(conversation, case.turn, case.policies)
        is_flagged = verdict.decision is Decision.INTERVENE
        summary.count_verdict(verdict)
        summary.sweep.add(verdict.score, violation)
        summary.count_case(
            verdict.score, is_flagged, violation, _groups(record, options.by, [verdict.check] if is_flagged else [])
        )
        return [{"id": record.get("id"), **verdict_row(verdict, latency_us)}]

    def _replay_call(self, record: dict[str, Json], summary: Summary) -> Iterable[dict[str, Json]]:
        if not isinstance(record.get("turns"), list):
            raise LineInvalid("turns: expected a list of turns")
        turns = turns_from_records(record["turns"])
        policies = policies_from_record(record) if self._options.policies is None else self._options.policies
        judged = self._replayed(
            Conversation(now=moment(record.get("now")), language=str(record.get("language") or "")), turns, policies
        )
        for _, verdict, _ in judged:
            summary.count_verdict(verdict)
            summary.sweep.add(verdict.score, None)
        self._count_call(record, [verdict for _, verdict, _ in judged], summary)
        return [
            {"id": record.get("id"), "turn": turn.index, **verdict_row(verdict, latency_us)}
            for turn, verdict, latency_us in judged
        ]

    def _replayed(
        self, conversation: Conversation, turns: Sequence[Turn], policies: Sequence[Policy]
    ) -> list[tuple[Turn, Verdict, float]]:
        judged = []
        for turn in turns:
            if turn.role in _JUDGED:
                asked = turn if turn.role is Role.AGENT else replace(turn, role=Role.AGENT)
                judged.append((turn, *self._timed(conversation, asked, policies)))
            conversation.add(turn)
        return judged

    def _count_call(self, record: dict[str, Json], verdicts: Sequence[Verdict], summary: Summary) -> None:
        highest = max((verdict.score for verdict in verdicts), default=0.0)
        checks = sorted({verdict.check for verdict in verdicts if verdict.decision is Decision.INTERVENE})
        violation = _violation(record)
        summary.calls += 1
        summary.call_sweep.add(highest, violation)
        summary.count_case(highest, bool(checks), violation, _groups(record, self._options.by, checks))

    def _timed(self, conversation: Conversation, turn: Turn, policies: Sequence[Policy]) -> tuple[Verdict, float]:
        started = time.perf_counter_ns()
        verdict = run(judge(conversation, turn, policies, self._options.settings), self._answer)
        return verdict, (time.perf_counter_ns() - started) / 1000


def verdict_row(verdict: Verdict, latency_us: float) -> dict[str, Json]:
    """A verdict as the commands write it."""
    return {
        "decision": verdict.decision.value,
        "score": round(verdict.score, 4),
        "tier": verdict.tier,
        "check": verdict.check,
        "policy_index": verdict.policy_index,
        "reason": verdict.reason,
        "evidence": [item.as_json() for item in verdict.evidence],
        "latency_us": round(latency_us, 1),
    }


def _record(line: bytes | None, number: int) -> dict[str, Json]:
    if line is None:
        raise LineInvalid("longer than a line may be")
    try:
        record = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
    except UnicodeDecodeError as error:
        raise LineInvalid(f"not UTF-8 at byte {error.start}") from error
    except (ValueError, RecursionError) as error:
        raise LineInvalid(f"not JSON: {error}") from error
    if not isinstance(record, dict):
        raise LineInvalid(f"expected an object, got {type(record).__name__}")
    return record


def _encoded(row: dict[str, Json]) -> bytes:
    try:
        return (json.dumps(row, ensure_ascii=False) + "\n").encode()
    except UnicodeEncodeError:  # half a surrogate pair came in as an escape, and goes out as one
        return (json.dumps(row) + "\n").encode()


def _complain(outcome: Outcome, number: int, reason: str) -> None:
    outcome.summary.bad_lines += 1
    outcome.complaints.append(f"line {number}: {' '.join(reason.split())}")


def _groups(record: dict[str, Json], by: str, checks: Sequence[str]) -> Sequence[str]:
    """The names of the groups that a case counts in."""
    if by in ("", "check"):
        return checks if by else ()
    label = record.get("label")
    value = (label.get("kind") if isinstance(label, dict) else None) if by == "kind" else record.get(by)
    return (_NO_VALUE if value is None or value == "" else str(value)[:80],)


def _violation(record: dict[str, Json]) -> bool | None:
    """The label of a record: ``violation``, or ``success`` turned round; None when it has none."""
    label = record.get("label")
    if not isinstance(label, dict):
        return None
    if isinstance(label.get("violation"), bool):
        return cast(bool, label["violation"])
    return not label["success"] if isinstance(label.get("success"), bool) else None
