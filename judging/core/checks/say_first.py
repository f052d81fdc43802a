"""A tool called before the agent spoke of what a policy wants spoken of first ("offer a pause before ...")."""

from __future__ import annotations

from collections.abc import Iterator

from judging.core.grounding import is_akin
from judging.core.rules import Rule, RuleKind, compact_name
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView


def find(view: TurnView) -> Iterator[Finding]:
    for rule in view.rules:
        if rule.kind is not RuleKind.SAY_FIRST:
            continue
        for index, call in enumerate(view.turn.tool_calls):
            if compact_name(call.name) in rule.tools and not _was_spoken_of(view, rule):
                what = " ".join(sorted(rule.words))
                yield Finding(
                    check="said_too_late",
                    score=0.9,
                    reason=f"{call.name} is called before the agent spoke of {what!r}, which a rule asks for",
                    evidence=(Evidence(what, Status.NEVER_SAID),),
                    is_sure=view.is_english,  # the rule's words may have been said in another language
                    policy_index=rule.policy_index,
                    tool_call_index=index,
                )


def _was_spoken_of(view: TurnView, rule: Rule) -> bool:
    """Whether any of the words came up in an earlier agent turn; in the turn of the call they come too late."""
    said = {word for entry in view.ledger.entries if entry.role is Role.AGENT for word in entry.line.split()}
    return any(is_akin(word, other) for word in rule.words for other in said)
