"""A refund, cancellation or payment dispute that the agent settles itself, where a policy wants it handed to people.

Fires once the customer has raised the matter and no turn of the agent since then speaks of handing over.
"""

from __future__ import annotations

from collections.abc import Iterator

from judging.core.rules import Rule, RuleKind
from judging.core.tripwires import Matter, is_handed_over, is_tool_of, settles
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView

_INSTEAD = "Sorry, I can't settle that myself. Let me hand you over to a colleague."


def find(view: TurnView) -> Iterator[Finding]:
    """What the agent says."""
    for rule, matter in _kept(view):
        said = settles(matter, view.turn.text)
        if said and _is_open(view, matter):
            yield _finding(rule, matter, said, view.turn.index, None)


def find_call(view: TurnView) -> Iterator[Finding]:
    """What the agent does."""
    for rule, matter in _kept(view):
        for index, call in enumerate(view.turn.tool_calls):
            if is_tool_of(matter, call.name) and _is_open(view, matter):
                yield _finding(rule, matter, call.name, view.turn.index, index)


def _kept(view: TurnView) -> Iterator[tuple[Rule, Matter]]:
    for rule in view.rules:
        if rule.kind is RuleKind.HAND_OVER and rule.matter is not None and view.is_english:
            yield rule, rule.matter


def _finding(rule: Rule, matter: Matter, what: str, turn_index: int, call: int | None) -> Finding:
    return Finding(
        check="not_handed_over",
        score=0.9,
        reason=f"the agent settles {matter.name} itself with {what!r}, which a rule wants handed over",
        evidence=(Evidence(what, Status.GROUNDED, turn_index),),
        policy_index=rule.policy_index,
        tool_call_index=call,
        correction=_INSTEAD,
    )


def _is_open(view: TurnView, matter: Matter) -> bool:
    """Whether the customer has raised the matter and the agent has not handed it over since."""
    if is_handed_over(view.turn.text):
        return False
    for entry in reversed(view.ledger.entries):
        if entry.role is Role.AGENT and is_handed_over(entry.text):
            return False
        if entry.role is Role.CUSTOMER and matter.asked.search(entry.text):
            return True
    return False
