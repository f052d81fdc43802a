"""Calls and rows for the database tests, as sessions record them."""

from __future__ import annotations

from calls.events import Amend, Record
from calls.services import OpenedCall, call_open
from calls.wire.supervise import CallStart
from tests.cast import Cast


def opened(cast: Cast, call_id: str = "c-1", *, transport: str = "supervise") -> OpenedCall:
    start = CallStart(call_id, "orders")
    ids = {"tenant_id": cast.tenant.id, "agent_id": cast.agent.id}
    return call_open(**ids, start=start, transport=transport, revision=1)


def message(n: int, seq: int | None = None) -> Record:
    return Record("message", n, 10, {"seq": seq or n, "type": "customer.turn", "payload": {"text": "hi"}})


def turn(n: int, text: str = "Hello.", *, index: int | None = None, role: str = "agent") -> Record:
    return Record(
        "turn", n, 20,
        {
            "index": n if index is None else index, "turn_id": f"t{n}", "role": role, "text": text, "tool_calls": [],
            "tool_name": "", "result": None, "is_judged": role == "agent",
        },
    )  # fmt: skip


def verdict(n: int, score: float = 0.9) -> Record:
    return Record(
        "verdict", n, 30, {"turn_index": 1, "turn_id": "t1", "decision": "intervene", "score": score, "tier": 0}
    )


def tool_decision(n: int, token: str = "", *, name: str = "place_order", hash_: str = "h") -> Record:
    return Record(
        "tool_decision", n, 40,
        {
            "gate_id": "g1", "tool_call_id": "tool-1", "turn_index": 1, "name": name, "arguments": {"item": "pizza"},
            "arguments_hash": hash_, "decision": "allow", "token": token,
        },
    )  # fmt: skip


def heard(n: int, text: str) -> Amend:
    return Amend("turn", n, {"heard_text": text, "heard_ms": 5})
