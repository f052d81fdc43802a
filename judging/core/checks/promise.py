"""An act that a policy says the agent must never promise."""

from __future__ import annotations

from collections.abc import Iterator

from judging.core.rules import RuleKind
from judging.core.types import Evidence, Finding, Status
from judging.core.view import TurnView


def find(view: TurnView) -> Iterator[Finding]:
    for rule in view.rules:
        if rule.kind is not RuleKind.NEVER_PROMISE or rule.subject is None:
            continue
        found = rule.subject.search(view.turn.text)
        if found is not None:
            yield Finding(
                check="forbidden_promise",
                score=0.9,
                reason=f"the agent says {found.group().strip()!r}",
                evidence=(Evidence(found.group().strip(), Status.NEVER_SAID),),
                policy_index=rule.policy_index,
            )
