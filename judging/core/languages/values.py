"""Times, dates and numbers from what a language's rules found."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from judging.core.calendar import DatePattern, parse_iso
from judging.core.numbers import finite

_SLASHED = re.compile(r"(\d{1,2})([./])(\d{1,2})(?:\2(\d{4}|\d{2}))?")
_CLOCK = re.compile(r"\d{1,2}:\d{2}")


def shift_of(said: Mapping[str, str | None]) -> int | None:
    """Minutes from the hour on; None for more than an hour."""
    minutes = int(said.get("min") or 0)
    less = int(said.get("less") or 0)
    if minutes > 59 or less > 59:
        return None
    shift = minutes - less
    for name, value in (("half", 30), ("quarter", 15), ("lessquarter", -15), ("halfto", -30)):
        shift += value if said.get(name) else 0
    return shift


def times_of(hour: float, shift: int, half: str) -> frozenset[int]:
    """The minutes from midnight that a clock time may mean."""
    minutes = int(hour * 60)
    if hour > 12 or (hour == 0 and not half):
        return frozenset({(minutes + shift) % 1440})
    morning = minutes % 720
    if half == "night":
        half = "am" if hour < 6 or hour == 12 else "pm"
    bases = {"am": (morning,), "pm": (morning + 720,)}.get(half, (morning, morning + 720))
    return frozenset((base + shift) % 1440 for base in bases)


def exact(days: Sequence[date]) -> frozenset[DatePattern]:
    return frozenset((day.year, day.month, day.day) for day in days)


def digit_date(text: str) -> frozenset[DatePattern] | None:
    """A date in digits: ``2024-03-05``, ``05.03.2024``, ``5/3``. Which of two comes first may be either with a "
    "slash."""
    found = _SLASHED.fullmatch(text)
    if found is None:
        day = parse_iso(text) if "-" in text else None
        return None if day is None else exact([day])
    if found[2] == "." and not found[4]:
        return None  # "5.30": a time or a number
    first, second = int(found[1]), int(found[3])
    year = (int(found[4]) + (2000 if len(found[4]) == 2 else 0)) if found[4] else 0
    both = {(year, second, first), *([(year, first, second)] if found[2] == "/" else [])}
    patterns = frozenset((y, month, day) for y, month, day in both if 1 <= month <= 12 and 1 <= day <= 31)
    return patterns or None


def digits_value(raw: str, *, has_comma: bool) -> float | None:
    """The value of a token of digits; None for times, dates and lists."""
    if _CLOCK.fullmatch(raw) or "/" in raw or "-" in raw or ":" in raw:
        return None
    thousands, decimal = (".", ",") if has_comma else (",", ".")
    whole, _, rest = raw.partition(decimal)
    groups = whole.split(thousands)
    if has_comma and len(groups) == 2 and len(groups[1]) != 3 and not rest:
        return _float(raw)  # "12.50" where a comma would be expected
    is_grouped = all(len(group) in ((3,) if has_comma else (2, 3)) for group in groups[1:])
    return _float(f"{''.join(groups)}.{rest or 0}") if is_grouped else None


def _float(text: str) -> float | None:
    try:
        return finite(float(text))
    except ValueError:
        return None


def in_ascii(raw: str) -> str:
    """Digits of any script as 0 to 9."""
    return raw if raw.isascii() else "".join(str(int(char)) if char.isdecimal() else char for char in raw)
