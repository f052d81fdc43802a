"""One call for the session's tests: what it is told, what it answers, and a clock that only the test moves."""

from __future__ import annotations

from itertools import count
from typing import Any, TypeVar

from calls.events import AgentTurnCompleted, CallEvent, ClientMessage, CustomerTurnCompleted, Effect, ModelAnswered
from calls.session import CallSession
from calls.settings import CallSettings
from judging.core import Answer, Conversation, JudgeSettings, Policy, ToolCall

E = TypeVar("E")

REFUND = Policy("Never promise a refund.", id="refund")
KIND = Policy("Be kind to every customer.", id="kind")  # only a model can judge this one
BAD = "I will give you a full refund."
GOOD = "Let me look at that for you."
PIZZA = ToolCall("place_order", {"item": "pizza"}, "tool-1")  # irreversible
LOOKUP = ToolCall("find_menu", {"item": "pizza"}, "tool-2")
FACTS_ONLY = JudgeSettings(tiers=frozenset({0}))
MODELS = JudgeSettings(is_pre_gate_enabled=False)
VIOLATION = (
    '{"violation": true, "policy": 2, "score": 0.9, "reason": "rude", "correction": "Sorry, let me check that."}'
)


def session_make(
    *, judge: JudgeSettings = FACTS_ONLY, policies: tuple[Policy, ...] = (REFUND, KIND), **settings: Any
) -> CallSession:
    tokens = count(1)
    return CallSession(
        call_key="c-1",
        settings=CallSettings(judge=judge, **settings),
        policies=policies,
        revision=1,
        conversation=Conversation(),
        mint=lambda gate_id, key: f"token-{next(tokens)}",
    )


class Line:
    """A call under test. ``effects`` are all so far; the verbs return those of the last event."""

    def __init__(self, session: CallSession | None = None, **settings: Any) -> None:
        self.session = session or session_make(**settings)
        self.now_ms = 0.0
        self.effects: list[Effect] = []
        self._seq = count(1)

    def __call__(
        self, event: CallEvent, *, after_ms: float = 0.0, message: ClientMessage | None = None
    ) -> list[Effect]:
        self.now_ms += after_ms
        found = self.session.receive(event, now_ms=self.now_ms, message=message)
        self.effects += found
        return found

    def customer(self, text: str, *, turn_id: str = "", after_ms: float = 0.0) -> list[Effect]:
        return self(CustomerTurnCompleted(turn_id or f"customer-{next(self._seq)}", text), after_ms=after_ms)

    def agent(self, text: str, *calls: ToolCall, turn_id: str = "", after_ms: float = 0.0) -> list[Effect]:
        return self(AgentTurnCompleted(turn_id or f"agent-{next(self._seq)}", text, calls), after_ms=after_ms)

    def answers(self, answer: Answer, *, review_id: str = "r1", after_ms: float = 0.0) -> list[Effect]:
        return self(ModelAnswered(review_id, answer), after_ms=after_ms)


def of(effects: list[Effect], kind: type[E]) -> list[E]:
    return [effect for effect in effects if isinstance(effect, kind)]


def one(effects: list[Effect], kind: type[E]) -> E:
    (found,) = of(effects, kind)
    return found


def names(effects: list[Effect]) -> list[str]:
    return [type(effect).__name__ for effect in effects]
