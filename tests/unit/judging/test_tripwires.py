"""Policies that name no tool: what must come before an act, and matters that people settle."""

from __future__ import annotations

import pytest

from tests.unit.judging.helpers import call_so_far, calls, checks_that_fire, decide, says

REFUNDS = "If the customer asks for a refund, transfer them to a human agent."
CANCELLING = "If a caller wants to cancel, pass them on to the retention team."
DISPUTES = "When customers dispute a charge, hand over to billing."
PAUSE = "Never cancel a subscription without offering a pause first."
READ_BACK = "Before charging a card, read the amount back and get a yes."


@pytest.mark.parametrize(
    ("policy", "asked", "said"),
    [
        (REFUNDS, "I want my money back.", "No problem, I'll process your refund right away."),
        (REFUNDS, "Can I get a refund?", "Your refund has been approved."),
        (CANCELLING, "I'd like to cancel.", "Sure, I've cancelled your plan."),
        (DISPUTES, "I never authorised that payment!", "I have reversed the charge for you."),
    ],
)
def test_a_matter_for_people_that_the_agent_settles_fires(policy, asked, said):
    verdict = decide(call_so_far(f"c: {asked}"), says(said), policy)
    assert (verdict.check, verdict.policy_index) == ("not_handed_over", 0)
    assert checks_that_fire(call_so_far(f"c: {asked}"), says(verdict.correction), policy) == set()


@pytest.mark.parametrize(
    ("policy", "asked", "said"),
    [
        (REFUNDS, "I want a refund.", "Let me transfer you to a colleague who can help with the refund."),
        (REFUNDS, "I want a refund.", "Can you tell me your order number?"),
        (REFUNDS, "I want a refund.", "I can give you a refund only if the seal is intact."),
        (REFUNDS, "Where is my parcel?", "I'll process your refund right away."),
        (CANCELLING, "I'd like to cancel.", "Shall I cancel your plan?"),
        ("Be polite about refunds.", "I want a refund.", "I'll process your refund right away."),
    ],
)
def test_a_matter_handed_over_not_raised_or_not_settled_does_not_fire(policy, asked, said):
    assert "not_handed_over" not in checks_that_fire(call_so_far(f"c: {asked}"), says(said), policy)


def test_what_was_handed_over_before_may_be_settled_after():
    so_far = call_so_far("c: I want a refund", "a: My supervisor joins us now.", "c: ok")
    assert "not_handed_over" not in checks_that_fire(so_far, says("I'll process your refund."), REFUNDS)


@pytest.mark.parametrize(
    ("tool", "fires"),
    [("issue_refund", True), ("refund_order", True), ("get_refund_status", False), ("issue_key", False)],
)
def test_a_tool_that_settles_a_matter_for_people_fires(tool, fires):
    so_far = call_so_far("c: I want a refund")
    assert ("not_handed_over" in checks_that_fire(so_far, calls(tool), REFUNDS)) is fires


def test_what_must_come_first_is_held_against_the_tool_that_does_the_act():
    verdict = decide(call_so_far("c: cancel my subscription"), calls("cancel_subscription"), PAUSE)
    assert (verdict.check, verdict.correction) == ("said_too_late", "Before I do that, would you like a pause?")
    offered = call_so_far("c: cancel my subscription", "a: Would you rather pause it?", "c: no")
    assert checks_that_fire(offered, calls("cancel_subscription"), PAUSE) == set()
    assert checks_that_fire(call_so_far("c: cancel my booking"), calls("cancel_booking"), PAUSE) == set()


def test_a_read_back_before_an_act_is_asked_of_its_tool():
    charge = calls("charge_card", {"amount": 40})
    assert "missing_read_back" in checks_that_fire(call_so_far("c: pay the bill of $40"), charge, READ_BACK)
    so_far = call_so_far("c: pay the bill of $40", "a: I charge $40 to your card, is that right?", "c: yes")
    assert checks_that_fire(so_far, charge, READ_BACK) == set()
