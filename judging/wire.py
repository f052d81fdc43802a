"""Questions and answers as JSON, between a live process and a worker."""

from __future__ import annotations

import json

from judging.core.types import Answer, Ask, Json


def ask_to_json(ask: Ask) -> dict[str, Json]:
    """``{"tier": 2, "messages": [...], "policy_indexes": [0], "premise": "", "hypotheses": [],
    "case": "3f9c01aa"}``."""
    return {
        "tier": ask.tier,
        "premise": ask.premise,
        "hypotheses": list(ask.hypotheses),
        "policy_indexes": list(ask.policy_indexes),
        "messages": [dict(message) for message in ask.messages],
        "case": ask.case,
    }


def ask_from_json(found: dict[str, Json]) -> Ask:
    return Ask(
        tier=found["tier"],
        premise=found["premise"],
        hypotheses=tuple(found["hypotheses"]),
        policy_indexes=tuple(found["policy_indexes"]),
        messages=tuple(found["messages"]),
        case=found["case"],
    )


def reply_dump(key: str, answer: Answer) -> str:
    return json.dumps({"key": key, "scores": list(answer.scores), "text": answer.text, "failure": answer.failure})


def reply_load(data: str | bytes) -> tuple[str, Answer] | None:
    """Return the question's key and its answer; None for what is no reply."""
    try:
        found = json.loads(data)
        return str(found["key"]), Answer(tuple(found["scores"]), str(found["text"]), str(found["failure"]))
    except (ValueError, TypeError, KeyError):
        return None
