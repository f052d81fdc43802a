"""Whatever happens in whatever order, a realtime client sees a legal protocol, and nothing that was refused."""

from __future__ import annotations

import json
from collections import defaultdict

from hypothesis import example, given
from hypothesis import strategies as st

from calls.events import SendIntervention, SendToolDecision, SendVerdict
from calls.realtime.base import RelaySettings
from calls.simulate.realtime_speech import Call, Reply
from judging.core import Decision
from tests.unit.calls.cast import BAD, GOOD
from tests.unit.calls.realtime_cast import MENU, ORDER, RealtimeCall, Script, spoken_of

TEXTS = st.sampled_from([GOOD, BAD, f"{GOOD} {BAD} Anything else?", "Shall I order one pizza?", "Yes", "One moment"])
CALLS = st.sampled_from([ORDER, MENU, Call("place_order", '{"item": "salad"}'), Call("charge_card", "{")])
WORDS = st.sampled_from(["A pizza, please.", "Yes.", "No, wait.", ""])


@st.composite
def cuts(draw: st.DrawFn, text: str) -> tuple[str, ...]:
    """The text in pieces."""
    places = sorted(draw(st.sets(st.integers(1, max(1, len(text) - 1)), max_size=6)))
    return tuple(piece for piece in map(text.__getitem__, map(slice, [0, *places], [*places, None])) if piece)


@st.composite
def replies(draw: st.DrawFn, *, is_good: bool = False) -> Reply:
    text = draw(st.sampled_from([GOOD, "Shall I order one pizza?", ""]) if is_good else st.one_of(TEXTS, st.just("")))
    calls = () if is_good else tuple(draw(st.lists(CALLS, max_size=2)))
    status = "completed" if is_good else draw(st.sampled_from(["completed"] * 4 + ["incomplete", "failed"]))
    return Reply(draw(cuts(text)) if text else (), calls, status)


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("step"), st.integers(0, 1)),
        st.tuples(st.just("step"), st.integers(0, 1)),
        st.tuples(st.just("step"), st.integers(0, 1)),
        st.tuples(st.just("deliver"), st.just(0)),
        st.tuples(st.just("write_down"), st.just(0)),
        st.tuples(st.just("decide"), st.just(0)),
        st.tuples(st.just("caller"), WORDS),
        st.tuples(st.just("wait"), st.sampled_from([1, 40, 300, 2_500, 11_000])),
        st.tuples(
            st.just("client"), st.sampled_from(["create", "beside", "cancel", "cut", "text", "append", "output"])
        ),
    ),
    max_size=60,
)


def act(call: RealtimeCall, what: str, how: object) -> None:
    if what == "step":
        call.step(int(str(how)))
    elif what == "deliver":
        call.deliver()
    elif what == "write_down":
        call.write_down()
    elif what == "decide":
        call.decide()
    elif what == "caller":
        call.caller(str(how))
    elif what == "wait":
        call.wait(float(str(how)))
    else:
        client_act(call, str(how))


def client_act(call: RealtimeCall, how: str) -> None:
    spoken = [body["item_id"] for body in call.got("response.output_audio.delta")]
    ran = [body["call_id"] for body in call.got("response.function_call_arguments.done")]
    content = [{"type": "input_text", "text": "A pizza, please."}]
    if how == "create":
        call.client("response.create")
    elif how == "beside":
        call.client("response.create", response={"conversation": "none"})
    elif how == "cancel":
        call.client("response.cancel")
    elif how == "cut" and spoken:
        call.client("conversation.item.truncate", item_id=spoken[-1], content_index=0, audio_end_ms=20)
    elif how == "text":
        call.client("conversation.item.create", item={"type": "message", "role": "user", "content": content})
    elif how == "output" and ran:
        item = {"type": "function_call_output", "call_id": ran[-1], "output": '{"done": true}'}
        call.client("conversation.item.create", item=item)
    elif how == "append":
        call.client("input_audio_buffer.append", audio="AAAA")


def finish(call: RealtimeCall) -> None:
    for _ in range(12):
        call.run()
        call.wait(60_000)


def per_item(texts: list[str]) -> dict[str, list[str]]:
    """The messages of each item and response, in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for text in texts:
        body = json.loads(text)
        item = body.get("item") or {}
        found[str(body.get("item_id") or item.get("id") or body.get("response_id") or "")].append(text)
    return found


SETTINGS = st.builds(
    RelaySettings,
    hold_budget_ms=st.sampled_from([None, 250.0]),
    transcription_model=st.sampled_from(["", "whisper-1"]),
)


@given(st.lists(replies(), max_size=6), ACTIONS, SETTINGS, *[st.booleans() for _ in range(5)])
def test_the_clients_view_is_legal_and_everything_ends(
    said, actions, settings, is_beta, is_text, is_transcribed, is_slow, is_gate_slow
):
    call = RealtimeCall(
        script=Script(*said),
        settings=settings,
        is_beta=is_beta,
        is_text=is_text,
        is_transcribed=is_transcribed,
        is_slow=is_slow,
        cooldown_ms=0.0,
    )
    call.is_gate_slow = is_gate_slow
    for what, how in actions:
        act(call, what, how)
    finish(call)
    assert not call.trace.open
    assert call.relay.withheld_bytes == 0
    assert call.session.intervention is None
    assert "mirror_output" not in "".join(call.to_client)
    allowed = [effect for effect in call.effects if isinstance(effect, SendToolDecision)]
    may_run = [one.verdict.tool_call.name for sent in allowed for one in sent.calls if one.verdict.decision == "allow"]
    assert all(name in may_run for name, _ in call.trace.runnable)


@given(st.lists(replies(is_good=True), max_size=5), ACTIONS, st.booleans(), st.booleans(), st.booleans())
def test_where_nothing_is_wrong_nothing_changes(said, actions, is_beta, is_text, is_transcribed):
    call = RealtimeCall(
        script=Script(*said), is_beta=is_beta, is_text=is_text, is_transcribed=is_transcribed, is_slow=True
    )
    for what, how in actions:
        act(call, what, how)
    finish(call)
    assert call.to_client == call.from_model
    assert call.to_model == call.from_client


@given(st.data(), st.sampled_from([f"{GOOD} {BAD} Anything else?", f"{BAD} {GOOD}", f"{GOOD} One moment.", BAD]))
def test_what_is_found_does_not_depend_on_how_the_words_are_cut(data, text):
    whole, cut = (spoken(pieces) for pieces in ((text,), data.draw(cuts(text))))
    assert [intervened(call) for call in (whole, cut)] == [BAD in text] * 2
    assert [judged(call) for call in (whole, cut)] == [judged(whole)] * 2


def spoken(pieces: tuple[str, ...], settings: RelaySettings | None = None) -> RealtimeCall:
    call = RealtimeCall(Reply(pieces), settings=settings)
    call.caller("Hello there.")
    call.write_down()
    finish(call)
    return call


def intervened(call: RealtimeCall) -> bool:
    return any(isinstance(effect, SendIntervention) for effect in call.effects)


def judged(call: RealtimeCall) -> set[str]:
    found = [effect for effect in call.effects if isinstance(effect, SendVerdict)]
    return {effect.check for effect in found if effect.decision is Decision.INTERVENE}


@given(st.data(), st.sampled_from([f"{GOOD} {BAD} Anything else?", BAD, f"{GOOD} Well, {BAD}", f"Sure! {BAD} {BAD}"]))
def test_of_a_held_violation_nothing_is_heard(data, text):
    call = spoken(data.draw(cuts(text)), RelaySettings(hold_budget_ms=250.0))
    first = call.got("response.created")[0]["response"]["id"]
    words = "".join(
        body["delta"] for body in call.got("response.output_audio_transcript.delta") if body["response_id"] == first
    )
    assert "refund" not in words
    assert text.startswith(words)
    (asked,) = [spoken_of(ask) for ask in call.script.asked if spoken_of(ask)]
    assert "can't promise" in asked


@given(st.lists(st.one_of(st.text(), st.binary().map(repr)), max_size=20), st.dictionaries(st.text(), st.integers()))
@example(['{"type":"response.done"}', '{"type":"response.output_item.added","item":3}'], {})
@example(['{"type":"response.output_audio.delta","delta":7,"content_index":"x"}', '{"type":"error","error":"x"}'], {})
@example(['{"type":"conversation.item.added","item":{"type":"function_call"}}', '{"type":"response.created"}'], {})
@example(['{"type":"session.created","session":{"audio":[1],"turn_detection":"x"}}'], {})
def test_garbage_from_either_side_breaks_nothing(texts, body):
    call = RealtimeCall(Reply((GOOD,)))
    call.trace.take = lambda body: None  # type: ignore[method-assign]
    for text in [*texts, json.dumps({**body, "type": "response.done", "response": body})]:
        call.relay.from_upstream(text, now_ms=0)
        call.relay.from_client(text, now_ms=0)
        call.relay.take(now_ms=0)
    call.caller("Hello there.")
    call.run()
    assert GOOD in call.heard_words()
