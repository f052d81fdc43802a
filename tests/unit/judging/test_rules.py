"""Which policies tier 0 compiles, and ramping."""

from __future__ import annotations

import pytest

from judging.core import Mode, Policy, resolve_ramp
from judging.core.rules import RuleKind, compile_policies


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Read back the order and get a yes before calling place_order.", RuleKind.READ_BACK),
        ("Never call place_order before the customer has confirmed the details.", RuleKind.READ_BACK),
        ("You must list the details and get explicit confirmation before book_flight.", RuleKind.READ_BACK),
        ("If someone wants to leave, offer a pause before calling cancel_plan.", RuleKind.SAY_FIRST),
        ("Never promise a refund.", RuleKind.NEVER_PROMISE),
        ("You must not offer any discount.", RuleKind.NEVER_PROMISE),
        ("Phone numbers must not be read out.", RuleKind.NEVER_SAY),
        ("Do not ask for the customer's home city.", RuleKind.NEVER_SAY),
    ],
)
def test_what_is_certain_is_compiled(text, kind):
    assert [rule.kind for rule in compile_policies((Policy(text),))] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "Be polite.",
        "Offer a discount to loyal customers.",
        "Never promise a refund unless a manager approved it.",
        "Never give a discount of more than 10 percent.",
        "Do not quote prices before the customer is identified.",
        "If the customer asks to cancel, offer a pause.",
        "Read the terms before the call.",
    ],
)
def test_what_is_not_certain_is_left_to_the_models(text):
    assert compile_policies((Policy(text),)) == ()


def test_a_ramp_is_settled_per_call_and_share():
    policy = Policy("Be kind.", id="p", mode=Mode.RAMP, ramp_share=0.3)
    modes = [resolve_ramp([policy], f"call-{number}")[0].mode for number in range(2000)]
    assert 0.25 < modes.count(Mode.ENFORCE) / len(modes) < 0.35
    assert set(modes) == {Mode.ENFORCE, Mode.SHADOW}
    assert resolve_ramp([policy], "call-1") == resolve_ramp([policy], "call-1")


@pytest.mark.parametrize(("share", "mode"), [(0.0, Mode.SHADOW), (1.0, Mode.ENFORCE)])
def test_the_ends_of_a_ramp(share, mode):
    policy = Policy("Be kind.", mode=Mode.RAMP, ramp_share=share)
    assert {resolve_ramp([policy], str(number))[0].mode for number in range(50)} == {mode}
