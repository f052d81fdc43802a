"""A class in a tool call in whose place the customer asked for another: "a plumber" ... "could you find me a roofer".

A class is seldom a name and often a plain word, so the word must be new to the call, must stand in the frame that the
old one stood in, and must be in no other argument.
Measured on labelled training calls: 143 right, none wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from judging.core.arguments import Argument, Shape
from judging.core.checks.replaced import is_missing
from judging.core.checks.stale_text import ASKS_ABOUT, PLAIN
from judging.core.grounding import Place, is_akin
from judging.core.ledger import Entry
from judging.core.names import PLAIN_WORDS, Name, named
from judging.core.text import stem
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView
from judging.core.wording import subject

_ARTICLES = frozenset({"a", "an"})
_DEFINITE = frozenset("the this that these those my your".split())
_WISHES = frozenset("about like something love some in".split())
_ASKS = _WISHES | frozenset("find for want any enjoy a an prefer".split()) - {"in"}
_WANTS = frozenset("need want like find finding get have prefer see me us it is be about try choose pick".split())
_SEARCHES = ("look", "search", "check", "ask")
# What may follow a thing that was asked for; any other word right behind goes on with it.
_ENDS = frozenset(
    "in at on for from to with near around that who which by of and or but instead please now then if as than i you is "
    "are it the a an not would could should will directed featuring starring without within under over between before "
    "after during through".split()
)
_LONGEST = 4
_LEAST = 3
_LONG = 8
_KIN = 3  # letters that "comic" and "comedy" share


def find(view: TurnView) -> Iterator[Finding]:
    labels = [
        (index, argument)
        for index, arguments in enumerate(view.calls)
        for argument in arguments
        if argument.is_label and argument.shape is Shape.TEXT and "_" not in argument.value and not argument.is_excluded
    ]
    said = view.ledger.last(Role.CUSTOMER) if labels else None
    if said is None or not view.is_english or _only_agrees(view, said):
        return
    for index, argument in labels:
        rival = None if _is_said(argument, said) else _rival(view, said, argument, index)
        if rival is not None:
            yield _finding(view, argument, rival, index)


def _finding(view: TurnView, argument: Argument, rival: Name, index: int) -> Finding:
    places = view.places(argument)
    turn = places[0].entry.turn_index if places else None
    return Finding(
        check="stale_argument",
        score=0.9,
        reason=f"{subject(argument)} {argument.value!r}, but the customer now asked for {rival.text!r}",
        evidence=(Evidence(argument.value, Status.SUPERSEDED, turn, argument.path, rival.text),),
        tool_call_index=index,
        correction=f"Just to confirm: {rival.text}, not {argument.value}?",
    )


def _only_agrees(view: TurnView, said: Entry) -> bool:
    asked = view.ledger.last(Role.AGENT)
    is_read_back = asked is not None and asked.asks_to_confirm
    return (said.is_yes and is_read_back) or ASKS_ABOUT.match(said.text) is not None


def _is_said(argument: Argument, said: Entry) -> bool:
    words = said.line.split()
    return argument.line in said.line or any(_is_kin(own, word) for own in argument.content[:1] for word in words)


def _is_kin(left: str, right: str) -> bool:
    """Whether two words may be forms of one: three letters tell for short words, more for long ones."""
    short = min(len(left), len(right))
    return is_akin(left, right) if short >= _LONG else left == right or (short > _KIN and left[:_KIN] == right[:_KIN])


def _rival(view: TurnView, said: Entry, argument: Argument, index: int) -> Name | None:
    places = [place for place in view.places(argument) if place.entry.position < said.position]
    spans = [*_kinds(view, said, argument), *_heads(said, places), *_wishes(said, places)]
    if not _has_words_of_its_own(view, index):
        spans += _wished_kinds(view, said, places)
    for start, end in spans:
        name = named(said, start, end) if _is_new(view, said, end - 1) else None
        if name is not None and is_missing(view, index, name):
            return name
    return None


def _is_new(view: TurnView, said: Entry, at: int) -> bool:
    word = stem(said.tokens[at].low)
    return not any(f" {word} " in entry.line for entry in view.ledger.entries[: said.position])


def _is_own(low: str) -> bool:
    """Whether a word may name a class."""
    is_plain = low in PLAIN or low in PLAIN_WORDS or low in _ENDS or stem(low) in PLAIN
    return low.isalpha() and len(low) >= _LEAST and not is_plain and not low.endswith("ing")


def _kinds(view: TurnView, said: Entry, argument: Argument) -> Iterator[tuple[int, int]]:
    """ "thriller" of "thriller films" where an earlier turn had "comic films", and the value is of that word."""
    for at in range(len(said.tokens) - 1):
        noun = stem(said.tokens[at + 1].low)
        is_known = at > 0 and said.tokens[at - 1].low in _DEFINITE  # "the red car" is no other car
        if not is_known and _is_own(said.tokens[at].low) and _is_own(noun) and _is_joined(said, at + 1):
            before = view.ledger.entries[: said.position]
            if any(_had_kind(entry, noun, argument) for entry in before if entry.role is Role.CUSTOMER):
                yield at, at + 1


def _had_kind(entry: Entry, noun: str, argument: Argument) -> bool:
    if f" {noun} " not in entry.line:
        return False
    tokens, own = entry.tokens, argument.content[0]
    return any(stem(tokens[at].low) == noun and _is_kin(own, stem(tokens[at - 1].low)) for at in range(1, len(tokens)))


def _heads(said: Entry, places: Sequence[Place]) -> Iterator[tuple[int, int]]:
    """What follows "a" at the end of its phrase, where the value did so too."""
    if not any(_is_head(place) for place in places):
        return
    tokens = said.tokens
    for at in range(len(tokens) - 1):
        if tokens[at].low not in _ARTICLES or not _is_object(said, at):
            continue
        end = at + 1
        while end < min(at + 1 + _LONGEST, len(tokens)) and _goes_on(said, end):
            end += 1
        if end > at + 1 and all(_is_own(token.low) for token in tokens[at + 1 : end]):
            yield at + 1, end


def _is_object(said: Entry, at: int) -> bool:
    """Whether what begins there is what is wanted: "find me a", "look for a", but not "with a" or "on a"."""
    before = [token.low for token in said.tokens[max(0, at - 2) : at]]
    if not before:
        return True
    return before[-1] in _WANTS or (before[-1] == "for" and before[0].startswith(_SEARCHES))


def _is_head(place: Place) -> bool:
    tokens, start, end = place.entry.tokens, place.start, place.end
    is_after = start > 0 and tokens[start - 1].low in _ARTICLES
    return is_after and (end >= len(tokens) or not _goes_on(place.entry, end))


def _wishes(said: Entry, places: Sequence[Place]) -> Iterator[tuple[int, int]]:
    """ "What about jazz?": a word that is all of a wish, where the customer had named the value."""
    if not any(place.entry.role is Role.CUSTOMER for place in places):
        return
    tokens = said.tokens
    for at in range(1, len(tokens)):
        is_wish = tokens[at - 1].low in _WISHES and _is_joined(said, at) and _is_own(tokens[at].low)
        if is_wish and (at + 1 == len(tokens) or not _goes_on(said, at + 1)):
            yield at, at + 1


def _has_words_of_its_own(view: TurnView, index: int) -> bool:
    """Whether a class in the call was not said: the word may be what the customer calls that one."""
    labels = (one for one in view.calls[index] if one.is_label and one.shape is Shape.TEXT)
    return not all(view.places(label) for label in labels)


def _wished_kinds(view: TurnView, said: Entry, places: Sequence[Place]) -> Iterator[tuple[int, int]]:
    """ "horror" of "how about horror tales", where people had spoken of tales and the customer had named the value."""
    if not any(place.entry.role is Role.CUSTOMER for place in places):
        return
    tokens = said.tokens
    for at in range(1, len(tokens) - 1):
        is_asked = tokens[at - 1].low in _ASKS and _is_own(tokens[at].low)
        is_kind = is_asked and _is_own(tokens[at + 1].low) and _is_joined(said, at + 1)
        if is_kind and not _is_new(view, said, at + 1):
            yield at, at + 1


def _goes_on(entry: Entry, at: int) -> bool:
    """Whether a token belongs to the phrase of the one before; "based" and the like begin another."""
    if entry.tokens[at].low.endswith("ed") and _is_joined(entry, at):
        return False
    return entry.tokens[at].low not in _ENDS and (_is_joined(entry, at) or _gap(entry, at) == "-")


def _is_joined(entry: Entry, at: int) -> bool:
    return _gap(entry, at) == " "


def _gap(entry: Entry, at: int) -> str:
    return entry.text[entry.tokens[at - 1].end : entry.tokens[at].start]
