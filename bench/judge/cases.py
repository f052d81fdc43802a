"""The labelled sets, and the baseline that the judge is compared with."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from judging.core import Case
from judging.core.arguments import Shape, arguments_of

# Each with what it asks.
SETS = {
    "toolargs_sgd": "arguments of real service calls, one of them changed",
    "toolargs_orders": "food orders that people wrote, one thing changed in the call",
    "toolargs_disfl": "questions with a spoken self-correction; the call takes the corrected or the first name",
    "claims_sgd": "what the agent states against the tool result it comes from",
    "policy_sgd": "real turns against policies: forbidden acts, and read-backs before a call",
    "policy_sopbench": "actions of LLM agents against written rules, some of which need a database to judge",
    "policy_tau": "calls of an LLM agent that change bookings; small and with unsure labels",
    "faith_dialogue": "free talk against a knowledge base or sentence; no tool calls",
}


def records(path: Path, split: str) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from (record for line in lines if (record := json.loads(line)).get("split") == split)


def subtype_of(record: dict[str, Any]) -> str:
    """How the case came about, as finely as its set says."""
    return str(record.get("subtype") or record.get("policy_id") or record["label"]["kind"])


def literal_baseline(case: Case) -> bool:
    """Flag a case when some value is not literally in the call, upper and lower case aside."""
    said = "\n".join([turn.text.lower() for turn in case.history] + [fact.lower() for fact in case.facts])
    if not case.turn.tool_calls:
        return any(number not in said for number in re.findall(r"\d+(?:[.:]\d+)?", case.turn.text))
    leaves = [leaf for call in case.turn.tool_calls for leaf in arguments_of(call)]
    return any(leaf.value.lower() not in said for leaf in leaves if leaf.shape not in (Shape.EMPTY, Shape.FLAG))
