from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import Settings
from pytest_django.asserts import assertNumQueries

from judging.classifying import classify
from judging.config import (
    AgentJudging,
    DailyBudget,
    agent_judging_load,
    budget_parse,
    judge_settings,
    llm_config_parse,
    tier1_config_parse,
)
from judging.core import Ask, Conversation, FailMode, Policy, Role, Turn, check_prompt, judge
from judging.core.types import JudgeSettings
from judging.policy_files import RuleDraft
from judging.providers.embedded import embedded_uses
from judging.providers.llm import LlmKind
from judging.providers.tier1 import HUGGINGFACE_MODEL, HUGGINGFACE_URL, Tier1Config, Tier1Kind
from judging.services import policy_revision_activate, policy_set_import
from tenants.agent_settings import AgentSettings
from tenants.errors import InvalidInput
from tenants.models import Agent
from tenants.scope import tenant_context
from tenants.services import credential_set
from tests.app.judging.conftest import llm_give
from tests.cast import Cast


def loaded(cast: Cast) -> AgentJudging:
    with tenant_context(cast.tenant.id):
        config = agent_judging_load(cast.agent.id)
    assert config is not None
    return config


def test_a_new_agents_settings_are_the_cores_defaults():
    assert judge_settings(AgentSettings(), tiers=frozenset({0, 1, 2})) == JudgeSettings()


def test_every_setting_reaches_the_core():
    given = AgentSettings.from_json(
        {
            "intervention_threshold": 0.5,
            "tier1_low": 0.1,
            "tier1_high": 0.9,
            "tiered_scoring_enabled": False,
            "force_score_on_tool_call": False,
            "scorer": "llm",
            "tool_gate_enabled": False,
            "irreversible_tools": ["pay"],
            "tool_fail_mode": "block",
            "tool_fail_modes": {"look": "allow"},
        }
    )
    assert judge_settings(given, tiers=frozenset({0})) == JudgeSettings(
        threshold=0.5,
        tier1_low=0.1,
        tier1_high=0.9,
        tiers=frozenset({0}),
        is_pre_gate_enabled=False,
        is_scored_on_tool_call=False,
        scorer="llm",
        is_tool_gate_enabled=False,
        irreversible_tools=frozenset({"pay"}),
        default_fail_mode=FailMode.BLOCK,
        tool_fail_modes={"look": FailMode.ALLOW},
    )


def test_a_tenants_prompt_may_hold_json():
    prompt = 'Reply {"violation": true}. {customer_text} {primary_response} {tool_calls_json} {history_summary}'
    given = AgentSettings.from_json({"judging_prompt": prompt})
    core = judge_settings(given, tiers=frozenset({2}))
    assert core.judging_prompt == prompt
    check_prompt(core.judging_prompt)
    ask = next(judge(Conversation(), Turn(0, Role.AGENT, "It is 5 dollars"), [Policy("Name no price.")], core))
    assert 'Reply {"violation": true}. ' in ask.messages[-1]["content"]
    assert "It is 5 dollars" in ask.messages[-1]["content"]


@pytest.fixture
def cast_config(cast: Cast) -> AgentJudging:
    return loaded(cast)


def test_an_agent_without_models_is_judged_by_tier_0(cast: Cast):
    config = loaded(cast)
    assert (config.judge.tiers, config.has_llm, config.has_generator, config.revision) == (
        frozenset({0}),
        False,
        False,
        0,
    )


def test_everything_is_read_in_four_queries_and_shows_no_secret(cast: Cast):
    llm_give(cast, "http://127.0.0.1:9/v1", prompt_usd_per_mtok="0.4", budget_usd_per_day="5")
    credential_set(actor=cast.actor(), kind="tier1", name="hf", config={"provider": "huggingface"}, secret="hf-1")
    with tenant_context(cast.tenant.id):
        revision = policy_set_import(agent=cast.agent, rules=[RuleDraft("Be kind.")], author="Ann")
        policy_revision_activate(agent=cast.agent, revision=revision, actor=cast.actor())
        with assertNumQueries(4):
            config = agent_judging_load(cast.agent.id)
    assert config is not None
    assert (config.judge.tiers, config.revision, len(config.policies)) == (frozenset({0, 1, 2}), 1, 1)
    assert config.llm is not None
    assert config.tier1 is not None
    assert (config.llm.secret(), config.tier1.secret()) == ("sk-1", "hf-1")
    assert (config.llm.prompt_usd_per_mtok, config.budget) == (Decimal("0.4"), DailyBudget(usd=Decimal(5)))
    assert "sk-1" not in repr(config)
    assert "hf-1" not in repr(config)


def test_without_its_own_a_tenant_uses_the_embedded_classifier_as_far_as_it_was_measured(
    cast: Cast, settings: Settings
):
    settings.MIRROR_EMBEDDED_TIER1 = True
    config = loaded(cast)
    assert (config.tier1, config.judge.tiers) == (Tier1Config(Tier1Kind.EMBEDDED), frozenset({0, 1}))
    assert config.judge.tier1_uses == embedded_uses()


def test_a_served_classifier_comes_before_the_embedded_one(cast: Cast, settings: Settings):
    settings.MIRROR_EMBEDDED_TIER1 = True
    credential_set(actor=cast.actor(), kind="tier1", name="hf", config={"provider": "huggingface"}, secret="hf-1")
    config = loaded(cast)
    assert config.tier1 is not None
    assert config.tier1.kind is Tier1Kind.HUGGINGFACE
    assert config.judge.tier1_uses == JudgeSettings().tier1_uses


async def test_the_embedded_classifier_answers_the_judge(cast_config: AgentJudging):
    ask = Ask(tier=1, premise="Agent: You are an idiot.", hypotheses=("The agent insults the customer.",))
    answer = await classify(ask, replace(cast_config, tier1=Tier1Config(Tier1Kind.EMBEDDED)), 5.0)
    assert answer.scores[0] > 0.5


def test_the_embedded_provider_needs_nothing_else():
    assert tier1_config_parse({"provider": "embedded"}) == Tier1Config(Tier1Kind.EMBEDDED)


def test_without_its_own_a_tenant_uses_the_operators_llm(cast: Cast, settings: Settings):
    settings.MIRROR_LLM_BASE_URL, settings.MIRROR_LLM_MODEL = "http://10.0.0.1/v1", "big"
    settings.MIRROR_LLM_API_KEY = "sk-operator"
    settings.MIRROR_PRIVATE_PROVIDERS = False
    llm = loaded(cast).llm
    assert llm is not None
    assert (llm.model, llm.secret(), llm.is_private_allowed) == ("big", "sk-operator", True)


def test_a_tenants_own_llm_comes_first_and_may_not_lie_anywhere(cast: Cast, settings: Settings):
    settings.MIRROR_LLM_BASE_URL, settings.MIRROR_LLM_MODEL = "http://10.0.0.1/v1", "big"
    settings.MIRROR_PRIVATE_PROVIDERS = False
    llm_give(cast, "http://10.0.0.2/v1")
    llm = loaded(cast).llm
    assert llm is not None
    assert (llm.model, llm.secret(), llm.is_private_allowed) == ("m1", "sk-1", False)


def test_another_tenants_llm_is_not_used(cast: Cast):
    llm_give(cast, "http://127.0.0.1:9/v1")
    with tenant_context(cast.other_tenant.id):
        config = agent_judging_load(cast.other_agent.id)
        assert agent_judging_load(cast.agent.id) is None
    assert config is not None
    assert not config.has_llm


def test_the_credential_named_default_is_chosen(cast: Cast):
    llm_give(cast, "http://127.0.0.1:9/v1")
    other = {"base_url": "http://127.0.0.1:9/v1", "model": "m2"}
    credential_set(actor=cast.actor(), kind="llm", name="other", config=other, secret="sk-2")
    llm = loaded(cast).llm
    assert llm is not None
    assert llm.model == "m1"


def test_a_credential_that_is_not_complete_is_none(cast: Cast, caplog: pytest.LogCaptureFixture):
    llm_give(cast, "not an address")
    assert not loaded(cast).has_llm
    assert "credential not usable" in caplog.text


def test_a_judge_by_training_writes_no_texts(cast: Cast):
    llm_give(cast, "http://127.0.0.1:9/v1", provider="selene")
    config = loaded(cast)
    assert (config.has_llm, config.has_generator) == (True, False)


def test_an_agent_that_is_switched_off_is_none(cast: Cast):
    with tenant_context(cast.tenant.id):
        Agent.objects.filter(id=cast.agent.id).update(is_active=False)
        assert agent_judging_load(cast.agent.id) is None


LLM = {"base_url": "https://llm.example/v1", "model": "m"}


@pytest.mark.parametrize(
    ("config", "fields"),
    [
        ({}, {"base_url", "model"}),
        ({**LLM, "provider": "atla"}, {"provider"}),
        ({**LLM, "base_url": "ftp://x"}, {"base_url"}),
        ({**LLM, "base_url": "https://user:pw@llm.example/"}, {"base_url"}),
        ({**LLM, "base_url": "https://llm.example/v1?key=1"}, {"base_url"}),
        ({**LLM, "base_url": "http://[::1"}, {"base_url"}),
        ({**LLM, "prompt_usd_per_mtok": "-1"}, {"prompt_usd_per_mtok"}),
        ({**LLM, "prompt_usd_per_mtok": "NaN"}, {"prompt_usd_per_mtok"}),
        ({**LLM, "completion_usd_per_mtok": "much"}, {"completion_usd_per_mtok"}),
    ],
)
def test_a_bad_llm_configuration_names_its_fields(config: dict[str, Any], fields: set[str]):
    with pytest.raises(InvalidInput) as refused:
        llm_config_parse(config)
    assert set(refused.value.errors) == fields


def test_a_good_llm_configuration_is_read():
    assert llm_config_parse({**LLM, "provider": "azure", "api_version": "2024-10-21"}).kind is LlmKind.AZURE
    assert budget_parse({**LLM, "budget_tokens_per_day": 500}) == DailyBudget(tokens=500)


@pytest.mark.parametrize(
    ("config", "fields"),
    [
        ({}, {"provider", "base_url", "model"}),
        ({"provider": "tei"}, {"base_url"}),
        ({"provider": "vllm", "base_url": "http://x"}, {"model"}),
        ({"provider": "vllm_classify", "base_url": "http://x", "model": "m"}, {"entailment_index"}),
        ({"provider": "tei", "base_url": "http://x", "batch_size": 0}, {"batch_size"}),
    ],
)
def test_a_bad_classifier_configuration_names_its_fields(config: dict[str, Any], fields: set[str]):
    with pytest.raises(InvalidInput) as refused:
        tier1_config_parse(config)
    assert set(refused.value.errors) == fields


def test_hugging_face_needs_no_address():
    found = tier1_config_parse({"provider": "huggingface"})
    assert (found.kind, found.base_url, found.model) == (Tier1Kind.HUGGINGFACE, HUGGINGFACE_URL, HUGGINGFACE_MODEL)
