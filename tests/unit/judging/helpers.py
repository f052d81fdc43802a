"""Short forms for judging tests: a call as lines, a verdict as check names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from judging.core import (
    Conversation,
    JudgeSettings,
    Policy,
    Role,
    ToolCall,
    Turn,
    Verdict,
    judge,
    run,
    unavailable,
)

TIER_0 = JudgeSettings(tiers=frozenset({0}))
FRIDAY = datetime(2024, 3, 1, 10, 0)  # noqa: DTZ001  the caller's own clock has no zone here
_ROLES = {"c": Role.CUSTOMER, "a": Role.AGENT, "t": Role.TOOL}


def call_so_far(*lines: str, now: datetime | None = FRIDAY, facts: Sequence[str] = ()) -> Conversation:
    """Build a call from lines such as "c: two pizzas please" (c customer, a agent, t tool result)."""
    conversation = Conversation(now=now, facts=facts)
    for line in lines:
        who, text = line.split(": ", 1)
        conversation.add(Turn(conversation.next_index, _ROLES[who], text))
    return conversation


def says(text: str, index: int = 99) -> Turn:
    return Turn(index, Role.AGENT, text)


def calls(name: str, arguments: Mapping[str, Any] | None = None, text: str = "", index: int = 99) -> Turn:
    return Turn(index, Role.AGENT, text, tool_calls=(ToolCall(name, arguments or {}),))


def decide(conversation: Conversation, turn: Turn, *policies: str, settings: JudgeSettings = TIER_0) -> Verdict:
    return run(judge(conversation, turn, [Policy(text) for text in policies], settings), unavailable)


def checks_that_fire(conversation: Conversation, turn: Turn, *policies: str) -> set[str]:
    """Names of the checks with a sure finding."""
    return {finding.check for finding in decide(conversation, turn, *policies).findings if finding.is_sure}
