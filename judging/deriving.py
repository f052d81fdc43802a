"""Draft policies from an agent's system prompt, and a rule's compiled form: by the tenant's LLM where it has one, else
by rules. Nothing is stored; the draft is the tenant's to accept.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from judging.asking import text_generate
from judging.core import Compiled, CompiledInvalid, compile_policy
from judging.core.derive import DerivedPolicy, derive_policies
from judging.core.derive_model import (
    COMPILE_SCHEMA,
    DERIVE_SCHEMA,
    MAX_MODEL_CHARS,
    compile_messages,
    compiled_from_reply,
    derive_messages,
    derived_from_reply,
)
from judging.core.errors import DerivedInvalid
from judging.core.types import Json
from judging.models import JudgeUse
from judging.providers.errors import Failure, ProviderFailed
from judging.providers.llm import Messages

logger = logging.getLogger(__name__)

_MAX_TOKENS = 8_000
_FAIR_S = 1.0  # with less left a second try is no use

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Derivation:
    """Drafts in the order of the prompt. ``failure`` says why a model did not make them, "" where it did or was not
    asked."""

    policies: tuple[DerivedPolicy, ...]
    made_by: str
    failure: str = ""


def policies_derive(*, tenant_id: UUID, agent_id: UUID | None, prompt: str, deadline_s: float) -> Derivation:
    """Derive policies with the agent's LLM, by rules without an agent or where the LLM fails twice.

    Outside of any ``tenant_context``.
    """
    if agent_id is None:
        return Derivation(derive_policies(prompt), "rules")
    if len(prompt) > MAX_MODEL_CHARS:
        return Derivation(derive_policies(prompt), "rules", "prompt_too_long")
    asked = _Question(tenant_id, agent_id, deadline_s, derive_messages(prompt), DERIVE_SCHEMA)
    found, failure = _ask(asked, lambda reply: derived_from_reply(reply, prompt))
    return Derivation(derive_policies(prompt), "rules", failure) if found is None else Derivation(found, "model")


@dataclass(frozen=True, slots=True)
class Compilation:
    """``failure`` says why a model did not make it, "" where it did or was not asked."""

    compiled: Compiled
    failure: str = ""


def policy_compile(*, tenant_id: UUID, agent_id: UUID | None, text: str, deadline_s: float) -> Compilation:
    """Compile a rule with the agent's LLM, by rules without an agent or where the LLM fails twice.

    Outside of any ``tenant_context``.
    """
    if agent_id is None:
        return Compilation(compile_policy(text))
    asked = _Question(tenant_id, agent_id, deadline_s, compile_messages(text), COMPILE_SCHEMA)
    found, failure = _ask(asked, compiled_from_reply)
    return Compilation(compile_policy(text), failure) if found is None else Compilation(found)


@dataclass(frozen=True, slots=True)
class _Question:
    tenant_id: UUID
    agent_id: UUID
    deadline_s: float
    messages: Messages
    schema: Mapping[str, Json] | None


def _ask(question: _Question, read: Callable[[str], Read]) -> tuple[Read | None, str]:
    """What the model's reply says, told once what was wrong with it; None and why where it is of no use."""
    until_s, messages = time.monotonic() + question.deadline_s, list(question.messages)
    for _ in range(2):
        try:
            reply = text_generate(
                tenant_id=question.tenant_id,
                agent_id=question.agent_id,
                messages=messages,
                purpose=JudgeUse.Purpose.POLICIES,
                deadline_s=until_s - time.monotonic(),
                schema=question.schema,
                max_tokens=_MAX_TOKENS,
            ).text
        except ProviderFailed as error:
            return None, error.failure.value
        try:
            return read(reply), ""
        except (DerivedInvalid, CompiledInvalid) as error:
            logger.info(
                "model's policies refused", extra={"action": "policies_refuse", "agent_id": str(question.agent_id)}
            )
            again = f"That cannot be used: {error}. Reply again with the one JSON object asked for and nothing else."
            messages += [{"role": "assistant", "content": reply}, {"role": "user", "content": again}]
        if until_s - time.monotonic() < _FAIR_S:
            break
    return None, Failure.GARBAGE.value
