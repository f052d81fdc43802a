"""Somebody else's taste taken for the order: "my wife likes the blue one, but I want the green one", and then blue.

Fires only where the customer says what they themselves want in the same turn, in like words, and the call has the
other's choice and not theirs. What another person orders ("and my wife would like the soup") is an order, too.
There is no labelled data for it: what it promises is in its tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from judging.core.arguments import Argument, Shape
from judging.core.grounding import is_used
from judging.core.ledger import Entry, remembered
from judging.core.text import STOP_WORDS, phrase_line, tokenize
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView
from judging.core.wording import subject

_ADVERBS = r"(?:(?:really|usually|always|normally|only|just|probably|actually|definitely|much|still|personally)\s+)*"
_LIKES = (
    r"(?:likes?|loves?|prefers?|enjoys?|swears? by|raves? about|recommend(?:s|ed)?|suggest(?:s|ed)|favou?rs?|"
    r"would (?:have )?(?:take|taken|pick|picked|choose|chosen|go(?:ne)? (?:for|with)))"
)
_OTHER = r"(?:(?:my|our|his|her|their)\s+(?:\w+\s+)?\w+|he|she|they|everyone|everybody|people|(?-i:(?!I\b)[A-Z][a-z]+))"
_WANTS = (
    r"(?:i|we)(?:(?:['’]d|\s+would)\s+(?:like|love|prefer|rather (?:have|take|go (?:for|with)))|"
    r"(?:['’]ll|\s+will)\s+(?:take|have|go (?:for|with))|\s+(?:want|prefer|like|love))"
    r"(?:\s+to\s+(?:have|take|get|try))?"
)
_CHOICE = r"(?P<words>(?:(?:the|a|an|some|my)\s+)?[\w'’-]+(?:\s+[\w'’-]+){0,2}?)"
_END = (
    r"(?=\s*(?:$|[.,;!?])|\s+(?:but|though|although|while|whereas|yet|so|please|instead|thanks|myself|better|more)\b)"
)
_THEIRS = re.compile(rf"\b{_OTHER}\s+{_ADVERBS}{_LIKES}\s+{_CHOICE}{_END}", re.I)
_OWN = re.compile(rf"\b{_ADVERBS}{_WANTS}\s+{_CHOICE}{_END}", re.I)
_CONTRASTS = re.compile(r"\b(?:but|though|although|while|whereas|however|yet)\b|[.;!]\s+(?:personally\W+)?i\b", re.I)
_CUES = frozenset(
    "like likes love loves prefer prefers enjoy enjoys swear swears rave raves recommend recommends recommended "
    "suggest suggests suggested favor favors favour favours take taken pick picked choose chosen go gone".split()
)
# Stems of which a turn must have one to speak of anybody else's taste.
_OTHERS = frozenset("my our his her their he she they everyone everybody person recommended suggested rave".split())
_NO_CHOICES = STOP_WORDS | frozenset(
    "same that these those them him her both one ones something anything nothing everything extra more less it's "
    "too also better another other others".split()
)
_ARTICLES = frozenset("the a an some my".split())


class _Choice(NamedTuple):
    """What somebody likes or wants: the words, their article aside, and that article."""

    words: str
    article: str

    @property
    def is_name(self) -> bool:
        return self.words[:1].isupper() or self.words[:1].isdecimal()


def find(view: TurnView) -> Iterator[Finding]:
    for entry in view.ledger.index.having(_tells):
        taste = _taste(entry)
        if taste is None:
            continue
        theirs, own = taste
        if _came_back(view, entry, theirs.words):
            continue
        for index, arguments in enumerate(view.calls):
            if is_used(phrase_line(own.words).split(), arguments):
                continue
            for argument in _with(theirs.words, arguments):
                yield _finding(argument, theirs.words, own.words, entry, index)


def _finding(argument: Argument, theirs: str, own: str, entry: Entry, index: int) -> Finding:
    return Finding(
        check="third_party_preference",
        score=0.9,
        reason=f"{subject(argument)} {argument.value!r}, which somebody else likes; the customer wants {own!r}",
        evidence=(Evidence(argument.value, Status.SUPERSEDED, entry.turn_index, argument.path, own),),
        tool_call_index=index,
        correction=f"Just to confirm: {own}, not {theirs}?",
    )


def _with(words: str, arguments: Sequence[Argument]) -> list[Argument]:
    line = phrase_line(words)
    return [one for one in arguments if one.shape is Shape.TEXT and not one.is_excluded and line in one.line]


def _tells(entry: Entry) -> bool:
    may_tell = entry.role is Role.CUSTOMER and not _OTHERS.isdisjoint(entry.line.split())
    return may_tell and _taste(entry) is not None


@remembered
def _taste(entry: Entry) -> tuple[_Choice, _Choice] | None:
    """What somebody else likes and what the customer wants instead, where both are named alike."""
    if (
        not entry.language.is_english
        or _CUES.isdisjoint([token.low for token in entry.tokens])
        or not _CONTRASTS.search(entry.text)
    ):
        return None
    theirs, own = _choices(_THEIRS, entry.text), _choices(_OWN, entry.text)
    if len(theirs) != 1 or len(own) != 1:
        return None
    is_alike = theirs[0].article == own[0].article and theirs[0].is_name is own[0].is_name
    known = set(phrase_line(theirs[0].words).split())
    is_other = (
        known.isdisjoint(phrase_line(own[0].words).split()) or theirs[0].words.split()[-1] in own[0].words.split()
    )
    return (theirs[0], own[0]) if is_alike and is_other and theirs[0].words != own[0].words else None


def _choices(pattern: re.Pattern[str], text: str) -> list[_Choice]:
    found = []
    for match in pattern.finditer(text):
        words = match["words"].split()
        article = words.pop(0).lower() if words[0].lower() in _ARTICLES and len(words) > 1 else ""
        if words and not _NO_CHOICES.issuperset(token.low for token in tokenize(" ".join(words))):
            found.append(_Choice(" ".join(words), article))
    return found


def _came_back(view: TurnView, entry: Entry, words: str) -> bool:
    """Whether the other's choice was spoken of again: the customer may have taken to it."""
    line = phrase_line(words)
    return entry.line.count(line) > 1 or any(line in later.line for later in view.ledger.entries[entry.position + 1 :])
