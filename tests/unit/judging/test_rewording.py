"""What the caller hears instead: from the policy, the claim, the call and what stands."""

from __future__ import annotations

import pytest

from judging.core import GateDecision, JudgeSettings, ToolCall, Turn, Verdict, correction_line, gate_calls
from judging.core.refusals import lines_instead
from judging.core.types import Role
from tests.unit.judging.helpers import call_so_far, calls, checks_that_fire, decide, says

PIZZA = {"item": "pizza", "size": "large", "quantity": 1, "toppings": ["pepperoni", "mushrooms"]}
ORDER = ["c: One large pizza with pepperoni and mushrooms", "a: Anything else?"]
READ_BACK = "Read the order back and get a yes before calling place_order."
REVIEW = "Never promise a refund. Say that a specialist will review the request."


def instruction(verdict: Verdict, turn: Turn) -> str:
    return gate_calls(verdict, call_so_far(), turn, JudgeSettings())[0].instruction


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (REVIEW, "Sorry, I can't promise a refund. A specialist will review the request."),
        ("Never promise a refund.", "Sorry, I can't promise a refund."),
        ("Never offer any refund. Tell the caller that their case is open.", None),
        ('Never promise a refund; say: "Let me ask my manager."', None),
        ("Never promise a refund. Say that you will look into it.", "Sorry, I can't promise a refund."),
        ("Never promise a refund. Say that {name} will call.", "Sorry, I can't promise a refund."),
        ("Never promise a customer a refund.", "Sorry, I can't promise you a refund."),
        ("Refunds take a week. Never promise a refund.", None),
        ("Never promise a refund. Say that I will give a refund soon.", "Sorry, I can't promise a refund."),
    ],
)
def test_a_promise_is_taken_back_in_the_policy_s_words(policy, expected):
    expected = (
        expected
        or {
            "Never o": "Sorry, I can't offer any refund. Your case is open.",
            "Never p": "Sorry, I can't promise a refund. Let me ask my manager.",
            "Refunds": "",
        }[policy[:7]]
    )
    verdict = decide(call_so_far("c: my money back!"), says("I will refund you the full amount."), policy)
    assert verdict.correction == expected
    if expected:
        assert checks_that_fire(call_so_far("c: my money back!"), says(expected), policy) == set()


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("Never tell the customer what others paid.", "Sorry, I can't tell you what others paid."),
        ("Do not give callers medical advice.", "Sorry, I can't give you medical advice."),
        ("Never read the caller's card number to them.", "Sorry, I can't read your card number to you."),
        ("Never share another customer's data with the caller.", "Sorry, please disregard what I just said."),
    ],
)
def test_a_refusal_speaks_to_the_customer(rule, line):
    assert next(lines_instead(rule, is_promise=False)) == line


def test_what_is_said_only_on_a_condition_is_not_said():
    lines = lines_instead("Never promise a refund. Say that it is open if it is new.", is_promise=True)
    assert list(lines) == ["Sorry, I can't promise a refund.", "Sorry, I can't promise that."]


def test_a_forbidden_question_and_a_forbidden_report_are_taken_back():
    asked = lines_instead("Do not ask the customer for a date.", is_promise=False)
    told = lines_instead("The agent must not tell the customer that it was completed.", is_promise=False)
    assert (next(asked), next(told)) == (
        "Sorry, there is no need to answer that.",
        "Sorry, please disregard what I just said.",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "I have cancelled your subscription.",
            "Sorry, I haven't cancelled your subscription yet. Shall I do that now?",
        ),
        ("I've already refunded you, all done.", "Sorry, I haven't refunded you yet. Shall I do that now?"),
        ("I have just cancelled the plan for you.", "Sorry, I haven't cancelled the plan yet. Shall I do that now?"),
        (
            "Your monthly plan has been cancelled.",
            "Sorry, your monthly plan hasn't been cancelled yet. Shall I do that now?",
        ),
        ("Your plan is now cancelled.", "Sorry, your plan isn't cancelled yet. Shall I do that now?"),
        ("I have cancelled everything that you had with us.", "Sorry, that isn't done yet. Shall I do it now?"),
    ],
)
def test_a_claim_is_put_right_with_its_own_words(text, expected):
    assert decide(call_so_far("c: please end it"), says(text)).correction == expected


def test_what_a_rule_may_forbid_is_not_offered():
    turn, customer = says("I've refunded you."), call_so_far("c: my money back!")
    assert decide(customer, turn, "Do not hand out refunds.").correction == "Sorry, I haven't refunded you yet."
    late = "Never say that it is refunded before issue_refund has succeeded."
    assert decide(customer, turn, late).correction.endswith("Shall I do that now?")


@pytest.mark.parametrize(
    ("lines", "arguments", "expected"),
    [
        ([*ORDER, "c: take the pepperoni off"], PIZZA, "one large pizza with mushrooms, no pepperoni"),
        (
            ["c: pizza with mushrooms, no pepperoni or ham"],
            PIZZA | {"toppings": ["pepperoni", "ham"]},
            "no pepperoni or ham",
        ),
        ([*ORDER, "c: no pepperoni"], PIZZA | {"drink": "cola"}, "no pepperoni"),
        ([*ORDER, "c: ham instead of pepperoni"], PIZZA, "one large pizza with ham and mushrooms, no pepperoni"),
        ([*ORDER, "c: no pepperoni, and make it two pizzas"], PIZZA, "two large pizzas with mushrooms, no pepperoni"),
        (["c: on Friday", "c: make that Saturday instead of Friday"], {"day": "Friday"}, "Saturday, not Friday"),
        (["c: to New York", "c: Los Angeles, not New York"], {"to": "New York"}, "Los Angeles, not New York"),
        (["c: hold the mayo please"], {"sauce": "mayo"}, "no mayo"),
        (
            ["c: two medium pizzas", "c: just one pizza instead of two"],
            {"item": "pizza", "quantity": 2},
            "one pizza, not two",
        ),
        (["c: two tickets", "a: Two tickets?", "c: Make it 4"], {"tickets": 2}, "four tickets, not two"),
        (["c: Two please", "a: Two, right?", "c: Make it one"], {"quantity": 2}, "one, not two"),
        (["c: three large pizzas"], {"item": "pizza", "quantity": 6}, "three pizzas"),
        (["c: from March 7th"], {"date": "2024-03-08"}, "March 7th"),
        (["c: on the 7th", "a: The 7th?", "c: No, the 9th"], {"date": "2024-03-07"}, "the 9th, not the 7th"),
        (["a: A room without breakfast?", "c: No, with breakfast"], {"has_breakfast": False}, "with breakfast"),
        (["c: to New York, no, I mean Los Angeles"], {"to": "New York"}, "Los Angeles, not New York"),
    ],
)
def test_what_stands_is_named(lines, arguments, expected):
    turn = calls("place_order", arguments)
    verdict = decide(call_so_far(*lines), turn)
    assert verdict.correction == f"Just to confirm: {expected}?"
    assert instruction(verdict, turn) == f'Say: "{verdict.correction}" Get a yes before calling place_order.'


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"item": "pizza", "quantity": 3}, "Sorry, how many pizzas would you like?"),
        ({"number_of_guests": 3}, "Sorry, how many guests would you like?"),
        ({"quantity": 3}, "Sorry, how many would you like?"),
        ({"account_number": "774"}, "Sorry, could you give me the account number once more?"),
        ({"delivery_city": "Salem"}, "Sorry, which delivery city would you like?"),
    ],
)
def test_what_nobody_said_is_asked_for(arguments, expected):
    verdict = decide(call_so_far("c: a pizza please"), calls("place_order", arguments))
    assert correction_line(verdict.findings[0]) == expected


def test_names_in_doubt_are_not_read_out_together():
    lines = ["c: from Boston to Salem", "a: From Boston to Salem?", "c: no, from Denver to Austin", "a: ok?", "c: yes"]
    verdict = decide(call_so_far(*lines), calls("book", {"from": "Boston", "to": "Salem"}))
    assert {finding.correction for finding in verdict.findings} == {
        "Just to confirm: Denver, not Boston?",
        "Just to confirm: Austin, not Salem?",
    }


@pytest.mark.parametrize("word", ["definitely", "please", "it", "that"])
def test_not_every_word_before_an_exclusion_is_wanted_instead(word):
    verdict = decide(
        call_so_far("c: a pizza with ham", f"c: {word} not pepperoni"), calls("do_it", {"sauce": "pepperoni"})
    )
    assert (verdict.evidence[0].replaced_by, verdict.correction) == ("", "Just to confirm: no pepperoni?")


def test_a_read_back_is_worded_like_an_order_and_accepted_as_one():
    turn = calls("place_order", {"item": "pizza", "size": "small", "quantity": 1, "toppings": ["olives"]})
    verdict = decide(call_so_far("c: One small pizza with olives"), turn, READ_BACK)
    assert verdict.correction == "Just to confirm before I go ahead: one small pizza with olives. Is that right?"
    after = call_so_far("c: One small pizza with olives", f"a: {verdict.correction}", "c: Yes")
    assert checks_that_fire(after, turn, READ_BACK) == set()


def test_a_read_back_leaves_out_what_was_ruled_out():
    verdict = decide(call_so_far(*ORDER, "c: no pepperoni"), calls("place_order", PIZZA), READ_BACK)
    assert {finding.check: finding.correction for finding in verdict.findings} == {
        "exclusion_put_in": "Just to confirm: one large pizza with mushrooms, no pepperoni?",
        "missing_read_back": (
            "Just to confirm before I go ahead: one large pizza with mushrooms, no pepperoni. Is that right?"
        ),
    }


def test_a_read_back_is_not_asked_for_while_a_value_has_no_stand_in():
    turn = calls("place_order", PIZZA | {"toppings": ["mushrooms"], "restaurant": "Golden Dragon"})
    verdict = decide(call_so_far(*ORDER), turn, READ_BACK)
    assert "Golden Dragon" not in "".join(finding.correction for finding in verdict.findings)
    assert instruction(verdict, turn).startswith('Say: "Sorry, which restaurant would you like?"')


@pytest.mark.parametrize("answer", ["Yes", "Yes, that's right."])
def test_the_correction_once_agreed_lets_the_right_call_through_and_the_wrong_one_not(answer):
    lines = [*ORDER, "c: take the pepperoni off"]
    line = decide(call_so_far(*lines), calls("place_order", PIZZA), READ_BACK).correction
    after = call_so_far(*lines, f"a: {line}", f"c: {answer}")
    assert checks_that_fire(after, calls("place_order", PIZZA | {"toppings": ["mushrooms"]}), READ_BACK) == set()
    assert checks_that_fire(after, calls("place_order", PIZZA), READ_BACK) == {"exclusion_put_in"}


def test_a_long_call_is_read_back_in_one_breath():
    turn = calls("place_order", {f"field_{at}": "one two three four" for at in range(20)})
    verdict = decide(call_so_far("c: one two three four"), turn, READ_BACK)
    assert 20 < len(verdict.correction.split()) <= 40
    assert correction_line(verdict.findings[0]) == verdict.correction


FARE = 't: {"flight": "SK204", "fare_usd": 189}'
OFFER = "a: That is 189 dollars. Shall I charge it?"


@pytest.mark.parametrize(
    ("lines", "arguments", "expected", "source"),
    [
        ([FARE], {"amount_usd": 289}, "Just to confirm: the total is 189 dollars?", 1),
        ([FARE, OFFER, "c: Yes"], {"fare_usd": 289}, "Just to confirm: the fare is 189 dollars?", 2),
        (
            ['t: {"fare_usd": 189, "bag_fee_usd": 30}', OFFER, "c: Yes"],
            {"amount": 289},
            "Just to confirm: the total is 189 dollars?",
            2,
        ),
        (
            ['t: {"fare_usd": 189, "bag_fee_usd": 33}'],
            {"amount_usd": 289},
            "Sorry, let me check the amount before I go on.",
            None,
        ),
        ([OFFER, "c: Hm."], {"amount_usd": 289}, "Sorry, let me check the amount before I go on.", None),
        (
            ["c: I pay two hundred and eighty nine euros"],
            {"total_eur": 298},
            "Just to confirm: the total is 289 euros?",
            1,
        ),
    ],
)
def test_a_wrong_amount_names_the_one_that_stands(lines, arguments, expected, source):
    turn = calls("charge_card", arguments)
    verdict = decide(call_so_far("c: a flight please", *lines), turn)
    assert (verdict.check, verdict.correction) == ("wrong_amount", expected)
    standing = [item for item in verdict.evidence if item.status == "grounded"]
    assert [item.source_turn for item in standing] == ([] if source is None else [source])
    assert verdict.evidence[0].replaced_by == (standing[0].value if standing else "")
    assert "usd" not in verdict.reason
    assert str(next(iter(arguments.values()))) not in instruction(verdict, turn)


def test_reasons_name_things_not_paths():
    reasons = [
        decide(call_so_far(*lines), calls("do_it", arguments)).reason
        for lines, arguments in (
            ([*ORDER, "c: no pepperoni"], PIZZA),
            (["c: two tickets", "a: Two tickets?", "c: Make it one"], {"items": [{"quantity": 2}]}),
            (["c: hello", FARE], {"amount_usd": 289}),
        )
    ]
    assert reasons == [
        "the toppings include 'pepperoni', which the customer ruled out",
        "quantity is 2, replaced later by one",
        "amount is 289 dollars, which nobody said; 189 dollars stands",
    ]


def test_a_correction_never_says_what_a_rule_forbids():
    verdict = decide(
        call_so_far("c: a flight", FARE), calls("charge_card", {"amount_usd": 289}), "Do not quote prices."
    )
    assert verdict.correction == "Sorry, give me a moment to double-check that."
    asking = decide(call_so_far("c: a flight"), calls("book", {"origin": "Salem"}), "Do not ask where they fly from.")
    assert correction_line(asking.findings[0]) == "Sorry, which origin would you like?"
    city = decide(call_so_far("c: a flight"), calls("book", {"city": "Salem"}), "Do not ask for the city.")
    assert correction_line(city.findings[0]) == "Sorry, give me a moment to double-check that."


def test_a_finding_without_words_of_its_own_holds_the_call_with_its_reason():
    rule = "If the customer asks to cancel, mention the pause they can take before calling cancel_plan."
    turn = Turn(9, Role.AGENT, "", tool_calls=(ToolCall("cancel_plan", {"plan": "gold"}),))
    verdict = decide(call_so_far("c: cancel my gold plan"), turn, rule)
    held = gate_calls(verdict, call_so_far(), turn, JudgeSettings())[0]
    assert (held.decision, held.instruction) == (
        GateDecision.CONFIRM,
        "Do not call cancel_plan yet: cancel_plan is called before the agent spoke of 'pause take they', which a rule "
        "asks for. Put that right and get a yes first.",
    )


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("Offer the customer a pause before calling cancel_plan.", "Before I do that, would you like a pause?"),
        (
            "Ask for the customer's member number before calling cancel_plan.",
            "Before I do that, could you give me your member number?",
        ),
        (
            "Always mention the early exit fee before calling cancel_plan.",
            "Before I do that, I should mention the early exit fee. Shall I go on?",
        ),
    ],
)
def test_what_must_be_said_first_is_said_in_the_rule_s_own_words(rule, line):
    assert decide(call_so_far("c: cancel my gold plan"), calls("cancel_plan"), rule).correction == line


@pytest.mark.parametrize(
    ("result", "said", "line"),
    [
        ('{"arrival": "19:30"}', "It arrives at 8:15 pm.", "Sorry, let me correct that: I have 19:30 here."),
        (
            '{"first": "19:30", "second": "21:00"}',
            "It arrives at 8:15 pm.",
            "Sorry, let me check the time before I confirm it.",
        ),
    ],
)
def test_a_claim_that_no_result_has_is_put_right_or_checked(result, said, line):
    assert decide(call_so_far("c: when does it arrive?", f"t: {result}"), says(said)).correction == line


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        (["swimming: 4pm"], "Sorry, let me correct that: I have 4pm here."),
        (["swimming: 4pm", "chess: 6pm"], "Sorry, let me check the time before I confirm it."),
    ],
)
def test_a_fact_is_told_instead_only_where_no_other_could_be_meant(facts, line):
    conversation = call_so_far("c: when do we meet?", facts=facts)
    assert decide(conversation, says("You meet at 8 pm.")).correction == line
