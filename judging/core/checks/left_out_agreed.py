"""A word that the customer brought up, the agent read back and the customer agreed to, and the tool call has nowhere.

"Put it on in the attic", "Blue Hour in the attic, right?", "Yes", and the call has no attic. The word must be new in
the turn right before the read-back: what was said for an earlier search, or what the agent spoke of first, often only
describes a thing. A plain word counts where a preposition brings it in.
Measured on labelled training calls: 424 right, none wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from judging.core.arguments import Argument, Shape, name_words
from judging.core.checks.replaced import is_missing
from judging.core.exchanges import is_offer
from judging.core.grounding import is_akin
from judging.core.last_words import calls_of_last_words, is_first_tool, was_given_before
from judging.core.ledger import Entry
from judging.core.names import PLAIN_WORDS, Name, adjoins, named, opens_sentence
from judging.core.text import STOP_WORDS, stem
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView
from judging.core.wording import subject

_BRINGS_IN = frozenset("on in with through via using at from by".split())
_DETERMINERS = frozenset("the a an your my any some".split())
_NO_VALUES = PLAIN_WORDS | frozenset("name names number detail details information following city town".split())
_LEAST = 4
_LONGEST = 3  # words of what is said of it


def find(view: TurnView) -> Iterator[Finding]:
    if any(argument.is_listed for arguments in view.calls for argument in arguments):
        return  # a list may have it in other words
    said, asked = view.ledger.last(Role.CUSTOMER), view.ledger.last(Role.AGENT)
    if said is None or asked is None or asked.position > said.position or not view.is_english:
        return
    if not (said.is_yes and asked.asks_to_confirm) or is_offer(asked):
        return
    words = _taken_up(view, asked)
    for index in calls_of_last_words(view) if words else ():
        found = next((at for at in _telling(asked, words) if _is_left_out(view, asked, at, index)), None)
        if found is not None:
            yield _finding(view, asked, found, index)


def _taken_up(view: TurnView, asked: Entry) -> set[str]:
    """The words of the customer's turn before a read-back that it has, too, as far as they may be values."""
    before = view.ledger.entries[: asked.position]
    said = next((entry for entry in reversed(before) if entry.role is Role.CUSTOMER), None)
    words = set(asked.line.split()).intersection(said.line.split()) if said is not None else set()
    return {word for word in words.difference(_NO_VALUES) if len(word) >= _LEAST and word.isalpha()}


def _telling(asked: Entry, words: Collection[str]) -> Iterator[int]:
    """Where a read-back has one of these words as a value."""
    typed = {at for mention in asked.mentions for at in range(mention.start, mention.end)}
    for at, token in enumerate(asked.tokens):
        if stem(token.low) not in words or token.low in _NO_VALUES or at in typed or token.low.endswith("ing"):
            continue
        if _is_name(asked, at) or _is_brought_in(asked, at):
            yield at


def _is_name(entry: Entry, at: int) -> bool:
    if not entry.tokens[at].is_capitalised or opens_sentence(entry, at):
        return False
    return not entry.text[: entry.tokens[at].start].rstrip().endswith(":")


def _is_brought_in(entry: Entry, at: int) -> bool:
    """Whether a preposition stands before a word, articles aside, in the same clause."""
    back = at
    while back and entry.text[entry.tokens[back - 1].end : entry.tokens[back].start] == " ":
        back -= 1
        if entry.tokens[back].low not in _DETERMINERS:
            return entry.tokens[back].low in _BRINGS_IN
    return False


def _is_left_out(view: TurnView, asked: Entry, at: int, index: int) -> bool:
    word = stem(asked.tokens[at].low)
    before = view.ledger.entries[: asked.position]
    first = next((entry for entry in before if f" {word} " in entry.line), None)
    if first is None or first.role is not Role.CUSTOMER or was_given_before(view, asked.tokens[at].raw):
        return False
    arguments = view.calls[index]
    known = {*name_words(view.turn.tool_calls[index].name), *(own for one in arguments for own in one.words)}
    if any(is_akin(word, own) for own in known) or _says_more(asked, at, arguments):
        return False
    names = _names_of(first, word)
    return bool(names) and all(is_missing(view, index, name) for name in names)


def _says_more(entry: Entry, at: int, arguments: Sequence[Argument]) -> bool:
    """Whether a word describes what a choice of the call is about: "spare towels", ``with_towels``."""
    if at + 1 >= len(entry.tokens) or not adjoins(entry, at + 1):
        return False
    following = stem(entry.tokens[at + 1].low)
    return any(argument.shape is Shape.FLAG and following in argument.words for argument in arguments)


def _names_of(entry: Entry, word: str) -> list[Name]:
    """A word as the customer said it, by itself and with what stands before it of the same name."""
    at = start = next(at for at, token in enumerate(entry.tokens) if stem(token.low) == word)
    while (
        start and entry.tokens[at].is_capitalised and entry.tokens[start - 1].is_capitalised and adjoins(entry, start)
    ):
        start -= 1
    found = (named(entry, begin, at + 1) for begin in {start, at})
    return [name for name in found if name is not None]


def _finding(view: TurnView, asked: Entry, at: int, index: int) -> Finding:
    end = at + 1
    while (
        end < min(at + _LONGEST, len(asked.tokens)) and asked.tokens[end].low not in STOP_WORDS and adjoins(asked, end)
    ):
        end += 1
    text = asked.text[asked.tokens[at].start : asked.tokens[end - 1].end]
    rival = _in_its_place(view, asked, index)
    if rival is None:
        evidence, reason = Evidence(text, Status.GROUNDED, asked.turn_index), f"the customer agreed to {text!r}"
    else:
        evidence = Evidence(rival.value, Status.SUPERSEDED, asked.turn_index, rival.path, text)
        reason = f"{subject(rival)} {rival.value!r}, but the customer agreed to {text!r}"
    return Finding(
        check="left_out" if rival is None else "stale_argument",
        score=0.85,
        reason=f"{reason}, which the call has nowhere",
        is_sure=is_first_tool(view),
        evidence=(evidence,),
        tool_call_index=index,
        correction=f"Just to confirm: {text}?",
    )


def _in_its_place(view: TurnView, asked: Entry, index: int) -> Argument | None:
    """The one value of words that the read-back does not have."""
    texts = [one for one in view.calls[index] if one.shape is Shape.TEXT and one.line not in asked.line]
    return texts[0] if len(texts) == 1 else None
