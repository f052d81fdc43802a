"""What the demo calls missing: each case takes a call that went well and spoils one thing."""

from dataclasses import replace

import pytest

from mirror_saas.demo.catalogue import demo_calls
from mirror_saas.demo.compare import Recorded, missing_after, missing_live
from mirror_saas.demo.seen import Seen

CALLS = {call.scenario.id: call for call in demo_calls()}
HELD, STOPPED = CALLS["food-pepperoni-taken-back"], CALLS["support-refund-promised"]


def verdict(turn_id, decision="pass"):
    return {
        "what": "mirror_said",
        "message": {"type": "verdict", "turn_id": turn_id, "decision": decision, "final": True},
    }


def decision(gate_id, tool_id, word, value="pepperoni"):
    evidence = {"values": [{"value": value, "source_turn": 1, "status": "superseded"}]}
    calls = [{"tool_call_id": tool_id, "decision": word, "evidence": evidence}]
    return {"what": "mirror_said", "message": {"type": "tool.decision", "gate_id": gate_id, "tool_calls": calls}}


def said(turn_id):
    return {"what": "told_mirror", "message": {"type": "agent.turn", "turn_id": turn_id, "text": "..."}}


def heard(line):
    return {"what": "heard_caller", "line": line}


def over(*entries):
    return {"what": "timeline", "timeline": {"entries": [{"what": "hung_up", "lines_left": 0}, *entries], "heard": []}}


INTERVENTION = {
    "what": "mirror_said",
    "message": {
        "type": "intervention",
        "turn_id": "a2",
        "intervention_id": "i1",
        "steps": [
            {"do": "clear_audio"},
            {"do": "speak", "part": "buffer", "checkpoint": "b"},
            {"do": "speak", "part": "correction", "checkpoint": "k"},
        ],
    },
}
CLEARED = {"what": "cleared", "dropped_ms": 900, "checkpoints": []}
BUFFER_PLAYED, CORRECTION_PLAYED = ({"what": "checkpoint_played", "name": name} for name in ("b", "k"))
STOPPED_LINES = [
    *(said(turn) for turn in ("a1", "a2", "a3", "a4")),
    *(heard(line) for line in ("c1", "c2", "c3")),
    *(verdict(turn) for turn in ("a1", "a3", "a4")),
    verdict("a2", "intervene"),
    INTERVENTION,
    over(CLEARED, BUFFER_PLAYED, CORRECTION_PLAYED),
]
HELD_LINES = [
    *(said(turn) for turn in ("a1", "a2", "a3", "a4", "a5", "a6")),
    *(heard(line) for line in ("c1", "c2", "c3")),
    *(verdict(turn) for turn in ("a1", "a2", "a4", "a5", "a6")),
    verdict("a3", "intervene"),
    decision("a3", "t1", "confirm"),
    decision("a5", "t2", "allow"),
    {"what": "ran_tool", "id": "t2", "has_token": True},
    over(),
]


def seen(call, lines):
    found = Seen(call.scenario.id, f"call-{call.scenario.id}")
    for line in lines:
        found.receive(line)
    return found


def test_nothing_is_missing_of_a_call_that_went_as_it_must():
    assert missing_live(STOPPED, seen(STOPPED, STOPPED_LINES)) == []
    assert missing_live(HELD, seen(HELD, HELD_LINES)) == []


def test_a_skipped_read_back_is_not_missing():
    lines = [line for line in HELD_LINES if line not in (said("a4"), verdict("a4"))]
    assert missing_live(HELD, seen(HELD, lines)) == []


def check_missing(call, lines, sentence, *, without=(), also=()):
    lines = [line for line in lines if line not in without] + list(also)
    assert any(sentence in found for found in missing_live(call, seen(call, lines))), missing_live(
        call, seen(call, lines)
    )


@pytest.mark.parametrize(
    ("without", "also", "sentence"),
    [
        ([INTERVENTION], [], "a2 was not stopped"),
        ([verdict("a2", "intervene")], [verdict("a2")], "judged pass"),
        ([verdict("a3")], [verdict("a3", "intervene")], "judged intervene"),
        ([verdict("a4")], [], "a4 got no verdict"),
        ([said("a4")], [], "a4 was never said"),
        ([heard("c2")], [], "heard the caller's lines"),
        ([], [over(BUFFER_PLAYED, CORRECTION_PLAYED)], "was not cleared"),
        ([], [over(CLEARED, BUFFER_PLAYED)], "did not hear the correction"),
        ([], [{"what": "mirror_said", "message": {"type": "error", "code": "x"}}], "error: x"),
        ([STOPPED_LINES[-1]], [], "did not end"),
    ],
)
def test_misses_in_a_call_that_must_be_stopped(without, also, sentence):
    check_missing(STOPPED, STOPPED_LINES, sentence, without=without, also=also)


def test_a_broken_stream_is_named_and_nothing_else():
    lost = over({"what": "stream_lost", "reason": "1011"})
    assert missing_live(STOPPED, seen(STOPPED, [lost])) == ["support-refund-promised: the stream failed: 1011"]


@pytest.mark.parametrize(
    ("without", "also", "sentence"),
    [
        ([decision("a3", "t1", "confirm")], [decision("a3", "t1", "allow")], "(t1) was decided allow, not held"),
        ([], [{"what": "ran_tool", "id": "t1", "has_token": False}], "ran all the same"),
        ([], [decision("a3", "t1", "confirm", "pizza")], "not because pepperoni is superseded"),
        ([decision("a5", "t2", "allow")], [], "(t2) was decided None"),
        ([], [{"what": "ran_tool", "id": "t2", "has_token": False}], "without a commit token"),
        ([HELD_LINES[-2]], [], "did not run"),
    ],
)
def test_misses_in_a_call_whose_tool_must_be_held(without, also, sentence):
    check_missing(HELD, HELD_LINES, sentence, without=without, also=also)


KEPT = Recorded(
    verdicts={"a1": "pass", "a2": "intervene", "a3": "pass", "a4": "pass"},
    decisions={},
    interventions=frozenset({"a2"}),
    has_report=True,
    problem_id="p1",
    fix_branch="mirror/fix-1",
)


def after(kept):
    found = seen(STOPPED, STOPPED_LINES)
    return missing_after([(STOPPED, found)], {found.call_id: kept} if kept else {})


def test_nothing_is_missing_when_all_is_recorded():
    assert after(KEPT) == []


@pytest.mark.parametrize(
    ("kept", "sentence"),
    [
        (None, "not recorded"),
        (replace(KEPT, verdicts={**KEPT.verdicts, "a2": "pass"}), "verdicts differ"),
        (replace(KEPT, decisions={"t1": "allow"}), "tool decisions"),
        (replace(KEPT, interventions=frozenset()), "interventions"),
        (replace(KEPT, has_report=False), "no report"),
        (replace(KEPT, problem_id=None), "no problem"),
        (replace(KEPT, fix_branch=None), "no fix branch"),
    ],
)
def test_misses_after_the_call(kept, sentence):
    (found,) = after(kept)
    assert sentence in found


def test_two_problems_of_one_cause_are_one_too_many():
    first, second = (CALLS[name] for name in ("food-pepperoni-taken-back", "food-mushrooms-taken-back"))
    played = [(call, seen(call, [])) for call in (first, second)]
    empty = Recorded({}, {}, frozenset(), True, "p1", "mirror/fix-1")
    kept = {played[0][1].call_id: empty, played[1][1].call_id: replace(empty, problem_id="p2")}
    assert missing_after(played, kept) == ["food-taken-back: one cause became 2 problems"]
