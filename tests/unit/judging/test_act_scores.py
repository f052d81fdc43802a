"""Which acts are asked of which turn, and what their scores come to for a rule."""

from __future__ import annotations

from dataclasses import replace

import pytest

from judging.core import Answer, Ask, Compiled, Decision, JudgeSettings, Kind, Policy, Tier1Use, judge, run
from judging.core.act_scores import is_tool, tempered
from judging.core.compiled import ANY_TOOL, CHANGING_TOOL
from tests.unit.judging.helpers import call_so_far, calls, says

TIERS_01 = JudgeSettings(tiers=frozenset({0, 1}), is_pre_gate_enabled=False)
DECIDING = replace(TIERS_01, tier1_uses={})


class Classifier:
    """Hears the acts it is told to, everything else at 0.02; keeps what it was asked."""

    def __init__(self, **heard: float) -> None:
        self.heard, self.asks = heard, list[Ask]()

    def __call__(self, ask: Ask) -> Answer:
        self.asks.append(ask)
        return Answer(scores=tuple(self.score(ask, act) for act in ask.hypotheses))

    def score(self, ask: Ask, act: str) -> float:
        return next((score for word, score in self.heard.items() if word in act.strip(".").split()), 0.02)

    @property
    def acts(self) -> list[str]:
        return [act for ask in self.asks for act in ask.hypotheses]


def decide(classifier, *rules, call=("c: hello",), turn=None, using=DECIDING):
    policies = [rule if isinstance(rule, Policy) else Policy(rule) for rule in rules]
    return run(judge(call_so_far(*call), turn or says("Let me see."), policies, using), classifier)


def test_a_heard_forbidden_act_intervenes_and_says_what_was_heard():
    verdict = decide(Classifier(blames=0.95), "Never blame the courier.")
    assert (verdict.decision, verdict.tier, verdict.score) == (Decision.INTERVENE, 1, 0.95)
    assert verdict.reason == "the classifier hears: The agent blames the courier."


def test_an_act_that_two_rules_share_is_asked_once():
    classifier = Classifier()
    decide(classifier, "Never blame the courier.", "Do not blame the courier unless the caller is angry.")
    assert classifier.acts == ["The agent blames the courier."]


def test_what_would_excuse_an_act_is_asked_only_once_the_act_is_heard():
    rule = "Never blame the courier unless the customer is angry."
    quiet, loud = Classifier(), Classifier(blames=0.95)
    assert [decide(one, rule).decision for one in (quiet, loud)] == [Decision.PASS, Decision.INTERVENE]
    assert (quiet.acts, "The customer is angry." in loud.acts) == (["The agent blames the courier."], True)


def test_an_excuse_that_is_heard_excuses():
    verdict = decide(Classifier(blames=0.95, angry=0.9), "Never blame the courier unless the customer is angry.")
    assert verdict.decision is Decision.PASS


def test_an_excuse_is_looked_for_in_earlier_turns():
    class Once(Classifier):
        def score(self, ask, act):
            is_then = "birth" in ask.premise and "parcel" not in ask.premise
            return 0.9 if "verifies" in act and is_then else super().score(ask, act)

    call = ("c: hi", "a: What is your date of birth?", "c: the third of May", "a: Thank you.", "c: my parcel?")
    rule = "Verify the caller's identity before sharing an address."
    with_it, without = Once(shares=0.95), Once(shares=0.95)
    turn = says("It goes to 3 Hill Street.")
    assert decide(with_it, rule, call=call, turn=turn).decision is Decision.PASS
    assert decide(without, rule, call=call[2:], turn=turn).decision is Decision.INTERVENE


def test_a_missing_required_act_is_broken_by_its_trigger():
    rule = "If the customer asks for a refund, offer a transfer."
    heard = [Classifier(asks=0.95), Classifier(asks=0.95, offers=0.95), Classifier()]
    found = [decide(one, rule).decision for one in heard]
    assert found == [Decision.INTERVENE, Decision.PASS, Decision.PASS]


def test_a_trigger_is_not_asked_of_words_answered_before():
    classifier = Classifier(asks=0.95)
    call = ("c: my money back!", "a: I see.")
    decide(classifier, "If the customer asks for a refund, offer a transfer.", call=call)
    assert classifier.asks == []


def test_a_rule_about_a_tool_is_not_asked_of_small_talk():
    classifier = Classifier()
    rule = "Explain the risks before calling start_trial."
    decide(classifier, rule, turn=says("Nice weather."))
    assert classifier.asks == []
    verdict = decide(classifier, rule, turn=calls("start_trial"), using=replace(DECIDING, tiers=frozenset({1})))
    assert (verdict.decision, verdict.score) == (Decision.INTERVENE, 0.98)


@pytest.mark.parametrize("kind", [Kind.REQUIRED_ACT, Kind.CONDITION])
def test_without_measured_precision_what_was_left_undone_only_asks_tier_2(kind):
    assert JudgeSettings().tier1_use(kind).is_observed
    assert not JudgeSettings().tier1_use(Kind.FORBIDDEN_ACT).is_observed


def test_an_observed_kind_asks_tier_2_and_never_decides():
    rule, heard = "If the customer asks for a refund, offer a transfer.", Classifier(asks=0.99)
    assert decide(heard, rule, using=TIERS_01).decision is Decision.PASS

    def tier_2(ask: Ask) -> Answer:
        return Answer(text='{"violation": true, "score": 0.9, "policy": 1}') if ask.tier == 2 else heard(ask)

    verdict = decide(tier_2, rule, using=replace(TIERS_01, tiers=frozenset({0, 1, 2})))
    assert (verdict.decision, verdict.tier) == (Decision.INTERVENE, 2)


def test_a_rule_that_hinges_on_an_unseen_fact_asks_tier_2_and_never_decides():
    verdict = decide(Classifier(waives=0.99), "Never waive the fee unless a supervisor approved it.")
    assert (verdict.decision, verdict.skipped) == (Decision.PASS, "not_configured")


def test_an_unreadable_rule_is_asked_of_tier_2_only():
    classifier, asked = Classifier(), list[int]()

    def tiers(ask: Ask) -> Answer:
        asked.append(ask.tier)
        return Answer(text='{"violation": false, "score": 0.1, "policy": null}') if ask.tier == 2 else classifier(ask)

    decide(tiers, "Two pets at most per room.", using=replace(DECIDING, tiers=frozenset({0, 1, 2})))
    assert asked == [2]


def test_a_kinds_own_threshold_and_temperature_count():
    rule, heard = "Never blame the courier.", Classifier(blames=0.8)
    lower = replace(DECIDING, tier1_uses={Kind.FORBIDDEN_ACT: Tier1Use(threshold=0.75)})
    softer = replace(DECIDING, tier1_uses={Kind.FORBIDDEN_ACT: Tier1Use(threshold=0.75, temperature=2.0)})
    found = [decide(heard, rule, using=using).decision for using in (DECIDING, lower, softer)]
    assert found == [Decision.PASS, Decision.INTERVENE, Decision.PASS]


def test_the_tenants_own_form_is_judged_by():
    own = Compiled.from_json({"clauses": [{"kind": "forbidden_act", "when": [{"act": "The agent hums a tune."}]}]})
    classifier = Classifier(hums=0.99)
    verdict = decide(classifier, Policy("Be quiet, please.", compiled=own))
    assert (verdict.decision, classifier.acts) == (Decision.INTERVENE, ["The agent hums a tune."])


def test_a_form_that_may_not_stop_a_turn_asks_tier_2_and_never_decides():
    form = {"may_stop": False, "clauses": [{"kind": "forbidden_act", "when": [{"act": "The agent hums a tune."}]}]}
    rule, heard = Policy("Be quiet, please.", compiled=Compiled.from_json(form)), Classifier(hums=0.99)
    assert decide(heard, rule).decision is Decision.PASS

    def tier_2(ask: Ask) -> Answer:
        return Answer(text='{"violation": true, "score": 0.9, "policy": 1}') if ask.tier == 2 else heard(ask)

    verdict = decide(tier_2, rule, using=replace(DECIDING, tiers=frozenset({0, 1, 2})))
    assert (verdict.decision, verdict.tier) == (Decision.INTERVENE, 2)


def test_a_failure_halfway_is_a_failure():
    def once(ask: Ask) -> Answer:
        return (
            Answer(scores=(0.95,)) if ask.hypotheses == ("The agent shares an address.",) else Answer(failure="timeout")
        )

    verdict = decide(once, "Verify the caller's identity before sharing an address.")
    assert (verdict.decision, verdict.reason) == (Decision.UNDECIDED, "tier 1: timeout")


@pytest.mark.parametrize(
    ("score", "temperature", "expected"),
    [(0.9, 1.0, 0.9), (0.9, 2.0, 0.75), (1.0, 3.0, 1.0), (0.0, 0.5, 0.0), (0.5, 9.0, 0.5)],
)
def test_a_temperature_divides_the_log_odds(score, temperature, expected):
    assert tempered(score, temperature) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "called", "expected"),
    [
        ("book_table", "BookTable", True),
        ("book_table", "book_tables", False),
        (ANY_TOOL, "anything", True),
        (CHANGING_TOOL, "update_address", True),
        (CHANGING_TOOL, "get_address", False),
        (CHANGING_TOOL, "FindParcel", False),
    ],
)
def test_a_tool_is_known_by_its_name(name, called, expected):
    assert is_tool(name, called) is expected
