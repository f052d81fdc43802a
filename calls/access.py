"""The one way request code reaches a call."""

from __future__ import annotations

from uuid import UUID

from calls.models import Call
from tenants.access import Actor
from tenants.errors import NotFound


def access_call(actor: Actor, call_id: UUID, *, lock: bool = False) -> Call:
    """Return the actor's call with its agent. Inside ``tenant_context(actor.tenant_id)`` only.

    Raises:
        NotFound: absent, or another tenant's.
    """
    calls = Call.objects.filter(tenant_id=actor.tenant_id, id=call_id).select_related("agent")
    call: Call | None = (calls.select_for_update(of=("self",)) if lock else calls).first()
    if call is None:
        raise NotFound("There is no such call.")
    return call
