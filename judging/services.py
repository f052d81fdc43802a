"""Policies: written as immutable revisions, activated one at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils.timezone import now

from judging.core import Compiled
from judging.errors import RevisionChanged, RuleNotFound
from judging.models import PolicyActivation, PolicyRecord, PolicyRevision
from judging.policy_bus import policies_publish
from judging.policy_files import RuleDraft, rules_check, rules_from_yaml
from judging.readings import Reading, is_read_alike, reading_of, readings_settle
from judging.selectors import draft_of, revision_active
from tenants.access import Actor
from tenants.models import Agent
from tenants.services import audit_write


def policy_set_import(
    *,
    agent: Agent,
    rules: Sequence[RuleDraft] | str,
    author: str,
    note: str = "",
    base: PolicyRevision | None = None,
) -> PolicyRevision:
    """Write a policy set (rules, or the text of a policy file) as the agent's next revision; it is not activated.

    The same rules as the newest revision's, read in the same way, make no new one: that one is returned. Each rule is
    stored with its reading; forms that ``base`` (None: the newest revision) has too keep their origin. Inside
    ``tenant_context`` only.

    Raises:
        PolicyInvalid: nothing was written.
    """
    drafts = rules_from_yaml(rules) if isinstance(rules, str) else list(rules)
    rules_check(drafts)
    content = [draft.plain_fields() for draft in drafts]
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    with transaction.atomic():
        # The lock makes numbers gapless: two imports at once get one number each.
        Agent.objects.select_for_update().get(id=agent.id)
        newest: PolicyRevision | None = PolicyRevision.objects.filter(agent=agent).first()
        if newest is not None and newest.content_hash == digest and is_read_alike(drafts, newest.rules.all()):
            return newest
        known = PolicyRecord.objects.filter(revision=base or newest)
        readings = readings_settle(drafts, known, author=author, at=now())
        number = newest.number if newest else 0
        revision: PolicyRevision = PolicyRevision.objects.create(
            agent=agent,
            number=number + 1,
            rule_count=len(content),
            content_hash=digest,
            author=author[:200],
            note=note[:300],
        )
        PolicyRecord.objects.bulk_create(
            _record(revision, at, fields, reading)
            for at, (fields, reading) in enumerate(zip(content, readings, strict=True))
        )
    return revision


def _record(revision: PolicyRevision, position: int, fields: Mapping[str, Any], reading: Reading) -> PolicyRecord:
    return PolicyRecord(
        revision=revision,
        position=position,
        **fields,
        compiled=reading.compiled.as_json(),
        compiled_by=reading.by,
        compiled_at=reading.at,
    )


def rule_reading_change(
    *, agent: Agent, base: PolicyRevision, key: str, compiled: Compiled, actor: Actor, note: str = ""
) -> PolicyRevision:
    """Write ``base`` with another reading of one rule as the next revision; every other rule is read as it was.

    It is not activated. Returns ``base`` where it is read like that already. Inside ``tenant_context`` only.

    Raises:
        RuleNotFound: ``base`` has no such rule.
        PolicyInvalid: nothing was written.
    """
    records = list(base.rules.all())
    if all(record.key != key for record in records):
        raise RuleNotFound(f"Revision {base.number} has no rule {key!r}.")
    # What was never stored was judged as the rules read it: a form written down keeps it so.
    rules = [
        replace(draft_of(record), compiled=compiled if record.key == key else reading_of(record).compiled)
        for record in records
    ]
    if is_read_alike(rules, records):
        return base
    with transaction.atomic():
        revision = policy_set_import(agent=agent, rules=rules, author=actor.label, note=note, base=base)
        detail = {"agent": agent.slug, "revision": revision.number, "base": base.number, "rule": key}
        audit_write(actor=actor, action="policies.reading_changed", row=revision, detail=detail)
    return revision


def policy_revision_activate(
    *, agent: Agent, revision: PolicyRevision, actor: Actor, expected_number: int | None = None
) -> bool:
    """Make a revision the agent's own; live calls take it up within 2 s. False where it already was.

    ``expected_number`` is the active revision as the caller saw it (0: none), None where the caller does not care.
    Inside ``tenant_context`` only.

    Raises:
        RevisionChanged: another revision became active meanwhile; nothing changed.
    """
    with transaction.atomic():
        Agent.objects.select_for_update().get(id=agent.id)
        active = revision_active(agent.id)
        active_number = active.number if active else 0
        if expected_number is not None and expected_number != active_number:
            raise RevisionChanged(f"Revision {active_number} is active, not {expected_number}.")
        if active_number == revision.number:
            return False
        PolicyActivation.objects.create(agent=agent, revision=revision, activated_by_id=actor.user_id)
        detail = {"agent": agent.slug, "revision": revision.number, "previous": active_number or None}
        audit_write(actor=actor, action="policies.activated", row=revision, detail=detail)
        transaction.on_commit(lambda: policies_publish(actor.tenant_id, agent.id, revision.number))
    return True
