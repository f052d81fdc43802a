"""The realtime relay with a real session and a scripted model: what the client sees, what the model is told."""

from __future__ import annotations

import json

import pytest

from calls.events import (
    AgentDeltaReceived,
    CustomerTurnCompleted,
    DecisionLost,
    PlaybackReported,
    PlaybackState,
    SendToolDecision,
    ToolGateRequested,
    ToolResultReceived,
)
from calls.realtime.base import RelaySettings
from calls.simulate.realtime_speech import Call, Reply
from judging.core import GateDecision, JudgeSettings
from tests.unit.calls.cast import BAD, GOOD, MODELS
from tests.unit.calls.realtime_cast import MENU, ORDER, RealtimeCall, Script, spoken_of
from tests.unit.calls.realtime_trace import Trace

STOPPED = Reply(("Let me look. ", "I will give you ", "a full refund. ", "And more."))
QUESTION = Reply(("So that is one pizza. ", "Shall I order it?"))


def talk(*replies: Reply, **settings: object) -> RealtimeCall:
    """The caller has spoken; the model has answered."""
    call = RealtimeCall(*replies, **settings)  # type: ignore[arg-type]
    call.caller("Hello there.")
    call.run()
    return call


# --- nothing to intervene on ---


@pytest.mark.parametrize("is_beta", [False, True])
@pytest.mark.parametrize("is_text", [False, True])
def test_without_a_violation_every_message_passes_as_it_came(is_beta, is_text):
    call = RealtimeCall(Reply((GOOD, " One moment.")), Reply((), (MENU,)), is_beta=is_beta, is_text=is_text)
    call.client("session.update", session={"instructions": "é"})
    call.caller("A pizza, please.")
    call.run()
    call.client("input_audio_buffer.append", audio="AAAA")
    call.client("response.create")
    call.run()
    assert sorted(call.to_client) == sorted(call.from_model)
    assert call.to_model == call.from_client
    assert call.trace.runnable == [("find_menu", MENU.arguments)]


def test_what_is_no_message_of_the_protocol_passes():
    call = RealtimeCall()
    for text in ("no json", "[1]", '{"type": 1}', "null", '{"type":"new.event","x":[]}'):
        call.relay.from_upstream(text, now_ms=0)
        call.relay.from_client(text, now_ms=0)
    out = call.relay.take(now_ms=0)
    assert (out.to_client, out.to_upstream) == (
        ["no json", "[1]", '{"type": 1}', "null", '{"type":"new.event","x":[]}'],
    ) * 2


def test_the_callers_words_are_told_before_the_answer_to_them_however_late_they_come():
    call = RealtimeCall(Reply((GOOD,)))
    call.caller("A pizza, please.")
    while call.model.is_busy:
        call.step()
    assert not call.events
    call.write_down()
    assert [type(event) for event in call.events][:2] == [CustomerTurnCompleted, AgentDeltaReceived]


def test_words_that_do_not_come_are_not_waited_for_for_ever():
    call = RealtimeCall(Reply((GOOD,)))
    call.caller("A pizza, please.")
    while call.model.is_busy:
        call.step()
    call.wait(2_000)
    assert call.of(AgentDeltaReceived)
    call.write_down()
    assert call.of(CustomerTurnCompleted) == [CustomerTurnCompleted("item_2", "A pizza, please.")]


def test_turns_that_nobody_writes_down_are_counted():
    call = RealtimeCall(Reply((GOOD,)), is_transcribed=False)
    call.caller("A pizza, please.")
    call.run()
    assert call.of(AgentDeltaReceived)
    assert call.relay.facts["unheard_turns"] == 1
    assert call.relay.facts["is_transcribed"] is False


def test_transcription_is_switched_on_where_that_is_set_and_the_client_never_knows():
    settings = RelaySettings(transcription_model="whisper-1")
    call = RealtimeCall(Reply((GOOD,)), is_transcribed=False, settings=settings)
    call.client("session.update", session={"type": "realtime", "audio": {"input": {"transcription": None}}})
    assert call.model.session["audio"]["input"]["transcription"] == {"model": "whisper-1"}
    assert call.kinds() == ["session.created", "session.updated"]
    call.caller("A pizza, please.")
    call.run()
    assert call.of(CustomerTurnCompleted)


def test_text_that_the_client_puts_in_for_the_caller_is_the_callers():
    call = RealtimeCall(Reply((GOOD,)))
    call.client(
        "conversation.item.create",
        item={"type": "message", "role": "user", "content": [{"type": "input_text", "text": "A pizza."}]},
    )
    assert [event.text for event in call.of(CustomerTurnCompleted)] == ["A pizza."]
    assert call.to_model == call.from_client


# --- speech ---


def test_a_bad_reply_is_cancelled_and_put_right_in_the_agents_own_voice():
    call = talk(STOPPED)
    (cancel,) = call.sent("response.cancel")
    first, second = call.got("response.done")
    assert cancel["response_id"] == first["response"]["id"]
    assert (first["response"]["status"], second["response"]["status"]) == ("cancelled", "completed")
    assert first["response"]["status_details"] == {"type": "cancelled", "reason": "turn_detected"}
    assert "And more" not in call.heard_words()
    assert call.heard_words().endswith("Sorry, I can't promise a refund.")
    (asked,) = [spoken_of(ask) for ask in call.script.asked if spoken_of(ask)]
    assert asked == "Sorry, let me make sure I got that right... Sorry, I can't promise a refund."


def test_clients_are_told_to_drop_what_they_have_as_if_the_caller_spoke_only_while_something_plays():
    call = talk(STOPPED)
    kinds = call.kinds()[call.kinds().index("response.created") :]
    assert kinds.count("input_audio_buffer.speech_started") == 1
    assert kinds.index("input_audio_buffer.speech_started") < kinds.index("response.done")
    held = talk(STOPPED, is_text=True)
    assert held.kinds().count("input_audio_buffer.speech_started") == 1  # the caller's own


def test_what_was_played_of_a_stopped_reply_is_cut_at_the_provider():
    call = RealtimeCall(STOPPED)
    call.caller("Hello there.")
    call.write_down()
    for _ in range(4):
        call.step()
    call.now_ms = 500.0  # the first sentence takes 780 ms
    call.run()
    (cut,) = call.sent("conversation.item.truncate")
    assert cut["audio_end_ms"] == 500
    assert call.got("conversation.item.truncated")
    (told,) = [report for report in call.of(PlaybackReported) if report.turn_id == cut["item_id"]]
    assert (told.state, told.played_ms) == (PlaybackState.CLEARED, 500)


def test_a_reply_of_which_nothing_was_heard_is_taken_out_of_the_conversation():
    call = talk(STOPPED)
    assert len(call.sent("conversation.item.delete")) == 1
    assert not call.trace.errors


def test_the_clients_own_cut_and_cancel_of_a_stopped_reply_do_not_reach_the_correction():
    call = RealtimeCall(STOPPED, is_slow=True)
    call.caller("Hello there.")
    call.write_down()
    while "response.cancel" not in [json.loads(text)["type"] for text in call._pending]:
        call.step()
    item_id = call.got("response.output_audio.delta")[0]["item_id"]
    call.client("response.cancel")
    call.client("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=40)
    call.run()
    (cut,) = call.sent("conversation.item.truncate")
    assert cut["audio_end_ms"] == 40
    assert cut["event_id"].startswith("evt_mirror_")
    assert len(call.sent("response.cancel")) == 1
    assert call.got("response.done")[-1]["response"]["status"] == "completed"


def test_a_request_of_the_clients_waits_for_the_correction():
    call = RealtimeCall(STOPPED, is_slow=True)
    call.caller("Hello there.")
    call.write_down()
    while "response.cancel" not in [json.loads(text)["type"] for text in call._pending]:
        call.step()
    call.client("response.create", event_id="mine")
    call.run()
    assert [ask["event_id"] for ask in call.sent("response.create")][-1] == "mine"
    assert not call.trace.errors
    assert [body["response"]["status"] for body in call.got("response.done")] == ["cancelled", "completed", "completed"]


def test_a_verdict_after_the_replys_end_still_puts_it_right():
    call = RealtimeCall(STOPPED)
    call.caller("Hello there.")
    while call.model.is_busy:
        call.step()
    assert call.trace.ended == {"resp_8": "completed"}
    call.write_down()
    call.run()
    assert not call.sent("response.cancel")
    assert call.heard_words().endswith("Sorry, I can't promise a refund.")
    assert [body["response"]["status"] for body in call.got("response.done")] == ["completed", "completed"]


def test_a_correction_that_breaks_a_rule_itself_is_not_corrected_for_ever():
    script = Script(STOPPED, corrections=lambda words: Reply((f"{BAD} ", "Really.")))
    call = RealtimeCall(script=script, cooldown_ms=0.0)
    call.caller("Hello there.")
    call.run()
    call.wait(60_000)
    call.run()
    assert len([ask for ask in script.asked if spoken_of(ask)]) == 1


def test_an_answer_of_the_providers_own_that_is_faster_lets_the_correction_follow_it():
    call = RealtimeCall(STOPPED, is_slow=True)
    call.caller("Hello there.")
    call.write_down()
    while not any("instructions" in text for text in call._pending):
        call.deliver()
        call.step()
    call.caller("Hold on.")
    call.run()
    assert not call.trace.errors
    assert call.relay.facts["errors_swallowed"] == 1
    assert call.heard_words().endswith("Sorry, I can't promise a refund.")


def test_a_correction_whose_verdict_comes_late_is_not_corrected_either():
    script = Script(STOPPED, corrections=lambda words: Reply((f"{BAD} ", "Really.")))
    call = RealtimeCall(script=script, cooldown_ms=0.0, settings=RelaySettings(transcript_wait_ms=60_000.0))
    call.caller("Hello there.")
    call.write_down()
    while not any(spoken_of(ask) for ask in script.asked):
        call.step()
    call.says("input_audio_buffer.committed", item_id="late", previous_item_id=None)
    while call.model.is_busy:
        call.step()
    call.wait(30_000)  # the correction has been heard, and the intervention is over
    assert call.session.intervention is None
    call.says("conversation.item.input_audio_transcription.failed", item_id="late")
    call.run()
    assert call.session.interventions.count == 2
    assert call.session.intervention is None
    assert len([ask for ask in script.asked if spoken_of(ask)]) == 1


def test_a_request_that_the_provider_never_answers_is_given_up():
    call = RealtimeCall(STOPPED, is_slow=True)
    call.caller("Hello there.")
    call.write_down()
    while not any("instructions" in text for text in call._pending):
        call.deliver()
        call.step()
    call._pending.clear()
    call.client("response.create", event_id="mine")
    assert not call._pending
    call.wait(11_000)
    assert [json.loads(text)["event_id"] for text in call._pending] == ["mine"]


def test_turns_that_come_at_once_are_told_one_after_the_other():
    call = RealtimeCall(Reply(("One moment ", "please.")), Reply(("Beside ", "that.")))
    call.client("response.create")
    call.client("response.create", response={"conversation": "none"})
    for number in range(20):
        call.step(number)
    call.run()
    told = [(event.turn_id, event.delta) for event in call.of(AgentDeltaReceived)]
    assert [delta for _, delta in told] == ["One moment ", "please.", "Beside ", "that."]
    assert sorted(turn for turn, _ in told) == [turn for turn, _ in told]


def test_what_follows_held_speech_waits_for_it():
    call = RealtimeCall(Reply(("Let me see",)), settings=RelaySettings(hold_budget_ms=250.0))
    call.caller("Hello there.")
    while call.model.is_busy:
        call.step()
    assert call.kinds()[-1] == "response.content_part.added"
    call.wait(250)
    assert call.kinds()[-1] == "response.done"


def test_held_speech_leaves_once_it_is_judged_and_bad_speech_never():
    settings = RelaySettings(hold_budget_ms=250.0)
    call = RealtimeCall(Reply((GOOD, " Anything else? ", BAD, " Sure.")), settings=settings)
    call.caller("Hello there.")
    call.run()
    said = call.heard_words()
    assert "refund. Sure" not in said
    assert BAD not in said
    assert said.startswith(GOOD)


def test_held_speech_that_nobody_judges_leaves_after_the_budget():
    call = RealtimeCall(Reply(("Let me see",)), settings=RelaySettings(hold_budget_ms=250.0))
    call.caller("Hello there.")
    call.write_down()
    for _ in range(3):
        call.step()
    assert not call.heard_words()
    call.wait(250)
    assert call.heard_words() == "Let me see"


def test_words_outside_the_conversation_that_nobody_hears_are_not_judged():
    call = RealtimeCall(Reply((BAD,)), is_text=True)
    call.client("response.create", response={"conversation": "none"})
    call.run()
    assert not call.events
    assert sorted(call.to_client) == sorted(call.from_model)


def test_while_the_judge_hangs_speech_flows_and_a_tool_follows_its_fail_mode():
    call = RealtimeCall(Reply((GOOD,), (ORDER,)), Reply((GOOD,)), judge=MODELS)
    call.caller("A pizza, please.")
    call.run()
    assert call.heard_words() == GOOD
    assert not call.of_effects(SendToolDecision)
    call.wait(5_000)
    call.run()
    (decision,) = call.of_effects(SendToolDecision)
    assert decision.decision is GateDecision.CONFIRM
    assert not call.trace.runnable
    assert call.sent("conversation.item.create")


def test_held_speech_flows_after_the_budget_while_the_judge_hangs():
    call = RealtimeCall(Reply((GOOD,)), judge=MODELS, settings=RelaySettings(hold_budget_ms=250.0))
    call.caller("Hello there.")
    call.run()
    assert not call.heard_words()
    call.wait(250)
    assert call.heard_words() == GOOD


# --- function calls ---


def test_a_call_that_needs_a_yes_is_answered_to_the_model_and_never_seen():
    call = talk(Reply((), (ORDER,)), QUESTION)
    assert not call.trace.runnable
    assert "place_order" not in "".join(call.to_client)
    (answer,) = call.sent("conversation.item.create")
    assert answer["item"]["call_id"] == "call_12"
    assert "yes" in answer["item"]["output"]
    assert len(call.sent("response.create")) == 1
    assert call.heard_words() == QUESTION.text
    assert [len(body["response"]["output"]) for body in call.got("response.done")] == [0, 1]


def test_a_call_that_was_agreed_to_is_released_as_it_came():
    call = talk(QUESTION, Reply((), (ORDER,)), is_text=True)
    call.caller("Yes, please.")
    call.run()
    assert call.trace.runnable == [("place_order", ORDER.arguments)]
    assert sorted(call.to_client) == sorted(call.from_model)
    assert call.to_model == []


def test_a_client_that_asks_for_it_gets_the_commit_token_with_the_call():
    call = talk(QUESTION, Reply((), (ORDER,)), is_text=True, settings=RelaySettings(is_client_told=True))
    call.caller("Yes, please.")
    call.run()
    (released,) = call.got("response.function_call_arguments.done")
    assert released["mirror"]["commit_token"] == "token-1"


def test_the_callers_voice_is_not_kept_waiting_behind_a_call_that_is_checked():
    call = RealtimeCall(Reply((), (ORDER,)))
    call.is_gate_slow = True
    call.caller("Hello there.")
    call.run()
    call.says("input_audio_buffer.speech_started", item_id="item_x")
    assert call.kinds()[-1] == "input_audio_buffer.speech_started"
    assert not call.got("response.done")


def test_a_decision_that_never_comes_runs_nothing():
    call = RealtimeCall(Reply((), (ORDER,)))
    call.is_gate_slow = True
    call.caller("Hello there.")
    call.run()
    call.wait(15_000)
    call.run()
    assert not call.trace.runnable
    assert call.trace.ended["resp_8"] == "completed"
    assert "could not be checked in time" in call.sent("conversation.item.create")[0]["item"]["output"]


@pytest.mark.parametrize("arguments", ["", "{", "[]", "null", '"text"', '{"item": NaN}'])
def test_a_call_whose_arguments_are_no_object_is_not_run(arguments):
    call = talk(Reply((), (Call("place_order", arguments),)))
    assert not call.trace.runnable
    assert not call.of(ToolGateRequested)


@pytest.mark.parametrize("status", ["cancelled", "incomplete", "failed"])
def test_no_call_of_a_response_that_was_not_completed_is_run(status):
    call = talk(Reply((), (MENU,), status=status))
    assert not call.trace.runnable
    assert not call.of(ToolGateRequested)
    assert not call.to_model


def test_a_client_that_cancels_while_its_call_is_checked_gets_no_call():
    call = RealtimeCall(Reply((), (ORDER,)))
    call.is_gate_slow = True
    call.caller("Hello there.")
    call.run()
    call.client("response.cancel")
    assert call.trace.ended == {"resp_8": "cancelled"}
    assert not call.trace.runnable
    assert not call.trace.errors


def test_what_was_allowed_too_late_to_be_run_is_not_committed():
    call = talk(QUESTION, Reply((), (ORDER,)), Reply((), (ORDER,)), is_text=True)
    call.is_gate_slow = True
    call.caller("Yes, please.")
    call.run()
    call.client("response.cancel")
    call.is_gate_slow = False
    call.decide()
    call.client("response.create")
    call.run()
    assert call.trace.runnable == [("place_order", ORDER.arguments)]


def test_beside_an_allowed_call_the_client_lets_the_model_go_on():
    call = RealtimeCall(Reply((), (MENU, Call("place_order", '{"item": "salad"}'))))
    call.caller("A pizza, please.")
    call.run()
    assert call.trace.runnable == [("find_menu", MENU.arguments)]
    assert [body["type"] for body in map(json.loads, call.to_model)] == ["conversation.item.create"]
    assert [item["name"] for item in call.got("response.done")[0]["response"]["output"]] == ["find_menu"]


def test_a_repeat_of_a_committed_call_is_answered_with_the_first_outcome():
    call = talk(QUESTION, Reply((), (ORDER,)), Reply((), (ORDER,)), is_text=True)
    call.caller("Yes, please.")
    call.run()
    (first,) = call.got("response.function_call_arguments.done")
    output = {"type": "function_call_output", "call_id": first["call_id"], "output": '{"order": 7}'}
    call.client("conversation.item.create", item=output)
    call.client("response.create")
    call.run()
    assert call.of(ToolResultReceived) == [ToolResultReceived(first["call_id"], "place_order", {"order": 7})]
    assert call.trace.runnable == [("place_order", ORDER.arguments)]
    assert call.sent("conversation.item.create")[-1]["item"]["output"] == '{"order": 7}'


def test_a_call_in_a_history_that_the_client_puts_in_is_no_call_to_check():
    call = RealtimeCall()
    item = {"type": "function_call", "call_id": "old", "name": "place_order", "arguments": "{}"}
    call.client("conversation.item.create", item=item)
    assert call.to_client == call.from_model


def test_what_follows_a_hidden_call_names_what_the_client_knows():
    call = talk(Reply(("One moment.",), (ORDER,)), QUESTION)
    known = call.got("conversation.item.added")
    assert known[-1]["previous_item_id"] == known[-2]["item"]["id"]


def test_the_next_response_begins_for_the_client_once_the_one_before_it_has_ended():
    call = RealtimeCall(Reply((), (ORDER,)), Reply((GOOD,)))
    call.is_gate_slow = True
    call.caller("Hello there.")
    call.run()
    call.caller("Are you there?")
    call.run()
    assert call.kinds().count("response.created") == 1
    assert call.kinds().count("input_audio_buffer.speech_started") == 2
    call.decide()
    call.run()
    assert call.kinds().count("response.created") == call.kinds().count("response.done") >= 2
    assert call.heard_words().startswith(GOOD)


def test_a_call_in_a_reply_that_is_stopped_while_it_is_checked_is_not_run():
    call = talk(QUESTION, Reply(("One moment.",), (ORDER,)), is_text=True)
    call.is_gate_slow = True
    call.caller("Yes, please.")
    call.run()
    turn_id = call.got("response.output_text.delta")[-1]["item_id"]
    stop = {"type": "intervention", "intervention_id": "i9", "turn_id": turn_id, "steps": [], "system_note": ""}
    call.relay.told(stop, now_ms=call.now_ms)
    call.settle()
    call.decide()
    assert not call.trace.runnable
    assert call.trace.ended[call.got("response.done")[-1]["response"]["id"]] == "cancelled"
    assert call.of(DecisionLost)


def test_an_end_that_is_told_twice_hides_nothing_that_was_shown():
    call = talk(Reply((), (MENU,)), judge=JudgeSettings(is_tool_gate_enabled=False, tiers=frozenset({0})))
    again = call.got("response.done")[0]
    call.trace = Trace()
    call.trace.take = lambda body: None  # type: ignore[method-assign]
    call.says("response.done", response=again["response"])
    assert call.got("response.done")[1]["response"] == again["response"]


# --- the caller speaks over the agent ---


def test_a_caller_who_speaks_over_the_agent_heard_what_had_played():
    call = RealtimeCall(Reply(("One moment please, ", "I am looking.")))
    call.caller("Hello there.")
    call.write_down()
    for _ in range(3):
        call.step()
    call.now_ms = 400.0
    call.caller("Stop.", is_answered=False)
    call.write_down()
    call.wait(1_000)
    (report,) = [one for one in call.of(PlaybackReported) if one.state is PlaybackState.CLEARED]
    assert (report.turn_id, report.played_ms) == ("item_11", 400)
    assert call.to_client == call.from_model


def test_the_client_knows_best_how_much_was_played():
    call = talk(Reply(("One moment please, I am looking.",)))
    call.now_ms = 700.0
    call.client("conversation.item.truncate", item_id="item_11", content_index=0, audio_end_ms=640)
    (report,) = [one for one in call.of(PlaybackReported) if one.state is PlaybackState.CLEARED]
    assert (report.turn_id, report.played_ms) == ("item_11", 640)
    assert call.to_model == call.from_client


def test_a_caller_who_speaks_over_the_correction_ends_the_intervention():
    call = RealtimeCall(STOPPED)
    call.caller("Hello there.")
    call.write_down()
    while not any(spoken_of(ask) for ask in call.script.asked):
        call.step()
    for _ in range(4):
        call.step()
    call.caller("What?", is_answered=False)
    call.run()
    assert call.session.intervention is None
    assert PlaybackReported(PlaybackState.CLEARED, 0, intervention_id="i1") in call.events


# --- the end ---


def test_when_the_provider_is_lost_every_response_ends_for_the_client():
    call = RealtimeCall(Reply(("One moment ", "please."), (ORDER,)))
    call.caller("Hello there.")
    for _ in range(4):
        call.step()
    call.relay.upstream_gone("gone", now_ms=0)
    last = [json.loads(text) for text in call.relay.take(now_ms=0).to_client]
    assert [(body["type"], body.get("response", {}).get("status")) for body in last] == [
        ("response.done", "failed"),
        ("error", None),
    ]
