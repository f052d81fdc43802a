"""The agent repeats, as settled, what the customer took back just before ("two pizzas" after "make it one")."""

from __future__ import annotations

import re
from collections.abc import Iterator

from judging.core.checks.exclusion import is_ruled_out
from judging.core.checks.part_ruled_out import wanted_instead
from judging.core.interruptions import Strength
from judging.core.languages import Language
from judging.core.ledger import Entry
from judging.core.mentions import Kind, Mention
from judging.core.numbers import NUMBER_WORDS
from judging.core.self_repairs import Swap, swaps_of
from judging.core.text import STOP_WORDS, Token, phrase_line, stem
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView

_SENTENCES = re.compile(r"[^.!?\n]+[.!?]*")
# A sentence with one of these may well speak of leaving it out.
_LEAVES_OUT = re.compile(
    r"\b(?:no|not|without|remov\w*|took|taken?|taking|off|hold|skip\w*|instead|cancel\w*|leav\w*|left|drop\w*|delet\w*|"
    r"exclud\w*|swap\w*|switch\w*|replac\w*|chang\w*|rather|sorry|forget|scratch|never|minus)\b|n't\b",
    re.I,
)
# The agent goes ahead: it places, brings or sums up.
_SETTLES = re.compile(
    r"\b(?:coming (?:up|right up)|on (?:its|the) way|i(?:'m| am)(?: now)? (?:placing|ordering|adding|booking|sending)|"
    r"i(?:'ve| have) (?:placed|ordered|added|booked|put)|(?:your|the) (?:order|total|booking) is|"
    r"(?:so )?that(?:'s| is| will be|'ll be)|you(?:'ll| will) (?:have|get)|let me (?:place|order|book))\b",
    re.I,
)


def find(view: TurnView) -> Iterator[Finding]:
    said = view.ledger.last(Role.CUSTOMER)
    if said is None:
        return
    swaps = [swap for swap in swaps_of(said) if swap.is_aligned and swap.strength is not Strength.PAUSE]
    if not (swaps or said.is_correction or said.may_exclude):
        return  # nothing was taken back: the judged turn need not even be read
    for swap in swaps:
        if _repeats(view.entry, swap):
            yield _finding(*swap.said, said)
    yield from _numbers(view, said)
    yield from _ruled_out(view, said)


def _finding(old: str, new: str, entry: Entry) -> Finding:
    how = f"replaced by {new!r}" if new else "took back"
    return Finding(
        check="taken_back",
        score=0.9,
        reason=f"the agent goes on with {old!r}, which the customer just {how}",
        evidence=(Evidence(old, Status.SUPERSEDED, entry.turn_index, "", new),),
        correction=f"Just to confirm: {new}, not {old}?" if new else f"Just to confirm: no {old}?",
    )


def _repeats(entry: Entry, swap: Swap) -> bool:
    """Whether the agent says the old name or number and not the new one, and asks nothing."""
    if not (_is_name(swap.old[-1]) and _is_name(swap.new[0])) or "?" in entry.text:
        return False
    has_old = any(f" {word} " in entry.line for word in swap.gone)
    return has_old and not any(f" {word} " in entry.line for word in swap.fresh)


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
    if len(numbers) != 1:
        return None
    following = entry.tokens[numbers[0].end].low if numbers[0].end < len(entry.tokens) else ""
    return None if following == "of" else numbers[0]  # "there are two of us" makes nothing two


def _same_count(left: Mention, right: Mention) -> bool:
    return right.kind is Kind.NUMBER and left.number == right.number and not left.units.isdisjoint(right.units)


def _ruled_out(view: TurnView, said: Entry) -> Iterator[Finding]:
    """ "no pepperoni" answered with "with pepperoni" or "one pepperoni pizza coming up"."""
    for at, token in enumerate(said.tokens):
        if len(token.low) < 4 or token.low in STOP_WORDS or not is_ruled_out(said, at):
            continue
        if any(
            _goes_on_with(sentence, stem(token.low), view.language) for sentence in _SENTENCES.findall(view.entry.text)
        ):
            yield _finding(token.raw, wanted_instead(said, at, ()), said)


def _goes_on_with(sentence: str, word: str, language: Language) -> bool:
    """Whether a sentence settles something with the word in it; one that asks, refuses or takes it out does not."""
    leaves_out = _LEAVES_OUT if language.is_english else language.leaves_out
    settles = _SETTLES if language.is_english else language.settles
    line = phrase_line(sentence, language.fold)
    if f" {word} " not in line or "?" in sentence or leaves_out.search(sentence):
        return False
    return f" with {word} " in line or settles.search(sentence) is not None
