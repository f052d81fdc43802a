"""Diffs as rows, the way of a fix, and trends."""

from __future__ import annotations

from datetime import date

import pytest

from fixers.views import steps_of
from mirror_saas.templatetags.console import bars, clock, milliseconds
from reports.diff_rows import DiffRow, change_read
from reports.trend import days_filled
from tests.app.console.seed import DIFF


def test_lines_carry_the_number_they_have_on_each_side():
    change = change_read("--- a/p\n+++ b/p\n@@ -3,3 +3,3 @@ def\n same\n-old\n+new\n \n")
    assert change.rows == (
        DiffRow("hunk", "@@ -3,3 +3,3 @@ def"),
        DiffRow("same", "same", 3, 3),
        DiffRow("remove", "old", 4, None),
        DiffRow("add", "new", None, 4),
        DiffRow("same", "", 5, 5),
    )


def test_a_second_hunk_counts_anew_and_a_note_counts_nothing():
    rows = change_read(DIFF).rows
    assert rows[-2:] == (
        DiffRow("add", "Never state a delivery time that no tool has returned.", None, 16),
        DiffRow("note", "No newline at end of file"),
    )
    assert (change_read(DIFF).added, change_read(DIFF).removed) == (3, 1)


def test_a_removed_line_that_looks_like_a_file_head_is_a_line():
    rows = change_read("--- a/p\n+++ b/p\n@@ -1,1 +1,1 @@\n--- x\n+++ y\n").rows
    assert rows[1:] == (DiffRow("remove", "-- x", 1, None), DiffRow("add", "++ y", None, 1))


@pytest.mark.parametrize("text", ["", "no diff at all", "--- a\n+++ b\n"])
def test_what_is_no_diff_has_no_rows(text: str):
    assert change_read(text).rows == ()


def test_a_form_feed_inside_a_line_ends_no_line():
    assert change_read("@@ -1 +1 @@\n-a\x0cb\n+c\n").rows[1] == DiffRow("remove", "a\x0cb", 1, None)


@pytest.mark.parametrize(
    ("status", "steps"),
    [
        ("proposed", [("proposed", "now"), ("approved", "next"), ("open", "next"), ("merged", "next")]),
        ("opening", [("proposed", "done"), ("approved", "now"), ("open", "next"), ("merged", "next")]),
        ("merged", [("proposed", "done"), ("approved", "done"), ("open", "done"), ("merged", "done")]),
        ("dismissed", [("proposed", "done"), ("dismissed", "wrong")]),
        ("failed", [("proposed", "done"), ("failed", "wrong")]),
        ("closed", [("proposed", "done"), ("approved", "done"), ("open", "done"), ("closed", "wrong")]),
    ],
)
def test_a_status_has_its_place_on_the_way(status: str, steps: list[tuple[str, str]]):
    assert steps_of(status) == steps


def test_days_without_a_report_are_there_with_none():
    assert days_filled(date(2026, 11, 30), 3, {date(2026, 12, 1): 2}) == [
        {"label": "30 Nov", "total": 0},
        {"label": "1 Dec", "total": 2},
        {"label": "2 Dec", "total": 0},
    ]


def test_the_highest_bar_fills_the_height_and_nothing_divides_by_nothing():
    drawn = bars([{"label": "a", "total": 4, "part": 1}, {"label": "b", "total": 0}], "x", height=42, step=10)["bars"]
    assert [(bar["x"], bar["h"], bar["part_h"]) for bar in drawn] == [(0, 40.0, 10.0), (10, 0.0, 0.0)]
    assert bars([], "x")["bars"] == []


@pytest.mark.parametrize(("ms", "shown"), [(None, "–"), (0, "0:00"), (65_999, "1:05"), (3_725_000, "1:02:05")])
def test_a_clock_shows_hours_only_where_there_are_some(ms: int | None, shown: str):
    assert clock(ms) == shown


@pytest.mark.parametrize(
    ("ms", "shown"), [(None, "–"), (0.0412, "0.041 ms"), (9.96, "10 ms"), (12.4, "12 ms"), (1304, "1.3 s")]
)
def test_latencies_show_two_digits_that_matter(ms: float | None, shown: str):
    assert milliseconds(ms) == shown
