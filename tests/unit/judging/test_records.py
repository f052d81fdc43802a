"""Tool results read as rows of named values."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging.core.arguments import Shape
from judging.core.records import rows_of


def _plain(text: str) -> list[dict[str, str]]:
    return [{field.path: field.value for field in row} for row in rows_of(text)]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("flight: BX 201; seats left: 4", [{"flight": "BX 201", "seats left": "4"}]),
        ("Tool result: flight: BX 201; seats: 4", [{"flight": "BX 201", "seats": "4"}]),
        ("shelf: Dunes: the end; copies: 2", [{"shelf": "Dunes: the end", "copies": "2"}]),
        ("room: 1; price: 9\nroom: 2; price: 7", [{"room": "1", "price": "9"}, {"room": "2", "price": "7"}]),
        ('{"id": "A1", "price": 12.5}', [{"id": "A1", "price": "12.5"}]),
        ('{"total": 2, "rooms": [{"nr": 1}, {"nr": 2}]}', [{"total": "2"}, {"nr": "1"}, {"nr": "2"}]),
        ('{"guest": {"name": "Ann", "vip": true}}', [{"name": "Ann", "vip": "True"}]),
    ],
)
def test_rows_are_read(text, rows):
    assert _plain(text) == rows


def test_a_list_of_plain_values_gives_one_field_each():
    assert [(field.path, field.value) for field in rows_of('{"tags": ["new", "red"]}')[0]] == [
        ("tags", "new"),
        ("tags", "red"),
    ]


@pytest.mark.parametrize("text", ["", "True", "The room is free: take it.", "Note: nothing", '{"a": ', "a; b; c"])
def test_other_texts_have_no_rows(text):
    assert rows_of(text) == ()


def test_values_are_typed():
    (row,) = rows_of("wifi: False; day: 2024-03-08; time: 14:00; price: 120; city: Boston")
    assert [field.shape for field in row] == [Shape.FLAG, Shape.DATE, Shape.TIME, Shape.NUMBER, Shape.TEXT]


def test_a_huge_result_is_cut():
    rows = rows_of("", [{"a": at, "b": at} for at in range(10_000)])
    assert sum(map(len, rows)) <= 400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=30,
)


@given(JSON)
def test_any_json_is_read_alike_as_text_and_as_value(value):
    assert rows_of(json.dumps(value, ensure_ascii=False)) == rows_of("", json.loads(json.dumps(value)))


@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error(text):
    assert isinstance(rows_of(text), tuple)


def test_a_number_larger_than_any_float_is_read_as_text():
    assert [field.shape for field in rows_of("", {"id": 10**400})[0]] == [Shape.TEXT]
