"""What the agent says after it was stopped, and what it is told: built from the evidence, without a model."""

from __future__ import annotations

from judging.core.languages import language_of
from judging.core.types import Evidence, Finding, Role, Status, Turn
from judging.core.voice import agent_voice
from judging.core.wording import plain_name

_FORBIDDEN = frozenset({"forbidden_promise", "forbidden_speech"})
_COUNTS = frozenset({"quantity", "qty", "count"})
# What a caller gives, and does not choose.
_OWN = frozenset("id number code name email mail phone address account reference zip pin".split())
DEFAULT_BUFFER = "Sorry, let me make sure I got that right..."
_SAFE = "Sorry, give me a moment to double-check that."
_GENERIC = "Sorry, let me get that right. Could you tell me once more what you would like?"


def correction_line(finding: Finding, language: str = "en") -> str:
    """Return what the agent says instead, at most 40 words: its own correction, else one from the evidence.

    ``language``: that of the verdict; where nothing is known, it asks for all again in that language.
    """
    phrases = language_of(language).phrases
    if phrases is not None:
        return agent_voice(finding.correction) or phrases.again
    return known_correction(finding) or _GENERIC


def safe_line(language: str = "en") -> str:
    """Return what may be said where everything else would break a rule."""
    phrases = language_of(language).phrases
    return _SAFE if phrases is None else phrases.safe


def buffer_line(configured: str, language: str = "en") -> str:
    """Return the line that fills the gap before a correction: the configured one, unless it is only the default."""
    phrases = language_of(language).phrases
    return configured if phrases is None or configured != DEFAULT_BUFFER else phrases.buffer


def known_correction(finding: Finding) -> str:
    """Return the finding's own correction, else one from its evidence, else ""."""
    own = agent_voice(finding.correction)
    return own or agent_voice(_from_evidence(finding.evidence))


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
    if first.status in (Status.NEVER_SAID, Status.UNCONFIRMED) and first.argument:
        return _ask(plain_name(first.argument))
    return ""


def _ask(name: str) -> str:
    words = set(name.split())
    if words & _COUNTS:
        return "Sorry, how many would you like?"
    if words & _OWN:
        return f"Sorry, could you give me the {name} once more?"
    return f"Sorry, which {name} would you like?"


def system_note(finding: Finding, correction: str, turns: tuple[Turn, ...] | list[Turn]) -> str:
    """Return the one-shot note for the agent: what the customer wants, what was just said, how to go on."""
    customer = next((turn.text.strip() for turn in reversed(turns) if turn.role is Role.CUSTOMER), "")
    is_forbidden = finding.check in _FORBIDDEN
    wishes = [f'do not say "{item.value}"' if is_forbidden else _wish(item) for item in finding.evidence]
    wants = "; ".join(wishes) or "see the customer's last words"
    said = f' The customer last said: "{customer[:300]}".' if customer else ""
    return (
        f"Your last reply was stopped: {finding.reason}. What stands: {wants}.{said} "
        f'The customer was just told: "{correction}" Go on from there: wait for the answer, '
        "do not repeat the stopped reply, and call no tool until the customer has agreed."
    )


def _wish(item: Evidence) -> str:
    name = f"{plain_name(item.argument)} " if item.argument else ""
    if item.replaced_by:
        return f"{name}is {item.replaced_by}, not {item.value}"
    if item.status is Status.SUPERSEDED:
        return f"{name}{item.value} was taken back"
    if item.status is Status.NEVER_SAID:
        return f"nobody said {name}{item.value}"
    if item.status is Status.UNCONFIRMED:
        return f"{name}{item.value} is not confirmed"
    where = "" if item.source_turn is None else f" in turn {item.source_turn}"
    return f"{name}{item.value} was said{where}"
