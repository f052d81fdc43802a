"""Reviews under way: one paused judge per turn, prefix or gate request. Pure."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from enum import StrEnum

from calls.desk import Desk
from calls.events import AskModel, CancelTimer, Latency, SetTimer
from judging.core.types import Answer, Ask, Policy, ToolCall, Turn, Verdict

Steps = Generator[Ask, Answer, Verdict]


class ReviewKind(StrEnum):
    SPEECH = "speech"
    GATE = "gate"
    CORRECTION = "correction"  # what a model wrote to be spoken; ``turn_id`` is the intervention


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
    policies: tuple[Policy, ...]  # those it was judged by; the call may have others by the time of the verdict
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

    def policy(self, verdict: Verdict) -> Policy | None:
        return self.policies[verdict.policy_index] if verdict.policy_index is not None else None

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


class Reviews:
    """The reviews of one call that wait for a model; a part of ``CallSession``.

    ``conclude`` gets each review with its verdict, exactly once.
    """

    def __init__(
        self,
        desk: Desk,
        *,
        budget_ms: float,
        stopwatch: Callable[[], float],
        conclude: Callable[[Review, Verdict], None],
    ) -> None:
        self.open: dict[str, Review] = {}
        self.count = 0
        self._desk, self._budget_ms = desk, budget_ms
        self._stopwatch, self._conclude = stopwatch, conclude

    def make(
        self,
        turn: Turn,
        kind: ReviewKind,
        policies: tuple[Policy, ...],
        *,
        is_final: bool,
        gate_id: str,
        has_intervened: bool,
    ) -> Review:
        self.count += 1
        now_ms = self._desk.now_ms
        review = Review(f"r{self.count}", kind, turn, is_final, now_ms, policies, gate_id, has_intervened)
        review.deadline_ms = now_ms + self._budget_ms
        return review

    def start(self, review: Review, steps: Steps) -> None:
        """Begin; tier 0 may conclude the review before this returns."""
        self.open[review.review_id] = review
        self._advance(review, review.start(steps, self._stopwatch))

    def answered(self, review_id: str, answer: Answer) -> None:
        """A model's answer. One that comes after the deadline's decision changes nothing."""
        review = self.open.get(review_id)
        if review is None or review.asked_tier is None:
            return
        if self._desk.now_ms > review.deadline_ms and not answer.failure:
            answer = Answer(failure="timeout")
        self._advance(review, review.answer(answer, now_ms=self._desk.now_ms))

    def timer_fired(self, key: str) -> bool:
        """Whether the timer was a review's: then the review is decided without its answer."""
        review = next((one for one in self.open.values() if one.timer_key == key), None)
        if review is not None:
            self._fail(review, "timeout")
        return review is not None

    def turn_stopped(self, turn_index: int) -> None:
        """A turn is stopped once: what still waits for an answer about it only records what it finds."""
        for review in self.open.values():
            review.has_intervened = review.has_intervened or review.turn.index == turn_index

    def fail_all(self, failure: str) -> None:
        for review in list(self.open.values()):
            self._fail(review, failure)

    def is_deciding(self, gate_id: str) -> bool:
        return any(review.gate_id == gate_id for review in self.open.values())

    def is_deciding_others(self, gate_id: str, calls: tuple[ToolCall, ...]) -> bool:
        """Whether a decision under this name is under way for other calls."""
        return any(review.gate_id == gate_id and review.turn.tool_calls != calls for review in self.open.values())

    def _advance(self, review: Review, step: Ask | Verdict) -> None:
        if isinstance(step, Ask):
            if review.asked_tier is None:
                self._desk.do(SetTimer(review.timer_key, review.deadline_ms))
            review.ask(step, now_ms=self._desk.now_ms)
            self._desk.do(AskModel(review.review_id, step, review.deadline_ms, review.turn.index))
            return
        del self.open[review.review_id]
        if review.asked_tier is not None:
            self._desk.do(CancelTimer(review.timer_key))
        self._conclude(review, step)

    def _fail(self, review: Review, failure: str) -> None:
        """Answer with the failure until the judge concludes: at most once per tier."""
        while review.review_id in self.open:
            step = review.answer(Answer(failure=failure), now_ms=self._desk.now_ms)
            if isinstance(step, Ask):
                review.ask(step, now_ms=self._desk.now_ms)
            else:
                self._advance(review, step)
