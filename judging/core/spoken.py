"""Corrections in a language other than English: sentences of the language, values as they were heard.

What a tool's arguments are called, and what a check says of them, is English and is never spoken here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from judging.core.arguments import Argument, Shape
from judging.core.checks.forbidden_speech import breaks_rule
from judging.core.grounding import matches, text_places
from judging.core.languages.phrases import Phrases
from judging.core.ledger import Entry
from judging.core.mentions import Kind, Mention
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView
from judging.core.voice import MAX_WORDS
from judging.core.wording import currency_of, thing_of

# Which question asks for an argument, by a word of its name; the first that fits.
_ASKED_BY = (
    ("phone", "phone telephone mobile cell"),
    ("email", "email mail"),
    ("address", "address street"),
    ("count", "quantity qty count"),
    ("date", "date day"),
    ("time", "time hour"),
    ("number", "id number code account reference zip pin"),
    ("name", "name surname"),
    ("place", "city place location destination origin airport station from to"),
)
_FIXED = {
    "forbidden_promise": "no_promise",
    "forbidden_speech": "disregard",
    "said_too_late": "before_that",
    "duty_overdue": "before_that",
    "declined": "let_me_check",
    "not_handed_over": "disregard",
}
_CLAIMS = frozenset({"unsupported_claim", "contradicted_claim", "condition_not_met"})
_EXCLUSION = "exclusion_put_in"
_READ_BACK = "missing_read_back"


def in_language(view: TurnView, phrases: Phrases, findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings, those that are certain with what the agent says instead."""
    return [
        replace(finding, correction=_sayable(view, phrases, _line(view, phrases, finding, findings)))
        if finding.is_sure
        else finding
        for finding in findings
    ]


def _sayable(view: TurnView, phrases: Phrases, line: str) -> str:
    fitting = line if len(line.split()) <= MAX_WORDS else phrases.again
    return phrases.safe if breaks_rule(view, fitting) else fitting


def _line(view: TurnView, phrases: Phrases, finding: Finding, findings: Sequence[Finding]) -> str:
    if finding.check in _FIXED:
        return str(getattr(phrases, _FIXED[finding.check]))
    if finding.check == _READ_BACK:
        return _read_back(view, phrases, finding, findings)
    fault = finding.evidence[0] if finding.evidence else None
    if fault is None or finding.check == "done_claim":
        return finding.correction or phrases.again
    if finding.check in _CLAIMS:
        return phrases.have_here.format(value=fault.replaced_by) if _is_heard(view, fault) else phrases.let_me_check
    return _of_call(view, phrases, finding, fault, findings)


def _is_heard(view: TurnView, fault: Evidence) -> bool:
    """Whether the right value is a word of the call, not one of ours."""
    return bool(fault.replaced_by) and any(fault.replaced_by in entry.text for entry in view.ledger.entries)


def _of_call(view: TurnView, phrases: Phrases, finding: Finding, fault: Evidence, findings: Sequence[Finding]) -> str:
    own = [other for other in findings if other.is_sure and other.tool_call_index == finding.tool_call_index]
    faults = {other.evidence[0].argument: other.evidence[0] for other in own if other.evidence}
    if finding.check == _EXCLUSION and not fault.replaced_by:
        out = [
            other.evidence[0].value for other in own if other.check == _EXCLUSION and not other.evidence[0].replaced_by
        ]
        return phrases.without.format(old=phrases.listed(list(dict.fromkeys(out)), is_choice=True))
    if len(faults) > 1 and all(one.replaced_by for one in faults.values()):
        return phrases.confirm.format(new=phrases.listed([_standing(view, phrases, one) for one in faults.values()]))
    argument = _argument(view, finding, fault)
    if finding.check == "wrong_amount":
        known = _standing(view, phrases, fault)
        return phrases.amount_is.format(value=known) if known else phrases.amount_check
    if fault.replaced_by:
        new = _standing(view, phrases, fault)
        if fault.status is Status.SUPERSEDED:
            return phrases.instead.format(new=new, old=_old(view, phrases, fault, argument))
        return phrases.confirm.format(new=new)
    if fault.status is Status.SUPERSEDED:
        return phrases.without.format(old=_old(view, phrases, fault, argument))
    return _question(phrases, argument)


def _argument(view: TurnView, finding: Finding, fault: Evidence) -> Argument | None:
    if finding.tool_call_index is None:
        return None
    return next((one for one in view.calls[finding.tool_call_index] if one.path == fault.argument), None)


def _question(phrases: Phrases, argument: Argument | None) -> str:
    if argument is None:
        return phrases.again
    if argument.is_money:
        return phrases.ask["amount"]
    words = set(argument.words)
    shaped = {Shape.DATE: "date", Shape.TIME: "time"}.get(argument.shape, "")
    kind = shaped or next((kind for kind, names in _ASKED_BY if words & set(names.split())), "")
    if not kind and argument.shape is Shape.NUMBER:
        kind = "count"
    return phrases.ask.get(kind, phrases.again)


def _standing(view: TurnView, phrases: Phrases, fault: Evidence) -> str:
    """The value that stands, as it was heard; an amount that a tool returned as it is spoken."""
    if not fault.replaced_by or _is_heard(view, fault):
        return fault.replaced_by
    number, _, currency = fault.replaced_by.partition(" ")
    try:
        return phrases.amount(float(number), currency)
    except ValueError:
        return fault.replaced_by


def _old(view: TurnView, phrases: Phrases, fault: Evidence, argument: Argument | None) -> str:
    """The value that was taken back, in the words that said it."""
    if argument is None or argument.shape is Shape.TEXT:
        return fault.value
    heard = [found for found in _heard(view, argument) if found[0].turn_index == fault.source_turn]
    return _raw(*heard[0]) if heard else _spoken(view, phrases, argument) or fault.value


def _raw(entry: Entry, mention: Mention) -> str:
    """A value as it was heard, within a sentence: no capital but that of a weekday or a month."""
    raw = entry.raw(mention)
    return raw if mention.kind is Kind.DATE else f"{raw[:1].lower()}{raw[1:]}"


def _heard(view: TurnView, argument: Argument) -> Iterator[tuple[Entry, Mention]]:
    """Where people said a date, a time or a number, newest first."""
    for entry in reversed(view.ledger.entries):
        if entry.role is not Role.TOOL:
            yield from ((entry, mention) for mention in entry.mentions if matches(argument, mention))


# --- a whole call -----------------------------------------------------------------------------------------------------


def _read_back(view: TurnView, phrases: Phrases, finding: Finding, findings: Sequence[Finding]) -> str:
    index = finding.tool_call_index or 0
    own = [one for one in findings if one.is_sure and one.tool_call_index == index and one.check != _READ_BACK]
    faults = {one.evidence[0].argument: one for one in own if one.evidence}
    if any(not _is_settled(one) for one in faults.values()):
        return phrases.again
    parts = list(_parts(view, phrases, view.calls[index], faults))
    for end in range(len(parts), 0, -1):
        line = phrases.read_back.format(parts=", ".join(parts[:end]))
        if len(line.split()) <= MAX_WORDS:
            return line
    return phrases.again


def _is_settled(finding: Finding) -> bool:
    return bool(finding.evidence[0].replaced_by) or finding.check == _EXCLUSION


def _parts(
    view: TurnView, phrases: Phrases, arguments: Sequence[Argument], faults: Mapping[str, Finding]
) -> Iterator[str]:
    left_out = [argument.value for argument in arguments if argument.is_excluded]
    count, thing = _counted(arguments)
    for argument in arguments:
        fault = faults.get(argument.path)
        if fault is not None and fault.evidence[0].replaced_by:
            yield _standing(view, phrases, fault.evidence[0])
        elif fault is not None:
            left_out.append(argument.value)
        elif argument is count or argument.is_excluded:
            continue
        elif argument is thing and count is not None:
            yield _counted_thing(view, phrases, count, thing)
        elif said := _spoken(view, phrases, argument):
            yield said
    if left_out:
        yield phrases.without_it.format(value=phrases.listed(left_out, is_choice=True))


def _counted(arguments: Sequence[Argument]) -> tuple[Argument | None, Argument | None]:
    """The one count of a call with the one thing that it counts."""
    counts = [one for one in arguments if one.shape is Shape.NUMBER and not {"quantity", "qty"}.isdisjoint(one.words)]
    thing = thing_of(arguments)
    return (counts[0], thing) if len(counts) == 1 and thing is not None and counts[0].number > 1 else (None, None)


def _counted_thing(view: TurnView, phrases: Phrases, count: Argument, thing: Argument) -> str:
    """A count with its thing: as it was heard, else as the language counts."""
    for entry, mention in _heard(view, count):
        if not mention.units.isdisjoint(thing.content):
            return _with_thing(entry, mention)
    return phrases.count(int(count.number), _spoken(view, phrases, thing) or thing.value)


def _spoken(view: TurnView, phrases: Phrases, argument: Argument) -> str:
    """A value in the language; "" for one that has no words in it."""
    if argument.shape is Shape.DATE and argument.day is not None:
        return phrases.day(argument.day)
    if argument.shape is Shape.TIME:
        return phrases.clock(argument.minutes)
    if argument.shape is Shape.NUMBER and argument.is_money:
        return phrases.amount(argument.number, currency_of(argument.words, argument.value))
    if argument.shape is Shape.NUMBER:
        return next((_with_thing(entry, mention) for entry, mention in _heard(view, argument)), "")
    if argument.shape is not Shape.TEXT:
        return ""
    place = next((one for one in text_places(view.ledger, argument) if one.entry.role is not Role.TOOL), None)
    if place is None or place.end > len(place.entry.tokens):
        return ""
    return place.entry.text[place.entry.tokens[place.start].start : place.entry.tokens[place.end - 1].end]


def _with_thing(entry: Entry, mention: Mention) -> str:
    """A number as it was heard, with the word it counts: "vier Personen"."""
    said, end = _raw(entry, mention), mention.end
    if mention.kind is not Kind.NUMBER or not mention.units or end >= len(entry.tokens):
        return said
    return said + entry.text[entry.tokens[end - 1].end : entry.tokens[end].end]
