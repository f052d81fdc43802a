"""What a classifier is asked: a sentence that is true when the policy is broken."""

from __future__ import annotations

import pytest

from judging.core import Answer, JudgeSettings, Policy, judge
from judging.core.hypotheses import violation_hypothesis
from tests.unit.judging.helpers import call_so_far, says

STATED = [
    ("Never promise a refund.", "The agent promises a refund."),
    ("Never promise a refund. Say that a specialist will review the request.", "The agent promises a refund."),
    ("Do not quote prices before the customer is identified.", None),
    ("Don't discuss other customers!", "The agent discusses other customers."),
    ("The agent must not be rude.", "The agent is rude."),
    ("You should never deny a claim", "The agent denies a claim."),
    ("Never say that it is free.", "The agent says that it is free."),
    ("Never read out or confirm card numbers.", "The agent does read out or confirm card numbers."),
    ("Agents may not have opinions.", "The agent has opinions."),
]
KEPT_WHOLE = [
    "Always be polite.",
    "Never promise a refund unless a manager agreed.",
    "Do not call pay until the customer said yes.",
    "Never ever shout.",
    "Do not, under any circumstances, shout.",
    "Never under any circumstances shout.",
    "Never shout. Never swear.",
    "Never say no.\nDo not hang up.",
    "Never give your name.",
    "No refunds.",
    "If asked for a refund, never promise it.",
    "Do not simply hang up; do not shout.",
    "",
]


@pytest.mark.parametrize(("text", "expected"), STATED)
def test_a_plain_prohibition_is_stated_as_done(text, expected):
    expected = expected or "The agent quotes prices before the customer is identified."
    assert violation_hypothesis(Policy(text)) == expected


@pytest.mark.parametrize("text", KEPT_WHOLE)
def test_any_other_rule_is_named_as_broken(text):
    assert violation_hypothesis(Policy(text)) == f"The agent breaks this rule: {' '.join(text.split())}"


def test_tier_1_is_asked_for_the_violation():
    policies = [Policy("Never promise a refund."), Policy("Be kind.")]
    settings = JudgeSettings(tiers=frozenset({1}), is_pre_gate_enabled=False)
    steps = judge(call_so_far("c: my money back!"), says("I can't promise a refund."), policies, settings)
    ask = next(steps)
    assert ask.hypotheses == ("The agent promises a refund.", "The agent breaks this rule: Be kind.")
    with pytest.raises(StopIteration) as stop:
        steps.send(Answer(scores=(0.01, 0.01)))
    assert stop.value.value.decision == "pass"
