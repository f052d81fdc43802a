"""The judge: pure Python, no Django, no I/O, no clock. Live review, tool gate, backtest and commands all use it.

A driver runs the generator that ``judge`` returns and answers its asks::

    verdict = run(judge(conversation, turn, policies, JudgeSettings(tiers=frozenset({0}))), unavailable)
"""

from __future__ import annotations

from judging.core.cascade import judge
from judging.core.cases import (
    case_from_record,
    case_to_record,
    policies_from_record,
    policy_from_record,
    turns_from_records,
)
from judging.core.compiled import Compiled, Kind
from judging.core.compiling import compile_policy, compiled_of
from judging.core.conversation import Conversation
from judging.core.corrections import DEFAULT_BUFFER, buffer_line, correction_line, safe_line, system_note
from judging.core.drivers import run, unavailable
from judging.core.errors import CaseInvalid, CompiledInvalid, JudgingError, PromptInvalid
from judging.core.gate import gate_calls, strictest
from judging.core.ledger import Ledger, LedgerValue
from judging.core.prompts import Judgement, check_prompt, parse_judgement, read_judgement
from judging.core.rules import resolve_ramp
from judging.core.sentences import SentenceSplitter
from judging.core.types import (
    Answer,
    Ask,
    Case,
    Decision,
    Evidence,
    FailMode,
    Finding,
    GateDecision,
    GateVerdict,
    Json,
    JudgeSettings,
    Mode,
    Policy,
    Role,
    Scope,
    Severity,
    Status,
    Tier1Use,
    ToolCall,
    Turn,
    Verdict,
)
from judging.core.voice import agent_voice

__all__ = [
    "DEFAULT_BUFFER",
    "Answer",
    "Ask",
    "Case",
    "CaseInvalid",
    "Compiled",
    "CompiledInvalid",
    "Conversation",
    "Decision",
    "Evidence",
    "FailMode",
    "Finding",
    "GateDecision",
    "GateVerdict",
    "Json",
    "JudgeSettings",
    "Judgement",
    "JudgingError",
    "Kind",
    "Ledger",
    "LedgerValue",
    "Mode",
    "Policy",
    "PromptInvalid",
    "Role",
    "Scope",
    "SentenceSplitter",
    "Severity",
    "Status",
    "Tier1Use",
    "ToolCall",
    "Turn",
    "Verdict",
    "agent_voice",
    "buffer_line",
    "case_from_record",
    "case_to_record",
    "check_prompt",
    "compile_policy",
    "compiled_of",
    "correction_line",
    "gate_calls",
    "judge",
    "parse_judgement",
    "policies_from_record",
    "policy_from_record",
    "read_judgement",
    "resolve_ramp",
    "run",
    "safe_line",
    "strictest",
    "system_note",
    "turns_from_records",
    "unavailable",
]
