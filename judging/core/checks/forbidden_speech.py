"""Speech that a policy forbids without exception: a promise, or a kind of thing said or asked."""

from __future__ import annotations

from collections.abc import Iterator

from judging.core.refusals import lines_instead
from judging.core.rules import Rule, RuleKind
from judging.core.speech import is_trade_asked_for
from judging.core.types import Evidence, Finding, Role, Status, Turn
from judging.core.view import TurnView


def find(view: TurnView) -> Iterator[Finding]:
    for rule in view.rules:
        said = _said(view, rule)
        if said:
            is_promise = rule.kind is RuleKind.NEVER_PROMISE
            lines = lines_instead(view.policies[rule.policy_index].text, is_promise=is_promise)
            yield Finding(
                check="forbidden_promise" if is_promise else "forbidden_speech",
                score=0.9,
                reason=f"the agent says {said!r}, which a rule forbids",
                evidence=(Evidence(said, Status.GROUNDED, view.turn.index),),
                policy_index=rule.policy_index,
                correction=next((line for line in lines if not breaks_rule(view, line)), ""),
            )


def breaks_rule(view: TurnView, text: str) -> bool:
    """Whether a text, said by the agent now, would break a rule of the tenant."""
    if not view.rules:
        return False
    turn = Turn(view.turn.index, Role.AGENT, text)
    said = TurnView(view.conversation, turn, view.policies, view.settings)
    return any(_said(said, rule) for rule in said.rules)


def _said(view: TurnView, rule: Rule) -> str:
    if rule.kind is RuleKind.NEVER_PROMISE and rule.subject is not None:
        found = rule.subject.search(view.turn.text)
        return found.group().strip() if found else ""
    if rule.kind is not RuleKind.NEVER_SAY or rule.detector is None:
        return ""
    if rule.is_unless_asked and _is_asked_for(view):
        return ""
    return rule.detector(view.entry)


def _is_asked_for(view: TurnView) -> bool:
    return any(is_trade_asked_for(turn.text) for turn in view.history if turn.role is Role.CUSTOMER)
