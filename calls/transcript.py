"""From a call's records to what its page shows: each turn with its verdicts, tool calls and interventions in place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from calls.models import InterventionRecord, ToolDecisionRecord, TurnRecord, VerdictRecord

# A fragment repeats this many turns: heard text and interventions are updated in place, under the ``n`` they had.
RECENT_TURNS = 8
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class EvidenceShown:
    """One value and the turn it comes from. ``source_turn`` None: nobody said it."""

    value: str
    status: str
    source_turn: int | None = None
    argument: str = ""
    replaced_by: str = ""


@dataclass(frozen=True, slots=True)
class ArgumentShown:
    name: str
    value: str
    evidence: tuple[EvidenceShown, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolCallShown:
    """``decisions`` in order; the last one stands. Empty: not gated."""

    name: str
    tool_call_id: str
    arguments: tuple[ArgumentShown, ...]
    decisions: tuple[ToolDecisionRecord, ...]
    evidence: tuple[EvidenceShown, ...] = ()  # of no argument that is shown

    @property
    def decision(self) -> ToolDecisionRecord | None:
        return self.decisions[-1] if self.decisions else None


@dataclass(frozen=True, slots=True)
class VerdictShown:
    record: VerdictRecord
    evidence: tuple[EvidenceShown, ...]

    @property
    def latencies(self) -> list[tuple[str, float]]:
        """Return what took how long in ms, tiers that were not asked left out."""
        told = self.record.latency_ms or {}
        return [(name, told[name]) for name in ("tier0", "tier1", "tier2", "total") if told.get(name) is not None]


@dataclass(frozen=True, slots=True)
class StepShown:
    """``after_ms`` counts from the first step of the same intervention."""

    name: str
    at_ms: int
    after_ms: int


@dataclass(frozen=True, slots=True)
class InterventionShown:
    record: InterventionRecord
    steps: tuple[StepShown, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """A turn's text, parted where the caller stopped hearing it."""

    heard: str
    unheard: str


@dataclass(slots=True)
class TurnShown:
    """One turn with all that was found about it. ``turn`` None: judged while it is still being spoken."""

    index: int
    turn: TurnRecord | None = None
    n: int = 0
    heard: Heard | None = None
    verdict: VerdictShown | None = None
    earlier: list[VerdictShown] = field(default_factory=list)
    tool_calls: list[ToolCallShown] = field(default_factory=list)
    interventions: list[InterventionShown] = field(default_factory=list)
    result: str = ""

    @property
    def role(self) -> str:
        return self.turn.role if self.turn else "agent"

    @property
    def is_flagged(self) -> bool:
        """Whether the reader should see it at a glance."""
        is_caught = self.verdict is not None and self.verdict.record.decision == "intervene"
        return is_caught or any(call.decision and call.decision.decision != "allow" for call in self.tool_calls)


def transcript_build(
    turns: Iterable[TurnRecord],
    verdicts: Iterable[VerdictRecord],
    decisions: Iterable[ToolDecisionRecord],
    interventions: Iterable[InterventionRecord],
) -> list[TurnShown]:
    """Return the turns by index. All records are of one call and in the order of ``n``."""
    shown: dict[int, TurnShown] = {}
    for turn in turns:
        shown[turn.index] = TurnShown(
            turn.index, turn, turn.n, heard=heard_split(turn.text, turn.heard_text), result=_pretty(turn.result)
        )
    for verdict in verdicts:
        entry = _entry(shown, verdict.turn_index, verdict.n)
        if entry.verdict is not None:
            entry.earlier.append(entry.verdict)
        entry.verdict = VerdictShown(verdict, evidence_read(verdict.evidence))
    for intervention in interventions:
        entry = _entry(shown, intervention.turn_index, intervention.n)
        entry.interventions.append(InterventionShown(intervention, _steps(intervention.steps)))
    _tool_calls_add(shown, list(decisions))
    return [shown[index] for index in sorted(shown)]


def transcript_since(shown: Sequence[TurnShown], n: int) -> list[TurnShown]:
    """Return the turns that a reader who has everything up to ``n`` must see again."""
    return [entry for place, entry in enumerate(shown) if entry.n > n or place >= len(shown) - RECENT_TURNS]


def heard_split(text: str, heard_text: str | None) -> Heard | None:
    """Part ``text`` after as many words as were heard. None: all of it was heard, or it is not known."""
    if heard_text is None:
        return None
    words, heard = list(_WORD.finditer(text)), len(heard_text.split())
    if heard >= len(words):
        return None
    cut = words[heard].start()
    return Heard(text[:cut], text[cut:])


def evidence_read(evidence: Any) -> tuple[EvidenceShown, ...]:
    """Read ``{"values": [...]}`` as the judge writes it; anything else is no evidence."""
    values = evidence.get("values") if isinstance(evidence, Mapping) else None
    return tuple(
        EvidenceShown(
            value=_plain(value.get("value")),
            status=str(value.get("status", "")),
            source_turn=value.get("source_turn"),
            argument=str(value.get("argument") or ""),
            replaced_by=_plain(value.get("replaced_by") or ""),
        )
        for value in values or ()
        if isinstance(value, Mapping)
    )


def arguments_flat(arguments: Any, path: str = "") -> list[tuple[str, str]]:
    """Return ``[("items.0.size", "large")]``: the dotted names that evidence uses."""
    if isinstance(arguments, Mapping) and arguments:
        pairs = [(str(name), value) for name, value in arguments.items()]
    elif isinstance(arguments, list) and any(isinstance(value, (Mapping, list)) for value in arguments):
        pairs = [(str(place), value) for place, value in enumerate(arguments)]
    else:
        return [(path, _plain(arguments))] if path else []
    return [found for name, value in pairs for found in arguments_flat(value, f"{path}.{name}" if path else name)]


def _tool_calls_add(shown: dict[int, TurnShown], decisions: list[ToolDecisionRecord]) -> None:
    left = list(decisions)
    for entry in list(shown.values()):
        for call in entry.turn.tool_calls if entry.turn else ():
            call_id = str(call.get("id", ""))
            mine = [each for each in left if each.tool_call_id == call_id and each.turn_index in (entry.index, None)]
            left = [each for each in left if each not in mine]
            entry.n = max([entry.n, *(each.n for each in mine)])
            entry.tool_calls.append(_tool_call(str(call.get("name", "")), call_id, call.get("arguments"), mine))
    for decision in left:  # gated by itself, outside of any recorded turn's own calls
        entry = _entry(shown, _place(shown, decision), decision.n)
        entry.tool_calls.append(_tool_call(decision.name, decision.tool_call_id, decision.arguments, [decision]))


def _place(shown: Mapping[int, TurnShown], decision: ToolDecisionRecord) -> int:
    if decision.turn_index is not None:
        return decision.turn_index
    return max((entry.index for entry in shown.values() if entry.turn and entry.turn.n <= decision.n), default=0)


def _tool_call(name: str, call_id: str, arguments: Any, decisions: list[ToolDecisionRecord]) -> ToolCallShown:
    evidence = evidence_read(decisions[-1].evidence) if decisions else ()
    flat = arguments_flat(arguments)
    names = {argument for argument, _ in flat}
    return ToolCallShown(
        name=name,
        tool_call_id=call_id,
        arguments=tuple(
            ArgumentShown(argument, value, tuple(each for each in evidence if _is_of(each.argument, argument)))
            for argument, value in flat
        ),
        decisions=tuple(decisions),
        evidence=tuple(each for each in evidence if not any(_is_of(each.argument, argument) for argument in names)),
    )


def _is_of(told: str, argument: str) -> bool:
    """Evidence may name an argument as a whole or one value inside of it."""
    return bool(told) and (argument == told or argument.startswith(f"{told}.") or told.startswith(f"{argument}."))


def _entry(shown: dict[int, TurnShown], index: int, n: int) -> TurnShown:
    entry = shown.setdefault(index, TurnShown(index))
    entry.n = max(entry.n, n)
    return entry


def _steps(steps: Any) -> tuple[StepShown, ...]:
    told = [step for step in steps or () if isinstance(step, Mapping)]
    start = int(told[0].get("at_ms", 0)) if told else 0
    return tuple(
        StepShown(str(step.get("step", "")), int(step.get("at_ms", 0)), int(step.get("at_ms", 0)) - start)
        for step in told
    )


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _pretty(value: Any) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, indent=2)
