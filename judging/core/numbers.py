"""Numbers as people say them: digits, words, and the vague ones ("a couple")."""

from __future__ import annotations

import math
from collections.abc import Sequence

from judging.core.text import Token

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
)
UNITS: dict[str, int] = {word: value for value, word in enumerate(f"{_ONES} eighteen nineteen".split())}
TENS: dict[str, int] = {
    word: 10 * value for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
SCALES: dict[str, int] = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
VAGUE: dict[str, int] = {"single": 1, "couple": 2, "both": 2, "pair": 2, "dozen": 12, "double": 2, "twin": 2, "once": 1}
NUMBER_WORDS = frozenset(UNITS) | frozenset(TENS) | frozenset(SCALES) | frozenset(VAGUE)

_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth"
ORDINALS: dict[str, int] = {
    word: value
    for value, word in enumerate(
        f"{_ORDINALS} fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(), 1
    )
} | {"thirtieth": 30}


def digits_value(raw: str) -> float | None:
    """Return the value of a token of digits: ``1,200.50`` -> 1200.5. None for times, dates and lists."""
    if ":" in raw or "/" in raw or "-" in raw:
        return None
    plain = raw.replace(",", "") if _has_thousands(raw) else raw.replace(",", ".")
    try:
        return finite(float(plain))
    except ValueError:
        return None


def finite(number: float) -> float | None:
    """The number, None for one that no arithmetic can use (400 digits, JSON's ``NaN`` and ``Infinity``)."""
    return number if math.isfinite(number) else None


def _has_thousands(raw: str) -> bool:
    groups = raw.split(".")[0].split(",")
    return len(groups) > 1 and all(len(group) == 3 for group in groups[1:])


def read_number(tokens: Sequence[Token], at: int) -> tuple[float, int] | None:
    """Read the longest number that starts at a token; return it with the index after it."""
    raw = tokens[at].raw
    if raw[0].isdecimal():
        value = digits_value(raw)
        return None if value is None else _scaled(tokens, value, at + 1)
    return _read_words(tokens, at)


def _scaled(tokens: Sequence[Token], value: float, end: int) -> tuple[float, int]:
    if end < len(tokens) and tokens[end].low in SCALES and tokens[end].low != "hundred":
        return value * SCALES[tokens[end].low], end + 1
    return value, end


def _read_words(tokens: Sequence[Token], at: int) -> tuple[float, int] | None:
    total, group, end, last = 0, 0, at, ""
    while end < len(tokens):
        low = tokens[end].low
        if low in UNITS and last in ("", "tens", "scale", "and") and not (last == "tens" and not 0 < UNITS[low] < 10):
            group, last = group + UNITS[low], "units"
        elif low in TENS and last in ("", "scale", "and"):
            group, last = group + TENS[low], "tens"
        elif low == "hundred" and last in ("units", ""):
            group, last = max(group, 1) * 100, "scale"
        elif low in SCALES and low != "hundred" and last:
            total, group, last = total + group * SCALES[low], 0, "scale"
        elif low == "and" and last == "scale" and end + 1 < len(tokens) and _continues(tokens[end + 1].low):
            last = "and"
        else:
            break
        end += 1
    return (float(total + group), end) if last else None


def _continues(low: str) -> bool:
    return low in UNITS or low in TENS
