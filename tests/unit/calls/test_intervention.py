"""An intervention from the clear to handing back control."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calls.events import (
    AgentDeltaReceived,
    Amend,
    AskModel,
    CallEnded,
    CallerSpoke,
    CancelTimer,
    CheckpointPlayed,
    ClearAudio,
    CorrectionMade,
    EndCall,
    MakeCorrection,
    NoteTaken,
    PlaybackReported,
    PlaybackState,
    Record,
    ResumeAgent,
    SendCorrection,
    SendIntervention,
    SendToolDecision,
    SendVerdict,
    SetTimer,
    Speak,
    SpeechBegan,
    SpeechFailed,
    TimerFired,
    ToolGateRequested,
    ToolResultReceived,
)
from calls.heard import speech_ms
from calls.intervention import (
    AGENT_SPEECH_SLACK_MS,
    BUFFER_SLACK_MS,
    CORRECTION_BUDGET_MS,
    CORRECTION_SLACK_MS,
    SPEECH_WITHIN_MS,
)
from calls.transitions import State
from judging.core import Answer, Decision, Policy, safe_line
from tests.unit.calls.cast import BAD, GOOD, KIND, MODELS, PIZZA, VIOLATION, Line, names, of, one

TEMPLATE = "Sorry, I can't promise a refund."
BUFFER_MS = speech_ms("Sorry, let me make sure I got that right...")


def last_amend(effects):
    return of(effects, Amend)[-1].fields


def stopped(**settings):
    line = Line(**settings)
    line.agent(BAD, turn_id="a1")
    return line


def generating(**settings):
    return stopped(has_generator=True, **settings)


# --- the steps ---


def test_an_agent_that_speaks_for_itself_is_told_all_steps_at_once():
    line = Line()
    effects = line.agent(BAD, turn_id="a1")
    assert names(effects) == [
        "Record", "Record", "SendVerdict", "Record", "ClearAudio", "SendIntervention", "SetTimer",
    ]  # fmt: skip
    said = one(effects, SendIntervention)
    assert (said.turn_id, said.correction, said.source, said.is_spoken_by_mirror) == ("a1", TEMPLATE, "template", False)
    assert (said.buffer_checkpoint, said.correction_checkpoint) == ("mirror-i1-buffer", "mirror-i1-correction")
    assert TEMPLATE in said.system_note
    assert one(effects, ClearAudio).generation == 1
    assert one(effects, SetTimer) == SetTimer("intervention:i1", BUFFER_MS + BUFFER_SLACK_MS)
    assert line.session.state is State.INTERVENING


def test_mirror_speaks_buffer_then_correction_each_before_its_checkpoint():
    line = Line(is_spoken_by_mirror=True)
    buffer = one(line.agent(BAD), Speak)
    assert (buffer.part, buffer.checkpoint, buffer.generation) == ("buffer", "mirror-i1-buffer", 1)
    effects = line(CheckpointPlayed("mirror-i1-buffer"), after_ms=2000)
    deadline_ms = 2000 + SPEECH_WITHIN_MS["correction"]
    assert one(effects, Speak) == Speak("i1", "correction", TEMPLATE, "mirror-i1-correction", 1, deadline_ms, "en")
    assert one(effects, SetTimer).at_ms == deadline_ms + speech_ms(TEMPLATE) + CORRECTION_SLACK_MS
    assert last_amend(effects)["state"] == "corrected"
    done = line(CheckpointPlayed("mirror-i1-correction"), after_ms=3000)
    assert one(done, ResumeAgent).generation == 1
    assert last_amend(done)["state"] == "completed"
    assert [step["step"] for step in last_amend(done)["steps"]] == [
        "started", "buffer_played", "correction_started", "played",
    ]  # fmt: skip
    assert line.session.state is State.LIVE


def test_an_agent_gets_time_to_synthesise_the_correction():
    line = stopped()
    effects = line(TimerFired("intervention:i1"), after_ms=BUFFER_MS + BUFFER_SLACK_MS)
    assert one(effects, SetTimer).at_ms == line.now_ms + speech_ms(TEMPLATE) + AGENT_SPEECH_SLACK_MS


def test_a_lost_buffer_checkpoint_holds_nothing_up():
    line = stopped(is_spoken_by_mirror=True)
    effects = line(TimerFired("intervention:i1"), after_ms=BUFFER_MS + BUFFER_SLACK_MS)
    assert one(effects, Speak).part == "correction"
    assert "buffer_timed_out" in [step["step"] for step in last_amend(effects)["steps"]]


def test_a_known_length_of_the_buffer_line_sets_the_wait():
    line = Line(buffer_play_ms=1200.0)
    assert one(line.agent(BAD, after_ms=50), SetTimer).at_ms == 50 + 1200 + BUFFER_SLACK_MS


def test_a_late_buffer_checkpoint_starts_no_second_correction():
    line = stopped(is_spoken_by_mirror=True)
    line(TimerFired("intervention:i1"))
    assert line(CheckpointPlayed("mirror-i1-buffer")) == []


def test_a_lost_correction_checkpoint_gives_the_floor_back():
    line = stopped()
    line(TimerFired("intervention:i1"))
    done = line(TimerFired("intervention:i1"))
    assert one(done, ResumeAgent)
    assert last_amend(done)["state"] == "completed"


def test_the_correction_becomes_a_turn_of_the_call():
    line = stopped()
    row = one(line(CheckpointPlayed("mirror-i1-buffer")), Record)
    assert (row.table, row.fields["text"], row.fields["is_judged"]) == ("turn", TEMPLATE, False)
    assert line.session.conversation.turns[-1].text == TEMPLATE


def test_playback_of_the_agent_ends_the_intervention():
    line = stopped()
    line(PlaybackReported(PlaybackState.STARTED, 0, intervention_id="i1"))
    assert line.session.intervention is not None
    done = line(PlaybackReported(PlaybackState.FINISHED, 900, intervention_id="i1"))
    assert (last_amend(done)["state"], line.session.intervention) == ("completed", None)


def test_playback_of_another_intervention_changes_nothing():
    assert stopped()(PlaybackReported(PlaybackState.FINISHED, 900, intervention_id="i7")) == []


def test_an_answer_to_the_correction_ends_it():
    line = stopped()
    line(CheckpointPlayed("mirror-i1-buffer"))
    done = line.customer("Yes, please.")
    assert one(done, ResumeAgent)
    assert last_amend(done)["state"] == "completed"


def test_words_during_the_buffer_line_end_nothing():
    line = stopped()
    assert of(line.customer("Hello?"), ResumeAgent) == []
    assert line.session.state is State.INTERVENING


def test_a_caller_who_speaks_over_mirrors_correction_stops_it():
    line = stopped(is_spoken_by_mirror=True)
    line(CheckpointPlayed("mirror-i1-buffer"))
    effects = line(CallerSpoke(), after_ms=20)
    assert names(effects)[0] == "ClearAudio"
    assert last_amend(effects)["state"] == "cut"
    assert one(effects, ResumeAgent)


@pytest.mark.parametrize("is_spoken_by_mirror", [True, False])
def test_a_caller_who_speaks_over_the_buffer_line_stops_nothing(is_spoken_by_mirror):
    assert stopped(is_spoken_by_mirror=is_spoken_by_mirror)(CallerSpoke()) == []


# --- Mirror's own voice ---


def spoken(stage="buffer"):
    line = stopped(is_spoken_by_mirror=True)
    if stage == "correction":
        line(CheckpointPlayed("mirror-i1-buffer"), after_ms=1_000)
    return line


@pytest.mark.parametrize(("part", "slack_ms"), [("buffer", BUFFER_SLACK_MS), ("correction", CORRECTION_SLACK_MS)])
def test_once_it_is_known_how_long_a_part_plays_the_wait_is_that_and_a_little(part, slack_ms):
    line = spoken(part)
    effects = line(SpeechBegan("i1", part, 1_700.0), after_ms=100)
    assert effects == [SetTimer("intervention:i1", line.now_ms + 1_700.0 + slack_ms)]


@pytest.mark.parametrize("event", [SpeechBegan("i7", "buffer", 1.0), SpeechBegan("i1", "correction", 1.0)])
def test_a_part_that_is_not_waited_for_changes_nothing(event):
    assert spoken()(event) == []


def test_with_all_marks_lost_the_correction_follows_and_the_floor_is_given_back_in_time():
    line = spoken()
    line(SpeechBegan("i1", "buffer", 1_700.0))
    timer = line.now_ms + 1_700.0 + BUFFER_SLACK_MS
    effects = line(TimerFired("intervention:i1"), after_ms=timer)
    assert one(effects, Speak).part == "correction"
    began = line(SpeechBegan("i1", "correction", 2_000.0), after_ms=50)
    assert one(began, SetTimer).at_ms == line.now_ms + 2_000.0 + CORRECTION_SLACK_MS
    assert one(line(TimerFired("intervention:i1"), after_ms=2_500), ResumeAgent)


@pytest.mark.parametrize("part", ["buffer", "correction"])
def test_what_mirrors_voice_cannot_say_the_agent_is_asked_to_say(part):
    line = spoken(part)
    effects = line(SpeechFailed("i1", part, can_agent_speak=True))
    told = one(effects, SendIntervention)
    assert (told.intervention_id, told.is_spoken_by_mirror, told.correction) == ("i1", False, TEMPLATE)
    assert bool(told.buffer_text) is (part == "buffer")  # what was said is not said again
    assert last_amend(effects)["speaker"] == "agent"
    line(PlaybackReported(PlaybackState.STARTED, 0, intervention_id="i1"))
    assert one(line(PlaybackReported(PlaybackState.FINISHED, 900, intervention_id="i1")), ResumeAgent)


def test_a_buffer_line_nobody_can_say_is_left_out():
    effects = spoken()(SpeechFailed("i1", "buffer", can_agent_speak=False))
    assert one(effects, Speak).part == "correction"


def test_a_correction_nobody_can_say_gives_the_floor_back_at_once_and_was_not_heard():
    line = spoken("correction")
    effects = line(SpeechFailed("i1", "correction", can_agent_speak=False), after_ms=2_500)
    assert one(effects, ResumeAgent)
    assert [e.fields["heard_text"] for e in of(effects, Amend) if e.table == "turn"] == [""]
    assert last_amend(effects)["state"] == "cut"


def test_playback_the_agent_reports_says_nothing_of_what_mirror_speaks():
    line = spoken("correction")
    assert line(PlaybackReported(PlaybackState.FINISHED, 900, intervention_id="i1")) == []


def test_an_answer_over_mirrors_correction_takes_back_the_rest_of_it():
    effects = spoken("correction").customer("Yes, please.")
    assert one(effects, ClearAudio) == ClearAudio(1)
    assert one(effects, ResumeAgent)


def test_what_was_heard_of_a_correction_that_was_spoken_over_is_what_was_played():
    line = spoken("correction")
    line(SpeechBegan("i1", "correction", 2_000.0))
    effects = line(CallerSpoke(played_ms=900.0), after_ms=5_000)
    assert [e.fields["heard_ms"] for e in of(effects, Amend) if e.table == "turn"] == [900]


# --- how much of the bad turn was heard ---


def violating(line, played_ms, total_ms, turn_id="a1"):
    effects = line(PlaybackReported(PlaybackState.CLEARED, played_ms, turn_id, total_ms=total_ms))
    return [e.fields["heard_violation_words"] for e in of(effects, Amend) if "heard_violation_words" in e.fields]


@pytest.mark.parametrize(("played_ms", "words"), [(0, 0), (500, 4), (1_000, 7)])
def test_the_words_heard_of_a_stopped_turn_are_counted(played_ms, words):
    assert violating(stopped(), played_ms, 1_000) == [words]


def test_words_that_were_judged_fine_do_not_count():
    line = Line(is_streaming=True)
    line(AgentDeltaReceived("a1", f"{GOOD} {BAD} So"))
    assert line.session.intervention is not None
    length = len(f"{GOOD} {BAD} So")
    just_good = round(len(GOOD) / length * 1_000)
    assert violating(line, just_good, 1_000) == [0]


def test_two_words_of_the_bad_sentence_were_heard():
    line = Line(is_streaming=True)
    line(AgentDeltaReceived("a1", f"{GOOD} {BAD} So"))
    played = round(len(f"{GOOD} I will") / len(f"{GOOD} {BAD} So") * 1_000)
    assert violating(line, played, 1_000) == [2]


def test_a_turn_is_counted_once_and_another_turn_never():
    line = stopped()
    assert violating(line, 900, 1_000, turn_id="a0") == []
    assert violating(line, 0, 1_000) == [0]
    assert violating(line, 900, 1_000) == []


def test_a_hundred_bad_turns_at_once_are_one_intervention():
    line = Line(judge=replace(MODELS, tiers=frozenset({0, 2})), policies=(KIND,))
    for number in range(100):
        line.agent("You are so dumb, really.", turn_id=f"a{number}")
    reviews = [ask.review_id for ask in of(line.effects, AskModel)]
    assert len(reviews) >= 100
    answer = Answer(text=VIOLATION.replace('"policy": 2', '"policy": 1'))
    effects = [effect for review in reviews for effect in line.answers(answer, review_id=review)]
    assert len(of(effects, SendIntervention)) == 1
    assert len(of(effects, ClearAudio)) == 1


# --- the correction ---


def test_a_correction_that_must_be_written_is_asked_for_and_sent_when_it_comes():
    line = Line(has_generator=True)
    effects = line.agent(BAD)
    assert one(effects, SendIntervention).correction is None
    asked = one(effects, MakeCorrection)
    assert (asked.turn_text, asked.policy_text, asked.deadline_ms) == (
        BAD, "Never promise a refund.", CORRECTION_BUDGET_MS,
    )  # fmt: skip
    made = line(CorrectionMade("i1", "Let me check what I can do."), after_ms=400)
    sent = one(made, SendCorrection)
    assert (sent.text, sent.source) == ("Let me check what I can do.", "generated")
    assert CancelTimer("correction:i1") in made


def test_a_correction_that_is_late_is_replaced_by_the_template():
    line = generating()
    effects = line(TimerFired("correction:i1"), after_ms=CORRECTION_BUDGET_MS)
    sent = one(effects, SendCorrection)
    assert (sent.text, sent.source) == (TEMPLATE, "template")
    assert line(CorrectionMade("i1", "Let me check what I can do.")) == []


def test_without_a_correction_the_end_of_the_buffer_line_waits_for_one():
    line = generating(is_spoken_by_mirror=True)
    assert of(line(CheckpointPlayed("mirror-i1-buffer")), Speak) == []
    assert one(line(CorrectionMade("i1", "Let me check.")), Speak).text == "Let me check."


@pytest.mark.parametrize("text", ["", BAD, "Tell the customer to wait.", "I want a pizza.", "so " * 41])
def test_a_correction_that_cannot_be_said_is_replaced(text):
    sent = one(generating()(CorrectionMade("i1", text)), SendCorrection)
    assert (sent.text, sent.source) == (TEMPLATE, "template")


def test_a_template_that_breaks_a_rule_itself_is_replaced():
    rules = (Policy("Never promise a refund."), Policy("Never ask for the day or date."))
    line = Line(policies=rules)
    sent = one(line.agent("Which day would you like to travel?"), SendIntervention)
    assert sent.correction in ("Sorry, there is no need to answer that.", safe_line())


# --- cool-down ---


def test_speech_is_not_stopped_again_while_cooling_down():
    line = stopped(cooldown_ms=10_000)
    line(PlaybackReported(PlaybackState.FINISHED, 0, intervention_id="i1"))
    effects = line.agent(BAD, after_ms=9_999)
    assert one(effects, SendVerdict).suppressed == "cooldown"
    assert of(effects, SendIntervention) == []
    assert one(line.agent(BAD, after_ms=1), SendIntervention).intervention_id == "i2"


def test_speech_is_not_stopped_a_second_time_while_it_is_being_stopped():
    effects = (line := stopped()).agent(BAD)
    assert one(effects, SendVerdict).suppressed == "intervening"
    assert line.session.intervention.intervention_id == "i1"


@pytest.mark.parametrize("is_over", [True, False])
def test_tools_are_gated_all_the_same(is_over):
    line = stopped()
    if is_over:
        line(PlaybackReported(PlaybackState.FINISHED, 0, intervention_id="i1"))
    decision = one(line(ToolGateRequested("g1", (PIZZA,))), SendToolDecision)
    assert (decision.decision, decision.calls[0].verdict.check) == ("confirm", "ungrounded_argument")


# --- the note ---


def test_the_note_lasts_for_so_many_turns_after_the_intervention():
    line = stopped(note_turns=2)
    line.agent(GOOD)  # spoken while the intervention runs: not counted
    line(PlaybackReported(PlaybackState.FINISHED, 0, intervention_id="i1"))
    left = []
    for _ in range(2):
        left.append(line.session.note.turns_left)
        line.agent(GOOD)
    assert (left, line.session.note) == ([2, 1], None)


def test_the_note_is_gone_once_taken():
    line = stopped()
    line(NoteTaken("i9"))
    assert line.session.note is not None
    line(NoteTaken("i1"))
    assert line.session.note is None


def test_the_note_is_gone_once_the_tool_is_committed():
    line = stopped(policies=())
    line = Line()
    line.customer("A pizza, please.")
    line.agent("So a pizza, right?")
    line.customer("Yes.")
    line(ToolGateRequested("g1", (PIZZA,)))
    line.agent(BAD)
    assert line.session.note is not None
    line(ToolResultReceived("another", "place_order", {}))
    assert line.session.note is not None
    line(ToolResultReceived(PIZZA.id, "place_order", {"order": 7}))
    assert line.session.note is None


# --- the end ---


def test_a_call_that_ends_closes_everything_that_is_open():
    line = generating()
    line(AgentDeltaReceived("a2", "Wait a "))
    effects = line(CallEnded("caller_hung_up"), after_ms=100)
    assert effects[-1] == EndCall("caller_hung_up")
    assert [v.turn_id for v in of(effects, SendVerdict)] == ["a2"]
    assert last_amend(effects)["state"] == "cut"
    assert {e.key for e in of(effects, CancelTimer)} == {"intervention:i1", "correction:i1"}
    assert (line.session.state, line.session.intervention) == (State.ENDED, None)
    assert line(TimerFired("intervention:i1")) == line(CorrectionMade("i1", "Late.")) == []


def test_a_stopped_turn_is_a_verdict_and_a_row_before_anything_is_sent():
    effects = Line().agent(BAD)
    tables = [row.table for row in of(effects, Record)]
    assert tables == ["turn", "verdict", "intervention"]
    verdict_n = of(effects, Record)[1].n
    assert of(effects, Record)[2].fields["verdict_n"] == verdict_n
    assert one(effects, SendVerdict).decision is Decision.INTERVENE
