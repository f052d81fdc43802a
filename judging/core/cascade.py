"""``judge()``: which tier next, and when to stop."""

from __future__ import annotations

from collections.abc import Collection, Generator, Sequence
from dataclasses import replace
from functools import lru_cache

from judging.core.act_scores import ActBoard, ClauseScore, Word
from judging.core.checks import find_all, find_in_calls
from judging.core.conversation import Conversation
from judging.core.pregate import Sign, sign_of
from judging.core.prompts import Judgement, read_judgement, tier2_ask
from judging.core.rewording import reworded
from judging.core.types import (
    Answer,
    Ask,
    Decision,
    Finding,
    GateDecision,
    JudgeSettings,
    Mode,
    Policy,
    Scope,
    Turn,
    Verdict,
)
from judging.core.view import TurnView

Steps = Generator[Ask, Answer, Verdict]


def judge(
    conversation: Conversation,
    turn: Turn,
    policies: Sequence[Policy],
    settings: JudgeSettings,
    *,
    follows_intervention: bool = False,
) -> Steps:
    """Decide one agent turn, cheapest tier first; each yield asks the driver for one model call.

    ``turn`` is not part of ``conversation`` yet: a whole turn, the prefix of one while it streams, or a bare tool call
    with empty text. A policy still in mode ``ramp`` counts as enforced when its share is the whole, else as shadow.
    """
    view = TurnView(conversation, turn, policies, settings)
    has_models = bool(settings.tiers & {1, 2})
    sign = sign_of(view, follows_intervention=follows_intervention) if has_models else None
    known = _Known(view, sign.value if sign else "")
    if 0 in settings.tiers:
        known.add(reworded(view, find_in_calls(view) if _is_llm_alone(settings) else find_all(view)))
    sure = known.sure()
    if sure is not None:
        return known.verdict(Decision.INTERVENE, 0, sure)
    if not has_models:
        return known.left_open((), None)
    if sign is Sign.QUIET and not known.questions:
        return known.passed(_lowest(settings), skipped="pre_gate")
    return (yield from _ask_models(view, known))


def _is_llm_alone(settings: JudgeSettings) -> bool:
    """Whether one LLM judges what is said; facts still guard the tools. Without an LLM the tiers that are there do."""
    return settings.scorer == "llm" and 2 in settings.tiers


def _ask_models(view: TurnView, known: _Known) -> Steps:
    settings, failures = view.settings, []
    asked = [index for index, policy in enumerate(view.policies) if applies(policy, view.turn)]
    is_tier1_used = 1 in settings.tiers and not _is_llm_alone(settings) and bool(asked)
    uncertain = [index for index in asked if known.is_enforced(index)]
    if is_tier1_used:
        board = ActBoard(view, asked)
        failure = yield from board.ask()
        if failure:
            failures.append(f"tier 1: {failure}")
        else:
            uncertain = known.take_scores(board.scores(), board.unread())
            if (hit := known.sure()) is not None:
                return known.verdict(Decision.INTERVENE, 1, hit)
    is_settled = is_tier1_used and not failures and not uncertain and not known.questions
    is_asked_anyway = 2 in settings.tiers and (_is_llm_alone(settings) or _has_own_rules(view))
    if (is_settled or (not uncertain and not known.questions)) and not is_asked_anyway:
        return known.passed(1 if is_tier1_used and not failures else _lowest(settings))
    if 2 not in settings.tiers:
        return known.left_open(failures, 1 if is_tier1_used and not failures else None)
    ask = tier2_ask(view, uncertain, known.questions)
    answer = yield ask
    judgement = None if answer.failure else _judgement(view, answer.text, ask)
    if judgement is None:
        return known.left_open([*failures, f"tier 2: {answer.failure or 'garbage'}"], None)
    return known.judged(judgement)


def _judgement(view: TurnView, text: str, ask: Ask) -> Judgement | None:
    """Read tier 2's reply. A tenant's own prompt may number rules of its own: those are no policy of ours."""
    found = read_judgement(text, ask)
    if found is None or not view.settings.judging_prompt:
        return found
    is_ours = found.policy is not None and found.policy - 1 in ask.policy_indexes
    return found if is_ours else replace(found, policy=None)


def _has_own_rules(view: TurnView) -> bool:
    """Whether the tenant's own prompt for tier 2 stands in for policies: nothing else can judge by it."""
    return bool(view.settings.judging_prompt) and not view.policies


def _lowest(settings: JudgeSettings) -> int | None:
    return 0 if 0 in settings.tiers else None


def applies(policy: Policy, turn: Turn) -> bool:
    """Whether a policy has something to say of this turn: its scope and what the turn has."""
    has_speech, has_calls = bool(turn.text.strip()), bool(turn.tool_calls)
    if policy.scope is Scope.SPEECH:
        return has_speech
    return has_calls if policy.scope is Scope.TOOLS else has_speech or has_calls


@lru_cache(maxsize=64)
def _nothing_found(tier: int | None, skipped: str, pre_gate: str) -> Verdict:
    """The pass of nearly every turn: one frozen value, since making one takes as long as a check."""
    return Verdict(Decision.PASS, 0.0, tier, skipped=skipped, pre_gate=pre_gate)


class _Known:
    """What the tiers have found so far about one turn."""

    def __init__(self, view: TurnView, pre_gate: str) -> None:
        self._view, self._pre_gate = view, pre_gate
        self.findings: list[Finding] = []
        self.shadow: list[Finding] = []

    def is_enforced(self, policy_index: int | None) -> bool:
        if policy_index is None:
            return True
        policy = self._view.policies[policy_index]
        return policy.mode is Mode.ENFORCE or (policy.mode is Mode.RAMP and policy.ramp_share >= 1.0)

    def add(self, findings: Sequence[Finding]) -> None:
        for finding in findings:
            (self.findings if self.is_enforced(finding.policy_index) else self.shadow).append(finding)

    @property
    def questions(self) -> tuple[Finding, ...]:
        """Findings that raise a question without answering it."""
        return tuple(finding for finding in self.findings if not finding.is_sure)

    def sure(self) -> Finding | None:
        """The strongest finding that decides by itself."""
        hits = [f for f in self.findings if f.is_sure and f.score >= self._view.settings.threshold]
        return max(hits, key=lambda finding: finding.score, default=None)

    def take_scores(self, scores: Sequence[ClauseScore], unread: Collection[int]) -> list[int]:
        """Enter tier 1's scores; return the enforced policies it is uncertain about or could not be asked about."""
        settings = self._view.settings
        uncertain, hits = set(unread), dict[int, ClauseScore]()
        for score in scores:
            index = score.policy_index
            word = score.word(self._view.policies[index], settings)
            if word is Word.BROKEN:
                hits[index] = max(score, hits.get(index, score), key=lambda one: one.value)
            elif word is Word.UNCERTAIN:
                uncertain.add(index)
        self.add([self._model_finding("classifier", hit.value, index, hit.reason) for index, hit in hits.items()])
        return sorted(index for index in uncertain - set(hits) if self.is_enforced(index))

    def _model_finding(self, check: str, score: float, index: int | None, reason: str, correction: str = "") -> Finding:
        calls = self._view.turn.tool_calls
        is_about_calls = bool(calls) and (
            not self._view.turn.text.strip() or (index is not None and self._view.policies[index].scope is Scope.TOOLS)
        )
        return Finding(
            check=check,
            score=score,
            reason=reason,
            policy_index=index,
            tool_call_index=0 if is_about_calls and len(calls) == 1 else None,
            gate=GateDecision.CONFIRM,
            correction=correction,
        )

    def judged(self, judgement: Judgement) -> Verdict:
        """Close with tier 2's word."""
        if not judgement.is_violation:
            return replace(self.passed(2), score=judgement.score, reason=judgement.reason)
        index = None if judgement.policy is None else judgement.policy - 1
        finding = self._model_finding("judge", judgement.score, index, judgement.reason, judgement.correction)
        self.findings.append(finding)
        if judgement.score < self._view.settings.threshold:
            return replace(self.passed(2), score=judgement.score, reason=judgement.reason)
        return self.verdict(Decision.INTERVENE, 2, finding)

    def verdict(self, decision: Decision, tier: int, deciding: Finding) -> Verdict:
        others = [finding for finding in self.findings if finding is not deciding]
        return Verdict(
            decision=decision,
            score=deciding.score,
            tier=tier,
            check=deciding.check,
            policy_index=deciding.policy_index,
            reason=deciding.reason,
            evidence=deciding.evidence,
            correction=deciding.correction,
            findings=(deciding, *others),
            shadow=tuple(self.shadow),
            language=self._view.language.code,
            pre_gate=self._pre_gate,
        )

    def passed(self, tier: int | None, skipped: str = "") -> Verdict:
        if not self.findings and not self.shadow:
            return _nothing_found(tier, skipped, self._pre_gate)
        score = max((finding.score for finding in self.findings if finding.is_sure), default=0.0)
        return Verdict(
            Decision.PASS,
            score,
            tier,
            findings=tuple(self.findings),
            shadow=tuple(self.shadow),
            skipped=skipped,
            pre_gate=self._pre_gate,
        )

    def left_open(self, failures: Sequence[str], tier: int | None) -> Verdict:
        """Close without an answer: undecided when a configured tier failed, else a pass."""
        if not failures:
            return self.passed(tier if tier is not None else _lowest(self._view.settings), skipped="not_configured")
        return Verdict(
            Decision.UNDECIDED,
            reason="; ".join(failures),
            findings=tuple(self.findings),
            shadow=tuple(self.shadow),
            pre_gate=self._pre_gate,
        )
