"""Going on with a call elsewhere."""

from __future__ import annotations

import json

import pytest

from calls import snapshot
from calls.errors import IllegalEvent
from calls.events import AgentTurnCompleted, AskModel, Record, SendIntervention, SetTimer
from calls.rows import Recorded
from calls.transitions import State
from tests.unit.calls.cast import BAD, GOOD, MODELS, Line, of, one, session_make


def moved(line, **settings):
    """The call, gone on with in another process."""
    again = Line(session_make(**settings))
    kept = json.loads(snapshot.dumps(line.session))
    again.effects = snapshot.restore(again.session, kept, now_ms=5)
    return again


def row(n, text, *, turn_id="", role="agent", index=0):
    return {
        "index": index, "turn_id": turn_id, "role": role, "text": text, "tool_calls": [], "tool_name": "",
        "result": None,
    }  # fmt: skip


def recorded(turns=(), *, last_seq=0, last_n=0, interventions_count=0):
    return Recorded(last_seq, last_n, dict(turns), interventions_count)


def test_a_running_intervention_goes_on_with_a_deadline():
    line = Line()
    line.agent(BAD)
    again = moved(line)
    assert again.session.state is State.INTERVENING
    assert one(again.effects, SetTimer).key == "intervention:i1"


def test_a_review_under_way_is_asked_again():
    line = Line(judge=MODELS)
    line.agent("You are hopeless.", turn_id="a1")
    again = moved(line, judge=MODELS)
    assert one(again.effects, AskModel).ask.tier == 1
    assert again.session.state is State.REVIEWING


def test_a_snapshot_of_another_version_changes_nothing():
    session = session_make()
    before = json.loads(snapshot.dumps(session))
    with pytest.raises(ValueError, match="version"):
        snapshot.restore(session, {**before, "version": 0}, now_ms=0)
    assert json.loads(snapshot.dumps(session)) == before


def test_what_was_recorded_after_the_snapshot_comes_back():
    line = Line()
    line.agent(GOOD, turn_id="a1")
    again = moved(line)
    later = {1: row(1, GOOD, turn_id="a1"), 7: row(7, "Hello?", turn_id="c1", role="customer", index=4)}
    snapshot.catch_up(again.session, recorded(later, last_seq=9, last_n=8, interventions_count=1))
    assert [turn.text for turn in again.session.conversation.turns] == [GOOD, "Hello?"]
    assert (again.session.last_seq, again.session.n) == (9, 8)
    with pytest.raises(IllegalEvent):
        again(AgentTurnCompleted("c1", GOOD))
    effects = again.agent(BAD, turn_id="a2")
    assert [effect.n for effect in of(effects, Record)] == [9, 10, 11]
    assert of(effects, Record)[0].fields["index"] == 5
    assert one(effects, SendIntervention).intervention_id == "i2"


def test_without_a_snapshot_the_call_is_made_of_its_rows():
    session = session_make()
    rows = {3: row(3, "Yes.", role="customer", index=1), 1: row(1, GOOD, turn_id="a1")}
    snapshot.catch_up(session, recorded(rows, last_seq=2, last_n=4))
    assert [(turn.index, turn.text) for turn in session.conversation.turns] == [(0, GOOD), (1, "Yes.")]
    assert (session.book.next_index, session.n) == (2, 4)


def test_a_snapshot_that_is_not_behind_is_left_alone():
    line = Line()
    line.agent(GOOD, turn_id="a1")
    before = json.loads(snapshot.dumps(line.session))
    snapshot.catch_up(line.session, recorded({1: row(1, GOOD, turn_id="a1")}, last_n=1))
    assert json.loads(snapshot.dumps(line.session)) == before
