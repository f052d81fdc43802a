"""Speech that a policy forbids without exception: a promise, or a kind of thing said or asked."""

from __future__ import annotations

from collections.abc import Iterator

from judging.core.rules import Rule, RuleKind
from judging.core.types import Evidence, Finding, Status
from judging.core.view import TurnView


def find(view: TurnView) -> Iterator[Finding]:
    for rule in view.rules:
        said = _said(view, rule)
        if said:
            is_promise = rule.kind is RuleKind.NEVER_PROMISE
            yield Finding(
                check="forbidden_promise" if is_promise else "forbidden_speech",
                score=0.9,
                reason=f"the agent says {said!r}, which a rule forbids",
                evidence=(Evidence(said, Status.GROUNDED, view.turn.index),),
                policy_index=rule.policy_index,
            )


def _said(view: TurnView, rule: Rule) -> str:
    if rule.kind is RuleKind.NEVER_PROMISE and rule.subject is not None:
        found = rule.subject.search(view.turn.text)
        return found.group().strip() if found else ""
    if rule.kind is RuleKind.NEVER_SAY and rule.detector is not None:
        return rule.detector(view.entry)
    return ""
