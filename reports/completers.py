"""Which model words a tenant's reports: told once at start-up by the composition root, because models are set there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias
from uuid import UUID

from reports.prose import Complete

CompleterFor: TypeAlias = Callable[[UUID], Complete | None]  # tenant id -> its model, None where none is configured

_completer_for: CompleterFor = lambda tenant_id: None  # noqa: E731


def completer_register(completer_for: CompleterFor) -> None:
    """Set how a tenant's model is found. The last one told counts."""
    global _completer_for
    _completer_for = completer_for


def completer_get(tenant_id: UUID) -> Complete | None:
    """Return the tenant's model as a function from messages to text, None where it has none."""
    return _completer_for(tenant_id)
