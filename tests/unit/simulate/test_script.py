"""The scripted agent's mind: events in, actions out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.simulate.happenings import (
    CallerFinished,
    CallerStarted,
    HeldTool,
    Hush,
    MirrorSaid,
    RanTool,
    Say,
    Send,
    SetTimer,
    SpeechPlayed,
    StreamStarted,
    TimerRan,
)
from calls.simulate.script import GATE, GATE_WAIT_MS, INTERVENTION, ScriptPlayer
from calls.simulate.wording import ASK, asked_for, deltas_of, is_read_back
from tests.unit.simulate.cast import ORDER, PLACE, PLACED, intervention, tool_decision, verdict


def turn(turn_id, text, tool_id=None):
    calls = [{"id": tool_id, "name": "place_order", "arguments": PLACE}] if tool_id else []
    return Send({"type": "agent.turn", "turn_id": turn_id, "text": text, "tool_calls": calls})


def result(tool_id):
    return Send({"type": "tool.result", "tool_call_id": tool_id, "name": "place_order", "result": PLACED})


def tool(tool_id):
    return next(each for each in ORDER.tools() if each.id == tool_id)


@pytest.fixture
def player():
    """A player whose caller has just ordered: turn a2 is announced and its tool call waits."""
    player = ScriptPlayer(ORDER)
    player.receive(StreamStarted())
    player.receive(SpeechPlayed("turn-a1"))
    player.receive(CallerFinished("c1"))
    return player


def decide(player, decision, *, turn_id="a2", said="pass", **fields):
    player.receive(MirrorSaid(verdict(turn_id, said)))
    return player.receive(MirrorSaid(tool_decision(turn_id, decision, **fields)))


def test_greets_when_the_stream_starts_and_only_once():
    player = ScriptPlayer(ORDER)
    greeting = "Hello, what can I get you?"
    assert player.receive(StreamStarted()) == [turn("a1", greeting), Say(greeting, "turn-a1")]
    assert player.receive(StreamStarted()) == []


def test_tells_what_the_caller_said_before_it_answers():
    player = ScriptPlayer(ORDER)
    player.receive(StreamStarted())
    player.receive(SpeechPlayed("turn-a1"))
    assert player.receive(CallerFinished("c1")) == [
        Send({"type": "customer.turn", "turn_id": "c1", "text": "A pizza with ham, please."}),
        turn("a2", "Placing it.", "t1"),
        Say("Placing it.", "turn-a2"),
        SetTimer(GATE, GATE_WAIT_MS),
    ]


def test_takes_speech_it_did_not_recognise_for_the_next_line():
    player = ScriptPlayer(ORDER)
    player.receive(StreamStarted())
    player.receive(SpeechPlayed("turn-a1"))
    said = Send({"type": "customer.turn", "turn_id": "c1", "text": "A pizza with ham, please."})
    assert player.receive(CallerFinished(None))[0] == said


def test_runs_an_allowed_tool_and_goes_on_after_its_speech(player):
    done = decide(player, "allow", tool_calls=[{"tool_call_id": "t1", "commit_token": "ct"}])
    assert done == [RanTool(tool("t1"), "ct"), result("t1")]
    assert player.receive(SpeechPlayed("turn-a2")) == [
        Send({"type": "agent.delta", "turn_id": "a5", "delta": "Done."}),
        Send({"type": "agent.done", "turn_id": "a5", "tool_calls": []}),
        Say("Done.", "turn-a5"),
    ]


def test_runs_nothing_on_the_decision_alone_the_verdict_is_awaited(player):
    assert player.receive(MirrorSaid(tool_decision("a2", "allow"))) == []
    assert player.receive(MirrorSaid(verdict("a2")))[0] == RanTool(tool("t1"), None)


def test_reads_back_after_confirm_and_calls_again_after_the_yes(player):
    assert decide(player, "confirm") == [HeldTool(tool("t1"), "confirm")]
    read_back = "A pizza with ham, right?"
    assert player.receive(SpeechPlayed("turn-a2")) == [turn("a3", read_back), Say(read_back, "turn-a3")]
    player.receive(SpeechPlayed("turn-a3"))
    yes = Send({"type": "customer.turn", "turn_id": "c2", "text": "Yes."})
    assert player.receive(CallerFinished("c2")) == [yes, turn("a4", "", "t2"), SetTimer(GATE, GATE_WAIT_MS)]
    assert decide(player, "allow", turn_id="a4") == [RanTool(tool("t2"), None), result("t2")]


def test_says_what_the_instruction_asks_for_when_the_script_foresaw_no_hold(player):
    decide(player, "confirm")
    player.receive(SpeechPlayed("turn-a2"))
    player.receive(SpeechPlayed("turn-a3"))
    player.receive(CallerFinished("c2"))
    said = decide(player, "block", turn_id="a4", instruction='Say: "Ham, is that right?" Get a yes first.')
    assert said == [
        HeldTool(tool("t2"), "block"),
        turn("a4-hold", "Ham, is that right?"),
        Say("Ham, is that right?", "turn-a4-hold"),
    ]


def test_a_tool_nobody_decided_on_is_held_when_the_time_is_up(player):
    player.receive(SpeechPlayed("turn-a2"))
    assert player.receive(TimerRan(GATE))[0] == HeldTool(tool("t1"), "none")


def test_a_decision_for_another_turn_changes_nothing(player):
    assert decide(player, "allow", turn_id="a9") == []


def test_stops_and_speaks_the_steps_of_an_intervention(player):
    decide(player, "confirm", said="intervene")
    started = {"type": "playback", "intervention_id": "i1", "state": "started", "played_ms": 0}
    assert player.receive(MirrorSaid(intervention("a2"))) == [Hush(), Send(started), Say("Sorry...", "b1")]
    assert player.receive(SpeechPlayed("b1", 900)) == [Say("Just to confirm: ham?", "k1")]
    assert player.receive(SpeechPlayed("k1", 1100)) == [
        Send({"type": "playback", "intervention_id": "i1", "state": "finished", "played_ms": 2000}),
        Send({"type": "note.taken", "intervention_id": "i1"}),
        turn("a3", "A pizza with ham, right?"),
        Say("A pizza with ham, right?", "turn-a3"),
    ]


def test_waits_for_a_correction_that_is_still_coming(player):
    decide(player, "confirm", said="intervene")
    player.receive(MirrorSaid(intervention("a2", correction=None)))
    assert isinstance(player.receive(SpeechPlayed("b1"))[0], SetTimer)
    coming = {"type": "intervention.correction", "intervention_id": "i1", "text": "With ham?"}
    assert player.receive(MirrorSaid(coming)) == [Say("With ham?", "k1")]


def test_only_stops_when_mirror_speaks_by_itself(player):
    decide(player, "confirm", said="intervene")
    taken = Send({"type": "note.taken", "intervention_id": "i1"})
    assert player.receive(MirrorSaid(intervention("a2", speaker="mirror"))) == [Hush(), taken]


def test_an_intervention_that_comes_twice_is_followed_once(player):
    player.receive(MirrorSaid(intervention("a2")))
    assert player.receive(MirrorSaid(intervention("a2"))) == []


def test_goes_on_when_the_announced_intervention_never_comes(player):
    decide(player, "confirm", said="intervene")
    assert player.receive(SpeechPlayed("turn-a2")) == []
    assert player.receive(TimerRan(INTERVENTION))[0] == turn("a3", "A pizza with ham, right?")


def test_does_not_read_back_what_the_correction_has_read_back(player):
    decide(player, "confirm", said="intervene")
    player.receive(MirrorSaid(intervention("a2", correction="Just to confirm: a pizza with ham?")))
    player.receive(SpeechPlayed("b1"))
    assert player.receive(SpeechPlayed("k1"))[-1] == Send({"type": "note.taken", "intervention_id": "i1"})


@pytest.mark.parametrize(("words", "expected"), [("A pizza with ham?", True), ("Ham?", False), ("Pizza, ham.", False)])
def test_a_read_back_asks_for_all_of_it(words, expected):
    held = next(line for line in ORDER.agent_lines() if line.id == "a2")
    assert is_read_back(words, held) is expected


@pytest.mark.parametrize("fields", [{"suppressed": "cooldown"}, {"shadow": True}])
def test_waits_for_no_intervention_that_will_not_come(player, fields):
    player.receive(SpeechPlayed("turn-a2"))
    player.receive(MirrorSaid(verdict("a2", "intervene", **fields)))
    assert player.receive(MirrorSaid(tool_decision("a2", "confirm")))[1] == turn("a3", "A pizza with ham, right?")


def test_a_shadow_verdict_announces_no_intervention(player):
    player.receive(SpeechPlayed("turn-a2"))
    player.receive(MirrorSaid(verdict("a2", "intervene", shadow=True)))
    assert player.receive(MirrorSaid(tool_decision("a2", "allow")))[0] == RanTool(tool("t1"), None)


def test_is_quiet_when_the_caller_speaks_over_it(player):
    assert player.receive(CallerStarted()) == [Hush()]
    assert player.receive(CallerStarted()) == []


def test_an_unsupervised_agent_asks_nobody():
    player = ScriptPlayer(ORDER, is_supervised=False)
    assert player.receive(StreamStarted()) == [Say("Hello, what can I get you?", "turn-a1")]
    player.receive(SpeechPlayed("turn-a1"))
    assert player.receive(CallerFinished("c1")) == [Say("Placing it.", "turn-a2"), RanTool(tool("t1"), None)]


def test_asks_in_its_own_words_when_the_instruction_gives_none():
    assert asked_for("Do not call place_order: it is late.") == ASK


@pytest.mark.parametrize("text", ["", "One.", "One two three four five six seven."])
def test_deltas_lose_nothing(text):
    assert "".join(deltas_of(text)) == text


HAPPENINGS = st.lists(
    st.sampled_from(
        [
            StreamStarted(),
            CallerStarted(),
            *(CallerFinished(line) for line in ("c1", "c2", None)),
            *(SpeechPlayed(name) for name in ("turn-a1", "turn-a2", "turn-a3", "turn-a5", "b1", "k1")),
            *(TimerRan(name) for name in ("gate", "intervention", "correction")),
            *(MirrorSaid(verdict(turn, said)) for turn in ("a2", "a4") for said in ("pass", "intervene")),
            *(MirrorSaid(tool_decision(turn, word)) for turn in ("a2", "a4") for word in ("allow", "confirm", "block")),
            MirrorSaid(intervention("a2")),
            MirrorSaid(intervention("a2", correction=None)),
            MirrorSaid({"type": "intervention.correction", "intervention_id": "i1", "text": "Ham?"}),
            MirrorSaid({"type": "error", "code": "x"}),
        ]
    ),
    max_size=40,
)


@given(HAPPENINGS)
def test_in_any_order_no_tool_runs_unasked_and_nothing_is_said_twice(happenings):
    player, allowed, actions = ScriptPlayer(ORDER), set(), []
    for happening in happenings:
        if isinstance(happening, MirrorSaid) and happening.message.get("decision") == "allow":
            allowed.add(happening.message["gate_id"])
        done = player.receive(happening)
        ran = {action.tool.id for action in done if isinstance(action, RanTool)}
        assert ran <= {"t1" if gate == "a2" else "t2" for gate in allowed}
        actions += done
    turns = [each.message["turn_id"] for each in actions if isinstance(each, Send) and "turn" in each.message["type"]]
    tools = [action.tool.id for action in actions if isinstance(action, RanTool | HeldTool)]
    assert len(set(turns)) == len(turns)
    assert len(set(tools)) == len(tools)
