"""The tool gate's word on each call of a judged turn: a pure derivation from the verdict."""

from __future__ import annotations

from collections.abc import Iterable

from judging.core.arguments import arguments_of
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
from judging.core.wording import call_parts

_STRICTNESS = {GateDecision.ALLOW: 0, GateDecision.CONFIRM: 1, GateDecision.BLOCK: 2}
_FAIL_DECISION = {
    FailMode.ALLOW: GateDecision.ALLOW,
    FailMode.CONFIRM: GateDecision.CONFIRM,
    FailMode.BLOCK: GateDecision.BLOCK,
}
_SHOWN_PARTS = 6


def strictest(decisions: Iterable[GateDecision]) -> GateDecision:
    """The decision for a whole turn; ``allow`` when there is no call."""
    return max(decisions, key=_STRICTNESS.__getitem__, default=GateDecision.ALLOW)


def gate_calls(
    verdict: Verdict, conversation: Conversation, turn: Turn, settings: JudgeSettings
) -> tuple[GateVerdict, ...]:
    """Decide each tool call of the turn, in order.

    A sure finding about the call, or a model's verdict on the whole turn, holds it; an undecided turn falls to the
    tool's fail mode; a tool that is not gated is always allowed.
    """
    return tuple(_gate(verdict, index, call, settings) for index, call in enumerate(turn.tool_calls))


def _gate(verdict: Verdict, index: int, call: ToolCall, settings: JudgeSettings) -> GateVerdict:
    if not settings.is_gated(call.name):
        return GateVerdict(call, GateDecision.ALLOW, reason="not_gated")
    held = [finding for finding in verdict.findings if _is_about(finding, index, verdict, settings)]
    if held:
        worst = max(held, key=lambda finding: (_STRICTNESS[finding.gate], finding.score))
        tier = verdict.tier if worst.check in ("classifier", "judge") else 0
        return GateVerdict(call, worst.gate, worst.reason, worst.check, tier, worst.evidence, _instruction(worst, call))
    if verdict.decision is Decision.UNDECIDED:
        decision = _FAIL_DECISION[settings.fail_mode(call.name)]
        return GateVerdict(call, decision, verdict.reason, "undecided", None, (), _fail_instruction(decision, call))
    return GateVerdict(call, GateDecision.ALLOW, tier=verdict.tier)


def _is_about(finding: Finding, index: int, verdict: Verdict, settings: JudgeSettings) -> bool:
    if not finding.is_sure or finding.score < settings.threshold:
        return False
    if finding.tool_call_index is not None:
        return finding.tool_call_index == index
    # A model speaks of the turn as a whole: nothing of it goes out while it is being put right.
    return verdict.decision is Decision.INTERVENE and finding.check in ("classifier", "judge")


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
    """The arguments in a form that an agent can read out."""
    return ", ".join(call_parts(arguments_of(call))[:_SHOWN_PARTS]) or "what you are about to do"
