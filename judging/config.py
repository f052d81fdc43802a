"""Everything a live call needs to know to judge an agent's turns, read once and held as a value."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from judging.core.compiled import Kind
from judging.core.types import DEFAULT_TIER1_USES, FailMode, JudgeSettings, Policy, Tier1Use
from judging.providers.embedded import embedded_precisions, embedded_uses
from judging.providers.llm import LlmConfig, LlmKind
from judging.providers.tier1 import HUGGINGFACE_MODEL, HUGGINGFACE_URL, Tier1Config, Tier1Kind
from judging.selectors import policies_active
from tenants.agent_settings import AgentSettings
from tenants.errors import InvalidInput
from tenants.models import Agent, Credential
from tenants.scope import tenant_context, tenant_id_current
from tenants.secrets import secret_of

logger = logging.getLogger(__name__)

Config = TypeVar("Config", LlmConfig, Tier1Config)

DEFAULT_NAME = "default"
# What a tenant writes as provider, beside the kinds' own names.
_LLM_KINDS = {"openai_compatible": LlmKind.OPENAI, **{kind.value: kind for kind in LlmKind}}


@dataclass(frozen=True, slots=True)
class DailyBudget:
    """What a tenant's questions to models may cost per UTC day. None: no limit."""

    usd: Decimal | None = None
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class AgentJudging:
    """An agent's judge as it is set now. ``judge.tiers`` holds only tiers that something can answer.

    ``llm`` and ``tier1`` reveal their keys at use only; none is in this value or its ``repr``. ``revision`` 0: no
    policy is active.
    """

    tenant_id: UUID
    agent_id: UUID
    slug: str
    settings: AgentSettings
    judge: JudgeSettings
    revision: int
    policies: tuple[Policy, ...]
    llm: LlmConfig | None = None
    tier1: Tier1Config | None = None
    budget: DailyBudget = field(default_factory=DailyBudget)

    @property
    def has_llm(self) -> bool:
        return self.llm is not None

    @property
    def has_generator(self) -> bool:
        """Whether a model can write texts. Selene judges only."""
        return self.llm is not None and self.llm.kind is not LlmKind.SELENE

    @property
    def review_budget_s(self) -> float:
        return self.settings.semantic_review_timeout_s


def agent_judging_load(agent_id: UUID) -> AgentJudging | None:
    """Return the agent's judging, None where there is no such agent. Four queries, inside ``tenant_context`` only."""
    agent: Agent | None = Agent.objects.filter(id=agent_id, is_active=True).first()
    if agent is None:
        return None
    kinds = (Credential.Kind.LLM, Credential.Kind.TIER1)
    credentials = list(Credential.objects.filter(kind__in=kinds).order_by("updated_at"))
    llm, budget = _llm(_chosen(credentials, Credential.Kind.LLM))
    tier1 = _tier1(_chosen(credentials, Credential.Kind.TIER1))
    given = AgentSettings.from_json(agent.settings)
    revision, policies = policies_active(agent.id)
    tiers = frozenset({0, *({1} if tier1 else ()), *({2} if llm else ())})
    return AgentJudging(
        tenant_id=tenant_id_current(),
        agent_id=agent.id,
        slug=agent.slug,
        settings=given,
        judge=replace(judge_settings(given, tiers=tiers), **_uses(tier1)),
        revision=revision,
        policies=policies,
        llm=llm,
        tier1=tier1,
        budget=budget,
    )


def tier1_uses_load() -> Mapping[Kind, Tier1Use] | None:
    """What the tenant's classifier may do for each kind of rule, None without a classifier; in ``tenant_context``."""
    standing = tier1_standing_load()
    return standing.uses if standing else None


@dataclass(frozen=True, slots=True)
class Tier1Standing:
    """What a tenant's classifier may do for each kind of rule, and the precision that was measured where it was."""

    uses: Mapping[Kind, Tier1Use]
    precisions: Mapping[Kind, float]


def tier1_standing_load() -> Tier1Standing | None:
    """None without a classifier; in ``tenant_context``."""
    credentials = list(Credential.objects.filter(kind=Credential.Kind.TIER1).order_by("updated_at"))
    tier1 = _tier1(_chosen(credentials, Credential.Kind.TIER1))
    if tier1 is None:
        return None
    precisions = embedded_precisions() if tier1.kind is Tier1Kind.EMBEDDED else {}
    return Tier1Standing(_uses(tier1).get("tier1_uses", DEFAULT_TIER1_USES), precisions)


def _uses(tier1: Tier1Config | None) -> dict[str, Any]:
    """What is known of the classifier's precision: only of the embedded one."""
    is_embedded = tier1 is not None and tier1.kind is Tier1Kind.EMBEDDED
    return {"tier1_uses": embedded_uses()} if is_embedded else {}


def judge_settings(given: AgentSettings, *, tiers: frozenset[int]) -> JudgeSettings:
    """Return an agent's settings as the core takes them."""
    return JudgeSettings(
        threshold=given.intervention_threshold,
        tier1_low=given.tier1_low,
        tier1_high=given.tier1_high,
        tiers=tiers,
        is_pre_gate_enabled=given.tiered_scoring_enabled,
        is_scored_on_tool_call=given.force_score_on_tool_call,
        scorer=given.scorer,
        judging_prompt=given.judging_prompt,
        language=given.language,
        is_tool_gate_enabled=given.tool_gate_enabled,
        irreversible_tools=frozenset(given.irreversible_tools),
        default_fail_mode=FailMode(given.tool_fail_mode),
        tool_fail_modes={name: FailMode(mode) for name, mode in given.tool_fail_modes.items()},
    )


def _chosen(credentials: list[Credential], kind: str) -> Credential | None:
    """The one named ``default``, else the last changed."""
    found = [credential for credential in credentials if credential.kind == kind]
    named = [credential for credential in found if credential.name == DEFAULT_NAME]
    return (named or found)[-1] if found else None


def _llm(credential: Credential | None) -> tuple[LlmConfig | None, DailyBudget]:
    if credential is None:
        return llm_of_operator(), DailyBudget()
    try:
        found = llm_config_parse(credential.config)
        budget = budget_parse(credential.config)
    except InvalidInput as error:
        _warn(credential, error)
        return None, DailyBudget()
    return _with_secret(found, credential), budget


def llm_of_tenant(tenant_id: UUID) -> LlmConfig | None:
    """Return the model that writes the tenant's texts; None where there is none, or one that only judges."""
    with tenant_context(tenant_id):
        credentials = list(Credential.objects.filter(kind=Credential.Kind.LLM).order_by("updated_at"))
        llm, _ = _llm(_chosen(credentials, Credential.Kind.LLM))
    return llm if llm is not None and llm.kind is not LlmKind.SELENE else None


def _tier1(credential: Credential | None) -> Tier1Config | None:
    """The tenant's classifier, the embedded one where it has none. None where its credential is not usable."""
    if credential is None:
        return Tier1Config(Tier1Kind.EMBEDDED) if settings.MIRROR_EMBEDDED_TIER1 else None
    try:
        return _with_secret(tier1_config_parse(credential.config), credential)
    except InvalidInput as error:
        _warn(credential, error)
        return None


def _with_secret(found: Config, credential: Credential) -> Config:
    return replace(found, secret=partial(secret_of, credential), is_private_allowed=settings.MIRROR_PRIVATE_PROVIDERS)


def _warn(credential: Credential, error: InvalidInput) -> None:
    logger.warning(
        "credential not usable",
        extra={
            "action": "credential_parse",
            "tenant_id": str(credential.tenant_id),
            "credential_id": str(credential.id),
            "fields": sorted(error.errors),
        },
    )


def llm_of_operator() -> LlmConfig | None:
    """Return the installation's own LLM, for tenants that have none. The operator chose it, so it may lie anywhere."""
    if not (settings.MIRROR_LLM_BASE_URL and settings.MIRROR_LLM_MODEL):
        return None
    return LlmConfig(
        kind=LlmKind.OPENAI,
        base_url=settings.MIRROR_LLM_BASE_URL,
        model=settings.MIRROR_LLM_MODEL,
        is_private_allowed=True,
        secret=_operators_secret,
    )


def _operators_secret() -> str:
    return str(settings.MIRROR_LLM_API_KEY)


def llm_config_parse(config: Mapping[str, Any]) -> LlmConfig:
    """Read the ``config`` of an LLM credential::

        {"provider": "openai_compatible", "base_url": "https://api.openai.com/v1", "model": "gpt-4.1-mini",
         "api_version": "", "prompt_usd_per_mtok": "0.40", "completion_usd_per_mtok": "1.60",
         "budget_usd_per_day": "5", "budget_tokens_per_day": 2000000}

    ``provider`` is ``openai_compatible``, ``azure`` or ``selene``; prices and budgets may be left out.

    Raises:
        InvalidInput: ``errors`` names the fields.
    """
    reader = _Reader(config)
    kind = _LLM_KINDS.get(reader.text("provider", "openai_compatible"))
    if kind is None:
        reader.errors["provider"] = [f"must be one of {', '.join(sorted(_LLM_KINDS))}"]
    found = LlmConfig(
        kind=kind or LlmKind.OPENAI,
        base_url=reader.url("base_url"),
        model=reader.text("model"),
        api_version=reader.text("api_version", ""),
        prompt_usd_per_mtok=reader.amount("prompt_usd_per_mtok") or Decimal(0),
        completion_usd_per_mtok=reader.amount("completion_usd_per_mtok") or Decimal(0),
    )
    reader.check()
    return found


def budget_parse(config: Mapping[str, Any]) -> DailyBudget:
    """Read the budget beside it. Raises: InvalidInput."""
    reader = _Reader(config)
    tokens = reader.amount("budget_tokens_per_day")
    found = DailyBudget(reader.amount("budget_usd_per_day"), None if tokens is None else int(tokens))
    reader.check()
    return found


def tier1_config_parse(config: Mapping[str, Any]) -> Tier1Config:
    """Read the ``config`` of a tier 1 credential::

        {"provider": "tei", "base_url": "https://nli.example.com", "entailment_label": "entailment", "batch_size": 32}

    ``provider`` is ``embedded`` (needs nothing else), ``huggingface`` (base_url and model may be left out), ``tei``,
    ``vllm`` (a cross-encoder on ``/score``) or ``vllm_classify`` (an NLI model; needs ``entailment_index``).

    Raises:
        InvalidInput: ``errors`` names the fields.
    """
    reader = _Reader(config)
    provider = reader.text("provider")
    kind = next((kind for kind in Tier1Kind if kind.value == provider), None)
    if kind is None:
        reader.errors["provider"] = [f"must be one of {', '.join(kind.value for kind in Tier1Kind)}"]
    if kind is Tier1Kind.EMBEDDED:
        return Tier1Config(kind)
    is_huggingface = kind is Tier1Kind.HUGGINGFACE
    found = Tier1Config(
        kind=kind or Tier1Kind.TEI,
        base_url=reader.url("base_url", HUGGINGFACE_URL if is_huggingface else None),
        model=reader.text("model", HUGGINGFACE_MODEL if is_huggingface else "" if kind is Tier1Kind.TEI else None),
        entailment_label=reader.text("entailment_label", "entailment"),
        entailment_index=reader.whole("entailment_index", None if kind is Tier1Kind.VLLM_CLASSIFY else 0),
        separator=reader.text("separator", "[SEP]"),
        batch_size=reader.whole("batch_size", 32, low=1),
    )
    reader.check()
    return found


class _Reader:
    """Reads a credential's ``config`` and gathers what is wrong with it. A default of None: the field must be there."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._config = config
        self.errors: dict[str, list[str]] = {}

    def text(self, name: str, default: str | None = None) -> str:
        value = self._config.get(name, default)
        if isinstance(value, str) and (value.strip() or default == "") and len(value) <= 500:
            return value.strip()
        self.errors[name] = ["must be a text"]
        return ""

    def url(self, name: str, default: str | None = None) -> str:
        value = self.text(name, default)
        try:
            parts = urlsplit(value)
            is_fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
            is_fine = is_fine and not (parts.username or parts.query or parts.fragment)
        except ValueError:
            is_fine = False
        if not is_fine:
            self.errors[name] = ["must be an http or https address without login and query"]
        return value

    def whole(self, name: str, default: int | None, *, low: int = 0) -> int:
        value = self._config.get(name, default)
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= 10_000:
            return value
        self.errors[name] = [f"must be a whole number from {low}"]
        return low

    def amount(self, name: str) -> Decimal | None:
        value = self._config.get(name)
        if value is None or value == "":
            return None
        try:
            amount = Decimal(str(value))
        except InvalidOperation:
            amount = Decimal(-1)
        if not amount.is_finite() or amount < 0:
            self.errors[name] = ["must be a number from 0"]
            return None
        return amount

    def check(self) -> None:
        if self.errors:
            raise InvalidInput(errors=self.errors)
