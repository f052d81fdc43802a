"""Latency of tier 0 over made-up turns, the same on every machine."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bench.judge.measure import TIER_0
from judging.core import Conversation, Role, ToolCall, Turn, judge, run, unavailable

MADE_UP = (
    (Role.CUSTOMER, "Hi, I would like to order two large pizzas with ham for Friday at 7 pm."),
    (Role.AGENT, "Sure. Two large pizzas with ham on Friday at 7 pm. Where should they go?"),
    (Role.CUSTOMER, "To 12 Long Hill Road, and actually make it 8 pm."),
    (Role.AGENT, "Got it. Two large pizzas with ham to 12 Long Hill Road on Friday at 8 pm, is that right?"),
    (Role.CUSTOMER, "Yes, that's right."),
)
_ARGUMENTS = {"item": "pizza", "size": "large", "quantity": 2, "toppings": ["ham"], "time": "20:00"}
TURNS = {
    "plain turn": Turn(5, Role.AGENT, "Great, thank you. Is there anything else that I can do for you today?"),
    "turn with tool call": Turn(5, Role.AGENT, "", tool_calls=(ToolCall("place_order", _ARGUMENTS),)),
}

_RESULT_CHARS = 16_384
# A call that goes on for long, and what tools return in it.
_SEARCHED = {**_ARGUMENTS, "address": "12 Long Hill Road", "date": "2024-05-04", "phone": "5551234"}
LONG_CALLS = {
    "200 turns": (200, 0),
    "500 turns": (500, 0),
    "200 turns, 12 results of 16 KB": (200, 12),
}

Speed = dict[str, tuple[str, str]]


def measure_speed(rounds: int = 3000) -> Speed:
    """Return for each made-up turn: how long it takes to judge, and to judge and enter into the ledger."""
    found: Speed = {}
    for name, turn in TURNS.items():
        judged, entered = [], []
        for _ in range(rounds):
            conversation = Conversation.from_turns(Turn(at, *said) for at, said in enumerate(MADE_UP))
            started = time.perf_counter_ns()
            run(judge(conversation, turn, (), TIER_0), unavailable)
            middle = time.perf_counter_ns()
            conversation.add(turn)
            judged.append((middle - started) / 1000)
            entered.append((time.perf_counter_ns() - started) / 1000)
        found[name] = percentiles(judged), percentiles(entered)
    return found


def measure_long_calls(rounds: int = 300) -> dict[str, str]:
    """Return how long a tool call takes to judge at the end of a long call, with values that were and were not said."""
    found = {}
    for name, (turns, results) in LONG_CALLS.items():
        conversation = Conversation.from_turns(_long_call(turns, results))
        took = []
        for _ in range(rounds):
            turn = Turn(conversation.next_index, Role.AGENT, "", tool_calls=(ToolCall("place_order", _SEARCHED),))
            started = time.perf_counter_ns()
            run(judge(conversation, turn, (), TIER_0), unavailable)
            took.append((time.perf_counter_ns() - started) / 1000)
        # The first one reads what later ones only add to.
        found[name] = f"first {took[0]:.0f} us, then {percentiles(took[1:])}"
    return found


def _long_call(turns: int, results: int) -> Iterator[Turn]:
    said = [Turn(0, *MADE_UP[at % 4]) for at in range(turns - turns % 4)] + [Turn(0, *MADE_UP[4])]
    step = max(1, turns // results) if results else len(said) + 1
    for at, turn in enumerate(said):
        if at % step == step - 1:
            yield Turn(2 * at, Role.TOOL, _result(at), tool_name="search")
        yield replace(turn, index=2 * at + 1)


def _result(seed: int) -> str:
    rows = [{"id": f"R{seed}-{at}", "name": f"Hill House {at}", "price": 20 + at, "open": True} for at in range(240)]
    return json.dumps(rows)[:_RESULT_CHARS]


def print_speed(speed: Speed) -> None:
    for name, (judged, entered) in speed.items():
        print(f"{name:20} judged {judged}; judged and entered {entered}")


def print_long_calls(found: dict[str, str]) -> None:
    for name, took in found.items():
        print(f"tool call after {name:31} {took}")


def percentiles(values_us: Sequence[float]) -> str:
    ordered = sorted(values_us)
    return f"p50 {ordered[len(ordered) // 2]:.0f} us, p99 {ordered[int(len(ordered) * 0.99)]:.0f} us"
