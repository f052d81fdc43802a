"""The tool gate's word on each call of a judged turn: a pure derivation from the verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from judging.core.arguments import Shape, arguments_of
from judging.core.confirmation import is_confirmed
from judging.core.conversation import Conversation
from judging.core.corrections import known_correction
from judging.core.types import (
    Decision,
    FailMode,
    Finding,
    GateDecision,
    GateVerdict,
    JudgeSettings,
    ToolCall,
    Turn,
    Verdict,
)
from judging.core.wording import call_parts, plain_name

_STRICTNESS = {GateDecision.ALLOW: 0, GateDecision.CONFIRM: 1, GateDecision.BLOCK: 2}
_FAIL_DECISION = {
    FailMode.ALLOW: GateDecision.ALLOW,
    FailMode.CONFIRM: GateDecision.CONFIRM,
    FailMode.BLOCK: GateDecision.BLOCK,
}
_CONFIRMED = "the caller heard these very values and said yes"
_ANOTHER_HELD = "the turn was stopped before this call was judged; ask again"
_MODELS = frozenset({"classifier", "judge"})


def strictest(decisions: Iterable[GateDecision]) -> GateDecision:
    """The decision for a whole turn; ``allow`` when there is no call."""
    return max(decisions, key=_STRICTNESS.__getitem__, default=GateDecision.ALLOW)


def gate_calls(
    verdict: Verdict, conversation: Conversation, turn: Turn, settings: JudgeSettings
) -> tuple[GateVerdict, ...]:
    """Decide each tool call of the turn, in order.

    A sure finding about the call, or a model's verdict on the whole turn, holds it; an undecided turn falls to the
    tool's fail mode; a tool that is not gated is always allowed. What asking the caller can settle is settled once
    ``conversation`` (with what the caller *heard* of each agent turn) has the read-back and its yes.
    """
    return tuple(
        _gate(verdict, index, call, settings, partial(is_confirmed, conversation, call))
        for index, call in enumerate(turn.tool_calls)
    )


def _gate(
    verdict: Verdict, index: int, call: ToolCall, settings: JudgeSettings, confirmed: Callable[[], bool]
) -> GateVerdict:
    if not settings.is_gated(call.name):
        return GateVerdict(call, GateDecision.ALLOW, reason="not_gated")
    held = [finding for finding in verdict.findings if _is_about(finding, index, verdict, settings)]
    is_settled = all(map(_can_be_confirmed, held)) and bool(held) and confirmed()
    if held and not is_settled:
        worst = max(held, key=lambda finding: (_STRICTNESS[finding.gate], finding.score))
        tier = verdict.tier if worst.check in _MODELS else 0
        return GateVerdict(call, worst.gate, worst.reason, worst.check, tier, worst.evidence, _instruction(worst, call))
    if verdict.decision is Decision.UNDECIDED:
        return _failed(call, verdict.reason, settings.fail_mode(call.name), confirmed)
    if _is_unasked(verdict, call, settings):
        return _failed(call, _ANOTHER_HELD, settings.fail_mode(call.name), confirmed)
    if is_settled:
        return GateVerdict(call, GateDecision.ALLOW, _CONFIRMED, "confirmed", 0)
    return GateVerdict(call, GateDecision.ALLOW, tier=verdict.tier)


def _is_unasked(verdict: Verdict, call: ToolCall, settings: JudgeSettings) -> bool:
    """Whether tier 0 stopped the turn for something else, so that no model was asked about this call."""
    is_settled_early = verdict.decision is Decision.INTERVENE and verdict.tier == 0
    return is_settled_early and bool(settings.tiers & {1, 2}) and call.name in settings.irreversible_tools


def _failed(call: ToolCall, reason: str, mode: FailMode, confirmed: Callable[[], bool]) -> GateVerdict:
    """Nobody could tell in time."""
    if mode is FailMode.CONFIRM and confirmed():
        return GateVerdict(call, GateDecision.ALLOW, _CONFIRMED, "confirmed")
    decision = _FAIL_DECISION[mode]
    return GateVerdict(call, decision, reason, "undecided", None, (), _fail_instruction(decision, call))


def _can_be_confirmed(finding: Finding) -> bool:
    """A wrong value is right once the caller agreed to it; a broken rule stays broken, but for that of reading back."""
    is_of_values = finding.policy_index is None or finding.check == "missing_read_back"
    return finding.gate is GateDecision.CONFIRM and is_of_values


def _is_about(finding: Finding, index: int, verdict: Verdict, settings: JudgeSettings) -> bool:
    if not finding.is_sure or finding.score < settings.threshold:
        return False
    if finding.tool_call_index is not None:
        return finding.tool_call_index == index
    # A model speaks of the turn as a whole: nothing of it goes out while it is being put right.
    return verdict.decision is Decision.INTERVENE and finding.check in _MODELS


def _instruction(finding: Finding, call: ToolCall) -> str:
    if finding.gate is GateDecision.BLOCK:
        return f"Do not call {call.name}: {finding.reason}."
    line = known_correction(finding)
    if line:
        return f'Say: "{line}" Get a yes before calling {call.name}.'
    return f"Do not call {call.name} yet: {finding.reason}. Put that right and get a yes first."


def _fail_instruction(decision: GateDecision, call: ToolCall) -> str:
    if decision is GateDecision.ALLOW:
        return ""
    if decision is GateDecision.BLOCK:
        return f"Do not call {call.name} now: it could not be checked in time."
    return f"Read back: {_spoken(call)} and get a yes before calling {call.name}."


def _spoken(call: ToolCall) -> str:
    """All that must be read back, in a form that an agent can read out."""
    arguments = arguments_of(call)
    flags = [plain_name(one.path) for one in arguments if one.shape is Shape.FLAG and one.value.lower() == "true"]
    return ", ".join([*call_parts(arguments), *flags]) or "what you are about to do"
