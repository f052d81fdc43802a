"""The agent repeats, as settled, what the customer took back just before ("two pizzas" after "make it one")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from judging.core.checks.exclusion import is_ruled_out
from judging.core.checks.repair import Repair, repairs_of
from judging.core.ledger import Entry
from judging.core.mentions import Kind, Mention
from judging.core.numbers import NUMBER_WORDS
from judging.core.text import STOP_WORDS, Token, stem
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView


def find(view: TurnView) -> Iterator[Finding]:
    entries = view.ledger.entries
    said = next((entry for entry in reversed(entries) if entry.role is Role.CUSTOMER), None)
    if said is None:
        return
    repairs = repairs_of(said)
    if not (repairs or said.is_correction or said.may_exclude):
        return  # nothing was taken back: the judged turn need not even be read
    for repair in repairs:
        if _repeats(view.entry, repair):
            yield _finding(_word(reversed(repair.dropped)), _word(repair.kept), said)
    yield from _numbers(view, said)
    yield from _ruled_out(view, said)


def _finding(old: str, new: str, entry: Entry) -> Finding:
    return Finding(
        check="taken_back",
        score=0.9,
        reason=f"the agent goes on with {old!r}, which the customer just replaced" + (f" by {new!r}" if new else ""),
        evidence=(Evidence(old, Status.SUPERSEDED, entry.turn_index, "", new),),
        correction=f"Just to confirm: {new}, not {old}?" if new else f"Just to confirm: no {old}?",
    )


def _word(tokens: Iterable[Token]) -> str:
    return next((token.raw for token in tokens if token.low not in STOP_WORDS), "")


def _repeats(entry: Entry, repair: Repair) -> bool:
    old = next((token for token in reversed(repair.dropped) if token.low not in STOP_WORDS), None)
    new = next((token for token in repair.kept if token.low not in STOP_WORDS), None)
    if old is None or new is None or stem(old.low) == stem(new.low):
        return False
    if not _is_name(old) or not _is_name(new):
        return False
    return f" {stem(old.low)} " in entry.line and f" {stem(new.low)} " not in entry.line and "?" not in entry.text


def _is_name(token: Token) -> bool:
    return token.is_capitalised or token.raw[0].isdecimal() or token.low in NUMBER_WORDS


def _numbers(view: TurnView, said: Entry) -> Iterator[Finding]:
    """ "make it one" answered with "two pizzas": the old number, with its noun, and not the new one."""
    new = _single_number(said)
    if new is None or not said.is_correction or view.entry.text.rstrip().endswith("?"):
        return
    before = [entry for entry in view.ledger.entries[: said.position] if entry.role in (Role.CUSTOMER, Role.AGENT)]
    for mention in view.entry.mentions:
        if mention.kind is not Kind.NUMBER or mention.is_weak or mention.number == new.number or not mention.units:
            continue
        is_old = before and any(_same_count(mention, other) for other in before[-1].mentions)
        is_about = not new.units or not new.units.isdisjoint(mention.units)
        has_new = any(other.number == new.number for other in view.entry.mentions)
        if is_old and is_about and not has_new:
            yield _finding(view.entry.raw(mention), said.raw(new), said)


def _single_number(entry: Entry) -> Mention | None:
    numbers = [mention for mention in entry.mentions if mention.kind is Kind.NUMBER and not mention.is_weak]
    return numbers[0] if len(numbers) == 1 else None


def _same_count(left: Mention, right: Mention) -> bool:
    return right.kind is Kind.NUMBER and left.number == right.number and not left.units.isdisjoint(right.units)


def _ruled_out(view: TurnView, said: Entry) -> Iterator[Finding]:
    """ "no pepperoni" answered with "with pepperoni"."""
    for at, token in enumerate(said.tokens):
        if len(token.low) < 4 or token.low in STOP_WORDS or not is_ruled_out(said, at):
            continue
        word = stem(token.low)
        phrase = f" with {word} "
        if phrase in view.entry.line and "?" not in view.entry.text:
            yield _finding(token.raw, "", said)
