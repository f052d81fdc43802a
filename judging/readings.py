"""How a rule is read: its compiled form as it is stored with a revision, who gave it that form, and when."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from judging.core import Compiled, CompiledInvalid, compile_policy
from judging.models import PolicyRecord
from judging.policy_files import RuleDraft, key_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reading:
    """``by`` is an actor's label, "" where the rules made it by themselves. ``at`` None: not stored, made just now."""

    compiled: Compiled
    by: str = ""
    at: datetime | None = None


def stored_form(record: PolicyRecord) -> Compiled | None:
    """Return the form that a rule is judged by; None where none is stored.

    One that this version cannot read is none: a call must be judged, and the log says by which rule it is not.
    """
    if record.compiled is None:
        return None
    try:
        return Compiled.from_json(record.compiled)
    except CompiledInvalid:
        logger.exception("stored form not usable", extra={"action": "reading_load", "policy_id": str(record.pk)})
        return None


def reading_of(record: PolicyRecord) -> Reading:
    """Return how a rule is read; where nothing is stored, as the rules read it now."""
    stored = stored_form(record)
    if stored is None:
        return Reading(compile_policy(record.text))
    return Reading(stored, record.compiled_by, record.compiled_at)


def is_outdated(record: PolicyRecord, reading: Reading) -> bool:
    """Whether the rules, which made this reading, would read the rule in another way now."""
    is_ours = reading.at is not None and reading.compiled.made_by == "rules"
    return is_ours and not reading.compiled.asks_like(compile_policy(record.text))


def readings_settle(
    drafts: Iterable[RuleDraft], known: Iterable[PolicyRecord], *, author: str, at: datetime
) -> list[Reading]:
    """Return the reading to store with each draft.

    Without a form of its own a draft is read by the rules. A form that the same rule has in ``known`` keeps its
    origin, so that what was read and sent back is nobody's edit. Any other is the author's, unless it is what the
    rules say anyway or came from a model.
    """
    before = {record.key: record for record in known}
    return [_settled(draft, before, author, at) for draft in drafts]


def _settled(draft: RuleDraft, before: Mapping[str, PolicyRecord], author: str, at: datetime) -> Reading:
    by_rules = compile_policy(draft.text)
    if draft.compiled is None:
        return Reading(by_rules, at=at)
    record = before.get(draft.key or key_of(draft.text))
    if record is not None and record.text == draft.text:
        kept = reading_of(record)
        if kept.at is not None and kept.compiled.asks_like(draft.compiled):
            return kept
    if by_rules.asks_like(draft.compiled):
        return Reading(by_rules, at=at)
    made_by = "model" if draft.compiled.made_by == "model" else "tenant"
    return Reading(replace(draft.compiled, made_by=made_by), author[:200], at)


def is_read_alike(drafts: Iterable[RuleDraft], records: Iterable[PolicyRecord]) -> bool:
    """Whether these rules, the same as the drafts, are stored with the readings that the drafts ask for.

    A draft without a form asks for the rules' own, by whichever version of them.
    """
    pairs = zip(drafts, map(reading_of, records), strict=True)
    return all(
        reading.compiled.made_by == "rules" if draft.compiled is None else reading.compiled.asks_like(draft.compiled)
        for draft, reading in pairs
    )
