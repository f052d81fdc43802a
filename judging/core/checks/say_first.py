"""A tool called before the agent spoke of what a policy wants spoken of first ("offer a pause before ...")."""

from __future__ import annotations

import re
from collections.abc import Iterator

from judging.core.grounding import is_akin
from judging.core.rules import Rule, RuleKind
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView
from judging.core.voice import agent_voice

_WANTED = re.compile(
    r"\b(?P<how>offer|ask for|ask about|mention|explain|state|(?:tell|warn|remind) (?:\w+ ){0,2}(?:about|of))\s+"
    r"(?P<what>[^.,;]+?)\s+(?:before|prior to)\b|"
    r"\bwithout (?:first )?(?P<doing>offer|ask|mention|explain|stat)ing (?P<about>for |about )?"
    r"(?P<thing>[^.,;]+?)(?: first)?\s*(?:[.,;]|$)",
    re.I,
)
_TO_WHOM = re.compile(r"^(?:the |a )?(?:customers?|callers?|users?|them)\s+", re.I)
_THEIR = re.compile(r"\b(?:the |a |an )?(?:customer|caller|user)['’]s\b|\btheir\b", re.I)
# Words whose meaning changes with the speaker, and conditions.
_OPEN = re.compile(r"\b(?:customers?|callers?|users?|they|them|you|if|unless|when|that|which|who)\b|[{}<>\[\]_]", re.I)
_LONGEST = 8  # words
_FRAMES = (
    ("offer", "Before I do that, would you like {}?"),
    ("ask for", "Before I do that, could you give me {}?"),
    ("ask about", "Before I do that, may I ask about {}?"),
    ("", "Before I do that, I should mention {}. Shall I go on?"),
)


def find(view: TurnView) -> Iterator[Finding]:
    for rule in view.rules:
        if rule.kind is not RuleKind.SAY_FIRST:
            continue
        for index, call in enumerate(view.turn.tool_calls):
            if rule.is_for(call.name) and not _was_spoken_of(view, rule):
                what = " ".join(sorted(rule.words))
                yield Finding(
                    check="said_too_late",
                    score=0.9,
                    reason=f"{call.name} is called before the agent spoke of {what!r}, which a rule asks for",
                    evidence=(Evidence(what, Status.NEVER_SAID),),
                    is_sure=view.is_english,  # the rule's words may have been said in another language
                    policy_index=rule.policy_index,
                    tool_call_index=index,
                    correction=_said_now(view.policies[rule.policy_index].text),
                )


def _said_now(policy: str) -> str:
    """ "Before I do that, would you like a pause?"; "" where the rule's words cannot be spoken to the customer."""
    found = _WANTED.search(policy)
    if found is None:
        return ""
    how = found["how"] or f"{found['doing']} {found['about'] or ''}".strip()
    what = _THEIR.sub("your", _TO_WHOM.sub("", (found["what"] or found["thing"]).strip()))
    if len(what.split()) > _LONGEST or _OPEN.search(what):
        return ""
    frame = next(frame for start, frame in _FRAMES if how.lower().startswith(start))
    return agent_voice(frame.format(what))


def _was_spoken_of(view: TurnView, rule: Rule) -> bool:
    """Whether any of the words came up in an earlier agent turn; in the turn of the call they come too late."""
    said = {word for entry in view.ledger.entries if entry.role is Role.AGENT for word in entry.line.split()}
    return any(is_akin(word, other) for word in rule.words for other in said)
