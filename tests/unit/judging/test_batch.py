"""Files in, verdicts out."""

from __future__ import annotations

import gzip
import io
import json
from typing import Any

import pytest
from rich.console import Console

from judging.batch import (
    FileUnusable,
    Options,
    groups_table,
    judge_file,
    load_policies,
    parse_thresholds,
    parse_tiers,
    replay_file,
    summary_table,
    sweep_table,
)
from judging.core import Policy
from judging.core.scoring import Score
from tests.unit.judging.helpers import TIER_0

GOOD = {"id": "good", "customer_text": "two pizzas", "tool_calls": [{"name": "order", "args": {"quantity": 2}}]}
BAD = {**GOOD, "id": "bad", "tool_calls": [{"name": "order", "args": {"quantity": 7}}]}
CALL: dict[str, Any] = {
    "id": "call",
    "policies": ["Never promise a refund."],
    "turns": [
        {"role": "customer", "text": "Refund me 20 dollars"},
        {"role": "agent", "text": "I will give you a refund."},
        {"role": "tool_call", "name": "refund", "args": {"amount": 25}},
        {"role": "tool", "name": "refund", "text": "ok"},
    ],
    "label": {"success": False},
}


def lines(*records) -> str:
    return "".join(f"{record if isinstance(record, str) else json.dumps(record)}\n" for record in records)


def verdicts(path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_verdicts_come_in_input_order_with_every_field(tmp_path):
    (tmp_path / "in.jsonl").write_text(lines(BAD, GOOD))
    judge_file(tmp_path / "in.jsonl", tmp_path / "out.jsonl", Options(TIER_0))
    found = verdicts(tmp_path / "out.jsonl")
    assert [(row["id"], row["decision"]) for row in found] == [("bad", "intervene"), ("good", "pass")]
    fields = ["id", "decision", "score", "tier", "check", "policy_index", "reason", "evidence", "latency_us"]
    assert list(found[0]) == fields
    assert found[0]["evidence"] == [
        {"value": "7", "source_turn": None, "status": "never_said", "argument": "quantity"},
    ]


def test_bad_lines_are_named_and_the_others_judged(tmp_path):
    (tmp_path / "in.jsonl").write_text(lines(GOOD, "{not json", "", {"history": 5}, '"text"', BAD))
    errors = io.StringIO()
    summary = judge_file(tmp_path / "in.jsonl", tmp_path / "out.jsonl", Options(TIER_0), errors=errors)
    assert [row["id"] for row in verdicts(tmp_path / "out.jsonl")] == ["good", "bad"]
    assert summary.bad_lines == 3
    assert [line.split(":")[0] for line in errors.getvalue().splitlines()] == ["line 2", "line 4", "line 5"]


def test_gz_in_and_out(tmp_path):
    (tmp_path / "in.jsonl.gz").write_bytes(gzip.compress(lines(GOOD).encode()))
    judge_file(tmp_path / "in.jsonl.gz", tmp_path / "out.jsonl.gz", Options(TIER_0))
    assert json.loads(gzip.decompress((tmp_path / "out.jsonl.gz").read_bytes()))["id"] == "good"


def test_what_is_cut_off_is_told_after_the_lines_before_it(tmp_path):
    packed = gzip.compress(lines(*[GOOD | {"note": hash(str(at))} for at in range(3000)]).encode())
    (tmp_path / "in.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(FileUnusable, match=r"in\.jsonl\.gz: cannot be read after line \d+: "):
        judge_file(tmp_path / "in.jsonl.gz", tmp_path / "out.jsonl", Options(TIER_0))
    assert {row["id"] for row in verdicts(tmp_path / "out.jsonl")} == {"good"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"customer_text": "caf\xe9"}', "not UTF-8 at byte 22"),
        (b"[" * 100_000, "not JSON"),
        (b"5", "expected an object, got int"),
        (b'{"policies": "Be kind."}', "policies: expected a list, got str"),
        (b'{"tool_calls": [{"name": 5}]}', r"name: expected a text, got int"),
        (b'{"now": "soon"}', "now: not a date or datetime: 'soon'"),
        (b'{"history": [{"role": "robot"}]}', "turn 0: role 'robot' is none of"),
    ],
)
def test_a_bad_line_says_why(tmp_path, line, reason):
    (tmp_path / "in.jsonl").write_bytes(line + b"\n" + lines(GOOD).encode())
    errors = io.StringIO()
    judge_file(tmp_path / "in.jsonl", tmp_path / "out.jsonl", Options(TIER_0), errors=errors)
    assert errors.getvalue().startswith(f"line 1: {reason}")
    assert errors.getvalue().count("\n") == 1
    assert [row["id"] for row in verdicts(tmp_path / "out.jsonl")] == ["good"]


def test_a_byte_order_mark_and_half_a_surrogate_pair_are_taken(tmp_path):
    (tmp_path / "in.jsonl").write_bytes(b"\xef\xbb\xbf" + b'{"id": "\\ud83d", "agent_text": "Hi \\ud83d"}\n')
    summary = judge_file(tmp_path / "in.jsonl", tmp_path / "out.jsonl", Options(TIER_0))
    assert summary.bad_lines == 0
    assert verdicts(tmp_path / "out.jsonl")[0]["id"] == "\ud83d"


def test_the_input_is_never_overwritten(tmp_path):
    (tmp_path / "in.jsonl").write_text(lines(GOOD))
    with pytest.raises(FileUnusable, match="the same file"):
        judge_file(tmp_path / "in.jsonl", tmp_path / "in.jsonl", Options(TIER_0))
    assert (tmp_path / "in.jsonl").read_text() == lines(GOOD)


def test_given_policies_replace_those_of_the_record(tmp_path):
    record = {"id": "x", "policies": ["Never promise a refund."], "agent_text": "I will give you a refund."}
    (tmp_path / "in.jsonl").write_text(lines(record))
    options = Options(TIER_0, policies=(Policy("Be kind."),))
    judge_file(tmp_path / "in.jsonl", tmp_path / "out.jsonl", options)
    assert verdicts(tmp_path / "out.jsonl")[0]["decision"] == "pass"


def test_a_sweep_uses_the_labels(tmp_path):
    records = [BAD | {"label": {"violation": True}}, GOOD | {"label": {"violation": False}}, GOOD]
    (tmp_path / "in.jsonl").write_text(lines(*records))
    summary = judge_file(tmp_path / "in.jsonl", tmp_path / "out.jsonl", Options(TIER_0, thresholds=(0.5, 0.99)))
    scores = summary.sweep.scores()
    assert (summary.sweep.total, summary.sweep.labelled) == (3, 2)
    assert [(scores[at].true_positives, scores[at].true_negatives) for at in (0.5, 0.99)] == [(1, 1), (0, 1)]


LABELLED: list[dict[str, Any]] = [
    BAD | {"label": {"violation": True, "kind": "tool_args"}, "subtype": "count"},
    GOOD | {"label": {"violation": True, "kind": "policy"}, "subtype": "tone"},
    GOOD | {"label": {"violation": False, "kind": "none"}, "subtype": "tone"},
    GOOD,
]


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("", {}),
        ("subtype", {"count": Score(1, 0, 0, 0), "tone": Score(0, 0, 1, 1), "(none)": Score()}),
        ("kind", {"tool_args": Score(1), "policy": Score(0, 0, 1), "none": Score(0, 0, 0, 1), "(none)": Score()}),
        ("check", {"wrong_quantity": Score(1)}),
    ],
)
def test_labelled_cases_are_counted_by_group(tmp_path, by, groups):
    (tmp_path / "in.jsonl").write_text(lines(*LABELLED))
    summary = judge_file(tmp_path / "in.jsonl", tmp_path / "out.jsonl", Options(TIER_0, by=by))
    assert {name: group.score for name, group in summary.groups.items()} == groups
    assert (summary.whole.score, summary.whole.total, summary.auroc) == (Score(1, 0, 1, 1), 4, 0.75)


def test_calls_are_counted_by_group_with_the_label_of_the_call(tmp_path):
    quiet = {**CALL, "policies": [], "turns": CALL["turns"][:2], "label": {"success": True}}
    (tmp_path / "in.jsonl").write_text(lines(CALL, quiet))
    summary = replay_file(tmp_path / "in.jsonl", None, Options(TIER_0, by="check"))
    assert summary.whole.score == Score(1, 0, 0, 1)
    assert {name: group.score for name, group in summary.groups.items()} == {
        "forbidden_promise": Score(1),
        "wrong_amount": Score(1),
    }


def test_a_field_that_differs_on_every_line_makes_no_endless_table(tmp_path):
    (tmp_path / "in.jsonl").write_text(lines(*[{"id": at} for at in range(700)]))
    summary = judge_file(tmp_path / "in.jsonl", tmp_path / "out.jsonl", Options(TIER_0, by="id"))
    assert (len(summary.groups), summary.groups["(others)"].total) == (501, 200)


def test_replay_judges_each_agent_turn_and_tool_call(tmp_path):
    (tmp_path / "in.jsonl").write_text(lines(CALL, {"id": "no turns"}))
    errors = io.StringIO()
    summary = replay_file(tmp_path / "in.jsonl", tmp_path / "out.jsonl", Options(TIER_0), errors=errors)
    found = [(row["id"], row["turn"], row["check"]) for row in verdicts(tmp_path / "out.jsonl")]
    assert found == [("call", 1, "forbidden_promise"), ("call", 2, "wrong_amount")]
    assert (summary.calls, summary.judged, summary.call_sweep.labelled) == (1, 2, 1)
    assert errors.getvalue() == "line 2: turns: expected a list of turns\n"


def test_replay_needs_no_output(tmp_path):
    (tmp_path / "in.jsonl").write_text(lines(CALL))
    assert replay_file(tmp_path / "in.jsonl", None, Options(TIER_0)).judged == 2


def test_the_tables_show_checks_and_thresholds(tmp_path):
    (tmp_path / "in.jsonl").write_text(lines(CALL))
    summary = replay_file(tmp_path / "in.jsonl", None, Options(TIER_0))
    written = io.StringIO()
    shown = Console(file=written, width=120)
    shown.print(summary_table(summary), sweep_table(summary.call_sweep, "calls"))
    text = written.getvalue()
    assert "forbidden_promise" in text
    assert "0.70" in text


def test_the_table_of_groups_shows_what_could_be_measured(tmp_path):
    (tmp_path / "in.jsonl").write_text(lines(*LABELLED))
    summary = judge_file(tmp_path / "in.jsonl", tmp_path / "out.jsonl", Options(TIER_0, by="subtype"))
    written = io.StringIO()
    Console(file=written, width=150).print(groups_table(summary, "subtype", "turns"))
    rows = {cells[0]: cells[1:] for line in written.getvalue().splitlines() if (cells := _cells(line))}
    assert "3 labelled turns, AUROC 0.750" in written.getvalue()
    assert rows["count"] == ["1", "1", "1", "1.000 [0.207-1.000]", "1.000 [0.207-1.000]", "1.000 [0.342-1.000]", "-"]
    assert rows["tone"][3:] == ["-", "0.000 [0.000-0.793]", "0.000 [0.000-0.885]", "0.000 [0.000-0.793]"]
    assert rows["(none)"] == ["1", "0", "0", "-", "-", "-", "-"]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("│")[1:-1]]


def test_a_missing_file_is_refused_by_name(tmp_path):
    with pytest.raises(FileUnusable, match=r"gone\.jsonl"):
        judge_file(tmp_path / "gone.jsonl", tmp_path / "out.jsonl", Options(TIER_0))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("p.txt", "Be kind.\n# a remark\n\nNever lie.\n"),
        ("p.json", '["Be kind.", {"text": "Never lie."}]'),
        ("p.yaml", "policies:\n- Be kind.\n- text: Never lie.\n"),
    ],
)
def test_policies_are_read_from_several_forms(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert load_policies(tmp_path / name) == (Policy("Be kind."), Policy("Never lie."))


@pytest.mark.parametrize(("name", "text"), [("p.json", "{"), ("p.json", '{"a": 1}'), ("p.yaml", "a: [")])
def test_a_broken_policy_file_is_refused(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(FileUnusable, match=name):
        load_policies(tmp_path / name)


def test_numbers_on_the_command_line_are_checked():
    assert (parse_thresholds("0.5,0.6"), parse_tiers("0,1")) == ((0.5, 0.6), frozenset({0, 1}))
    for parse, text in ((parse_thresholds, "2"), (parse_thresholds, "x"), (parse_tiers, "3"), (parse_tiers, "")):
        with pytest.raises(ValueError):
            parse(text)
