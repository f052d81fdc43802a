"""Names of the latest words that a tool call has nowhere, and the argument that each stands against."""

from __future__ import annotations

import re
from collections.abc import Sequence

from judging.core.arguments import Argument, Shape, name_words
from judging.core.checks.exclusion import is_ruled_out
from judging.core.grounding import Place, is_akin, is_used
from judging.core.ledger import Entry
from judging.core.names import PLAIN_WORDS, Name
from judging.core.text import sentence_at, stem
from judging.core.types import Role
from judging.core.view import TurnView

_DETERMINERS = frozenset("the a an my your our their his her some any".split())
_PLACE = frozenset("in near around at from to".split())
_NO_CUE = frozenset("and or , but i is it so then that".split())
# After these a name is somebody's own, or somebody else's, and no wish.
_INTRODUCES = re.compile(r"\b(?:i am|i'm|this is|name is|name's|call me|speaking to|my \w+|our \w+)\s+$", re.I)
_OF = frozenset("de of la del the du von van".split())
# Words that mark a change and may stand after what is wanted: "to Paris instead".
_GOES_ON_AFTER = frozenset("instead actually rather change switch make".split())
_TAIL = 4  # letters of an ending that make two long words alike
_LONG = 7
_NEAR = 4  # tokens before a name in which the argument's own name may stand


def is_missing(view: TurnView, index: int, name: Name) -> bool:
    """Whether a name stands in no argument of a call, and is neither ruled out nor said of something the call has."""
    arguments, entry, words = view.calls[index], name.entry, name.words
    if is_used(words, arguments) or is_ruled_out(entry, name.start) or _is_added(name, arguments):
        return False
    texts = [argument for argument in arguments if argument.shape is Shape.TEXT]
    if any(set(argument.content) <= set(words) or _is_mistyped(argument, name) for argument in texts):
        return False
    if _INTRODUCES.search(entry.text, 0, entry.tokens[name.start].start) or _is_taken_back(name):
        return False
    known = {*name_words(view.turn.tool_calls[index].name), *(word for one in arguments for word in one.words)}
    named = [any(is_akin(word, other) for other in known) for word in words]
    return not (all(named) if name.is_long else any(named))


def _is_mistyped(argument: Argument, name: Name) -> bool:
    """Whether a code has the letters of a value in another order: "BWM" for "BMW"."""
    raw = name.entry.tokens[name.start].raw
    return raw.isupper() and raw != argument.value and sorted(raw) == sorted(argument.value)


def _is_taken_back(name: Name) -> bool:
    """Whether the sentence goes on with a word that corrects it: what stood before may be what was taken back."""
    entry = name.entry
    markers = entry.language.repairs.words - _GOES_ON_AFTER
    if entry.role is not Role.CUSTOMER or markers.isdisjoint([token.low for token in entry.tokens[name.end :]]):
        return False
    end = sentence_at(entry.text, entry.tokens[name.start].start)[1]
    return any(token.low in markers and token.start < end for token in entry.tokens[name.end :])


def _is_added(name: Name, arguments: Sequence[Argument]) -> bool:
    """Whether a name only says more of one that the call has: "Springfield, Ohio", "Rio de Janeiro"."""
    tokens = name.entry.tokens
    if name.start:
        gap = name.entry.text[tokens[name.start - 1].end : tokens[name.start].start].strip()
        if gap == "," and is_used([stem(tokens[name.start - 1].low)], arguments):
            return True
    after = name.end
    while after < len(tokens) and tokens[after].low in _OF:
        after += 1
    return name.end < after < len(tokens) and is_used([stem(tokens[after].low)], arguments)


def stale_arguments(view: TurnView, index: int, name: Name) -> list[Argument]:
    """The text arguments of a call that were last said before a name and are written like it."""
    found = []
    for argument in view.calls[index]:
        if argument.shape is not Shape.TEXT or "_" in argument.value or argument.is_code:
            continue  # "one_way" is a constant of the tool's: no word of the caller's stands in its place
        place = view.newest_place(argument)
        if place is not None and place.entry.position < name.entry.position and _is_alike(place, name, argument):
            found.append(argument)
    return found


def _is_alike(place: Place, name: Name, argument: Argument) -> bool:
    """Whether a name is written like a value: a name for a name, a word for a word, as far as the turns tell."""
    if place.start >= len(place.entry.tokens):
        return True
    own, its = place.entry.tokens[place.start], name.entry.tokens[name.start]
    if own.is_capitalised is its.is_capitalised or own.raw.isupper():
        return True
    if its.is_capitalised:
        return place.entry.text.islower()
    return argument.is_label or (" " in argument.value and argument.value[1:].islower())


def fit(view: TurnView, argument: Argument, name: Name) -> int:
    """What speaks for a name where a value stood: the word before, the word after, the last word, an ending."""
    places = view.places(argument)
    cue, noun = _cue(name.entry, name.start), _noun(name.entry, name.end)
    if cue == "to" and not name.entry.tokens[name.start].is_capitalised:
        cue = ""  # a verb follows
    cues = {_cue(place.entry, place.start) for place in places}
    score = 2 * (cue != "" and cue in cues) + (cue in _PLACE and not _PLACE.isdisjoint(cues))
    score += 2 * (noun != "" and noun in {_noun(place.entry, place.end) for place in places})
    score += 2 * (len(argument.content) > 1 and argument.content[-1] in (noun, name.words[-1]))
    score += 3 * _ends_alike(argument.content, name.words)
    near = {stem(token.low) for token in name.entry.tokens[max(0, name.start - _NEAR) : name.end + 2]}
    return score + 2 * (not near.isdisjoint(argument.words))


def _ends_alike(left: Sequence[str], right: Sequence[str]) -> bool:
    if not left or not right or min(len(left[-1]), len(right[-1])) < _LONG:
        return False
    return left[-1][-_TAIL:] == right[-1][-_TAIL:]


def _cue(entry: Entry, start: int) -> str:
    """The word before a token, articles aside; "" where it says nothing."""
    for at in range(min(start, len(entry.tokens)) - 1, -1, -1):
        low = entry.tokens[at].low
        if low not in _DETERMINERS:
            return "" if low in _NO_CUE else low
    return ""


def _noun(entry: Entry, end: int) -> str:
    """The stem of the word right after a token; "" where it names nothing."""
    if not 0 < end < len(entry.tokens) or entry.text[entry.tokens[end - 1].end : entry.tokens[end].start] != " ":
        return ""
    word = stem(entry.tokens[end].low)
    return "" if len(word) < 3 or word in PLAIN_WORDS else word
