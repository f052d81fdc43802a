"""Events for webhooks, written in the transaction of what they tell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from judging.core.types import Json
from reports.models import OutboxEvent

MAX_DATA_BYTES: Final = 19_000  # the whole payload stays under 20 kB
_CLIPPED: Final = 1_000


def outbox_add(*, event_type: str, dedupe_key: str, data: Mapping[str, Json]) -> None:
    """Add an event, once per key: a writer that runs again changes nothing. Inside ``tenant_context``."""
    event = OutboxEvent(type=event_type, dedupe_key=dedupe_key[:200], data=_fitting(data))
    OutboxEvent.objects.bulk_create([event], ignore_conflicts=True)


def _fitting(data: Mapping[str, Json]) -> dict[str, Json]:
    """Return the data, its long texts cut when the whole is too large."""
    if len(json.dumps(data).encode()) <= MAX_DATA_BYTES:
        return dict(data)
    return {key: f"{value[:_CLIPPED]}…" if _is_long(value) else value for key, value in data.items()}


def _is_long(value: Json) -> bool:
    return isinstance(value, str) and len(value) > _CLIPPED
