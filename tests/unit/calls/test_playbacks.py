"""What the caller had heard when they spoke: late, missing and contradicting reports."""

from __future__ import annotations

import json

import pytest

from calls import snapshot
from calls.events import (
    AgentDeltaReceived,
    AgentTurnFinished,
    Amend,
    AskModel,
    CallerSpoke,
    CheckpointPlayed,
    PlaybackReported,
    PlaybackState,
    SendToolDecision,
    ToolGateRequested,
)
from judging.core import Answer, FailMode, JudgeSettings, ToolCall
from tests.unit.calls.cast import BAD, FACTS_ONLY, Line, of, one, session_make

# Nobody but the caller can settle these: the amount is in the call, and no model is there to ask.
TRANSFER = ToolCall("transfer_funds", {"recipient": "Ada Quill", "amount": 40}, "t1")
READ_BACK = "So that is 40 dollars to Ada Quill, is that right?"
LONG_MS = 4_000
JUDGE = JudgeSettings(tiers=frozenset({0, 1}), default_fail_mode=FailMode.CONFIRM)


def line_of(*reports, at_ms=LONG_MS, read_back=READ_BACK, **settings):
    """The agent reads back; the reports come; the caller says yes."""
    line = Line(judge=JUDGE, **settings)
    line.customer("I need to send money.")
    line.agent("Who to, and how much?", turn_id="a0")
    line.customer("Well.")
    line.agent(read_back, turn_id="a1")
    for state, played_ms in reports:
        line(PlaybackReported(state, played_ms, turn_id="a1"), after_ms=at_ms / max(1, len(reports)))
    line.customer("Yes.", after_ms=0 if reports else at_ms)
    return line


def decided(line, gate_id="g1"):
    effects = line(ToolGateRequested(gate_id, (TRANSFER,)))
    for asked in of(effects, AskModel):
        effects += line.answers(Answer(failure="timeout"), review_id=asked.review_id)
    return one(effects, SendToolDecision).decision.value


STARTED, FINISHED, CLEARED = PlaybackState.STARTED, PlaybackState.FINISHED, PlaybackState.CLEARED


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        ([], "allow"),  # a transport that tells nothing
        ([(STARTED, 0), (FINISHED, 3_000)], "allow"),
        ([(FINISHED, 3_000)], "allow"),
        ([(FINISHED, 0)], "allow"),
        ([(STARTED, 0), (CLEARED, 700)], "confirm"),
        ([(CLEARED, 700)], "confirm"),
        ([(CLEARED, 0)], "confirm"),
        ([(CLEARED, 700), (FINISHED, 3_000)], "confirm"),  # the cut stands
        ([(FINISHED, 3_000), (CLEARED, 700)], "confirm"),
        ([(CLEARED, 60_000)], "allow"),  # all of it had played
    ],
)
def test_only_what_was_heard_can_be_agreed_to(reports, expected):
    assert decided(line_of(*reports)) == expected


@pytest.mark.parametrize(("at_ms", "expected"), [(600, "confirm"), (5_000, "allow")])
def test_a_yes_agrees_to_the_words_that_had_played_when_it_came(at_ms, expected):
    line = Line(judge=JUDGE)
    line.agent(READ_BACK, turn_id="a1")
    line(PlaybackReported(STARTED, 0, turn_id="a1"))
    line.customer("Yes.", after_ms=at_ms)
    assert decided(line) == expected
    # The report of the end comes late: what counts is when it was.
    line(PlaybackReported(FINISHED, 3_000, turn_id="a1"), after_ms=10_000)
    assert decided(line, "g2") == expected


def test_where_playback_is_reported_a_turn_without_a_report_was_not_heard():
    line = Line(judge=JUDGE)
    line.agent("Good morning.", turn_id="a0")
    line(PlaybackReported(FINISHED, 900, turn_id="a0"))
    line.agent(READ_BACK, turn_id="a1")
    line.customer("Yes.", after_ms=LONG_MS)
    assert decided(line) == "confirm"


def test_a_report_may_come_before_the_words():
    line = Line(judge=JUDGE)
    line(AgentDeltaReceived("a1", READ_BACK[:20]))
    line(PlaybackReported(CLEARED, 500, turn_id="a1"), after_ms=500)
    amended = of(line(AgentTurnFinished("a1")), Amend)
    line(AgentDeltaReceived("a2", "x"))
    assert [effect.fields["heard_text"] for effect in amended] == ["So that"]
    line.customer("Yes.")
    assert decided(line) == "confirm"


def test_facts_do_not_rest_on_words_that_were_not_heard():
    for at_ms, expected in ((300, "confirm"), (5_000, "allow")):
        line = Line(judge=FACTS_ONLY)
        line.agent(READ_BACK, turn_id="a1")
        line(PlaybackReported(STARTED, 0, turn_id="a1"))
        line.customer("Yes.", after_ms=at_ms)
        assert decided(line) == expected


def test_the_judge_reads_a_cut_turn_no_further_than_it_was_heard():
    line = line_of((CLEARED, 700))
    (heard,) = [turn.text for turn in line.session.conversation.turns if turn.turn_id == "a1"]
    assert (heard != READ_BACK, READ_BACK.startswith(heard)) == (True, True)


def test_a_stopped_turn_was_not_heard_until_its_playback_is_told():
    line = Line(judge=JUDGE)
    line.agent(f"{READ_BACK} {BAD}", turn_id="a1")
    line.customer("Yes.", after_ms=LONG_MS)
    assert decided(line) == "confirm"


@pytest.mark.parametrize(("after_ms", "heard"), [(300, "S"), (20_000, "S")])
def test_a_correction_that_the_caller_speaks_over_is_cut(after_ms, heard):
    line = Line(judge=JUDGE, is_spoken_by_mirror=True)
    line.agent(BAD, turn_id="a1")
    line(CheckpointPlayed("mirror-i1-buffer"), after_ms=1_000)
    effects = line(CallerSpoke(), after_ms=after_ms)
    said = line.session.intervention is None and of(effects, Amend)
    assert said
    cut = next(effect for effect in of(effects, Amend) if "heard_text" in effect.fields)
    correction = line.session.book._full[max(line.session.book._full)].text
    assert (cut.fields["heard_text"] == correction) is (after_ms > 10_000)


def test_a_snapshot_keeps_what_was_heard():
    line = Line(judge=FACTS_ONLY)
    line.agent(READ_BACK, turn_id="a1")
    line(PlaybackReported(STARTED, 0, turn_id="a1"))
    line.customer("Yes.", after_ms=300)
    again = session_make(judge=FACTS_ONLY)
    kept = json.loads(snapshot.dumps(line.session))
    snapshot.restore(again, kept, now_ms=line.now_ms)
    assert json.loads(snapshot.dumps(again)) == kept
    assert decided(Line(again)) == "confirm"
