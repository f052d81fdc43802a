"""A tool argument that keeps what the customer took back in the same breath ("the Rhine, no, the Danube")."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from judging.core.arguments import Argument, Shape
from judging.core.ledger import Entry
from judging.core.text import STOP_WORDS, Token, sentence_at, stem
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView
from judging.core.wording import spoken_name

_SPAN = 5


@dataclass(frozen=True, slots=True)
class Repair:
    """A self-correction: the turn, the words right before the marker and those right after it."""

    entry: Entry
    dropped: tuple[Token, ...]
    kept: tuple[Token, ...]


def find(view: TurnView) -> Iterator[Finding]:
    repairs = [found for entry in view.ledger.entries if entry.role is Role.CUSTOMER for found in repairs_of(entry)]
    if not repairs:
        return
    for index, arguments in enumerate(view.calls):
        for argument in arguments:
            if argument.shape not in (Shape.TEXT, Shape.SENTENCE):
                continue
            for repair in repairs:
                if _keeps(argument, repair, arguments):
                    yield _finding(argument, repair, index)
                    break


@lru_cache(maxsize=4096)
def repairs_of(entry: Entry) -> tuple[Repair, ...]:
    """The self-corrections of a turn; remembered, because every later turn of the call asks again."""
    return tuple(_find_repairs(entry)) if _may_repair(entry) else ()


def _may_repair(entry: Entry) -> bool:
    return not entry.language.repairs.words.isdisjoint([token.low for token in entry.tokens])


def _find_repairs(entry: Entry) -> Iterator[Repair]:
    words = entry.language.repairs
    for found in words.marker.finditer(entry.text):
        start = 0 if words.own_sentence.search(found.group()) else sentence_at(entry.text, found.end() - 1)[0]
        dropped = [token for token in entry.tokens if start <= token.start and token.end <= found.start()][-_SPAN:]
        kept = [token for token in entry.tokens if token.start >= found.end()][:_SPAN]
        old, new = _name(reversed(dropped)), _name(kept)
        if old and new and (found["strong"] or (_is_name(old) and _is_name(new))):
            yield Repair(entry, tuple(dropped), tuple(kept))


def _name(tokens: Sequence[Token] | Iterator[Token]) -> Token | None:
    """The nearest word that carries meaning."""
    return next((token for token in tokens if token.low not in STOP_WORDS), None)


def _is_name(token: Token) -> bool:
    return token.is_capitalised or token.raw[0].isdecimal()


def _keeps(argument: Argument, repair: Repair, arguments: tuple[Argument, ...]) -> bool:
    """Whether the value has the word before the marker and no argument has the word after it."""
    old, new = _name(reversed(repair.dropped)), _name(repair.kept)
    if old is None or new is None or old.low == new.low:
        return False
    if f" {stem(old.low)} " not in argument.line:
        return False
    return not any(f" {stem(new.low)} " in other.line for other in arguments)


def _finding(argument: Argument, repair: Repair, index: int) -> Finding:
    old, new = _whole(repair, repair.dropped, is_old=True), _whole(repair, repair.kept, is_old=False)
    return Finding(
        check="stale_argument",
        score=0.95,
        reason=f"{spoken_name(argument.path)} keeps {old!r}, which the customer took back for {new!r} in the same turn",
        evidence=(Evidence(argument.value, Status.SUPERSEDED, repair.entry.turn_index, argument.path, new),),
        tool_call_index=index,
        correction=f"Just to confirm: {new}, not {old}?",
    )


def _whole(repair: Repair, tokens: Sequence[Token], *, is_old: bool) -> str:
    """The name next to the marker with the capitalised words that belong to it."""
    near = list(reversed(tokens)) if is_old else list(tokens)
    start = next(at for at, token in enumerate(near) if token.low not in STOP_WORDS)
    end = start + 1
    while end < len(near) and near[end - 1].is_capitalised and near[end].is_capitalised:
        end += 1
    words = near[start:end]
    first, last = (words[-1], words[0]) if is_old else (words[0], words[-1])
    return repair.entry.text[first.start : last.end]
