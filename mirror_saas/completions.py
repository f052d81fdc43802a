"""Gives reports and fixes the tenant's model: they know of none by themselves."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

from judging.config import llm_of_tenant
from judging.providers.errors import ProviderFailed
from judging.providers.llm import LlmConfig, complete_sync
from reports.prose import Complete, CompletionFailed, Messages

# A report is a page of text; the judge's own bound would cut it.
MAX_TOKENS = 2_000


def completer_for(llm: LlmConfig) -> Complete:
    """Return the model as a function from messages to text, which raises ``CompletionFailed``."""

    def complete(messages: Messages) -> str:
        try:
            done = complete_sync(messages, llm, settings.MIRROR_LLM_TIMEOUT_MS / 1000, max_tokens=MAX_TOKENS)
        except ProviderFailed as failed:
            raise CompletionFailed(str(failed)) from failed
        return done.text

    return complete


def completer_of_tenant(tenant_id: UUID) -> Complete | None:
    llm = llm_of_tenant(tenant_id)
    return completer_for(llm) if llm is not None else None
