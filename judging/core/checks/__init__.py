"""Tier 0: deterministic checks, one module each, each with its own stable name.

A check looks at one ``TurnView`` and yields findings; no finding means it has nothing to say. To add one, write the
module and list its ``find`` here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from judging.core.checks import (
    claim,
    claim_field,
    claim_flag,
    claim_name,
    claim_row,
    declined,
    done_claim,
    dropped_item,
    dropped_part,
    due_within,
    exclusion,
    forbidden_speech,
    item_count,
    kept_matter,
    left_out,
    left_out_agreed,
    left_out_value,
    meant,
    more_than_said,
    never_said_number,
    not_read_back,
    other_name,
    part_ruled_out,
    read_back,
    read_back_diff,
    repair,
    required_state,
    say_first,
    stale_amount,
    stale_count,
    stale_flag,
    stale_kind,
    stale_text,
    stale_typed,
    swapped,
    taken_back,
    third_party,
    typed_argument,
    unasked_flag,
    ungrounded_text,
)
from judging.core.types import Finding
from judging.core.view import TurnView

Check = Callable[[TurnView], Iterable[Finding]]

CALL_CHECKS: tuple[Check, ...] = (
    repair.find,
    exclusion.find,
    part_ruled_out.find,
    typed_argument.find,
    stale_typed.find,
    stale_count.find,
    meant.find,
    stale_text.find,
    stale_kind.find,
    stale_flag.find,
    read_back_diff.find,
    not_read_back.find,
    never_said_number.find,
    stale_amount.find,
    unasked_flag.find,
    left_out.find,
    left_out_agreed.find,
    left_out_value.find,
    swapped.find,
    ungrounded_text.find,
    other_name.find,
    dropped_part.find,
    dropped_item.find,
    more_than_said.find,
    item_count.find,
    third_party.find,
    declined.find,
    read_back.find,
    say_first.find,
    required_state.find,
    kept_matter.find_call,
)
SPEECH_CHECKS: tuple[Check, ...] = (
    forbidden_speech.find,
    done_claim.find,
    taken_back.find,
    due_within.find,
    kept_matter.find,
)
# Of those the ones that only hold a turn against rules: without rules there is nothing that they could find.
RULE_CHECKS: frozenset[Check] = frozenset(
    (read_back.find, say_first.find, required_state.find, forbidden_speech.find, due_within.find)
)
# Only where the call has results or facts to check against.
CLAIM_CHECKS: tuple[Check, ...] = (
    claim_field.find,
    claim_flag.find,
    claim.find,
    claim_name.find,
    claim_row.find,
)
_CALL_CHECKS_WITHOUT_RULES = tuple(check for check in CALL_CHECKS if check not in RULE_CHECKS)
_SPEECH_CHECKS_WITHOUT_RULES = tuple(check for check in SPEECH_CHECKS if check not in RULE_CHECKS)


def find_all(view: TurnView) -> list[Finding]:
    """Run every check that the turn gives cause for."""
    findings = find_in_calls(view)
    if view.turn.text.strip():
        for check in SPEECH_CHECKS if view.rules else _SPEECH_CHECKS_WITHOUT_RULES:
            findings.extend(check(view))
        for check in CLAIM_CHECKS if view.ledger.has_results else ():
            findings.extend(check(view))
    return findings


def find_in_calls(view: TurnView) -> list[Finding]:
    """Run the checks of tool calls alone."""
    findings: list[Finding] = []
    if view.turn.tool_calls:
        for check in CALL_CHECKS if view.rules else _CALL_CHECKS_WITHOUT_RULES:
            findings.extend(check(view))
    return findings
