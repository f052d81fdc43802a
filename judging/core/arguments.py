"""The arguments of a tool call, flattened and typed."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from judging.core.calendar import parse_iso
from judging.core.clocktime import parse_clock
from judging.core.numbers import finite
from judging.core.text import Fold, content_stems, phrase_line, stem
from judging.core.types import Json, ToolCall


class Shape(StrEnum):
    DATE = "date"
    TIME = "time"
    NUMBER = "number"
    FLAG = "flag"
    TEXT = "text"
    SENTENCE = "sentence"  # free text written by the agent
    EMPTY = "empty"


class Argument(NamedTuple):
    """One leaf of a call's arguments.

    ``path`` is dotted (``items.0.size``), ``name`` its last named part, ``words`` the stems of that name.
    ``is_excluded`` marks a leaf under a name that says "leave out". ``fold`` spells words as the call's ledger does.
    """

    path: str
    name: str
    value: str
    shape: Shape
    words: tuple[str, ...]
    is_listed: bool = False
    is_excluded: bool = False
    day: date | None = None
    minutes: int = 0
    number: float = 0.0
    fold: Fold | None = None

    @property
    def is_label(self) -> bool:
        """Whether the argument sorts a thing into a class, which need not be said ("two cokes": kind drink)."""
        return not _LABELS.isdisjoint(self.words)

    @property
    def is_code(self) -> bool:
        """Whether the value names a thing by letters and digits, as an order or an account is named."""
        return not _CODES.isdisjoint(self.words) or (
            any(char.isdecimal() for char in self.value) and any(char.isalpha() for char in self.value)
        )

    @property
    def is_element(self) -> bool:
        """Whether the leaf itself stands in a list, not only what it is a part of."""
        return self.path.rpartition(".")[2].isdecimal()

    @property
    def is_money(self) -> bool:
        """Whether the name says that the value is an amount of money; a "total of" may count anything."""
        return not _MONEY.isdisjoint(self.words) or self.words[-1:] in (("total",), ("sum",))

    @property
    def line(self) -> str:
        return phrase_line(self.value, self.fold)

    @property
    def content(self) -> tuple[str, ...]:
        return content_stems(self.value, self.fold)


_NAME_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_EXCLUDING = frozenset(
    "without exclude excluded excluding excludes remove removed no hold omit avoid except minus".split()
)
_LABELS = frozenset(
    "kind type category subcategory class style genre mode status intent unit currency language".split()
)
CURRENCIES = {
    "usd": "dollars",
    "dollar": "dollars",
    "eur": "euros",
    "euro": "euros",
    "gbp": "pounds",
    "inr": "rupees",
    "rupee": "rupees",
    "cent": "cents",
}
MONEY_WORDS = frozenset(
    "amount price total fee cost fare sum balance payment charge rent salary income deposit tip".split()
)
_MONEY = (MONEY_WORDS | frozenset(CURRENCIES)) - {"total", "sum"}
_CODES = frozenset("id ids code reference username login email account uuid key".split())
_PLAIN_TYPES = (str, int, float)
_FLAGS = frozenset({"true", "false", "yes", "no"})
_EMPTY = frozenset({"", "none", "null", "any", "dontcare", "n/a", "unknown"})
_NUMERIC = re.compile(r"[-+]?[$€£]?\d[\d,]*(?:\.\d+)?")
_SENTENCE_WORDS = 6
_LONGEST_NAME = 80
_LARGEST = 10**300  # a larger whole number is no quantity, and no float
_SIGNS = frozenset("+-$€£")


def arguments_of(call: ToolCall, fold: Fold | None = None) -> tuple[Argument, ...]:
    """The leaves of a call's arguments in order; ``fold`` where the call is not in English."""
    leaves: list[Argument] = []
    _collect(leaves, call.arguments, "", "")
    return tuple(leaves if fold is None else (leaf._replace(fold=fold) for leaf in leaves))


def argument_of(name: str, value: Json) -> Argument:
    """Type one named value, such as a field of a tool's result."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < _LARGEST:
        # Most of a result, and no date or time.
        return Argument(name, name, str(value), Shape.NUMBER, name_words(name), number=float(value))
    return _leaf(value, name, name, is_listed=False, is_excluded=False)


@lru_cache(maxsize=4096)
def name_words(name: str) -> tuple[str, ...]:
    """``number_of_rooms`` and ``numberOfRooms`` -> ``("number", "of", "room")``."""
    return tuple(stem(part.lower()) for part in _NAME_PART.findall(name))


def _collect(
    found: list[Argument], value: Json, path: str, name: str, *, is_listed: bool = False, is_excluded: bool = False
) -> None:
    if isinstance(value, _PLAIN_TYPES):  # nearly every value, and asking it for items would be slow
        found.append(_leaf(value, path, name, is_listed=is_listed, is_excluded=is_excluded))
    elif isinstance(value, dict) or hasattr(value, "items"):
        for key, inner in value.items():
            own = str(key)
            is_out = is_excluded or not _EXCLUDING.isdisjoint(name_words(own))
            place = f"{path}.{own}" if path else own
            _collect(found, inner, place, own, is_listed=is_listed, is_excluded=is_out)
    elif isinstance(value, (list, tuple)):
        for at, inner in enumerate(value):
            _collect(found, inner, f"{path}.{at}", name, is_listed=True, is_excluded=is_excluded)
    else:
        found.append(_leaf(value, path, name, is_listed=is_listed, is_excluded=is_excluded))


def _leaf(value: Json, path: str, name: str, *, is_listed: bool, is_excluded: bool) -> Argument:
    text = "" if value is None else str(value).strip()
    words = name_words(name)
    low = text.lower()
    first = text[:1]
    is_figure = first.isdecimal() or first in _SIGNS  # so begin dates, times and numbers
    day, minutes = (parse_iso(text), parse_clock(text)) if is_figure else (None, None)
    number = _number(value, text) if is_figure else None
    shape = Shape.TEXT
    if low in _EMPTY:
        shape = Shape.EMPTY
    elif isinstance(value, bool) or low in _FLAGS:
        shape = Shape.FLAG
    elif day is not None:
        shape = Shape.DATE
    elif minutes is not None:
        shape = Shape.TIME
    elif number is not None:
        shape = Shape.NUMBER
    elif text.count(" ") >= _SENTENCE_WORDS and not _is_title(text):
        shape = Shape.SENTENCE
    return Argument(path, name, text, shape, words, is_listed, is_excluded, day, minutes or 0, number or 0.0)


def _is_title(text: str) -> bool:
    """Whether a text of many words is written like the name of one thing, short words aside."""
    words = [word for word in text.split() if len(word) > 3]
    return len(words) > 2 and len(text) < _LONGEST_NAME and all(not word[0].islower() for word in words)


def _number(value: Json, text: str) -> float | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return finite(float(value)) if isinstance(value, float) or abs(value) < _LARGEST else None
    if not _NUMERIC.fullmatch(text):
        return None
    digits = text.lstrip("$€£").replace(",", "")
    # A leading zero or a long run of digits is an id, not a quantity.
    return (
        None
        if len(digits.split(".")[0]) > 7 or (len(digits) > 1 and digits[0] == "0" and digits[1] != ".")
        else float(digits)
    )
