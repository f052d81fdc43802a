"""From records to what the call page shows. The records are never saved."""

from __future__ import annotations

from typing import Any

import pytest

from calls.models import InterventionRecord, ToolDecisionRecord, TurnRecord, VerdictRecord
from calls.transcript import (
    RECENT_TURNS,
    EvidenceShown,
    Heard,
    TurnShown,
    arguments_flat,
    evidence_read,
    heard_split,
    transcript_build,
    transcript_since,
)

TENANT = "00000000-0000-4000-8000-000000000001"


def _turn(index: int, role: str = "agent", **fields: Any) -> TurnRecord:
    values = {"n": index * 10 + 1, "offset_ms": 0, "text": "Hello", "turn_id": f"t{index}", **fields}
    return TurnRecord(tenant_id=TENANT, index=index, role=role, **values)


def _verdict(index: int, n: int, **fields: Any) -> VerdictRecord:
    return VerdictRecord(tenant_id=TENANT, turn_index=index, n=n, offset_ms=0, decision="pass", score=0, **fields)


def _decision(tool_call_id: str, n: int, *, index: int | None, **fields: Any) -> ToolDecisionRecord:
    values = {"name": "place_order", "arguments": {"size": "large"}, "decision": "block", **fields}
    return ToolDecisionRecord(tenant_id=TENANT, tool_call_id=tool_call_id, turn_index=index, n=n, offset_ms=0, **values)


def _calls(*tool_call_ids: str) -> list[dict[str, Any]]:
    return [{"id": each, "name": "place_order", "arguments": {"size": "large"}} for each in tool_call_ids]


def test_turns_stand_by_index_whatever_order_they_were_recorded_in():
    shown = transcript_build([_turn(1, n=5), _turn(0, n=9)], [], [], [])
    assert [(entry.index, entry.n) for entry in shown] == [(0, 9), (1, 5)]


def test_the_last_verdict_of_a_turn_stands_and_the_others_come_before():
    first, last = _verdict(0, 2, is_final=False), _verdict(0, 4)
    (entry,) = transcript_build([_turn(0)], [first, last], [], [])
    assert entry.verdict is not None
    assert (entry.verdict.record, [each.record for each in entry.earlier], entry.n) == (last, [first], 4)


def test_a_verdict_on_a_turn_still_being_spoken_has_a_place():
    (entry,) = transcript_build([], [_verdict(3, 7, is_final=False)], [], [])
    assert (entry.index, entry.turn, entry.role, entry.n) == (3, None, "agent", 7)


def test_decisions_go_to_the_tool_call_of_their_turn_and_the_last_one_stands():
    asked, allowed = _decision("k1", 2, index=0, decision="confirm"), _decision("k1", 3, index=0, decision="allow")
    other = _decision("k1", 12, index=1)
    shown = transcript_build(
        [_turn(0, tool_calls=_calls("k1")), _turn(1, tool_calls=_calls("k1"))], [], [asked, allowed, other], []
    )
    assert [entry.tool_calls[0].decisions for entry in shown] == [(asked, allowed), (other,)]
    assert shown[0].tool_calls[0].decision is allowed


def test_an_ungated_tool_call_has_no_decision():
    (entry,) = transcript_build([_turn(0, tool_calls=_calls("k1"))], [], [], [])
    assert (entry.tool_calls[0].decision, entry.is_flagged) == (None, False)


def test_a_call_gated_by_itself_stands_at_the_turn_that_was_last_then():
    lone = _decision("k9", 12, index=None)
    shown = transcript_build([_turn(0), _turn(1), _turn(2)], [], [lone], [])
    assert [len(entry.tool_calls) for entry in shown] == [0, 1, 0]
    assert shown[1].is_flagged


def test_evidence_stands_at_the_argument_it_names():
    values = [
        {"value": "2", "status": "superseded", "source_turn": 1, "argument": "items.0.count", "replaced_by": "1"},
        {"value": "vip", "status": "never_said", "source_turn": None},
    ]
    decision = _decision("k1", 2, index=0, evidence={"values": values})
    calls = [{"id": "k1", "name": "x", "arguments": {"items": [{"count": 2}], "size": "large"}}]
    ((tool,),) = [entry.tool_calls for entry in transcript_build([_turn(0, tool_calls=calls)], [], [decision], [])]
    told = EvidenceShown("2", "superseded", 1, "items.0.count", "1")
    assert [(each.name, each.value, each.evidence) for each in tool.arguments] == [
        ("items.0.count", "2", (told,)),
        ("size", "large", ()),
    ]
    assert tool.evidence == (EvidenceShown("vip", "never_said"),)


@pytest.mark.parametrize(
    ("arguments", "flat"),
    [
        ({}, []),
        (None, []),
        ({"a": 1, "b": {"c": "x"}}, [("a", "1"), ("b.c", "x")]),
        ({"a": [1, 2]}, [("a", "[1, 2]")]),
        ({"a": [{"b": None}]}, [("a.0.b", "null")]),
        ({"a": {}}, [("a", "{}")]),
    ],
)
def test_arguments_are_named_as_evidence_names_them(arguments: Any, flat: list[tuple[str, str]]):
    assert arguments_flat(arguments) == flat


@pytest.mark.parametrize("evidence", [None, {}, [], "x", {"values": None}, {"values": ["x", 3]}])
def test_what_is_no_evidence_reads_as_none(evidence: Any):
    assert evidence_read(evidence) == ()


@pytest.mark.parametrize(
    ("heard_text", "heard"),
    [
        (None, None),
        ("Two large margheritas", None),
        ("Two   large", Heard("Two large ", "margheritas")),
        ("", Heard("", "Two large margheritas")),
        ("Two large margheritas and more", None),
    ],
)
def test_a_turn_is_parted_where_the_caller_stopped_hearing(heard_text: str | None, heard: Heard | None):
    assert heard_split("Two large margheritas", heard_text) == heard


def test_steps_count_from_the_first():
    steps = [{"at_ms": 5000, "step": "cleared"}, {"at_ms": 5120, "step": "buffer"}]
    record = InterventionRecord(tenant_id=TENANT, turn_index=0, n=3, offset_ms=0, verdict_n=2, steps=steps)
    (entry,) = transcript_build([_turn(0)], [], [], [record])
    assert [(step.name, step.at_ms, step.after_ms) for step in entry.interventions[0].steps] == [
        ("cleared", 5000, 0),
        ("buffer", 5120, 120),
    ]


def test_a_reader_gets_what_is_new_and_the_recent_turns_that_may_have_changed():
    shown = [TurnShown(index, n=index * 10) for index in range(RECENT_TURNS + 4)]
    shown[1].n = 999
    assert [entry.index for entry in transcript_since(shown, 500)] == [1, *range(4, RECENT_TURNS + 4)]
