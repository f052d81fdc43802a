"""What calls do when something below them changes. A receiver only enqueues a task once that is committed."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver

from calls.tasks import agent_buffer_prepare
from tenants.models import Agent


@receiver(post_save, sender=Agent, dispatch_uid="calls.buffer_prepare")
def buffer_enqueue(*, instance: Agent, update_fields: Collection[str] | None, **_: Any) -> None:
    """With other settings the buffer line may be another text, or another voice may say it."""
    is_other = update_fields is None or "settings" in update_fields
    if not is_other or not instance.is_active or instance.settings.get("speaker") == "agent":
        return
    # A broker that is down must not undo the settings: the next call prepares the line itself.
    enqueue = partial(agent_buffer_prepare.apply_async, (str(instance.tenant_id), str(instance.id)), retry=False)
    transaction.on_commit(enqueue, robust=True)
