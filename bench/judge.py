"""Tier 0 over labelled cases: ``python -m bench.judge DATA_FOLDER [--split dev] [--set NAME]``.

Per set: precision, recall and false alarms with Wilson 95 % intervals, each check's own precision, and latency of the
judge and of entering turns into the ledger, against a baseline in the same run: "each argument value must literally
stand in the call" (for sets without tool calls: "each number the agent states must stand in the call"). Without data:
speed over made-up calls only.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from judging.core import (
    Case,
    Conversation,
    Decision,
    JudgeSettings,
    Role,
    ToolCall,
    Turn,
    case_from_record,
    judge,
    run,
    unavailable,
)
from judging.core.arguments import Shape, arguments_of
from judging.core.scoring import Score, score

SETS = (
    "toolargs_sgd",
    "toolargs_orders",
    "toolargs_disfl",
    "claims_sgd",
    "policy_sgd",
    "policy_sopbench",
    "policy_tau",
    "faith_dialogue",
)
TIER_0 = JudgeSettings(tiers=frozenset({0}))


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench.judge", description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path, help="folder with the labelled sets")
    parser.add_argument("--split", default="dev")
    parser.add_argument("--set", action="append", dest="sets", help="only these sets")
    options = parser.parse_args(arguments)
    measure_speed()
    if options.data is None or not options.data.is_dir():
        where = options.data or "none given"
        print(f"no labelled data ({where}): precision and recall are not measured")
        return 0
    for name in options.sets or SETS:
        path = options.data / f"{name}.jsonl.gz"
        if path.exists():
            measure_set(path, options.split)
        else:
            print(f"{name}: not in {options.data}")
    return 0


def records(path: Path, split: str) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from (record for line in lines if (record := json.loads(line)).get("split") == split)


def measure_set(path: Path, split: str) -> None:
    ours, base, judging_us, reading_us = [], [], [], []
    checks: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for record in records(path, split):
        violation = bool(record["label"]["violation"])
        case = case_from_record(record)
        started = time.perf_counter_ns()
        conversation = Conversation.from_turns(case.history, now=case.now, facts=case.facts)
        read = time.perf_counter_ns()
        verdict = run(judge(conversation, case.turn, case.policies, TIER_0), unavailable)
        judged = time.perf_counter_ns()
        reading_us.append((read - started) / 1000 / max(1, len(case.history)))
        judging_us.append((judged - read) / 1000)
        ours.append((verdict.decision is Decision.INTERVENE, violation))
        base.append((literal_baseline(case), violation))
        for name in {finding.check for finding in verdict.findings if finding.is_sure}:
            checks[name][violation] += 1
    if not ours:
        print(f"{path.name}: no records of split {split}")
        return
    print(f"\n{path.name.split('.')[0]} ({split}, {len(ours)} cases)")
    print_score("tier 0", score(ours))
    print_score("baseline: literal", score(base))
    for name, (wrong, right) in sorted(checks.items(), key=lambda item: -sum(item[1])):
        print(f"    {name:24} precision {right / (right + wrong):.3f} ({right} right, {wrong} wrong)")
    print(f"    judging {percentiles(judging_us)}; entering one turn {percentiles(reading_us)}")


def literal_baseline(case: Case) -> bool:
    """Flag a case when some value is not literally in the call, upper and lower case aside."""
    said = "\n".join([turn.text.lower() for turn in case.history] + [fact.lower() for fact in case.facts])
    if not case.turn.tool_calls:
        return any(number not in said for number in re.findall(r"\d+(?:[.:]\d+)?", case.turn.text))
    leaves = [leaf for call in case.turn.tool_calls for leaf in arguments_of(call)]
    return any(leaf.value.lower() not in said for leaf in leaves if leaf.shape not in (Shape.EMPTY, Shape.FLAG))


def print_score(name: str, found: Score) -> None:
    print(
        f"  {name:18} precision {found.precision}  recall {found.recall}  F1 {found.f1:.3f}"
        f"  false alarms {found.false_positive_rate}"
    )


def percentiles(values_us: list[float]) -> str:
    ordered = sorted(values_us)
    return f"p50 {ordered[len(ordered) // 2]:.0f} us, p99 {ordered[int(len(ordered) * 0.99)]:.0f} us"


MADE_UP = (
    (Role.CUSTOMER, "Hi, I would like to order two large pizzas with ham for Friday at 7 pm."),
    (Role.AGENT, "Sure. Two large pizzas with ham on Friday at 7 pm. Where should they go?"),
    (Role.CUSTOMER, "To 12 Long Hill Road, and actually make it 8 pm."),
    (Role.AGENT, "Got it. Two large pizzas with ham to 12 Long Hill Road on Friday at 8 pm, is that right?"),
    (Role.CUSTOMER, "Yes, that's right."),
)
PLAIN = Turn(5, Role.AGENT, "Great, thank you. Is there anything else that I can do for you today?")
WITH_CALL = Turn(
    5,
    Role.AGENT,
    "",
    tool_calls=(
        ToolCall(
            "place_order", {"item": "pizza", "size": "large", "quantity": 2, "toppings": ["ham"], "time": "20:00"}
        ),
    ),
)


def measure_speed(rounds: int = 3000) -> None:
    """Latency of one turn: judged, and judged and entered into the ledger."""
    for name, turn in (("plain turn", PLAIN), ("turn with tool call", WITH_CALL)):
        judged, entered = [], []
        for _ in range(rounds):
            conversation = Conversation.from_turns(Turn(at, *said) for at, said in enumerate(MADE_UP))
            started = time.perf_counter_ns()
            run(judge(conversation, turn, (), TIER_0), unavailable)
            middle = time.perf_counter_ns()
            conversation.add(turn)
            judged.append((middle - started) / 1000)
            entered.append((time.perf_counter_ns() - started) / 1000)
        print(f"{name:20} judged {percentiles(judged)}; judged and entered {percentiles(entered)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
