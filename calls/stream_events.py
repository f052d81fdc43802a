"""What a carrier tells of a stream over HTTP: masked, counted, kept once, and told on where the call was at risk."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

from calls import metrics
from calls.models import StreamEvent
from calls.services import call_id_for
from calls.signals import stream_degraded
from tenants.scope import tenant_context

logger = logging.getLogger(__name__)

CONNECTED: Final = "Connected"
_KNOWN: Final = ("StartStream", "StopStream", "DroppedStream", "DegradedStream", "PlayedStream")
_BY_LOWER: Final = {name.lower(): name for name in _KNOWN}
# The caller heard or may hear less than was said.
DEGRADING: Final = frozenset({"DroppedStream", "DegradedStream"})
# A stream has a handful; more is a fault of the carrier, or somebody playing.
MAX_KEPT: Final = 100
MAX_FIELDS: Final = 60

_DIGITS: Final = re.compile(r"\d(?:[\d\s().+-]{2,}\d)")
_IDS: Final = frozenset({"calluuid", "callid", "streamid", "requestuuid", "parentcalluuid", "event"})
_PEOPLE: Final = frozenset({"from", "to", "forwardedfrom", "callername", "callerid"})
_IDENTIFIER: Final = re.compile(r"(?=.*[A-Za-z-])[A-Za-z0-9-]{1,128}")


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """One callback. The carrier documents ``Event`` alone, so every other field may be missing ("")."""

    event: str
    call_id: str
    stream_id: str
    told: Mapping[str, str]
    digest: str  # of the whole form as it came: the masked one is the same for different moments


def status_of(form: Mapping[str, str]) -> StreamStatus:
    """Read a form whose keys may be written in any case, with or without underscores."""
    by_name = {key.lower().replace("_", ""): value for key, value in form.items()}
    event = by_name.get("event", "")[:32]
    return StreamStatus(
        event=_BY_LOWER.get(event.lower(), event),
        call_id=(by_name.get("calluuid") or by_name.get("callid") or "")[:128],
        stream_id=by_name.get("streamid", "")[:128],
        told=masked(form),
        digest=hashlib.sha256(json.dumps(sorted(form.items())).encode()).hexdigest(),
    )


def masked(form: Mapping[str, str]) -> dict[str, str]:
    """Return the form fit for a log: ids as they are, of all else every number of four digits and more hidden."""
    return {key[:64]: _masked(key, value[:200]) for key, value in list(form.items())[:MAX_FIELDS]}


def _masked(key: str, value: str) -> str:
    name = key.lower().replace("_", "")
    if name in _PEOPLE:
        return "•"
    if name in _IDS and _IDENTIFIER.fullmatch(value):
        return value
    return _DIGITS.sub("•", value)


def stream_status_take(*, tenant_id: UUID, agent_id: UUID, status: StreamStatus) -> bool:
    """Keep what was told; False where it was told before or names no call.

    The same event at 30, 60 and 90 % of the carrier's buffer is three; one whose callback was repeated is one.
    """
    metrics.STREAM_EVENTS.labels(status.event if status.event in _KNOWN else "other").inc()
    level = logging.WARNING if status.event in DEGRADING else logging.INFO
    context = {"action": "stream_status", "tenant_id": str(tenant_id), "stream_event": status.event}
    logger.log(level, "stream status", extra={**context, "told": dict(status.told)})
    with tenant_context(tenant_id):
        call_id = _call_id(tenant_id, status)
        return call_id is not None and _keep(tenant_id, agent_id, call_id, status)


def _call_id(tenant_id: UUID, status: StreamStatus) -> UUID | None:
    if status.call_id:
        return call_id_for(tenant_id, status.call_id)
    joined = StreamEvent.objects.filter(stream_id=status.stream_id, event=CONNECTED).exclude(stream_id="").first()
    return joined.call_id if joined is not None else None


def _keep(tenant_id: UUID, agent_id: UUID, call_id: UUID, status: StreamStatus) -> bool:
    kept = StreamEvent.objects.filter(call_id=call_id)
    if kept.filter(digest=status.digest).exists() or kept.count() >= MAX_KEPT:
        return False
    row = StreamEvent(
        call_id=call_id,
        agent_id=agent_id,
        event=status.event,
        stream_id=status.stream_id,
        told=dict(status.told),
        digest=status.digest,
    )
    StreamEvent.objects.bulk_create([row], ignore_conflicts=True)  # two callbacks at once: the second changes nothing
    if status.event in DEGRADING:
        stream_degraded.send(sender=StreamEvent, tenant_id=tenant_id, event=row, carrier_call_id=status.call_id)
    return True


def stream_connected(*, agent_id: UUID, call_id: UUID, stream_id: str, told: Mapping[str, Any]) -> None:
    """Keep that a stream connected, inside the tenant's context."""
    StreamEvent.objects.create(
        call_id=call_id, agent_id=agent_id, event=CONNECTED, stream_id=stream_id, told=dict(told), digest=uuid4().hex
    )
