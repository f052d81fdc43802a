"""Latency of tier 0 over made-up turns, the same on every machine."""

from __future__ import annotations

import time
from collections.abc import Sequence

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


def print_speed(speed: Speed) -> None:
    for name, (judged, entered) in speed.items():
        print(f"{name:20} judged {judged}; judged and entered {entered}")


def percentiles(values_us: Sequence[float]) -> str:
    ordered = sorted(values_us)
    return f"p50 {ordered[len(ordered) // 2]:.0f} us, p99 {ordered[int(len(ordered) * 0.99)]:.0f} us"
