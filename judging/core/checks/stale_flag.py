"""A choice in a tool call that says the opposite of what was last said of it ("with subtitles" after "without")."""

from __future__ import annotations

import re
from collections.abc import Iterator

from judging.core.arguments import Argument, Shape
from judging.core.ledger import Entry
from judging.core.text import STOP_WORDS, stem
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView
from judging.core.wording import spoken_name, subject

_OFF = frozenset(
    "no without not don't dont decline off skip never exclude excluding remove isn't won't doesn't shouldn't wouldn't "
    "didn't couldn't needn't can't cannot".split()
)
_ON = frozenset("with include including add on want need have yes like would also and".split())
_NOISE = STOP_WORDS | frozenset(
    "has have is are can allow allowed welcome good want need require required include included add use with".split()
)
_UNDONE = frozenset("off removed waived declined cancelled canceled excluded".split())
_REACH = 4
_FAR_REACH = 8  # of a "not" that rules out a whole clause: "do not play the film with subtitles"
_NOT = frozenset("not don't dont never".split())
_CLAUSE = frozenset("and but then so because".split())
_ENDS = frozenset(".!?;")
_OFFERS = re.compile(
    r"\b(?:would you (?:like|care for|prefer)|do you (?:want|need)|(?:shall|should|can) i add)\b", re.I
)


def find(view: TurnView) -> Iterator[Finding]:
    if not view.is_english:
        return  # a flag's name is English
    for index, arguments in enumerate(view.calls):
        for argument in arguments:
            if argument.shape is not Shape.FLAG:
                continue
            latest = _latest(view, argument)
            if latest is not None and latest[1] is not (argument.value.lower() in ("true", "yes")):
                yield _finding(argument, latest[0], index)


def _finding(argument: Argument, entry: Entry, index: int) -> Finding:
    return Finding(
        check="stale_argument",
        score=0.9,
        reason=f"{subject(argument)} {argument.value}, the opposite of what was last said of it",
        evidence=(Evidence(argument.value, Status.SUPERSEDED, entry.turn_index, argument.path),),
        tool_call_index=index,
        correction=correction_of(argument),
    )


def correction_of(argument: Argument) -> str:
    thing = " ".join(word for word in spoken_name(argument.path).split() if word not in _NOISE)
    is_on = argument.value.lower() in ("true", "yes")
    return f"Just to confirm: no {thing}?" if is_on else f"Just to confirm: with {thing}?"


def _latest(view: TurnView, argument: Argument) -> tuple[Entry, bool] | None:
    """The last turn that settles the choice, and how: a customer's words or a read-back that was accepted."""
    words = [word for word in argument.words if word not in _NOISE]
    if len(words) != 1 or words[0] not in view.ledger.words:
        return None
    for entry in reversed(view.ledger.entries):
        if f" {words[0]} " not in entry.line:
            continue
        no = _no_to(view, entry)
        if no is not None:
            return no, False
        is_settling = entry.role is Role.CUSTOMER or (entry.asks_to_confirm and view.ledger.is_accepted(entry))
        polarity = _polarity(entry, words[0]) if is_settling and not _answers_no(view, entry, words[0]) else None
        if polarity is not None:
            return entry, polarity
        if entry.role is Role.CUSTOMER and _question_before(view, entry, words[0]) is None:
            return None
    return None


def _no_to(view: TurnView, asked: Entry) -> Entry | None:
    """The customer's no to a turn that offers the choice and asks nothing else: "Would you like ...?", "No thanks." """
    is_offer = asked.role is Role.AGENT and _OFFERS.search(asked.text) is not None and asked.text.count("?") == 1
    if not is_offer or asked.asks_to_confirm or not _OFF.isdisjoint([token.low for token in asked.tokens]):
        return None
    said = next(iter(view.ledger.entries[asked.position + 1 : asked.position + 2]), None)
    is_no = said is not None and said.is_no and not said.is_correction
    return said if is_no and said is not None and "with" not in [token.low for token in said.tokens] else None


def _question_before(view: TurnView, entry: Entry, word: str) -> Entry | None:
    """The agent's question about the choice that a turn answers."""
    asked = view.ledger.entries[entry.position - 1] if entry.position else None
    is_question = asked is not None and asked.role is Role.AGENT and "?" in asked.text and f" {word} " in asked.line
    return asked if is_question else None


def _answers_no(view: TurnView, entry: Entry, word: str) -> bool:
    """Whether a turn says no to a question about the choice and goes on: "No, I have insurance" asks for none."""
    is_answer = entry.is_no and _question_before(view, entry, word) is not None
    return is_answer and "with" not in [token.low for token in entry.tokens]


def _polarity(entry: Entry, word: str) -> bool | None:
    tokens = entry.tokens
    at = next(index for index, token in enumerate(tokens) if stem(token.low) == word)
    clause = _clause_before(entry, at)
    before, after = clause[-_REACH:], [token.low for token in tokens[at + 1 : at + 3]]
    if not _UNDONE.isdisjoint(after):
        return False
    if not _NOT.isdisjoint(clause) or any(low in _OFF and low != "no" for low in before):
        return False
    nearest = next((low for low in reversed(before) if low in _OFF or low in _ON), "")
    return nearest in _ON if nearest else (True if "on" in after else None)


def _clause_before(entry: Entry, at: int) -> list[str]:
    """The words before a token, back to where its clause began."""
    tokens, start = entry.tokens, at
    while start > max(0, at - _FAR_REACH) and tokens[start - 1].low not in _CLAUSE:
        if entry.text[tokens[start - 1].end : tokens[start].start].strip() in _ENDS:
            break
        start -= 1
    return [token.low for token in tokens[start:at]]
