"""``try_turn()``: what the judge's own tiers make of a typed turn, shown step by step.

The verdict is ``judge()``'s. Beside it stands what the verdict rests on: what the facts say alone, how sure the
classifier is of each act, and what each clause comes to.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace

from judging.core.act_scores import ActBoard, ClauseScore, Word, may_stop, stop_threshold
from judging.core.cascade import applies, judge
from judging.core.compiled import acts_of
from judging.core.compiling import compiled_of
from judging.core.conversation import Conversation
from judging.core.types import Answer, Ask, Case, Decision, JudgeSettings, Verdict
from judging.core.view import TurnView

TRIED = frozenset({0, 1})


@dataclass(frozen=True, slots=True)
class ActTried:
    """``score`` None: it was not asked, for its answer could change nothing."""

    text: str
    score: float | None


@dataclass(frozen=True, slots=True)
class ClauseTried:
    """How surely a clause is broken; ``word`` is what that counts. ``threshold``: from where on the turn is stopped,
    None where the classifier may not stop one."""

    score: ClauseScore
    threshold: float | None
    word: Word


@dataclass(frozen=True, slots=True)
class TryOut:
    """``facts`` is tier 0's verdict alone, ``verdict`` that of tiers 0 and 1. ``failure`` says why tier 1 has no
    answer: ``not_configured`` where there is no classifier."""

    verdict: Verdict
    facts: Verdict
    acts: tuple[ActTried, ...] = ()
    clauses: tuple[ClauseTried, ...] = ()
    failure: str = ""

    @property
    def has_doubt(self) -> bool:
        """Whether a tier 2 would be asked."""
        is_open = any(clause.word is not Word.KEPT for clause in self.clauses) or any(
            not finding.is_sure for finding in self.facts.findings
        )
        return self.verdict.decision is Decision.PASS and self.verdict.skipped != "pre_gate" and is_open


def try_turn(case: Case, settings: JudgeSettings) -> Generator[Ask, Answer, TryOut]:
    """Judge the case's turn by its policies with tiers 0 and 1. Asks some acts twice: a driver may remember."""
    conversation = Conversation.from_turns(case.history, now=case.now, facts=case.facts, language=case.language)
    tried = replace(settings, tiers=settings.tiers & TRIED)
    facts = yield from judge(conversation, case.turn, case.policies, replace(settings, tiers=frozenset({0})))
    verdict = yield from judge(conversation, case.turn, case.policies, tried)
    if 1 not in tried.tiers:
        return TryOut(verdict, facts, failure="not_configured")
    asked_of = [index for index, policy in enumerate(case.policies) if applies(policy, case.turn)]
    board = ActBoard(TurnView(conversation, case.turn, case.policies, tried), asked_of)
    failure = yield from board.ask()
    if failure:
        return TryOut(verdict, facts, failure=failure)
    heard = board.heard()
    asked = acts_of([compiled_of(policy) for policy in case.policies])
    return TryOut(
        verdict,
        facts,
        tuple(ActTried(act, heard.get(act)) for act in asked),
        tuple(_tried(score, case, tried) for score in board.scores()),
    )


def _tried(score: ClauseScore, case: Case, settings: JudgeSettings) -> ClauseTried:
    policy = case.policies[score.policy_index]
    is_allowed = may_stop(score.clause, policy, settings)
    threshold = stop_threshold(score.kind, settings) if is_allowed else None
    return ClauseTried(score, threshold, score.word(policy, settings))
