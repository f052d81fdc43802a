"""The tool gate of one call: asks the judge, decides, records, and keeps what was allowed. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from calls import rows
from calls.desk import Desk
from calls.events import ToolGateRequested
from calls.gate import GateBook
from calls.reviews import Review, Reviews
from calls.turn_book import TurnBook
from judging.core import (
    Decision,
    Finding,
    JudgeSettings,
    Role,
    ToolCall,
    Turn,
    Verdict,
    gate_calls,
)

_CHANGED = "the caller took something back while the call was being checked"


class AskJudge(Protocol):
    """Starts a review of a bare call."""

    def __call__(self, turn: Turn, *, gate_id: str) -> None: ...


class Gating:
    """A part of ``CallSession``. ``judge_now`` is tier 0's verdict on a turn after all that was said by now."""

    def __init__(
        self,
        desk: Desk,
        book: TurnBook,
        reviews: Reviews,
        *,
        settings: JudgeSettings,
        gates: GateBook,
        ask: AskJudge,
        judge_now: Callable[[Turn], Verdict],
    ) -> None:
        self.gates = gates
        self._desk, self._book, self._reviews = desk, book, reviews
        self._settings, self._ask, self._judge_now = settings, ask, judge_now

    def is_known(self, gate_id: str) -> bool:
        """Whether the request was decided, or will be."""
        return self.gates.decided(gate_id) is not None or self._reviews.is_deciding(gate_id)

    def is_taken(self, gate_id: str, calls: tuple[ToolCall, ...]) -> bool:
        """Whether the request's name stands for other calls."""
        return self.gates.is_for_others(gate_id, calls) or self._reviews.is_deciding_others(gate_id, calls)

    def requested(self, event: ToolGateRequested) -> None:
        again = self.gates.decided(event.gate_id)
        if again is not None:
            self._desk.do(again)
            return
        if self._reviews.is_deciding(event.gate_id):
            return  # its decision is under way
        said = self._book.by_id.get(event.turn_id)
        index = said.index if said is not None else self._book.take_index()
        self._ask(Turn(index, Role.AGENT, "", event.turn_id, event.tool_calls), gate_id=event.gate_id)

    def decide(self, review: Review, verdict: Verdict) -> tuple[ToolCall, ...]:
        """Record and send the decision; return the calls that count as made from now on."""
        turn = review.turn
        heard = self._book.heard(is_strict=True)
        verdicts = gate_calls(self._as_of_now(review, verdict), heard, turn, self._settings)
        decision = self.gates.decide(review.gate_id, verdicts)
        for decided in decision.calls:
            self._desk.record("tool_decision", rows.tool_decision(decision.gate_id, decided, turn.index))
        self._desk.do(decision)
        return rows.made_calls(decision)

    def _as_of_now(self, review: Review, verdict: Verdict) -> Verdict:
        """The caller may have spoken while a model was asked: what it let pass may not be what they want any more."""
        is_asked = review.asked_tier is not None and self._book.has_caller_spoken_since(review.turn.index)
        if not is_asked or verdict.decision is Decision.INTERVENE:
            return verdict
        now = self._judge_now(review.turn)
        if now.decision is Decision.INTERVENE:
            return now
        last = self._book.conversation.ledger.last(Role.CUSTOMER)
        if last is None or not (last.is_no or last.is_correction):
            return verdict
        held = [
            Finding("changed_meanwhile", 1.0, _CHANGED, tool_call_index=index)
            for index, call in enumerate(review.turn.tool_calls)
            if call.name in self._settings.irreversible_tools
        ]
        return replace(verdict, findings=(*held, *verdict.findings))

    def lost(self, gate_id: str) -> None:
        """The decision's rows could not be stored, and it was not sent: nothing irreversible may follow from it."""
        decision = self.gates.take_back(gate_id)
        if decision is None:
            return
        self._desk.n += 1  # a gap: the rows of one decision have numbers in a row
        for decided in decision.calls:
            # Without the words of the call: they may be what could not be stored.
            call = replace(decided.verdict.tool_call, arguments={})
            bare = replace(decided, verdict=replace(decided.verdict, tool_call=call, evidence=()))
            row = rows.tool_decision(gate_id, bare, None)
            self._desk.record("tool_decision", {**row, "arguments_hash": rows.hash_of(decided)})
        self._desk.do(decision)
