"""Text as the checks see it: tokens, stems and one searchable line per text.

A *line* is the stems of a text joined by single spaces with a space at both ends, so that "is this phrase in there,
on word boundaries, whatever the plural" is one substring search.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

# Plain words stand first because nearly every token is one. Then order matters: ISO dates and slashed dates stay whole,
# numbers keep inner separators, words keep inner apostrophes.
_TOKEN = re.compile(
    r"[A-Za-z]{2,}(?![^\W\d_]|['’])|"
    r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}/\d{1,2}(?:/\d{2,4})?|\d+(?:[.,:]\d+)*|"
    r"[A-Za-z](?:\.[A-Za-z])+\b\.?|[^\W\d_\u0900-\u097f]+(?:['’][^\W\d_]+)*|[\u0900-\u0963\u0971-\u097f]+|[$€£¥₹%#&+]"
)
_SENTENCE_BREAK = re.compile(r"[.!?;।]\s|[.!?;।]$|\n")

Fold: TypeAlias = Callable[[str], str]

STOP_WORDS = frozenset(
    (
        "a an the of at in on for to and or with by from is are be it its this that i you we my your our "
        "me us as do does did was were will would can could please"
    ).split()
)


class Token(NamedTuple):
    """One token; ``low`` is its lower-case form without possessive. A tuple, because a call makes thousands."""

    raw: str
    low: str
    start: int
    end: int

    @property
    def is_capitalised(self) -> bool:
        return self.raw[0].isupper()


_new = tuple.__new__  # half the cost of Token(...), which is Python code

_IRREGULAR = {
    "people": "person",
    "children": "child",
    "men": "man",
    "women": "woman",
    "feet": "foot",
    "kids": "child",
    "kid": "child",
}


@lru_cache(maxsize=65536)
def stem(low: str) -> str:
    """Return the word without plural endings: ``pizzas`` -> ``pizza``, ``berries`` -> ``berry``."""
    if low in _IRREGULAR:
        return _IRREGULAR[low]
    if len(low) < 4 or not low.endswith("s") or low.endswith(("ss", "us", "is")):
        return low
    if low.endswith("ies") and len(low) > 4:
        return low[:-3] + "y"
    if low.endswith(("ches", "shes", "xes", "sses", "oes", "zes")):
        return low[:-2]
    return low[:-1]


@lru_cache(maxsize=65536)
def _low(raw: str) -> str:
    low = raw.lower().replace("’", "'")
    if "." in low and low[0].isalpha():
        return low.replace(".", "")  # "L.A.", "p.m."
    return low[:-2] if low.endswith("'s") and len(low) > 3 and low not in _CONTRACTIONS else low


_CONTRACTIONS = frozenset({"it's", "that's", "let's", "he's", "she's", "what's", "there's", "here's", "who's", "how's"})


def tokenize(text: str) -> list[Token]:
    """Return the tokens of a text in order."""
    tokens, end = [], 0
    for raw in _TOKEN.findall(text):
        # Every character that may begin a token does: the next place of these letters is the token's own.
        start = text.index(raw, end)
        end = start + len(raw)
        tokens.append(_new(Token, (raw, _low(raw), start, end)))
    return tokens


def line_of(tokens: Sequence[Token]) -> str:
    return f" {' '.join([stem(token.low) for token in tokens])} "


@lru_cache(maxsize=16384)
def phrase_line(text: str, fold: Fold | None = None) -> str:
    """The line of a short text such as an argument value. Cached: the same values come again and again.

    ``fold``: the bare form of a word in the language of the call, where that is not English.
    """
    if fold is None:
        return line_of(tokenize(text))
    return f" {' '.join([stem(fold(token.low)) for token in tokenize(text)])} "


@lru_cache(maxsize=16384)
def content_stems(text: str, fold: Fold | None = None) -> tuple[str, ...]:
    """Stems of the words that carry meaning, in order; all of them when every word is a stop word."""
    stems = tuple(phrase_line(text, fold).split())
    return tuple(word for word in stems if word not in STOP_WORDS) or stems


def sentence_at(text: str, position: int) -> tuple[int, int]:
    """Return the bounds of the sentence around a position."""
    start = 0
    for found in _SENTENCE_BREAK.finditer(text):
        if found.end() > position:
            return start, found.end()
        start = found.end()
    return start, len(text)


def is_near_spelling(left: str, right: str) -> bool:
    """Whether two words differ by one letter (missing, added, other or swapped); short words must be equal."""
    if left == right:
        return True
    if min(len(left), len(right)) < 5 or abs(len(left) - len(right)) > 1 or left[0] != right[0]:
        return False
    head = 0
    while head < min(len(left), len(right)) and left[head] == right[head]:
        head += 1
    rest_left, rest_right = left[head:], right[head:]
    if rest_left[1:] == rest_right or rest_left == rest_right[1:] or rest_left[1:] == rest_right[1:]:
        return True
    swapped = rest_left[1:2] + rest_left[:1] + rest_left[2:]
    return len(rest_left) > 1 and swapped == rest_right
