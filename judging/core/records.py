"""Tool results and facts as rows of named values.

Two forms are read: JSON (an object, or a list of objects at any depth) and text of the form "name: value; name: value",
one row a text or a line. Whatever has another form has no rows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from judging.core.arguments import Argument, Shape, argument_of
from judging.core.types import Json

Row: TypeAlias = tuple[Argument, ...]


class Group(NamedTuple):
    """The values that the rows of one result have under one name. ``field`` is the first of them."""

    field: Argument
    numbers: frozenset[float]
    truths: frozenset[bool]


_MOST_ROWS = 60
_MOST_FIELDS = 240  # of all rows together: reading a result must not hold up the call
_LONGEST_TEXT = 16_384
_DEEPEST = 8
_TRUE = frozenset({"true", "yes"})
_HEADING = re.compile(
    r"\s*(?:\w+ ){0,2}(?:results?|records?|rows?|entry|entries|data|facts?)(?: \d+)?:\s+(?=[^:;]+:)", re.I
)
_FIELD = re.compile(r"\s*(?P<name>[A-Za-z][\w -]{0,38}?)\s*(?::\s|=)\s*(?P<value>.*\S)\s*", re.S)


def rows_of(text: str, result: Json = None) -> tuple[Row, ...]:
    """Return the rows of a result; ``result`` is its JSON where the caller has it."""
    if isinstance(result, (dict, list)):
        return tuple(_cut(_json_rows(result)))
    return _text_rows(text) if ":" in text and len(text) <= _LONGEST_TEXT else ()


def groups_of(fields: Iterable[Argument]) -> tuple[Group, ...]:
    """Group values by their names, in the order of the first of each."""
    named: dict[tuple[str, ...], list[Argument]] = {}
    for field in fields:
        named.setdefault(field.words, []).append(field)
    return tuple(
        Group(
            same[0],
            frozenset(field.number for field in same),
            frozenset(field.value.lower() in _TRUE for field in same if field.shape is Shape.FLAG),
        )
        for same in named.values()
    )


@lru_cache(maxsize=128)  # the results of the calls that go on just now
def _text_rows(text: str) -> tuple[Row, ...]:
    if text[:1] in "{[":
        try:
            return tuple(_cut(_json_rows(json.loads(text))))
        except ValueError:
            return ()
    return tuple(_cut(row for line in text.splitlines() if (row := _line_row(line))))


def _line_row(line: str) -> Row:
    heading = _HEADING.match(line)
    parts = line[heading.end() :].split("; ") if heading else line.split("; ")
    fields = [_FIELD.fullmatch(part) for part in parts]
    if len(parts) < 2 or not all(fields):
        return ()
    return tuple(argument_of(field["name"], field["value"]) for field in fields if field is not None)


def _json_rows(value: Json, depth: int = _DEEPEST) -> Iterator[Row]:
    """Every object as a row with the values of the objects in it; objects in lists are rows of their own."""
    if isinstance(value, list):
        if not depth:
            return
        for item in value:
            yield from _json_rows(item, depth - 1)
    elif isinstance(value, dict):
        fields: list[Argument] = []
        listed: list[Json] = []
        _collect(value, fields, listed, depth)
        if fields:
            yield tuple(fields)
        yield from _json_rows(listed, depth)


def _collect(value: dict[str, Json], fields: list[Argument], listed: list[Json], depth: int) -> None:
    for name, inner in value.items():
        if isinstance(inner, dict):
            if depth:
                _collect(inner, fields, listed, depth - 1)
        elif isinstance(inner, list):
            listed.extend(item for item in inner if isinstance(item, (dict, list)))
            fields.extend(argument_of(name, item) for item in inner if not isinstance(item, (dict, list)))
        else:
            fields.append(argument_of(name, inner))


def _cut(rows: Iterator[Row]) -> Iterator[Row]:
    left = _MOST_FIELDS
    for at, row in enumerate(rows):
        if at == _MOST_ROWS or left <= 0:
            return
        yield row[:left]
        left -= len(row)
