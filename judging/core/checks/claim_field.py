"""A value that the agent states of a field whose value in the tool result is another ("3 rooms", rooms: 2).

Which field is meant is told by the words next to the number, or by its being money. The result outweighs what anybody
said, a caller's wish too where the turn names what was found.

Measured on training cases: 371 of 372 findings right, those of ``claim_flag`` and ``claim_row`` included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from judging.core.arguments import Shape
from judging.core.checks.claim import MOST_CLAIMS, amounts_known, is_laid_out, policy_entry
from judging.core.grounding import is_reckoned
from judging.core.ledger import Entry
from judging.core.mentions import Kind, Mention
from judging.core.records import Group
from judging.core.text import STOP_WORDS, Token, sentence_at, stem
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView
from judging.core.wording import plain_name, spoken_value

_VAGUE = re.compile(
    r"\b(?:up to|at least|at most|(?:more|less|fewer|other|rather) than|under|over|below|above|between|from|maximum|"
    r"minimum|limit|budget|save|plus|extra|additional|another|difference|per|each|every|split|half|if|would|could|"
    r"you (?:asked|wanted|said|need|want))\b",
    re.I,
)
_NO_TOPIC = frozenset("number total count value of per id no amount the max min".split())
_COUNTED = 3
_LONG_NAME = 5  # letters
_REACH = 4  # words before a number that may name its field


def find(view: TurnView) -> Iterator[Finding]:
    numeric = view.result_groups(Shape.NUMBER) if view.entry.mentions else ()
    if not numeric:
        return
    entry, is_sure = view.entry, not is_laid_out(view.turn.text)
    for mention in entry.mentions[:MOST_CLAIMS]:
        if mention.is_weak or mention.kind not in (Kind.MONEY, Kind.NUMBER) or not _is_plain(entry, mention):
            continue
        groups = _fields_meant(entry, mention, numeric)
        if groups and not _is_right(view, mention, groups) and not _is_wish(view, mention):
            yield _finding(entry.raw(mention), groups, is_sure=is_sure)


def _finding(said: str, groups: Sequence[Group], *, is_sure: bool) -> Finding:
    field, value = groups[0].field, spoken_value(groups[0].field)
    is_single = len(frozenset().union(*(group.numbers for group in groups))) == 1
    return Finding(
        check="contradicted_claim",
        score=0.95,  # it knows more than that no result has the value
        reason=f"the agent says {said!r}, but the tool result has {plain_name(field.path)} {field.value!r}",
        is_sure=is_sure,
        evidence=(Evidence(said, Status.NEVER_SAID, None, field.path, value),),
        correction=f"Sorry, the {plain_name(field.path)} is {value}." if is_single else "",
    )


def _is_plain(entry: Entry, mention: Mention) -> bool:
    start, end = sentence_at(entry.text, entry.tokens[mention.start].start)
    sentence = entry.text[start:end]
    vague = _VAGUE if entry.language.is_english else entry.language.worked_out
    return not sentence.rstrip().endswith("?") and vague.search(sentence) is None


def _is_wish(view: TurnView, mention: Mention) -> bool:
    """Whether the agent says again what the customer asked for, and does not say it of a thing that was found."""
    said = (entry for entry in view.ledger.entries if entry.role is Role.CUSTOMER)
    is_asked_for = any(other.number == mention.number for entry in said for other in entry.mentions if not other.dates)
    return is_asked_for and not any(
        len(field.value) > _LONG_NAME and field.line in view.entry.line for field in view.result_fields(Shape.TEXT)
    )


def _fields_meant(entry: Entry, mention: Mention, numeric: Sequence[Group]) -> list[Group]:
    if mention.kind is not Kind.MONEY and _is_named(entry, mention):
        return []
    if mention.kind is Kind.MONEY:
        return [group for group in numeric if group.field.is_money]
    words = _words_beside(entry, mention) - _NO_TOPIC
    return [group for group in numeric if not words.isdisjoint(group.field.words)]


def _is_named(entry: Entry, mention: Mention) -> bool:
    """Whether a number is a part of a name: "7 Hill Road", "# 12", "Studio 54"."""
    around = [entry.tokens[at] for at in (mention.start - 1, mention.end) if 0 <= at < len(entry.tokens)]
    return any(token.low == "#" or (token.is_capitalised and _is_next(entry, mention, token)) for token in around)


def _is_next(entry: Entry, mention: Mention, token: Token) -> bool:
    if token.start > entry.tokens[mention.start].start:
        return not entry.text[entry.tokens[mention.end - 1].end : token.start].strip()
    return token.start > 0 and not entry.text[token.end : entry.tokens[mention.start].start].strip()


def _words_beside(entry: Entry, mention: Mention) -> frozenset[str]:
    """Stems of the words that a number counts, and of those that lead up to it: "the rating is 4.5"."""
    after = takewhile(lambda at: not _gap(entry, at).strip(), range(mention.end, len(entry.tokens)))
    counted = {stem(entry.tokens[at].low) for at in list(after)[:_COUNTED]} & mention.units
    taken = {at for other in entry.mentions if other.start < mention.start for at in range(other.start, other.end + 2)}
    at, led = mention.start, set()
    while at > 0 and mention.start - at < _REACH and at - 1 not in taken and not _gap(entry, at).strip():
        at -= 1
        led.add(stem(entry.tokens[at].low))
    return frozenset(counted | (led - STOP_WORDS))


def _gap(entry: Entry, at: int) -> str:
    """What stands between a token and the one before it."""
    return entry.text[entry.tokens[at - 1].end : entry.tokens[at].start] if at else ""


def _is_right(view: TurnView, mention: Mention, groups: Sequence[Group]) -> bool:
    if any(mention.number in group.numbers for group in groups):
        return True
    if mention.kind is Kind.NUMBER:
        return False
    is_ruled = mention.number in policy_entry(view.policies).numbers
    return is_ruled or is_reckoned(amounts_known(view, mention), mention.number)
