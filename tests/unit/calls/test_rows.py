"""What is left of a call for a tenant who keeps no transcripts."""

from __future__ import annotations

import json

from calls import rows
from calls.events import (
    AgentTurnCompleted,
    Amend,
    CallEnded,
    CallEvent,
    ClientMessage,
    CorrectionMade,
    CustomerTurnCompleted,
    PlaybackReported,
    PlaybackState,
    Record,
    ToolGateRequested,
    ToolResultReceived,
)
from judging.core import JudgeSettings, ToolCall
from tests.unit.calls.cast import Line

WORD = "zebra"
CALL = ToolCall("place_order", {"item": WORD}, "tool-1")
EVENTS: tuple[CallEvent, ...] = (
    CustomerTurnCompleted("c1", f"A pizza please, no {WORD}."),
    AgentTurnCompleted("a1", f"I will give you a full refund for the {WORD}.", (CALL,)),
    CorrectionMade("i1", f"Sorry, no {WORD}."),
    PlaybackReported(PlaybackState.CLEARED, 2500, turn_id="a1"),
    PlaybackReported(PlaybackState.FINISHED, 900, intervention_id="i1"),
    ToolGateRequested("g1", (CALL,)),
    ToolResultReceived("tool-1", "place_order", {"kept": WORD}),
    CallEnded("done"),
)


def recorded():
    line = Line(has_generator=True)
    for seq, event in enumerate(EVENTS, 1):
        line(event, after_ms=1000, message=ClientMessage(seq, "x", {"text": WORD}))
    return [effect for effect in line.effects if isinstance(effect, Record | Amend)]


def test_no_word_of_the_call_is_left_in_any_row():
    effects = recorded()
    assert {effect.table for effect in effects if WORD in json.dumps(dict(effect.fields))} == {
        "message", "turn", "verdict", "tool_decision", "intervention",
    }  # fmt: skip
    assert WORD not in json.dumps([rows.without_words(effect.table, effect.fields) for effect in effects])


def test_what_was_decided_is_left():
    kept = [rows.without_words(effect.table, effect.fields) for effect in recorded() if effect.table == "verdict"]
    assert [(row["turn_id"], row["decision"], row["check_name"] != "") for row in kept] == [("a1", "intervene", True)]


def test_each_verdict_keeps_the_sign_that_the_pre_gate_saw():
    line = Line(judge=JudgeSettings())
    said = [("a1", "Hello there."), ("a2", "That is 5 dollars."), ("a3", "I will give you a full refund.")]
    for turn_id, text in said:
        line(AgentTurnCompleted(turn_id, text))
    line(CallEnded("done"))
    found = [effect.fields for effect in line.effects if isinstance(effect, Record) and effect.table == "verdict"]
    signs = {row["turn_id"]: (row["pre_gate"], row["skipped"], row["decision"]) for row in found}
    assert signs == {
        "a1": ("quiet", "pre_gate", "pass"),
        "a2": ("numbers", "", "undecided"),
        "a3": ("policy_word", "", "intervene"),
    }
