"""Reviews under way: one paused judge per turn, prefix or gate request. Pure."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from enum import StrEnum

from calls.events import Latency
from judging.core.types import Answer, Ask, Turn, Verdict

Steps = Generator[Ask, Answer, Verdict]


class ReviewKind(StrEnum):
    SPEECH = "speech"
    GATE = "gate"


@dataclass(slots=True)
class Review:
    """One question to the judge. ``gate_id`` is set where tool calls wait for the answer.

    ``turn`` is the whole turn, a prefix of it (``is_final`` false), or a bare tool call with empty text.
    """

    review_id: str
    kind: ReviewKind
    turn: Turn
    is_final: bool
    started_ms: float
    gate_id: str = ""
    has_intervened: bool = False  # an earlier prefix of this turn was already stopped
    deadline_ms: float = 0.0
    tier0_ms: float | None = None
    model_ms: dict[int, float] = field(default_factory=dict)
    asked_tier: int | None = None
    asked_ms: float = 0.0
    steps: Steps | None = None

    @property
    def timer_key(self) -> str:
        return f"review:{self.review_id}"

    def start(self, steps: Steps, stopwatch: Callable[[], float]) -> Ask | Verdict:
        """Run tier 0; return the verdict, or the first question to a model."""
        began = stopwatch()
        self.steps = steps
        try:
            return next(steps)
        except StopIteration as done:
            return _verdict(done)
        finally:
            self.tier0_ms = round((stopwatch() - began) * 1000.0, 4)

    def ask(self, ask: Ask, *, now_ms: float) -> None:
        self.asked_tier, self.asked_ms = ask.tier, now_ms

    def answer(self, answer: Answer, *, now_ms: float) -> Ask | Verdict:
        """Hand a model's answer to the judge; return the verdict or its next question."""
        if self.steps is None or self.asked_tier is None:
            raise RuntimeError("a review that asked nothing was answered")
        self.model_ms[self.asked_tier] = round(now_ms - self.asked_ms, 3)
        try:
            return self.steps.send(answer)
        except StopIteration as done:
            return _verdict(done)

    def latency(self, *, now_ms: float) -> Latency:
        waited = now_ms - self.started_ms
        total = round(waited + (self.tier0_ms or 0.0), 4)
        return Latency(total, self.tier0_ms, self.model_ms.get(1), self.model_ms.get(2))


def _verdict(done: StopIteration) -> Verdict:
    verdict = done.value
    if not isinstance(verdict, Verdict):
        raise TypeError(f"the judge ended without a verdict: {verdict!r}")
    return verdict
