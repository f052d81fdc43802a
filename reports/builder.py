"""Turns, verdicts and tool decisions of one ended call to its failure report, by rules alone.

Every sentence rests on a record: which words, which argument, which rule, what was heard, what it would have cost.
Personal data is masked here, before anything is stored.
"""

from __future__ import annotations

from dataclasses import dataclass

from judging.core.types import Evidence, Role, Status
from reports.facts import CallFacts
from reports.failures import Failure, find_failures
from reports.grouping import Cause, deciding, fingerprint
from reports.patterns import pattern_name, rule_sentence, title
from reports.redact import Redactor

ANALYSIS_VERSION = 1  # raise when the same records should give a different report
SOURCE_RULES = "rules"

_QUOTE_LENGTH = 240
_MAX_EVIDENCE = 8
_SURENESS: dict[int | None, float] = {
    0: 1.0,
    1: 0.85,
    2: 0.9,
}  # how far each tier's score is trusted; a missing tier counts half


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """``turn_index`` is the turn it links to, None for what no turn shows (a value nobody said)."""

    turn_index: int | None
    quote: str
    note: str


@dataclass(frozen=True, slots=True)
class OtherFinding:
    """A further failure of the same call: listed, but not what the report is about."""

    pattern: str
    severity: str
    turn_index: int | None
    note: str
    is_shadow: bool


@dataclass(frozen=True, slots=True)
class FailureReport:
    """What the report says. Texts are masked; ``fingerprint`` and ``cause`` group it into a problem."""

    call_id: str
    agent_id: str
    fingerprint: str
    cause: Cause
    title: str
    pattern: str
    severity: str
    severity_reason: str
    summary: str
    root_cause: str
    evidence: tuple[EvidenceItem, ...]
    proposed_fix: str
    confidence: float
    is_shadow: bool
    others: tuple[OtherFinding, ...] = ()
    source: str = SOURCE_RULES


def build(call: CallFacts) -> FailureReport | None:
    """Return the report of the worst failure with the others listed, None when nothing failed."""
    failures = find_failures(call)
    if not failures:
        return None
    redactor = redactor_for(call)
    worst, others = failures[0], failures[1:]
    return FailureReport(
        call_id=call.call_id,
        agent_id=call.agent_id,
        fingerprint=fingerprint(call.agent_id, worst.cause),
        cause=worst.cause,
        title=title(worst.cause)[:200],
        pattern=pattern_name(worst.cause)[:100],
        severity=worst.severity,
        severity_reason=f"{worst.severity}: {worst.severity_reason}",
        summary=redactor.mask(_summary(call, worst, len(others))),
        root_cause=redactor.mask(_root_cause(call, worst)),
        evidence=tuple(_evidence(call, worst, redactor)),
        proposed_fix=rule_sentence(worst.cause),
        confidence=_confidence(worst),
        is_shadow=worst.is_shadow,
        others=tuple(_other(failure, redactor) for failure in others),
    )


def redactor_for(call: CallFacts) -> Redactor:
    """Return the call's redactor, with the names given in it learned."""
    redactor = Redactor(numbers=call.numbers)
    redactor.learn([heard.turn for heard in call.turns])
    return redactor


def _summary(call: CallFacts, failure: Failure, other_count: int) -> str:
    parts = [_what(call, failure), _stopped(call, failure), _cost(failure)]
    if other_count:
        parts.append(f"{other_count} more finding{'s' if other_count > 1 else ''} in this call.")
    return " ".join(part for part in parts if part)


def _what(call: CallFacts, failure: Failure) -> str:
    where = f"In turn {failure.turn_index} the agent" if failure.turn_index is not None else "The agent"
    main = deciding(failure.evidence)
    if failure.cause.tool and main is not None and main.argument:
        wanted = f'{where} wanted to call {failure.cause.tool} with {main.argument} = "{main.value}"'
        return f"{wanted}{_against(call, failure, main)}."
    if failure.cause.tool:
        return f"{where} wanted to call {failure.cause.tool}: {failure.reason}."
    said = _quote(call, failure.turn_index)
    if failure.cause.policy_text:
        said = f'{where} said "{said}"' if said else f"{where} spoke"
        return f'{said}, which breaks the rule "{_flat(failure.cause.policy_text)}".'
    if main is None:
        return f'{where} said "{said}": {failure.reason}.' if said else f"{where} spoke: {failure.reason}."
    words = f' Its words were: "{said}"' if said else ""
    return f'{where} stated "{main.value}"{_against(call, failure, main)}.{words}'


def _against(call: CallFacts, failure: Failure, evidence: Evidence) -> str:
    source = f" in turn {evidence.source_turn}" if evidence.source_turn is not None else ""
    if failure.cause.check == "exclusion_put_in":
        return f", which the caller had ruled out{source}"
    if failure.cause.check == "done_claim":
        return ", but no tool that does this was called"
    if evidence.status is Status.SUPERSEDED:
        stands = f'; what stands is "{evidence.replaced_by}"' if evidence.replaced_by else ""
        return f", but that was changed or taken back{source}{stands}"
    if evidence.status is Status.NEVER_SAID:
        last = f'; what was said is "{evidence.replaced_by}"' if evidence.replaced_by else ""
        return f", but nobody in the call said that and no tool returned it{last}"
    if evidence.status is Status.UNCONFIRMED:
        return ", which was never read back and confirmed"
    return f", said{source}" if call.turn(evidence.source_turn) else ""


def _stopped(call: CallFacts, failure: Failure) -> str:
    if failure.is_shadow:
        return "The rule is in trial: this was only noted, nothing was stopped."
    parts = []
    if failure.tool is not None:
        held = "blocked" if failure.tool.decision == "block" else "held until the caller confirms"
        parts.append(f"The tool call was {held}.")
    if failure.intervention is not None:
        parts.append(_heard(call, failure))
    if not failure.is_acted_on:
        parts.append("It came within the cool-down after another intervention, so nothing stopped it.")
    return " ".join(parts)


def _heard(call: CallFacts, failure: Failure) -> str:
    intervention = failure.intervention
    if intervention is None:
        return ""
    corrected = "and was corrected" if intervention.correction_text else "before it was stopped"
    if intervention.state == "cut":
        corrected = "and the correction was cut short"
    words = intervention.heard_violation_words
    if words is None:
        heard = call.turn(failure.turn_index)
        words = len(heard.heard_text.split()) if heard is not None and heard.heard_text is not None else None
    if words is None:
        return f"The turn was stopped {corrected}." if intervention.correction_text else "The turn was stopped."
    if words == 0:
        return "The caller heard none of it."
    return f"The caller heard {words} word{'s' if words > 1 else ''} of it {corrected}."


def _cost(failure: Failure) -> str:
    main = deciding(failure.evidence)
    if failure.tool is None or main is None or not main.argument:
        return ""
    instead = f' instead of "{main.replaced_by}"' if main.replaced_by else ""
    ending = ", and that cannot be undone" if failure.tool.is_irreversible else ""
    return f'Had it run, {failure.tool.name} would have gone out with "{main.value}"{instead}{ending}.'


def _root_cause(call: CallFacts, failure: Failure) -> str:
    reason = f" Finding: {failure.reason}." if failure.reason else ""
    return f"{_why(call, failure)}{reason}"


def _why(call: CallFacts, failure: Failure) -> str:
    main = deciding(failure.evidence)
    if failure.cause.policy_text:
        return "The prompt does not hold the agent to this rule at that point."
    if failure.cause.check == "exclusion_put_in" and main is not None:
        return f"The agent took what the caller wanted left out for something to put in{_source(call, main)}."
    if failure.cause.check == "done_claim":
        return "The agent reported an act as done without the tool that does it."
    if main is not None and main.status is Status.SUPERSEDED:
        return f"The agent kept an earlier value after the caller changed it{_source(call, main)}."
    if main is not None and main.status is Status.NEVER_SAID:
        return "The agent filled in a value by itself instead of asking for it or looking it up."
    if main is not None and main.status is Status.UNCONFIRMED:
        return "The agent acted without reading the details back and waiting for a yes."
    return "The agent did not check its answer against the conversation."


def _source(call: CallFacts, evidence: Evidence) -> str:
    quote = _quote(call, evidence.source_turn)
    return f' (turn {evidence.source_turn}: "{quote}")' if quote else ""


def _evidence(call: CallFacts, failure: Failure, redactor: Redactor) -> list[EvidenceItem]:
    items = [
        EvidenceItem(failure.turn_index, redactor.mask(_quote(call, failure.turn_index)), "what the agent was doing")
    ]
    for one in failure.evidence[: _MAX_EVIDENCE - 1]:
        index = one.source_turn if call.turn(one.source_turn) else None
        quote = _quote(call, index) if index is not None else ""
        items.append(EvidenceItem(index, redactor.mask(quote), redactor.mask(_note(one))))
    return items


def _note(evidence: Evidence) -> str:
    named = f"{evidence.argument} = " if evidence.argument else ""
    stands = f', replaced by "{evidence.replaced_by}"' if evidence.replaced_by else ""
    return f'{named}"{evidence.value}": {evidence.status.value.replace("_", " ")}{stands}'


def _quote(call: CallFacts, index: int | None) -> str:
    heard = call.turn(index)
    if heard is None:
        return ""
    text = _flat(heard.turn.text)
    if not text and heard.turn.tool_calls:
        text = ", ".join(f"{tool.name}({_arguments(tool.arguments)})" for tool in heard.turn.tool_calls)
    if not text and heard.turn.role is Role.TOOL:
        text = f"result of {heard.turn.tool_name}"
    return text if len(text) <= _QUOTE_LENGTH else f"{text[: _QUOTE_LENGTH - 1].rstrip()}…"


def _arguments(arguments: object) -> str:
    if not isinstance(arguments, dict):
        return ""
    return ", ".join(f"{name}={value!r}" for name, value in arguments.items())


def _flat(text: str) -> str:
    return " ".join(text.split())


def _confidence(failure: Failure) -> float:
    """Score times how far its tier is trusted; less without a quotable value, and for a rule in trial."""
    confidence = failure.score * _SURENESS.get(failure.tier, 0.5)
    if not failure.evidence:
        confidence *= 0.9
    if failure.is_shadow:
        confidence *= 0.7
    return round(min(1.0, confidence), 3)


def _other(failure: Failure, redactor: Redactor) -> OtherFinding:
    return OtherFinding(
        pattern=pattern_name(failure.cause)[:100],
        severity=failure.severity,
        turn_index=failure.turn_index,
        note=redactor.mask(failure.reason),
        is_shadow=failure.is_shadow,
    )
