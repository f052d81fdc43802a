"""Which tier decides, and what every kind of failure comes to."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from judging.core import (
    Answer,
    Ask,
    Decision,
    JudgeSettings,
    Mode,
    Policy,
    Scope,
    judge,
    run,
    unavailable,
)
from tests.unit.judging.helpers import call_so_far, calls, says

POLITE = Policy("Always be polite.", id="polite")
CALL = call_so_far("c: I want 2 pizzas")
TURN = says("Two pizzas for $20, you fool.")
FAILURES = ["timeout", "provider_error", "garbage", "circuit_open", "unavailable"]


def settings(*tiers: int, **changes) -> JudgeSettings:
    return replace(JudgeSettings(tiers=frozenset(tiers)), **changes)


def reply(violation: bool = True, score: float = 0.9, policy: int | None = 1, correction: str = "") -> str:
    found = {"violation": violation, "policy": policy, "score": score, "reason": "because", "correction": correction}
    return json.dumps(found)


class Models:
    """Answers tier 1 with a score and tier 2 with a text, and keeps the asks."""

    def __init__(self, score: float | str = 0.5, text: str = "", failure: str = "") -> None:
        self.score, self.text, self.failure = score, text, failure
        self.asks: list[Ask] = []

    def __call__(self, ask: Ask) -> Answer:
        self.asks.append(ask)
        if ask.tier == 1:
            if isinstance(self.score, str):
                return Answer(failure=self.score)
            return Answer(scores=tuple(self.score for _ in ask.hypotheses))
        return Answer(failure=self.failure) if self.failure else Answer(text=self.text)

    @property
    def tiers(self) -> list[int]:
        return [ask.tier for ask in self.asks]


def decide(models, *policies, using=None, turn=TURN, **options):
    return run(judge(CALL, turn, policies or (POLITE,), using or settings(0, 1, 2), **options), models)


def test_tier_0_answers_first_and_alone_when_sure():
    models = Models()
    verdict = decide(models, turn=calls("order", {"quantity": 7}))
    assert (verdict.decision, verdict.tier, verdict.check, models.asks) == (
        Decision.INTERVENE,
        0,
        "wrong_quantity",
        [],
    )


@pytest.mark.parametrize(
    ("score", "decision", "tier", "asked"),
    [
        (0.85, Decision.INTERVENE, 1, [1]),
        (0.99, Decision.INTERVENE, 1, [1]),
        (0.20, Decision.PASS, 1, [1]),
        (0.0, Decision.PASS, 1, [1]),
        (0.5, Decision.INTERVENE, 2, [1, 2]),
        (0.84, Decision.INTERVENE, 2, [1, 2]),
        (0.21, Decision.INTERVENE, 2, [1, 2]),
    ],
)
def test_tier_1_decides_at_and_outside_its_band(score, decision, tier, asked):
    models = Models(score, reply())
    verdict = decide(models)
    assert (verdict.decision, verdict.tier, models.tiers) == (decision, tier, asked)


def test_tier_2_is_asked_only_of_the_uncertain_policies():
    class Split(Models):
        def __call__(self, ask):
            super().__call__(ask)
            return Answer(scores=(0.1, 0.5)) if ask.tier == 1 else Answer(text=reply(policy=2))

    models = Split()
    verdict = decide(models, POLITE, Policy("Never insult."))
    assert models.asks[1].policy_indexes == (1,)
    assert "Always be polite" not in models.asks[1].messages[1]["content"]
    assert verdict.policy_index == 1


def test_a_tier_2_score_below_the_threshold_passes():
    verdict = decide(Models(0.5, reply(score=0.69)))
    assert (verdict.decision, verdict.score) == (Decision.PASS, 0.69)


def test_a_tier_2_no_passes():
    assert decide(Models(0.5, reply(violation=False, policy=None))).decision is Decision.PASS


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failed_tier_1_goes_on_to_tier_2(failure):
    models = Models(failure, reply())
    assert (decide(models).tier, models.tiers) == (2, [1, 2])


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failed_tier_2_leaves_the_turn_undecided(failure):
    verdict = decide(Models(0.5, failure=failure))
    assert (verdict.decision, verdict.tier, verdict.reason) == (Decision.UNDECIDED, None, f"tier 2: {failure}")


def test_both_models_failing_names_both():
    verdict = decide(Models("timeout", failure="circuit_open"))
    assert verdict.reason == "tier 1: timeout; tier 2: circuit_open"


def test_garbage_from_tier_2_is_a_failure():
    assert decide(Models(0.5, "I think it is fine")).reason == "tier 2: garbage"


def test_too_few_scores_from_tier_1_are_a_failure():
    def short(ask: Ask) -> Answer:
        return Answer(scores=(0.9,)) if ask.tier == 1 else Answer(failure="timeout")

    verdict = decide(short, POLITE, Policy("Never insult."))
    assert verdict.reason == "tier 1: garbage; tier 2: timeout"


def test_a_failed_tier_1_without_a_tier_2_is_undecided():
    assert decide(unavailable, using=settings(0, 1)).decision is Decision.UNDECIDED


def test_an_open_question_without_a_tier_2_passes():
    verdict = decide(Models(0.5), using=settings(0, 1))
    assert (verdict.decision, verdict.skipped) == (Decision.PASS, "not_configured")


def test_no_model_tier_at_all_passes():
    models = Models()
    verdict = decide(models, using=settings(0))
    assert (verdict.decision, verdict.tier, models.asks) == (Decision.PASS, 0, [])


def test_the_llm_scorer_skips_tier_1():
    models = Models(0.99, reply(violation=False, policy=None))
    decide(models, using=settings(0, 1, 2, scorer="llm"))
    assert models.tiers == [2]


LLM_ALONE = settings(0, 1, 2, scorer="llm")
NO_REFUND = Policy("Never promise a refund.")
PROMISE = says("I will give you a refund.")


@pytest.mark.parametrize(("violation", "decision"), [(True, Decision.INTERVENE), (False, Decision.PASS)])
def test_the_llm_scorer_judges_speech_alone(violation, decision):
    models = Models(text=reply(violation=violation, policy=1 if violation else None))
    verdict = decide(models, NO_REFUND, using=LLM_ALONE, turn=PROMISE)
    assert (verdict.decision, verdict.tier, models.tiers) == (decision, 2, [2])


def test_the_llm_scorer_leaves_tools_to_the_facts_first():
    models = Models(text=reply(violation=False, policy=None))
    verdict = decide(models, NO_REFUND, using=LLM_ALONE, turn=calls("order", {"quantity": 7}))
    assert (verdict.check, verdict.tier, models.asks) == ("wrong_quantity", 0, [])
    assert decide(models, NO_REFUND, using=LLM_ALONE, turn=calls("order", {"quantity": 2})).tier == 2


def test_the_llm_scorer_is_asked_without_any_policy_too():
    models = Models(text=reply(policy=None))
    verdict = run(judge(CALL, TURN, (), LLM_ALONE), models)
    assert (verdict.decision, verdict.policy_index, models.tiers) == (Decision.INTERVENE, None, [2])


def test_the_llm_scorer_is_not_asked_what_the_pre_gate_holds_back():
    models = Models(text=reply())
    verdict = run(judge(call_so_far("c: hello there"), says("Hi! How are you?"), [POLITE], LLM_ALONE), models)
    assert (verdict.decision, verdict.skipped, models.asks) == (Decision.PASS, "pre_gate", [])


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failed_llm_scorer_leaves_speech_undecided(failure):
    verdict = decide(Models(failure=failure), NO_REFUND, using=LLM_ALONE, turn=PROMISE)
    assert (verdict.decision, verdict.reason) == (Decision.UNDECIDED, f"tier 2: {failure}")


@pytest.mark.parametrize("tiers", [(0,), (0, 1)])
def test_without_an_llm_the_llm_scorer_leaves_the_turn_to_the_tiers_there_are(tiers):
    verdict = decide(Models(0.1), NO_REFUND, using=settings(*tiers, scorer="llm"), turn=PROMISE)
    assert (verdict.decision, verdict.tier, verdict.check) == (Decision.INTERVENE, 0, "forbidden_promise")
    models = Models(0.1)
    decide(models, using=settings(*tiers, scorer="llm"))
    assert models.tiers == [tier for tier in tiers if tier]


OWN_PROMPT = "{customer_text} {primary_response} {tool_calls_json} {history_summary} Rule 7: be polite."


@pytest.mark.parametrize("scorer", ["mirror_judge", "llm"])
def test_a_prompt_of_the_tenants_own_needs_no_policies(scorer):
    models = Models(text=reply(policy=7))
    using = settings(0, 1, 2, scorer=scorer, judging_prompt=OWN_PROMPT)
    verdict = run(judge(CALL, TURN, (), using), models)
    assert (verdict.decision, verdict.policy_index, models.tiers) == (Decision.INTERVENE, None, [2])
    assert "Rule 7: be polite." in models.asks[0].messages[1]["content"]


def test_a_rule_number_of_the_tenants_own_prompt_is_no_policy_of_ours():
    using = settings(0, 1, 2, judging_prompt=OWN_PROMPT)
    assert decide(Models(0.5, reply(policy=7)), using=using).policy_index is None
    assert decide(Models(0.5, reply(policy=1)), using=using).policy_index == 0


def test_the_pre_gate_skips_the_models_but_not_tier_0():
    models = Models(0.99)
    quiet = call_so_far("c: hello there")
    verdict = run(judge(quiet, says("Hi! How are you?"), [POLITE], settings(0, 1, 2)), models)
    assert (verdict.decision, verdict.skipped, models.asks) == (Decision.PASS, "pre_gate", [])


def test_without_the_pre_gate_every_turn_is_asked():
    models = Models(0.1)
    quiet = call_so_far("c: hello there")
    run(judge(quiet, says("Hi! How are you?"), [POLITE], settings(0, 1, is_pre_gate_enabled=False)), models)
    assert models.tiers == [1]


def test_a_turn_after_an_intervention_is_asked():
    models = Models(0.1)
    quiet = call_so_far("c: hello there")
    run(judge(quiet, says("Hi!"), [POLITE], settings(0, 1), follows_intervention=True), models)
    assert models.tiers == [1]


def test_a_shadow_policy_never_decides():
    shadow = Policy("Never promise a refund.", mode=Mode.SHADOW)
    verdict = decide(Models(), shadow, using=settings(0), turn=says("I will give you a refund."))
    assert (verdict.decision, [finding.check for finding in verdict.shadow]) == (Decision.PASS, ["forbidden_promise"])


def test_a_shadow_policy_is_scored_by_tier_1_and_not_asked_of_tier_2():
    models = Models(0.9, reply())
    verdict = decide(models, replace(POLITE, mode=Mode.SHADOW))
    assert (verdict.decision, len(verdict.shadow), models.tiers) == (Decision.PASS, 1, [1])


@pytest.mark.parametrize(
    ("scope", "turn", "asked"),
    [
        (Scope.SPEECH, says("It is $5."), [1]),
        (Scope.SPEECH, calls("look_up", {}), []),
        (Scope.TOOLS, says("It is $5."), []),
        (Scope.TOOLS, calls("look_up", {}), [1]),
        (Scope.BOTH, calls("look_up", {}), [1]),
    ],
)
def test_a_policy_is_asked_only_of_its_scope(scope, turn, asked):
    models = Models(0.0)
    decide(models, Policy("Never delete an account.", scope=scope), using=settings(0, 1), turn=turn)
    assert models.tiers == asked


def test_a_prefix_gets_the_verdict_of_its_text():
    whole, prefix = says("Sure. I will give you a refund."), says("Sure.")
    rule = Policy("Never promise a refund.")
    verdicts = [decide(Models(), rule, using=settings(0), turn=turn).decision for turn in (prefix, whole)]
    assert verdicts == [Decision.PASS, Decision.INTERVENE]


def test_judging_does_not_change_the_call():
    before = len(CALL.turns)
    assert decide(Models(0.5, reply())) == decide(Models(0.5, reply()))
    assert len(CALL.turns) == before


def test_the_correction_of_tier_2_is_kept_only_in_the_agents_voice():
    spoken = decide(Models(0.5, reply(correction="Sorry about that. Two pizzas, right?"))).correction
    refused = decide(Models(0.5, reply(correction="Tell the customer you are sorry."))).correction
    assert (spoken, refused) == ("Sorry about that. Two pizzas, right?", "")
