"""The supervise protocol, message by message and field by field."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.errors import MessageRefused
from calls.events import (
    AgentDeltaReceived,
    AgentTurnCompleted,
    AgentTurnFinished,
    CallEnded,
    CustomerTurnCompleted,
    DecidedCall,
    Latency,
    NoteTaken,
    PlaybackReported,
    PlaybackState,
    ResumeAgent,
    SendCorrection,
    SendIntervention,
    SendToolDecision,
    SendVerdict,
    ToolGateRequested,
    ToolResultReceived,
)
from calls.wire import supervise as wire
from judging.core import Decision, Evidence, GateDecision, GateVerdict, Policy, Status, ToolCall

CALL = {"id": "t1", "name": "place_order", "arguments": {"item": "pizza"}}
PIZZA = ToolCall("place_order", {"item": "pizza"}, "t1")


def parsed(**body):
    return wire.parse(json.dumps({"seq": 1, **body}))


def refused(**body):
    with pytest.raises(MessageRefused) as error:
        parsed(**body)
    return error.value


# --- client to server ---


@pytest.mark.parametrize(
    ("body", "content"),
    [
        ({"type": "call.start", "call_id": "c1"}, wire.CallStart("c1", "")),
        (
            {
                "type": "call.start", "call_id": "c1", "agent": "orders", "direction": "inbound", "from": "+1",
                "to": "+2", "metadata": {"k": [1]},
            },
            wire.CallStart("c1", "orders", "inbound", "+1", "+2", {"k": [1]}),
        ),
        ({"type": "customer.turn", "turn_id": "u", "text": "Hi", "at": 3}, CustomerTurnCompleted("u", "Hi")),
        ({"type": "agent.turn", "turn_id": "u", "text": "Hi"}, AgentTurnCompleted("u", "Hi")),
        (
            {"type": "agent.turn", "turn_id": "u", "text": "", "tool_calls": [CALL]},
            AgentTurnCompleted("u", "", (PIZZA,)),
        ),
        ({"type": "agent.turn", "turn_id": "u", "tool_calls": [CALL]}, AgentTurnCompleted("u", "", (PIZZA,))),
        ({"type": "agent.delta", "turn_id": "u", "delta": " x"}, AgentDeltaReceived("u", " x")),
        ({"type": "agent.done", "turn_id": "u"}, AgentTurnFinished("u")),
        ({"type": "agent.done", "turn_id": "u", "tool_calls": [CALL]}, AgentTurnFinished("u", (PIZZA,))),
        ({"type": "tool.gate", "gate_id": "g", "tool_calls": [CALL]}, ToolGateRequested("g", (PIZZA,))),
        (
            {"type": "tool.gate", "gate_id": "g", "turn_id": "u", "tool_calls": [CALL]},
            ToolGateRequested("g", (PIZZA,), "u"),
        ),
        (
            {"type": "tool.result", "tool_call_id": "t1", "name": "n", "result": None},
            ToolResultReceived("t1", "n", None),
        ),
        (
            {"type": "playback", "turn_id": "u", "state": "cleared", "played_ms": 12.6},
            PlaybackReported(PlaybackState.CLEARED, 13, turn_id="u"),
        ),
        (
            {"type": "playback", "intervention_id": "i1", "state": "started"},
            PlaybackReported(PlaybackState.STARTED, 0, intervention_id="i1"),
        ),
        ({"type": "note.taken", "intervention_id": "i1"}, NoteTaken("i1")),
        ({"type": "call.end", "reason": "done"}, CallEnded("done")),
        ({"type": "call.end"}, CallEnded("ended")),
        ({"type": "ping"}, wire.Ping()),
    ],
)  # fmt: skip
def test_every_message_becomes_what_it_says(body, content):
    incoming = parsed(**body, surprise="ignored")
    assert incoming.content == content
    assert (incoming.message.seq, incoming.message.type) == (1, body["type"])
    assert incoming.message.payload == {**{k: v for k, v in body.items() if k != "type"}, "surprise": "ignored"}


WRONG_CALLS: list[Any] = [
    "x",
    {},
    ["x"],
    [{}],
    [{**CALL, "name": ""}],
    [{**CALL, "id": 3}],
    [{**CALL, "arguments": []}],
    [CALL] * 33,
]


BAD_FIELDS: list[tuple[str, dict[str, Any], str, list[Any]]] = [
    ("call.start", {"call_id": "c"}, "call_id", [None, "", " ", 3, "x" * 129, [], True]),
    ("call.start", {"call_id": "c"}, "agent", [3, "", {}]),
    ("call.start", {"call_id": "c"}, "metadata", [[], "x", 3]),
    ("call.start", {"call_id": "c"}, "from", [3, []]),
    ("customer.turn", {"turn_id": "u", "text": "x"}, "turn_id", [None, "", 7]),
    ("customer.turn", {"turn_id": "u", "text": "x"}, "text", [None, 3, "é" * 4097, {}]),
    ("agent.turn", {"turn_id": "u", "text": "x"}, "text", [3, "x" * 8193]),
    ("agent.turn", {"turn_id": "u", "text": "x"}, "tool_calls", WRONG_CALLS),
    ("agent.delta", {"turn_id": "u", "delta": "x"}, "delta", [None, 3]),
    ("agent.done", {"turn_id": "u"}, "tool_calls", WRONG_CALLS),
    ("tool.gate", {"gate_id": "g", "tool_calls": [CALL]}, "tool_calls", [None, [], *WRONG_CALLS]),
    ("tool.gate", {"gate_id": "g", "tool_calls": [CALL]}, "gate_id", [None, "", 3]),
    ("tool.result", {"tool_call_id": "t", "name": "n", "result": 1}, "name", [None, 3]),
    ("playback", {"turn_id": "u", "state": "started"}, "state", [None, "paused", 3]),
    ("playback", {"turn_id": "u", "state": "started"}, "played_ms", [-1, "5", True, 1e9, None]),
    ("playback", {"turn_id": "u", "state": "started"}, "intervention_id", ["i1"]),
    ("note.taken", {"intervention_id": "i"}, "intervention_id", [None, ""]),
    ("call.end", {}, "reason", [3]),
]


@pytest.mark.parametrize(
    ("type_", "good", "field", "wrong"),
    [(type_, good, field, value) for type_, good, field, values in BAD_FIELDS for value in values],
)
def test_a_bad_field_is_named(type_, good, field, wrong):
    error = refused(type=type_, **{**good, field: wrong})
    assert (error.code, error.seq) == ("bad_field", 1)
    named = {"intervention_id": "turn_id and intervention_id"} if type_ == "playback" else {}
    assert named.get(field, field) in error.detail


def test_a_result_may_be_null_but_not_absent():
    assert refused(type="tool.result", tool_call_id="t", name="n").code == "bad_field"


@pytest.mark.parametrize("seq", [None, 0, -1, True, False, 1.0, "1", 2**53 + 1, [], {}])
def test_a_seq_is_a_positive_whole_number(seq):
    error = refused(type="ping", seq=seq)
    assert (error.code, error.seq) == ("bad_seq", None)


def test_the_largest_seq_is_taken():
    assert parsed(type="ping", seq=2**53).message.seq == 2**53


@pytest.mark.parametrize("type_", [None, 3, "", "call.started", "x" * 500, ["ping"], {}, "PING"])
def test_an_unknown_type_is_told_with_its_seq(type_):
    error = refused(type=type_)
    assert (error.code, error.seq) == ("unknown_type", 1)
    assert len(error.detail) < 200


@pytest.mark.parametrize("text", ["", "{", "nothing", "{'a': 1}", '{"seq": 1,}', "[" * 30_000, "9" * 5000])
def test_what_is_no_json_is_told(text):
    with pytest.raises(MessageRefused) as error:
        wire.parse(text)
    assert error.value.code in ("bad_json", "bad_message")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_json_does_not_have_is_refused(number):
    with pytest.raises(MessageRefused) as error:
        wire.parse(f'{{"seq": 1, "type": "tool.result", "tool_call_id": "t", "name": "n", "result": [{number}]}}')
    assert error.value.code in ("bad_json", "bad_field")


@pytest.mark.parametrize("body", [None, 3, "x", [], True])
def test_a_message_is_an_object(body):
    with pytest.raises(MessageRefused) as error:
        wire.parse_body(body)
    assert error.value.code == "bad_message"


def padded(bytes_count):
    text = json.dumps({"seq": 1, "type": "ping", "padding": ""})
    return text[:-2] + "x" * (bytes_count - len(text)) + text[-2:]


def test_a_message_may_have_64_kib_and_no_more():
    assert wire.parse(padded(64 * 1024)).content == wire.Ping()
    with pytest.raises(MessageRefused) as error:
        wire.parse(padded(64 * 1024 + 1))
    assert error.value.code == "message_too_large"


def test_a_text_may_have_8_kib_and_no_more():
    assert parsed(type="customer.turn", turn_id="u", text="é" * 4096).content == CustomerTurnCompleted("u", "é" * 4096)
    assert refused(type="customer.turn", turn_id="u", text="é" * 4096 + "x").code == "bad_field"


def test_deep_json_is_refused():
    deep = json.loads("[" * 400 + "]" * 400)
    assert refused(type="tool.result", tool_call_id="t", name="n", result=deep).code == "bad_field"
    assert refused(type="ping", surprise=deep).code == "bad_field"


def test_what_the_database_cannot_hold_is_replaced_wherever_it_stands():
    incoming = parsed(
        type="tool.result", tool_call_id="t\x00", name="n", result={"a\x00": ["\ud800", 1]}, surprise=["\x00"]
    )
    assert incoming.content == ToolResultReceived("t\ufffd", "n", {"a\ufffd": ["?", 1]})
    assert incoming.message.payload["surprise"] == ["\ufffd"]
    assert incoming.message.payload["result"] == {"a\ufffd": ["?", 1]}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["\x00", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [
    "call_id", "agent", "metadata", "turn_id", "text", "delta", "tool_calls", "gate_id", "tool_call_id", "name",
    "result", "intervention_id", "state", "played_ms", "reason", "from", "to", "direction",
]  # fmt: skip
TYPES = [
    "call.start", "customer.turn", "agent.turn", "agent.delta", "agent.done", "tool.gate", "tool.result", "playback",
    "note.taken", "call.end", "ping",
]  # fmt: skip
NEARLY = st.sampled_from(["u1", "", "started", 3, [CALL], {"a": 1}])


@given(
    st.fixed_dictionaries({"seq": st.just(1), "type": st.sampled_from(TYPES)}),
    st.dictionaries(st.sampled_from(FIELDS), NEARLY | JSON),
)
def test_any_message_is_taken_or_refused_and_what_is_taken_can_be_stored(head, rest):
    try:
        incoming = wire.parse_body({**rest, **head})
    except MessageRefused:
        return
    stored = json.dumps(incoming.message.payload, allow_nan=False, ensure_ascii=False)
    assert "\x00" not in stored
    assert "\\u0000" not in stored
    stored.encode()


@given(st.text(max_size=60) | JSON.map(json.dumps))
def test_any_text_is_taken_or_refused(text):
    try:
        wire.parse(text)
    except MessageRefused:
        return


# --- server to client ---

EVIDENCE = Evidence("two", Status.SUPERSEDED, 3, "count", "three")
SEEN = {"value": "two", "source_turn": 3, "status": "superseded", "argument": "count", "replaced_by": "three"}


def sent(effect):
    body = wire.from_effect(effect)
    assert body is not None
    return body


def verdict(**changes):
    fields = {
        "turn_id": "a1", "decision": Decision.INTERVENE, "score": 0.9, "tier": 0, "policy": Policy("Rule.", id="p1"),
        "check": "forbidden_promise", "reason": "because", "evidence": (EVIDENCE,), "is_shadow": False,
        "is_final": True, "latency": Latency(1.5, 0.5, None, 1.0),
    }  # fmt: skip
    return SendVerdict(**{**fields, **changes})


def test_a_verdict_has_every_field_of_the_contract():
    assert sent(verdict()) == {
        "type": "verdict", "turn_id": "a1", "decision": "intervene", "score": 0.9, "tier": 0,
        "policy": {"id": "p1", "text": "Rule."}, "check": "forbidden_promise", "reason": "because",
        "evidence": {"values": [SEEN]}, "shadow": False, "final": True,
        "latency_ms": {"tier0": 0.5, "tier1": None, "tier2": 1.0, "total": 1.5},
    }  # fmt: skip


def test_a_verdict_without_policy_and_evidence_keeps_its_fields():
    said = sent(verdict(policy=None, evidence=(), tier=None, suppressed="cooldown"))
    assert (said["policy"], said["evidence"], said["tier"], said["suppressed"]) == (None, {}, None, "cooldown")


def test_a_tool_decision_names_each_call():
    allowed = DecidedCall(GateVerdict(PIZZA, GateDecision.ALLOW, "fine"), "token")
    held = DecidedCall(GateVerdict(ToolCall("x", {}, "t2"), GateDecision.CONFIRM, "why", evidence=(EVIDENCE,)))
    said = sent(SendToolDecision("g1", GateDecision.CONFIRM, (allowed, held), "Ask."))
    assert said == {
        "type": "tool.decision", "gate_id": "g1", "decision": "confirm", "instruction": "Ask.",
        "tool_calls": [
            {"tool_call_id": "t1", "decision": "allow", "reason": "fine", "evidence": {}, "commit_token": "token"},
            {"tool_call_id": "t2", "decision": "confirm", "reason": "why", "evidence": {"values": [SEEN]}},
        ],
    }  # fmt: skip


def test_a_repeat_carries_the_first_outcome():
    again = DecidedCall(GateVerdict(PIZZA, GateDecision.ALLOW), "token", "g0", {"order": 7})
    said = sent(SendToolDecision("g1", GateDecision.ALLOW, (again,), ""))
    assert said["tool_calls"][0]["evidence"] == {"repeat_of": "g0", "first_result": {"order": 7}}


def intervention(**changes):
    fields = {
        "intervention_id": "i1", "turn_id": "a1", "buffer_text": "Sorry...", "buffer_checkpoint": "b",
        "correction": "Three?", "correction_checkpoint": "c", "source": "template", "system_note": "note",
        "is_spoken_by_mirror": False,
    }  # fmt: skip
    return SendIntervention(**{**fields, **changes})


def test_an_intervention_lists_its_steps_in_order():
    assert sent(intervention()) == {
        "type": "intervention", "intervention_id": "i1", "turn_id": "a1", "system_note": "note", "source": "template",
        "steps": [
            {"do": "clear_audio"},
            {"do": "speak", "part": "buffer", "text": "Sorry...", "checkpoint": "b"},
            {"do": "speak", "part": "correction", "text": "Three?", "checkpoint": "c"},
        ],
    }  # fmt: skip


def test_a_correction_that_is_still_coming_is_null():
    assert sent(intervention(correction=None, source=""))["steps"][2]["text"] is None


def test_what_mirror_speaks_itself_is_not_asked_of_the_agent():
    assert sent(intervention(is_spoken_by_mirror=True))["steps"] == [{"do": "clear_audio"}]


def test_a_correction_that_came_later_is_sent():
    assert sent(SendCorrection("i1", "Three?", "generated", "note")) == {
        "type": "intervention.correction", "intervention_id": "i1", "text": "Three?", "source": "generated",
        "system_note": "note",
    }  # fmt: skip


def test_what_concerns_audio_is_not_sent():
    assert wire.from_effect(ResumeAgent(1)) is None


def test_the_small_messages():
    started = wire.call_started(call_id="c", id="u", revision=3, is_resumed=False, last_seq=0)
    assert started == {
        "type": "call.started", "call_id": "c", "id": "u", "revision": 3, "resumed": False, "last_seq": 0,
    }  # fmt: skip
    resumed = wire.call_started(call_id="c", id="u", revision=3, is_resumed=True, last_seq=4, note="n")
    assert resumed["system_note"] == "n"
    assert wire.ack(4) == {"type": "ack", "seq": 4}
    assert wire.pong() == {"type": "pong"}
    assert wire.error("x", "why") == {"type": "error", "code": "x", "detail": "why", "retryable": False}
    assert wire.error("x", "why", seq=4, is_retryable=True)["seq"] == 4
