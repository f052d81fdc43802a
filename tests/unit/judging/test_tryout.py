"""What is shown of a typed turn: each tier's own answer, and what the judge makes of them."""

from __future__ import annotations

from dataclasses import replace

from judging.core import Answer, Case, Decision, JudgeSettings, Policy, Scope, Tier1Use, case_from_record, run
from judging.core.act_scores import Word
from judging.core.compiled import Kind
from judging.core.tryout import ActTried, try_turn
from tests.unit.judging.test_act_scores import DECIDING, Classifier

BLAME = "Never blame the courier unless the customer is angry."


def case_of(*rules: str | Policy, **record: object) -> Case:
    policies = [rule if isinstance(rule, Policy) else Policy(rule) for rule in rules]
    return case_from_record({"agent_text": "The courier lost it.", **record}, policies)


def tried(classifier, case: Case, using: JudgeSettings = DECIDING):
    return run(try_turn(case, using), classifier)


def test_each_act_has_the_score_the_verdict_rests_on():
    found = tried(Classifier(blames=0.95), case_of(BLAME, customer_text="Where is it?"))
    assert found.acts == (ActTried("The agent blames the courier.", 0.95), ActTried("The customer is angry.", 0.02))
    assert [(one.score.value, one.threshold, one.word) for one in found.clauses] == [(0.95, 0.85, Word.BROKEN)]
    assert (found.verdict.decision, found.verdict.tier, found.verdict.score) == (Decision.INTERVENE, 1, 0.95)


def test_an_act_that_could_change_nothing_has_no_score():
    found = tried(Classifier(), case_of(BLAME, customer_text="Where is it?"))
    assert found.acts == (ActTried("The agent blames the courier.", 0.02), ActTried("The customer is angry.", None))
    assert [one.word for one in found.clauses] == [Word.KEPT]
    assert found.verdict.decision is Decision.PASS


def test_where_the_classifier_may_only_observe_there_is_no_threshold():
    observed = replace(DECIDING, tier1_uses={Kind.FORBIDDEN_ACT: Tier1Use(is_observed=True)})
    found = tried(Classifier(blames=0.95), case_of(BLAME), observed)
    assert [(one.threshold, one.word) for one in found.clauses] == [(None, Word.UNCERTAIN)]
    assert found.verdict.decision is Decision.PASS


def test_the_facts_answer_for_themselves():
    rule = "Read the order back and get a yes before calling place_order."
    call = {"name": "place_order", "args": {"quantity": 2}}
    found = tried(Classifier(), case_of(rule, agent_text="", tool_calls=[call], customer_text="Two pizzas."))
    assert (found.facts.decision, found.facts.policy_index) == (Decision.INTERVENE, 0)
    assert found.verdict.tier == 0


def test_a_rule_about_tools_alone_is_not_asked_of_words():
    rule = Policy("Never blame the courier.", scope=Scope.TOOLS)
    classifier = Classifier(blames=0.95)
    found = tried(classifier, case_of(rule))
    assert (found.acts, found.clauses, classifier.asks) == ((ActTried("The agent blames the courier.", None),), (), [])


def test_without_a_classifier_the_facts_alone_answer():
    found = tried(Classifier(), case_of(BLAME), replace(DECIDING, tiers=frozenset({0, 2})))
    assert (found.failure, found.acts, found.verdict.tier) == ("not_configured", (), 0)


def test_a_classifier_that_fails_is_told():
    found = tried(lambda ask: Answer(failure="timeout"), case_of(BLAME))
    assert (found.failure, found.acts, found.verdict.decision) == ("timeout", (), Decision.UNDECIDED)
