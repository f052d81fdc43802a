"""Dates as people say them, resolved against the moment of the call.

A *date pattern* is ``(year, month, day)`` with 0 for "any": "the 12th" is ``(0, 0, 12)``. A spoken date may have
several patterns, because "next Friday" means this week's to one speaker and the week after to another; a value that
fits any of them is accepted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TypeAlias

from judging.core.numbers import ORDINALS, TENS, UNITS, read_number
from judging.core.text import Token

DatePattern: TypeAlias = tuple[int, int, int]
Reading: TypeAlias = tuple[frozenset[DatePattern], int]
ANY_DATE: DatePattern = (0, 0, 0)

_MONTHS = "january february march april may june july august september october november december".split()
MONTHS = {name: number for number, name in enumerate(_MONTHS, 1)}
MONTHS |= {name[:3]: number for name, number in MONTHS.items() if name != "may"} | {"sept": 9}
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
WEEKDAYS = {name: number for number, name in enumerate(_WEEKDAYS)}
WEEKDAYS |= {"mon": 0, "tue": 1, "tues": 1, "wed": 2, "thu": 3, "thurs": 3, "fri": 4}
RELATIVE_DAYS = {"today": 0, "tonight": 0, "tomorrow": 1, "tmrw": 1, "yesterday": -1}
ORDINAL_SUFFIXES = frozenset({"st", "nd", "rd", "th"})
DATE_WORDS = (
    frozenset(MONTHS)
    | frozenset(WEEKDAYS)
    | frozenset(RELATIVE_DAYS)
    | {"weekend", "week", "weeks", "days", "year", "years"}
)
# Words after an ordinal that make it something other than a day of the month.
_NOT_A_DAY = frozenset(
    (
        "street st avenue ave floor class time row one option place road drive lane grade base half choice flight of"
    ).split()
)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})(?:/(\d{2,4}))?")


def fits(patterns: frozenset[DatePattern], day: date) -> bool:
    return any(
        year in (0, day.year) and month in (0, day.month) and number in (0, day.day) for year, month, number in patterns
    )


def parse_iso(text: str) -> date | None:
    """Read a whole value as a date (``2019-03-08`` or ``03/08/2019``), None when it is none."""
    text = text[:10] if len(text) > 10 and text[10] in "T " else text
    found = _ISO.fullmatch(text)
    parts = [int(part) for part in found.groups()] if found else []
    slashed = _SLASHED.fullmatch(text)
    if slashed and slashed[3]:
        parts = [_year(int(slashed[3])), int(slashed[1]), int(slashed[2])]
    try:
        return date(*parts) if parts else None
    except ValueError:
        return None


def _year(number: int) -> int:
    return number if number >= 100 else 2000 + number


def read_date(tokens: Sequence[Token], at: int, today: date | None) -> Reading | None:
    """Read the date that starts at a token, with the index after it. None when there is none.

    Without ``today`` a relative date fits any day.
    """
    low = tokens[at].low
    if tokens[at].raw[0].isdecimal():
        return _read_digits(tokens, at, today)
    if low in MONTHS:
        return _read_month_first(tokens, at)
    if low in ORDINALS or low in TENS:
        return _read_day_word(tokens, at)
    if low in RELATIVE_DAYS:
        return _read_relative(tokens, at, today)
    if low in WEEKDAYS:
        return _read_weekday(tokens, at, today)
    if low in ("weekend", "week", "weeks", "days", "year", "years"):
        return _read_span(tokens, at, today)
    return None


def _low(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].low if 0 <= at < len(tokens) else ""


def _pattern(*patterns: DatePattern) -> frozenset[DatePattern]:
    return frozenset(patterns)


def _exact(*days: date) -> frozenset[DatePattern]:
    return frozenset((day.year, day.month, day.day) for day in days)


def _read_digits(tokens: Sequence[Token], at: int, today: date | None) -> Reading | None:
    raw = tokens[at].raw
    slashed = _SLASHED.fullmatch(raw)
    day = None if slashed else parse_iso(raw)
    if day is not None:
        return _exact(day), at + 1
    if slashed:
        first, second, year = int(slashed[1]), int(slashed[2]), _year(int(slashed[3])) if slashed[3] else 0
        return _pattern((year, first, second), (year, second, first)), at + 1
    if not raw.isdecimal() or not 0 < int(raw) < 32:
        return None
    return _read_day_first(tokens, at, int(raw), today)


def _read_day_first(tokens: Sequence[Token], at: int, number: int, today: date | None) -> Reading | None:
    """ "5th of March", "5 March", "the 12th", "12th of this month"."""
    end = at + 1
    is_ordinal = _low(tokens, end) in ORDINAL_SUFFIXES and tokens[end].start == tokens[at].end
    end += is_ordinal
    after = end + (_low(tokens, end) == "of")
    if _low(tokens, after) in MONTHS:
        return _with_year(tokens, after + 1, MONTHS[_low(tokens, after)], number)
    if not is_ordinal:
        return None
    if after > end and _low(tokens, after) in ("this", "the", "next") and _low(tokens, after + 1) == "month":
        return _pattern((0, 0, number)), after + 2
    is_other = _low(tokens, end) in _NOT_A_DAY and tokens[end].start - tokens[end - 1].end < 2
    return None if is_other else (_pattern((0, 0, number)), end)


def _read_month_first(tokens: Sequence[Token], at: int) -> Reading | None:
    month, after = MONTHS[tokens[at].low], at + 1
    after += _low(tokens, after) == "the"
    number, end = _day_number(tokens, after)
    if number:
        return _with_year(tokens, end, month, number)
    year = _low(tokens, at + 1)
    if tokens[at].low == "may" or (tokens[at].low == "march" and not tokens[at].is_capitalised):
        return None
    return (_pattern((int(year), month, 0)), at + 2) if _is_year(year) else (_pattern((0, month, 0)), at + 1)


def _day_number(tokens: Sequence[Token], at: int) -> tuple[int, int]:
    """Return a day of the month and the index after it; 0 when there is none."""
    low = _low(tokens, at)
    if low.isdecimal() and 0 < int(low) < 32:
        end = at + 1
        return int(low), end + (_low(tokens, end) in ORDINAL_SUFFIXES)
    if low in TENS and TENS[low] <= 30 and _low(tokens, at + 1) in ORDINALS:
        return TENS[low] + ORDINALS[_low(tokens, at + 1)], at + 2
    if low in TENS and TENS[low] <= 30 and _low(tokens, at + 1) in UNITS:
        return TENS[low] + UNITS[_low(tokens, at + 1)], at + 2
    number = ORDINALS.get(low) or UNITS.get(low) or (TENS.get(low, 0) if TENS.get(low, 99) <= 30 else 0)
    return number, at + 1


def _read_day_word(tokens: Sequence[Token], at: int) -> Reading | None:
    """ "the twelfth of March", "on the fifth"."""
    number, end = _day_number(tokens, at)
    if not number or _low(tokens, end - 1) not in ORDINALS:
        return None
    after = end + (_low(tokens, end) == "of")
    if _low(tokens, after) in MONTHS:
        return _with_year(tokens, after + 1, MONTHS[_low(tokens, after)], number)
    is_day = _low(tokens, at - 1) == "the" and _low(tokens, at - 2) in (
        "on",
        "until",
        "till",
        "from",
        "to",
        "by",
        "for",
    )
    return (_pattern((0, 0, number)), end) if is_day and end >= len(tokens) else None


def _with_year(tokens: Sequence[Token], end: int, month: int, number: int) -> Reading:
    low = _low(tokens, end)
    return (_pattern((int(low), month, number)), end + 1) if _is_year(low) else (_pattern((0, month, number)), end)


def _is_year(low: str) -> bool:
    return len(low) == 4 and low.isdecimal() and 1900 <= int(low) < 2100


def _read_relative(tokens: Sequence[Token], at: int, today: date | None) -> Reading:
    if today is None:
        return _pattern(ANY_DATE), at + 1
    days = RELATIVE_DAYS[tokens[at].low]
    if days == 1 and _low(tokens, at - 1) == "after":
        days = 2
    return _exact(today + timedelta(days=days)), at + 1


def _read_weekday(tokens: Sequence[Token], at: int, today: date | None) -> Reading:
    """ "Friday", "next Friday", "Friday next week": each may mean this week's or the one after."""
    end, has_next = at + 1, _low(tokens, at - 1) in ("next", "following")
    if _low(tokens, end) in ("next", "this") and _low(tokens, end + 1) == "week":
        has_next, end = has_next or _low(tokens, end) == "next", end + 2
    if today is None:
        return _pattern(ANY_DATE), end
    ahead = (WEEKDAYS[tokens[at].low] - today.weekday()) % 7
    first = today + timedelta(days=ahead or (7 if has_next else 0))
    return _exact(first, first + timedelta(days=7)), end


def _read_span(tokens: Sequence[Token], at: int, today: date | None) -> Reading | None:
    """ "this weekend", "next week", "in 3 days", "a week from today", "two years ago"."""
    low, before = tokens[at].low, _low(tokens, at - 1)
    if low == "weekend":
        return _days_ahead(today, [5, 6], at + 1) if today else (_pattern(ANY_DATE), at + 1)
    if low.startswith("year"):
        return _read_year(tokens, at, today)
    count = read_number(tokens, at - 1) if at else None
    number = int(count[0]) if count and count[1] == at else 1 if before in ("a", "one", "next") else 0
    is_ahead = before == "next" or _low(tokens, at + 1) == "from" or _low(tokens, at - 2) in ("in", "after")
    if not number or not is_ahead:
        return None
    if today is None:
        return _pattern(ANY_DATE), at + 1
    length = number * (7 if low.startswith("week") else 1)
    if before == "next" and low == "week":
        monday = today + timedelta(days=7 - today.weekday())
        return _exact(*(monday + timedelta(days=day) for day in range(-1, 7)), today + timedelta(days=7)), at + 1
    return _exact(today + timedelta(days=length)), at + 1


def _days_ahead(today: date, weekdays: list[int], end: int) -> Reading:
    days = [today + timedelta(days=(weekday - today.weekday()) % 7) for weekday in weekdays]
    return _exact(*days, *(day + timedelta(days=7) for day in days)), end


def _read_year(tokens: Sequence[Token], at: int, today: date | None) -> Reading | None:
    if today is None:
        return None
    count = read_number(tokens, at - 1) if at else None
    if _low(tokens, at + 1) in ("ago", "back"):
        years = int(count[0]) if count and count[1] == at else 1
        return _pattern((today.year - years, 0, 0)), at + 2
    shift = {"last": -1, "this": 0, "next": 1}.get(_low(tokens, at - 1))
    return None if shift is None else (_pattern((today.year + shift, 0, 0)), at + 1)
