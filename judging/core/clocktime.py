"""Times of day as people say them. A time is minutes from midnight; "at 5" without more is both 5:00 and 17:00."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

from judging.core.numbers import TENS, UNITS
from judging.core.text import Token

Reading: TypeAlias = tuple[frozenset[int], int]

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?")
_NAMED = {"noon": 720, "midday": 720, "midnight": 0}
_PART_OF_DAY = {"morning": "am", "afternoon": "pm", "evening": "pm", "night": "pm", "tonight": "pm"}
TIME_WORDS = frozenset(_NAMED) | {"half", "quarter"}


def parse_clock(text: str) -> int | None:
    """Read a whole value as a time of day (``15:30``, ``15:30:00``), None when it is none."""
    found = _CLOCK.fullmatch(text)
    if not found or int(found[1]) > 24 or int(found[2]) > 59:
        return None
    return int(found[1]) * 60 + int(found[2])


def _low(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].low if 0 <= at < len(tokens) else ""


def read_time(tokens: Sequence[Token], at: int) -> Reading | None:
    """Read the time that starts at a token, with the index after it. None when there is none."""
    low = tokens[at].low
    if low in _NAMED:
        return frozenset({_NAMED[low], 1440} if low == "midnight" else {_NAMED[low]}), at + 1
    if low in ("half", "quarter"):
        return _read_fraction(tokens, at)
    if _low(tokens, at + 1) in ("past", "to") and (past := _read_minutes_past(tokens, at)) is not None:
        return past
    clock = _hour_and_minute(tokens, at)
    if clock is None:
        return None
    hour, minute, end, is_clock = clock
    after_oclock = _skip_oclock(tokens, end)
    half, end_half = _half_of_day(tokens, at, after_oclock)
    is_after_part = _follows_part(tokens, at) or (_low(tokens, at - 2) in _PART_OF_DAY and _low(tokens, at - 1) == "at")
    if not is_clock and end_half == end and not is_after_part:
        return None
    end = end_half
    return _minutes(hour, minute, half), end


def _follows_part(tokens: Sequence[Token], at: int) -> bool:
    """Whether an hour in digits stands right after a part of the day: "morning 8"; "morning, one bag" is no hour."""
    is_next = at > 0 and tokens[at].start - tokens[at - 1].end == 1
    return is_next and tokens[at].raw.isdecimal() and tokens[at - 1].low in _PART_OF_DAY


def _skip_oclock(tokens: Sequence[Token], at: int) -> int:
    """The index after "o'clock", which recognisers write in several ways."""
    if _low(tokens, at) in ("o'clock", "oclock"):
        return at + 1
    return at + 2 if _low(tokens, at) == "o" and _low(tokens, at + 1) == "clock" else at


def _hour_and_minute(tokens: Sequence[Token], at: int) -> tuple[int, int, int, bool] | None:
    raw, low = tokens[at].raw, tokens[at].low
    clock = parse_clock(raw)
    if clock is not None:
        return clock // 60, clock % 60, at + 1, True
    dotted = re.fullmatch(r"(\d{1,2})[.](\d{2})", raw)
    if dotted and int(dotted[1]) < 25 and int(dotted[2]) < 60 and _half_of_day(tokens, at, at + 1)[1] > at + 1:
        return int(dotted[1]), int(dotted[2]), at + 1, True
    hour = int(low) if low.isdecimal() and len(low) < 3 else UNITS.get(low, 0)
    if not 0 < hour < 25:
        return None
    minute, end = _spoken_minute(tokens, at + 1)
    return hour, minute, end, False


def _spoken_minute(tokens: Sequence[Token], at: int) -> tuple[int, int]:
    """ "thirty" of "six thirty"; 0 when there is none."""
    low = _low(tokens, at)
    if low in TENS and TENS[low] < 60:
        unit = UNITS.get(_low(tokens, at + 1), 0)
        return (TENS[low] + unit, at + 2) if 0 < unit < 10 else (TENS[low], at + 1)
    if low == "fifteen":
        return 15, at + 1
    if low.isdecimal() and len(low) == 2 and int(low) < 60 and _half_of_day(tokens, at, at + 1)[1] > at + 1:
        return int(low), at + 1
    return 0, at


def _half_of_day(tokens: Sequence[Token], at: int, end: int) -> tuple[str, int]:
    """Return ``am``, ``pm`` or "" for the time between two indexes, with the index after what says so."""
    low = _low(tokens, end)
    if low in ("am", "pm"):
        return low, end + 1
    if low in ("a", "p") and _low(tokens, end + 1) == "m":
        return f"{low}m", end + 2
    if low in ("in", "at") and _low(tokens, end + 1) in ("the", "night"):
        part = _low(tokens, end + 2) if _low(tokens, end + 1) == "the" else "night"
        if part in _PART_OF_DAY:
            return _PART_OF_DAY[part], end + 2 + (part != "night" or _low(tokens, end + 1) == "the")
    if low in ("tonight", "tomorrow", "this") and _PART_OF_DAY.get(_low(tokens, end + 1) or "", ""):
        return _PART_OF_DAY[_low(tokens, end + 1)], end
    if low in _PART_OF_DAY and low != "night":  # "1 night" is a length
        return _PART_OF_DAY[low], end + 1
    for back in (at - 1, at - 2, at - 3):
        if _low(tokens, back) in _PART_OF_DAY:
            return _PART_OF_DAY[_low(tokens, back)], end
    return "", end


def _minutes(hour: int, minute: int, half: str) -> frozenset[int]:
    if hour > 12 or (hour == 0 and not half):
        return frozenset({(hour * 60 + minute) % 1440, hour * 60 + minute})
    morning, evening = hour % 12 * 60 + minute, hour % 12 * 60 + 720 + minute
    if half == "am":
        return frozenset({morning})
    if half == "pm":
        # "12 at night" and "12 in the night" are midnight to most speakers.
        return frozenset({evening})
    return frozenset({morning, evening})


def _read_fraction(tokens: Sequence[Token], at: int) -> Reading | None:
    """ "half past three", "quarter to five in the afternoon"."""
    minute, word = (30 if tokens[at].low == "half" else 15), _low(tokens, at + 1)
    if word not in ("past", "after", "to", "till", "before", "of"):
        return None
    return _shifted(tokens, at + 2, minute if word in ("past", "after") else -minute)


def _read_minutes_past(tokens: Sequence[Token], at: int) -> Reading | None:
    low = tokens[at].low
    minute = int(low) if low.isdecimal() and len(low) < 3 else TENS.get(low, UNITS.get(low, 0))
    if not 0 < minute < 60 or _low(tokens, at + 1) not in ("past", "to"):
        return None
    return _shifted(tokens, at + 2, minute if _low(tokens, at + 1) == "past" else -minute)


def _shifted(tokens: Sequence[Token], at: int, minutes: int) -> Reading | None:
    low = _low(tokens, at)
    hour = int(low) if low.isdecimal() and len(low) < 3 else UNITS.get(low, 0)
    if not 0 < hour < 25:
        return None
    half, end = _half_of_day(tokens, at - 2, at + 1)
    return frozenset((base + minutes) % 1440 for base in _minutes(hour, 0, half)), end
