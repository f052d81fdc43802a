"""The live log tells a call as a person can read it."""

import io

from rich.console import Console

from mirror_saas.demo.catalogue import demo_calls
from mirror_saas.demo.show import LiveLog

CALL = next(call for call in demo_calls() if call.scenario.id == "food-pepperoni-taken-back")


def told(*lines):
    out = io.StringIO()
    log = LiveLog(Console(file=out, width=300), {"call-1": CALL})
    for line in lines:
        log.tell({"call": "call-1", **line})
    return [line[10:].split(maxsplit=1)[1].strip() for line in out.getvalue().splitlines()]


def said(message):
    return {"what": "mirror_said", "message": message}


def test_tells_what_was_said_stopped_held_and_heard():
    verdict = {"type": "verdict", "turn_id": "a3", "decision": "intervene", "score": 0.95, "tier": 0, "check": "stale"}
    call = {"tool_call_id": "t2", "decision": "confirm", "reason": "taken back"}
    assert told(
        {"what": "dials"},
        {"what": "told_mirror", "message": {"type": "customer.turn", "text": "Hi."}},
        {"what": "says", "text": "Sorry...", "checkpoint": "mirror-i1-buffer"},
        said({**verdict, "final": True, "reason": "old", "latency_ms": {"total": 0.5}}),
        said({"type": "intervention", "turn_id": "a3", "steps": []}),
        said({"type": "tool.decision", "gate_id": "a5", "tool_calls": [call]}),
        {"what": "cleared", "dropped_ms": 120},
        {"what": "hung_up"},
        {
            "what": "timeline",
            "timeline": {"heard": [{"label": "a3", "played_ms": 40}, {"label": "a1", "played_ms": 9}]},
        },
    ) == [
        "dials   The caller takes pepperoni back and the agent orders it all the same",
        "caller  “Hi.”",
        "agent   “Sorry...”",
        "mirror   intervene   a3  tier 0 · 0.50 ms · score 0.95 · stale · old",
        "mirror  STOPS  turn a3",
        "gate     confirm   place_order(item=pizza, size=large, quantity=1, toppings=mushrooms)  taken back",
        "carrier queue cleared, 120 ms of speech never heard",
        "caller  hangs up",
        "carrier the caller heard 40 ms of the stopped turn a3",
    ]


def test_is_silent_about_calls_and_lines_it_does_not_know():
    assert told({"what": "nothing"}, {"what": "dials", "call": "another"}) == []
