"""The judge's benchmark over a small made-up folder, and the page it writes."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

import bench.judge as benchmark
from bench.judge import main, measure
from judging.core import Answer

ORDER = {"customer_text": "two pizzas please", "tool_calls": [{"name": "order", "args": {"quantity": 2}}]}
WRONG = {**ORDER, "tool_calls": [{"name": "order", "args": {"quantity": 7}}]}
RULES = {"policies": ["Never promise a refund."], "customer_text": "hello"}
ORDERS = [
    *[{**WRONG, "subtype": "quantity_change", "label": {"violation": True, "kind": "tool_args"}}] * 6,
    *[{**ORDER, "subtype": "left_out", "label": {"violation": True, "kind": "tool_args"}}] * 5,
    *[{**ORDER, "subtype": "clean", "label": {"violation": False, "kind": "none"}}] * 8,
    {**WRONG, "subtype": "clean", "label": {"violation": False, "kind": "none"}},
]
POLICIES = [
    {**RULES, "agent_text": "I will give you a refund.", "label": {"violation": True, "kind": "policy"}},
    {**RULES, "agent_text": "Hi there.", "label": {"violation": True, "kind": "policy"}},
    {**RULES, "agent_text": "Hi there.", "label": {"violation": False, "kind": "none"}},
]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(benchmark, "measure_speed", lambda: {"plain turn": ("p50 9 us, p99 9 us", "-")})
    for name, records in (("toolargs_orders", ORDERS), ("policy_sgd", POLICIES)):
        write(tmp_path / f"{name}.jsonl.gz", records)
    return tmp_path


def write(path: Path, records: list[dict[str, Any]]) -> None:
    with gzip.open(path, "wt") as out:
        out.writelines(json.dumps({**record, "split": "dev"}) + "\n" for record in records)
        out.write(json.dumps({**WRONG, "split": "train", "label": {"violation": False, "kind": "none"}}) + "\n")


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the first table after a heading."""
    table = re.search(r"(?:^\|.*\n)+", page[page.index(heading) :], re.M)
    assert table is not None
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[0].splitlines()[2:]]


def page_of(data: Path) -> str:
    assert main([str(data), "--page", str(data / "page.md")]) == 0
    return (data / "page.md").read_text()


def test_the_page_has_what_was_measured(data):
    page = page_of(data)
    assert rows(page, "### Tier 0 alone") == [
        ["`toolargs_orders`", "20", "11", "0.857 (0.487-0.974)", "0.545 (0.280-0.787)", "0.667 (0.405-0.855)",
         "0.111 (0.020-0.435)", "0.717"],
        ["`policy_sgd`", "3", "2", "1.000 (0.207-1.000)", "0.500 (0.095-0.905)", "0.667 (0.173-0.950)",
         "0.000 (0.000-0.793)", "0.750"],
    ]  # fmt: skip
    assert "**0.100 (0.018-0.404) of the good turns** are interrupted by tier 0 alone (1 of 10" in page
    assert [row[:5] for row in rows(page, "## Checks")] == [
        ["**forbidden_promise**", "all", "1", "0", "1.000 (0.207-1.000)"],
        ["**wrong_quantity**", "all", "6", "1", "0.857 (0.487-0.974)"],
    ]
    assert rows(page, "finds least often")[0][:4] == ["`toolargs_orders`", "left_out", "5", "0"]
    assert [row[1] for row in rows(page, "finds least often")] == ["left_out", "quantity_change"]
    assert rows(page, "Where the false alarms are")[0][:4] == ["`toolargs_orders`", "clean", "9", "1"]


def test_the_page_says_what_the_pre_gate_loses(data):
    found = {row[0]: row[1:] for row in rows(page_of(data), "## The pre-gate")}
    assert found["`policy_sgd`"][1:] == ["0.500 (0.095-0.905)", "0.500 (0.095-0.905)", "1.000 (0.207-1.000)"]
    assert found["`toolargs_orders`"][1].startswith("0.000")
    assert found["all"][0] == "13"


def test_the_same_run_gives_the_same_page_but_for_times(data):
    first, second = (re.sub(r"p50 \d+ us, p99 \d+ us", "", page_of(data)) for _ in range(2))
    assert first == second
    assert str(data) not in first


@pytest.mark.parametrize("arguments", [[], ["/no/such/folder"]])
def test_without_data_the_page_is_left_as_it_is(data, capsys, arguments):
    (data / "page.md").write_text("as it was")
    assert main([*arguments, "--page", str(data / "page.md")]) == 0
    assert (data / "page.md").read_text() == "as it was"
    assert "no labelled data" in capsys.readouterr().out


def test_some_of_the_sets_write_no_page(data, capsys):
    assert main([str(data), "--set", "policy_sgd", "--page", str(data / "page.md")]) == 0
    assert not (data / "page.md").exists()
    assert "policy_sgd (dev, 3 cases)" in capsys.readouterr().out


def test_a_classifier_is_measured_where_there_is_one(data, monkeypatch):
    priced = [{**record, "agent_text": "That is 5 dollars."} for record in POLICIES]
    write(data / "policy_sgd.jsonl.gz", priced)
    monkeypatch.setattr(measure, "models_for", lambda tiers: lambda: lambda ask: Answer(scores=(0.99,)))
    page = page_of(data)
    found = {row[0]: row[1:4] for row in rows(page, "### Tiers 0 and 1")}
    assert found["`policy_sgd`"] == ["3", "2", "0.667 (0.208-0.939)"]
    assert "tier 1, `policy_sgd`, one question" in page
    assert "tier 1, `toolargs_orders`" not in page
