"""The one way request code gets a fix. Inside ``tenant_context(actor.tenant_id)`` only."""

from __future__ import annotations

from uuid import UUID

from fixers.models import Fix
from fixers.refusals import FixNotFound
from tenants.access import Actor


def access_fix(actor: Actor, fix_id: UUID, *, lock: bool = False) -> Fix:
    """Absent and another tenant's are the same ``FixNotFound``. ``lock`` holds the row until the context ends."""
    fixes = Fix.objects.filter(tenant_id=actor.tenant_id, id=fix_id)
    fix: Fix | None = (fixes.select_for_update() if lock else fixes).first()
    if fix is None:
        raise FixNotFound
    return fix
