"""What the agent says after it was stopped, and what it is told: built from the evidence, without a model."""

from __future__ import annotations

import re

from judging.core.types import Evidence, Finding, Role, Status, Turn
from judging.core.voice import agent_voice

_GENERIC = "Sorry, let me get that right. Could you tell me once more what you would like?"


def correction_line(finding: Finding) -> str:
    """Return what the agent says instead, at most 40 words: its own correction, else one from the evidence."""
    own = agent_voice(finding.correction)
    return own or _from_evidence(finding.evidence) or _GENERIC


def _from_evidence(evidence: tuple[Evidence, ...]) -> str:
    if not evidence:
        return ""
    first = evidence[0]
    if first.status is Status.SUPERSEDED and first.replaced_by:
        return f"Just to confirm: {first.replaced_by}, not {first.value}?"
    if first.status is Status.SUPERSEDED:
        return f"Just to confirm: no {first.value}?"
    if first.replaced_by:
        return f"Just to confirm: {first.replaced_by}?"
    if first.status is Status.NEVER_SAID and first.argument:
        return f"Sorry, which {_spoken_name(first.argument)} would you like?"
    return ""


def _spoken_name(argument: str) -> str:
    named = [part for part in argument.split(".") if not part.isdecimal()]
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", named[-1] if named else argument).replace("_", " ").lower()


def system_note(finding: Finding, correction: str, turns: tuple[Turn, ...] | list[Turn]) -> str:
    """Return the one-shot note for the agent: what the customer wants, what was just said, how to go on."""
    customer = next((turn.text.strip() for turn in reversed(turns) if turn.role is Role.CUSTOMER), "")
    wants = "; ".join(_wish(item) for item in finding.evidence) or "see the customer's last words"
    said = f' The customer last said: "{customer[:300]}".' if customer else ""
    return (
        f"Your last reply was stopped: {finding.reason}. What stands: {wants}.{said} "
        f'The customer was just told: "{correction}" Go on from there: wait for the answer, '
        "do not repeat the stopped reply, and call no tool until the customer has agreed."
    )


def _wish(item: Evidence) -> str:
    name = f"{_spoken_name(item.argument)} " if item.argument else ""
    if item.replaced_by:
        return f"{name}is {item.replaced_by}, not {item.value}"
    if item.status is Status.SUPERSEDED:
        return f"{name}{item.value} was taken back"
    if item.status is Status.NEVER_SAID:
        return f"nobody said {name}{item.value}"
    return f"{name}{item.value} is not confirmed"
