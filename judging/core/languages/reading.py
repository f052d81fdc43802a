"""Dates, times, amounts and numbers in the words of a language, from its tables.

A text is first put into one line in which every number is written in digits, however it was said; the language's rules
for dates and times are small patterns over that line. Names of groups say what a rule found:

- dates: ``d`` day, ``mo`` month, ``y`` year, ``wd`` weekday, ``rel`` a word such as "tomorrow", ``n`` with ``unit``
  ("in 3 days"), ``week`` next week;
- times: ``h`` hour, ``min`` minutes after it, ``less`` minutes before it, ``half`` and ``quarter`` past,
  ``lessquarter`` a quarter before, ``halfto`` half an hour before; ``part`` the part of the day;
  ``named`` noon or midnight.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from judging.core.calendar import ANY_DATE, DatePattern
from judging.core.languages.values import digit_date, digits_value, exact, in_ascii, shift_of, times_of
from judging.core.mentions import Kind, Mention
from judging.core.text import STOP_WORDS, Token, stem

_SIGNS = frozenset("$€£¥₹")
_UNIT_ENDS = STOP_WORDS | frozenset("only just now then but if so thanks sorry rather instead no not".split())
_UNIT_WORDS = 3
_DOZEN = 12
_BLANK = 2  # a gap of as many characters holds the end of a clause


@dataclass(frozen=True, slots=True)
class Tables:
    """The words of a language's values.

    ``numerals`` are phrases for numbers with what they mean; ``one`` are those of them that are articles, too; ``only``
    words before which an article is a number. ``joins`` may stand inside a long number. ``coins`` are hundredths.
    ``relative`` are days from today; ``parts`` are parts of the day with "am", "pm" or "night". ``has_comma``: the
    comma is the decimal sign.
    """

    numerals: Mapping[str, float]
    scales: Mapping[str, int]
    one: frozenset[str]
    only: frozenset[str]
    vague: Mapping[str, int]
    joins: frozenset[str]
    ordinals: Mapping[str, int]
    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    relative: Mapping[str, tuple[int, ...]]
    units: Mapping[str, int]
    parts: Mapping[str, str]
    named_times: Mapping[str, int]
    currencies: frozenset[str]
    coins: frozenset[str]
    date_rules: tuple[re.Pattern[str], ...]
    time_rules: tuple[re.Pattern[str], ...]
    has_comma: bool = True
    compound: str = ""  # "tausend": written in one word with what it multiplies
    is_number: Callable[[Sequence[str], int], bool] = field(default=lambda lows, at: True)


class Item(NamedTuple):
    """One word or number of the line, from token ``start`` up to ``end``. ``number`` is None for a word."""

    text: str
    start: int
    end: int
    number: float | None = None
    is_article: bool = False


class Reader:
    """Reads the typed values of a text. One per language; keeps no state between texts."""

    def __init__(self, tables: Tables, fold: Callable[[str], str]) -> None:
        self._tables, self._fold = tables, fold
        self._numerals = {tuple(phrase.split()): value for phrase, value in tables.numerals.items()}
        self._longest = max(map(len, self._numerals))
        first = {words[0] for words in self._numerals}
        named = {word for table in (tables.relative, tables.named_times) for phrase in table for word in phrase.split()}
        words = {*tables.vague, *tables.scales, *tables.ordinals, *tables.months, *tables.weekdays, *tables.units}
        self._triggers = frozenset(first | named | words | _SIGNS)

    def __call__(self, tokens: Sequence[Token], today: date | None) -> tuple[Mention, ...]:
        """Return the typed values of a text in order."""
        lows = [token.low for token in tokens]
        compound = self._tables.compound
        is_plain = self._triggers.isdisjoint(lows) and not any(token.raw[0].isdecimal() for token in tokens)
        if not lows or (is_plain and not (compound and any(compound in low for low in lows))):
            return ()
        items = self._items(tokens, lows)
        line, starts = _line(items)
        found = [*self._amounts(items, tokens)]
        taken = [(mention.start, mention.end) for mention in found]
        for read in (self._times, self._dates):
            for mention in read(items, line, starts, today):
                if all(mention.end <= start or end <= mention.start for start, end in taken):
                    found.append(mention)
                    taken.append((mention.start, mention.end))
        found.extend(self._numbers(items, tokens, taken))
        return tuple(sorted(found, key=lambda mention: mention.start))

    # --- the line ----------------------------------------------------------------------------------------------------

    def _items(self, tokens: Sequence[Token], lows: Sequence[str]) -> list[Item]:
        items: list[Item] = []
        at = 0
        while at < len(tokens):
            item = self._item(tokens, lows, at)
            items.append(item)
            at = item.end
        return self._scaled(items)

    def _item(self, tokens: Sequence[Token], lows: Sequence[str], at: int) -> Item:
        raw, low = tokens[at].raw, lows[at]
        if raw[0].isdecimal():
            return Item(in_ascii(raw), at, at + 1, digits_value(in_ascii(raw), has_comma=self._tables.has_comma))
        for size in range(min(self._longest, len(lows) - at), 0, -1):
            value = self._numerals.get(tuple(lows[at : at + size]))
            if value is not None and (size > 1 or self._tables.is_number(lows, at)):
                return Item(f"{value:g}", at, at + size, value, low in self._tables.one and size == 1)
        if low in self._tables.ordinals:
            return Item(f"{self._tables.ordinals[low]}º", at, at + 1)
        whole = self._in_one_word(low)
        return Item(low if whole is None else f"{whole:g}", at, at + 1, whole)

    def _in_one_word(self, low: str) -> float | None:
        """ "zweitausenddreihundert" -> 2300."""
        compound = self._tables.compound
        if not compound or compound not in low:
            return None
        left, _, right = low.partition(compound)
        head = self._numerals.get((left,)) if left else 1.0
        tail = self._numerals.get((right.removeprefix("und"),)) if right else 0.0
        return None if head is None or tail is None else head * self._tables.scales[compound] + tail

    def _scaled(self, items: list[Item]) -> list[Item]:
        """Join numbers with the words that multiply them: 2, "mil", 300 -> 2300."""
        if not any(item.text in self._tables.scales for item in items):
            return items
        joined: list[Item] = []
        at = 0
        while at < len(items):
            end, value = self._long_number(items, at)
            joined.append(
                items[at] if value is None else Item(f"{value:.10g}", items[at].start, items[end - 1].end, value)
            )
            at = end
        return joined

    def _long_number(self, items: Sequence[Item], at: int) -> tuple[int, float | None]:
        scales, total, group, end, has_scale, may_add = self._tables.scales, 0.0, 0.0, at, False, True
        while end < len(items):
            item = items[end]
            scale = scales.get(item.text)
            if item.number is not None and may_add:
                group, may_add = group + item.number, False
            elif scale == 100 and (group < 100):
                group, has_scale, may_add = max(group, 1.0) * 100, True, True
            elif scale and scale > 100 and (has_scale or group or end == at):
                total, group, has_scale, may_add = total + max(group, 1.0) * scale, 0.0, True, True
            elif not (has_scale and may_add and item.text in self._tables.joins and self._goes_on(items, end)):
                break
            end += 1
        return (end, total + group) if has_scale else (at + 1, None)

    def _goes_on(self, items: Sequence[Item], at: int) -> bool:
        return at + 1 < len(items) and items[at + 1].number is not None

    # --- amounts and numbers -----------------------------------------------------------------------------------------

    def _amounts(self, items: Sequence[Item], tokens: Sequence[Token]) -> Iterator[Mention]:
        for at, item in enumerate(items):
            if item.number is None:
                continue
            following = items[at + 1].text if at + 1 < len(items) else ""
            if at and items[at - 1].text in _SIGNS:
                yield Mention(Kind.MONEY, items[at - 1].start, item.end, number=item.number)
            elif following in self._tables.currencies or following in _SIGNS:
                coins, end = self._coins(items, at + 2)
                yield Mention(Kind.MONEY, item.start, items[end - 1].end, number=item.number + coins)
            elif following in self._tables.coins and not self._is_after_currency(items, at):
                yield Mention(Kind.MONEY, item.start, items[at + 1].end, number=item.number / 100)

    def _coins(self, items: Sequence[Item], at: int) -> tuple[float, int]:
        """ "et 50 centimes" after an amount; 0 when there are none."""
        start = at + (at < len(items) and items[at].text in (self._tables.joins | {"con", "et", "e", "und", "aur"}))
        number = items[start].number if start < len(items) else None
        if number is None or not 0 < number < 100 or number != int(number):
            return 0.0, at
        has_word = start + 1 < len(items) and items[start + 1].text in self._tables.coins
        is_last = start + 1 == len(items)
        return (number / 100, start + 1 + has_word) if has_word or is_last else (0.0, at)

    def _is_after_currency(self, items: Sequence[Item], at: int) -> bool:
        return any(item.text in self._tables.currencies for item in items[max(0, at - 2) : at])

    def _numbers(
        self, items: Sequence[Item], tokens: Sequence[Token], taken: Sequence[tuple[int, int]]
    ) -> Iterator[Mention]:
        for at, item in enumerate(items):
            if any(start <= item.start < end for start, end in taken):
                continue
            counted = self._counted(items, at)
            if counted is not None:
                number, end, is_sure = counted
                is_weak = not is_sure and (item.number is None or self._is_weak(items, tokens, at))
                units = self._units(tokens, end)
                yield Mention(Kind.NUMBER, item.start, end, number=number, is_weak=is_weak, units=units)

    def _counted(self, items: Sequence[Item], at: int) -> tuple[float, int, bool] | None:
        """A number, the token after it, and whether it is one without doubt ("two dozen", not "a couple")."""
        item = items[at]
        following = items[at + 1] if at + 1 < len(items) else None
        vague = self._tables.vague
        if item.number is not None:
            many = vague.get(following.text) if following is not None else None
            if many is None or following is None:
                return item.number, item.end, False
            return (item.number * many, following.end, True) if many == _DOZEN else None
        many = vague.get(item.text)
        if many is None or (many == _DOZEN and at and items[at - 1].number is not None):
            return None
        return float(many), item.end, many == _DOZEN

    def _is_weak(self, items: Sequence[Item], tokens: Sequence[Token], at: int) -> bool:
        item = items[at]
        start, end = item.start, item.end
        is_glued_before = (
            start > 0 and tokens[start - 1].end == tokens[start].start and tokens[start - 1].raw[-1].isalpha()
        )
        is_glued_after = end < len(tokens) and tokens[end].start == tokens[end - 1].end and tokens[end].raw[0].isalpha()
        if is_glued_before or is_glued_after or _is_in_run(items, at):
            return True
        if not item.is_article:
            return False
        # "eine Pizza" is a pizza; "nur eine" and "nein, eine" are numbers.
        before = items[at - 1].text if at else ""
        is_last = end >= len(tokens) or tokens[end].start - tokens[end - 1].end >= _BLANK
        return not (before in self._tables.only or is_last)

    def _units(self, tokens: Sequence[Token], end: int) -> frozenset[str]:
        found = []
        for at, token in enumerate(tokens[end : end + _UNIT_WORDS], end):
            low = self._fold(token.low)
            is_apart = token.start - tokens[at - 1].end >= _BLANK
            if is_apart or not token.raw[0].isalpha() or low in _UNIT_ENDS or token.low in self._tables.only:
                break
            found.append(stem(low))
        return frozenset(found)

    # --- dates and times ---------------------------------------------------------------------------------------------

    def _times(self, items: Sequence[Item], line: str, starts: Sequence[int], today: date | None) -> Iterator[Mention]:
        for rule in self._tables.time_rules:
            for found in rule.finditer(line):
                minutes = self._minutes(found.groupdict())
                if minutes:
                    start, end = _span(items, starts, found)
                    yield Mention(Kind.TIME, start, end, times=minutes)

    def _minutes(self, said: Mapping[str, str | None]) -> frozenset[int]:
        named = said.get("named")
        if named is not None:
            return (
                frozenset({0, 1440})
                if self._tables.named_times[named] == 0
                else frozenset({self._tables.named_times[named]})
            )
        hour, shift = float(said["h"] or 0), shift_of(said)
        if not 0 <= hour <= 24 or shift is None:
            return frozenset()
        half = self._part(said.get("part") or said.get("part2") or "")
        return times_of(hour, shift, half)

    def _part(self, words: str) -> str:
        return next((half for word, half in self._tables.parts.items() if word in words), "")

    def _dates(self, items: Sequence[Item], line: str, starts: Sequence[int], today: date | None) -> Iterator[Mention]:
        for item in items:
            patterns = digit_date(item.text) if item.text[0].isdecimal() else None
            if patterns:
                yield Mention(Kind.DATE, item.start, item.end, dates=patterns)
        for rule in self._tables.date_rules:
            for found in rule.finditer(line):
                dates = self._days(found.groupdict(), today)
                if dates:
                    start, end = _span(items, starts, found)
                    yield Mention(Kind.DATE, start, end, dates=dates)

    def _days(self, said: Mapping[str, str | None], today: date | None) -> frozenset[DatePattern]:
        day, month, year = said.get("d"), said.get("mo"), said.get("y")
        if day or month:
            number = int(day) if day else 0
            is_day = number <= 31 and (number > 0 or not day)
            pattern = (int(year) if year else 0, self._tables.months[month] if month else 0, number)
            return frozenset({pattern}) if is_day else frozenset()
        if today is None:
            return frozenset({ANY_DATE})
        return exact(self._relative(said, today))

    def _relative(self, said: Mapping[str, str | None], today: date) -> list[date]:
        if (rel := said.get("rel")) is not None:
            return [today + timedelta(days=days) for days in self._tables.relative[rel]]
        if (weekday := said.get("wd")) is not None:
            first = today + timedelta(days=(self._tables.weekdays[weekday] - today.weekday()) % 7)
            return [first, first + timedelta(days=7)]
        if said.get("week") is not None:
            monday = today + timedelta(days=7 - today.weekday())
            return [*(monday + timedelta(days=days) for days in range(-1, 7)), today + timedelta(days=7)]
        count = float(said.get("n") or 0)
        ahead = today + timedelta(days=int(count * self._tables.units[said.get("unit") or ""]))
        return [ahead]


def _line(items: Sequence[Item]) -> tuple[str, list[int]]:
    starts, at = [], 0
    for item in items:
        starts.append(at)
        at += len(item.text) + 1
    return " ".join([item.text for item in items]), starts


def _span(items: Sequence[Item], starts: Sequence[int], found: re.Match[str]) -> tuple[int, int]:
    """The tokens under a match, from the first of its groups to its end."""
    first = min(found.start(name) for name, value in found.groupdict().items() if value is not None)
    return items[bisect_right(starts, first) - 1].start, items[bisect_right(starts, found.end() - 1) - 1].end


def _is_in_run(items: Sequence[Item], at: int) -> bool:
    """Whether a number stands among three in a row: digits read out one by one, or groups of them."""
    near = [item.number is not None for item in items[max(0, at - 2) : at + 3]]
    here = at - max(0, at - 2)
    return any(
        all(near[start : start + 3]) and len(near[start : start + 3]) == 3
        for start in range(max(0, here - 2), here + 1)
    )
