"""The model that words a tenant's reports and fixes, as a plain function; budgeted and counted like every use of it."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

from judging.asking import text_generate
from judging.config import llm_of_tenant
from judging.models import JudgeUse
from judging.providers.errors import ProviderFailed
from reports.prose import Complete, CompletionFailed, Messages


def completer_get(*, tenant_id: UUID, agent_id: UUID, purpose: JudgeUse.Purpose) -> Complete | None:
    """Return the tenant's model as a function from messages to text; None where it has none.

    The function raises ``CompletionFailed`` and must be called outside of any ``tenant_context``.
    """
    if llm_of_tenant(tenant_id) is None:
        return None

    def complete(messages: Messages) -> str:
        deadline_s = settings.MIRROR_LLM_TIMEOUT_MS / 1000
        try:
            done = text_generate(
                tenant_id=tenant_id, agent_id=agent_id, messages=messages, purpose=purpose, deadline_s=deadline_s
            )
        except ProviderFailed as failed:
            raise CompletionFailed(str(failed)) from failed
        return done.text

    return complete
