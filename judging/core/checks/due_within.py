"""Something that a policy wants said by a certain point of the call, and that is not said by then.

It is found once: at the first agent turn past the point.
"""

from __future__ import annotations

from collections.abc import Iterator

from judging.core.duties import Duty
from judging.core.grounding import is_akin
from judging.core.rules import RuleKind
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView
from judging.core.voice import agent_voice


def find(view: TurnView) -> Iterator[Finding]:
    for rule in view.rules:
        if rule.kind is not RuleKind.DUE_WITHIN or rule.duty is None:
            continue
        if _is_first_past(view, rule.duty) and not _is_said(view, rule.duty):
            what = rule.duty.statement or " ".join(sorted(rule.duty.words))
            yield Finding(
                check="duty_overdue",
                score=0.9,
                reason=f"a rule wants it said by now, and the agent has not: {what}",
                evidence=(Evidence(what, Status.NEVER_SAID),),
                is_sure=view.is_english,  # the rule's words may have been said in another language
                policy_index=rule.policy_index,
                correction=agent_voice(f"Before we go on: {rule.duty.statement}.") if rule.duty.statement else "",
            )


def _is_first_past(view: TurnView, duty: Duty) -> bool:
    before = [turn for turn in view.history if turn.role is Role.AGENT and turn.text.strip()]
    if duty.turns:
        return len(before) == duty.turns
    limit_ms = duty.seconds * 1000.0
    is_past = view.turn.offset_ms is not None and view.turn.offset_ms > limit_ms
    # Where the clock of an earlier turn is not known, it may have been the first.
    return is_past and all(turn.offset_ms is not None and turn.offset_ms <= limit_ms for turn in before)


def _is_said(view: TurnView, duty: Duty) -> bool:
    """Whether half of the words came up in one agent turn, however they were put."""
    said = [entry.line.split() for entry in view.ledger.entries if entry.role is Role.AGENT]
    return any(_has_half(duty, words) for words in (*said, view.entry.line.split()))


def _has_half(duty: Duty, words: list[str]) -> bool:
    found = sum(any(is_akin(word, other) for other in words) for word in duty.words)
    return found * 2 >= len(duty.words)
