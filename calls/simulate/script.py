"""The scripted agent's mind: what happened goes in, what to do comes out. No socket, no clock, no audio.

The agent says its lines in order, asks before it runs a tool, reads back when it is told to, and gives way to an
intervention. It fails closed: a tool that nobody allowed is never run. All state changes are in this file.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from calls.simulate.happenings import (
    Action,
    CallerFinished,
    CallerStarted,
    Happening,
    HeldTool,
    Hush,
    MirrorSaid,
    RanTool,
    Say,
    Send,
    SetTimer,
    SpeechPlayed,
    StreamStarted,
    TimerRan,
)
from calls.simulate.scenario import AgentLine, CallerLine, Scenario, Step
from calls.simulate.wording import asked_for, deltas_of, is_read_back

GATE_WAIT_MS: Final = 8_000
INTERVENTION_WAIT_MS: Final = 1_500
CORRECTION_WAIT_MS: Final = 6_000
GATE, INTERVENTION, CORRECTION = "gate", "intervention", "correction"  # names of the timers


@dataclass(slots=True)
class _Gate:
    """An agent turn whose tools wait for Mirror's word; both the verdict and the decision are awaited."""

    line: AgentLine
    decision: Mapping[str, Any] | None = None
    has_verdict: bool = False


@dataclass(slots=True)
class _Intervention:
    id: str
    turn_id: str
    parts: deque[tuple[str, str | None, str]]  # (part, text or None when still coming, checkpoint)
    spoken: str = ""
    played_ms: int = 0


@dataclass(slots=True)
class ScriptPlayer:
    """Plays one call of a scenario.

    ``is_supervised`` False is an agent without Mirror: it sends no supervise messages and runs its tools unasked.
    """

    scenario: Scenario
    is_supervised: bool = True
    _path: deque[Step] = field(init=False)
    _said: set[str] = field(default_factory=set, init=False)  # caller lines heard so far
    _has_started: bool = field(default=False, init=False)
    _speaking: str | None = field(default=None, init=False)  # checkpoint that ends what is being said
    _gate: _Gate | None = field(default=None, init=False)
    _awaits_intervention: bool = field(default=False, init=False)
    _intervention: _Intervention | None = field(default=None, init=False)
    _told: set[str] = field(default_factory=set, init=False)  # interventions with words for us to speak
    _seen: set[str] = field(default_factory=set, init=False)  # interventions met, for messages that come twice

    def __post_init__(self) -> None:
        self._path = deque(self.scenario.script)

    def receive(self, happening: Happening) -> list[Action]:
        """Return what to do, in order. Whatever comes late or twice changes nothing."""
        match happening:
            case StreamStarted():
                self._has_started = True
                return self._go_on()
            case CallerStarted():
                return self._give_way()
            case CallerFinished(line_id):
                return self._caller_finished(line_id)
            case SpeechPlayed(checkpoint, played_ms):
                return self._speech_played(checkpoint, played_ms)
            case TimerRan(name):
                return self._timer_ran(name)
            case MirrorSaid(message):
                return self._mirror_said(message)

    # The script.

    def _go_on(self) -> list[Action]:
        """Say the next lines of the script, as far as nothing has to be waited for."""
        actions: list[Action] = []
        while self._has_started and self._path and not self._is_busy():
            step = self._path[0]
            if isinstance(step, CallerLine):
                if step.id not in self._said:
                    break
                self._path.popleft()
            else:
                self._path.popleft()
                actions += self._say_line(step)
        return actions

    def _is_busy(self) -> bool:
        return bool(self._speaking or self._gate or self._awaits_intervention or self._intervention)

    def _say_line(self, line: AgentLine) -> list[Action]:
        actions: list[Action] = self._announce(line)
        if line.text:
            actions += self._say(line.text, f"turn-{line.id}")
        if line.tools and self.is_supervised:
            self._gate = _Gate(line)
            actions.append(SetTimer(GATE, GATE_WAIT_MS))
        elif line.tools:
            actions += [RanTool(tool, None) for tool in line.tools]
        return actions

    def _announce(self, line: AgentLine) -> list[Action]:
        calls = [{"id": tool.id, "name": tool.name, "arguments": dict(tool.arguments)} for tool in line.tools]
        if line.delivery == "turn":
            return self._send("agent.turn", turn_id=line.id, text=line.text, tool_calls=calls)
        actions: list[Action] = []
        for delta in deltas_of(line.text):
            actions += self._send("agent.delta", turn_id=line.id, delta=delta)
        return actions + self._send("agent.done", turn_id=line.id, tool_calls=calls)

    def _say(self, text: str, checkpoint: str) -> list[Action]:
        self._speaking = checkpoint
        return [Say(text, checkpoint)]

    def _send(self, kind: str, **fields: Any) -> list[Action]:
        return [Send({"type": kind, **fields})] if self.is_supervised else []

    # The caller.

    def _give_way(self) -> list[Action]:
        """The caller speaks: be quiet. A correction they speak over counts as said."""
        if self._speaking is None:
            return []
        self._speaking = None
        actions: list[Action] = [Hush()]
        if self._intervention:
            self._intervention.parts.clear()
            return actions + self._end_intervention("cleared")
        return actions

    def _caller_finished(self, line_id: str | None) -> list[Action]:
        line = self._caller_line(line_id)
        if line is None:
            return []
        self._said.add(line.id)
        return self._send("customer.turn", turn_id=line.id, text=line.text) + self._go_on()

    def _caller_line(self, line_id: str | None) -> CallerLine | None:
        """The recognised line; speech that was not recognised is taken for the next one of the script."""
        lines = [step for step in self.scenario.steps() if isinstance(step, CallerLine)]
        if line_id is None:
            lines = [step for step in self._path if isinstance(step, CallerLine)]
        return next((line for line in lines if line.id not in self._said and line_id in (None, line.id)), None)

    # Speech.

    def _speech_played(self, checkpoint: str, played_ms: int) -> list[Action]:
        if checkpoint != self._speaking:
            return []
        self._speaking = None
        if self._intervention:
            self._intervention.played_ms += played_ms
            return self._speak_next_part()
        return self._go_on()

    # Mirror.

    def _mirror_said(self, message: Mapping[str, Any]) -> list[Action]:
        match message.get("type"):
            case "verdict":
                return self._verdict(message)
            case "tool.decision":
                return self._tool_decision(message)
            case "intervention":
                return self._begin_intervention(message)
            case "intervention.correction":
                return self._correction(message)
        return []

    def _verdict(self, message: Mapping[str, Any]) -> list[Action]:
        if not message.get("final", True):
            return []
        is_bad = message.get("decision") == "intervene" and not message.get("shadow")
        if self._gate and message.get("turn_id") == self._gate.line.id:
            self._gate.has_verdict = True
            if is_bad and self._is_stopped_for(message):
                self._awaits_intervention = True
                return [SetTimer(INTERVENTION, INTERVENTION_WAIT_MS), *self._settle_gate()]
            return self._settle_gate()
        return []

    def _is_stopped_for(self, message: Mapping[str, Any]) -> bool:
        """Whether an intervention for this verdict is still to come. Nothing said is nothing to stop."""
        is_met = self._intervention is not None or str(message.get("turn_id")) in self._seen
        has_words = self._gate is not None and bool(self._gate.line.text)
        return has_words and not is_met and not message.get("suppressed")

    def _tool_decision(self, message: Mapping[str, Any]) -> list[Action]:
        if self._gate is None or message.get("gate_id") != self._gate.line.id or self._gate.decision:
            return []
        self._gate.decision = message
        return self._settle_gate()

    def _settle_gate(self) -> list[Action]:
        gate = self._gate
        if gate is None or gate.decision is None or not gate.has_verdict:
            return []
        self._gate = None
        if gate.decision.get("decision") == "allow":
            return self._run_tools(gate.line, gate.decision) + self._go_on()
        return self._hold_tools(gate.line, gate.decision) + self._go_on()

    def _run_tools(self, line: AgentLine, decision: Mapping[str, Any]) -> list[Action]:
        tokens = {str(call.get("tool_call_id")): call.get("commit_token") for call in decided_calls(decision)}
        actions: list[Action] = []
        for tool in line.tools:
            actions.append(RanTool(tool, tokens.get(tool.id)))
            actions += self._send("tool.result", tool_call_id=tool.id, name=tool.name, result=tool.result)
        return actions

    def _hold_tools(self, line: AgentLine, decision: Mapping[str, Any]) -> list[Action]:
        """Read back as the script has it; a script that did not foresee it asks the caller."""
        word = str(decision.get("decision") or "none")
        unforeseen = (AgentLine(f"{line.id}-hold", asked_for(str(decision.get("instruction") or ""))),)
        self._path = deque(line.on_confirm or unforeseen)
        return [HeldTool(tool, word) for tool in line.tools]

    def _timer_ran(self, name: str) -> list[Action]:
        if name == GATE and self._gate:
            line, decision = self._gate.line, self._gate.decision or {"decision": "none"}
            self._gate = None
            if decision.get("decision") == "allow":
                return self._run_tools(line, decision) + self._go_on()
            return self._hold_tools(line, decision) + self._go_on()
        if name == INTERVENTION and self._awaits_intervention:
            self._awaits_intervention = False
            return self._go_on()
        if name == CORRECTION and self._intervention and self._speaking is None:
            return self._end_intervention("cleared")
        return []

    # Interventions.

    def _begin_intervention(self, message: Mapping[str, Any]) -> list[Action]:
        """Stop, and speak the steps that are left to the agent; without any, Mirror speaks by itself."""
        found, turn_id = str(message.get("intervention_id")), str(message.get("turn_id"))
        if found in self._seen and (self._intervention is not None or not spoken_steps(message) or found in self._told):
            return []
        if spoken_steps(message):
            self._told.add(found)  # told again with words where Mirror's own voice failed
        self._seen |= {found, turn_id}
        self._awaits_intervention = False
        self._speaking = None
        self._intervention = _Intervention(found, turn_id, deque(spoken_steps(message)))
        return [Hush(), *self._speak_next_part()]

    def _speak_next_part(self) -> list[Action]:
        intervention = self._intervention
        assert intervention is not None
        if not intervention.parts:
            return self._end_intervention("finished")
        _, text, checkpoint = intervention.parts[0]
        if text is None:
            return [SetTimer(CORRECTION, CORRECTION_WAIT_MS)]
        intervention.parts.popleft()
        # The first part is announced, so that its audio can be told from late audio of the turn that was cut off.
        is_first, intervention.spoken = not intervention.spoken, text
        first = self._playback(intervention, "started") if is_first else []
        return first + self._say(text, checkpoint)

    def _playback(self, intervention: _Intervention, state: str) -> list[Action]:
        whose, played_ms = intervention.id, intervention.played_ms
        return self._send("playback", intervention_id=whose, state=state, played_ms=played_ms)

    def _correction(self, message: Mapping[str, Any]) -> list[Action]:
        intervention = self._intervention
        if intervention is None or message.get("intervention_id") != intervention.id:
            return []
        text = str(message.get("text") or "")
        intervention.parts = deque(
            (part, text if known is None else known, name) for part, known, name in intervention.parts
        )
        return self._speak_next_part() if self._speaking is None else []

    def _end_intervention(self, state: str) -> list[Action]:
        intervention = self._intervention
        assert intervention is not None
        self._intervention = None
        self._leave_read_back(intervention)
        done = self._playback(intervention, state) if intervention.spoken else []
        return [*done, *self._send("note.taken", intervention_id=intervention.id), *self._go_on()]

    def _leave_read_back(self, intervention: _Intervention) -> None:
        """Do not read back the held call when Mirror speaks by itself, or when the correction was a read-back."""
        line = self._line(intervention.turn_id)
        if line is None or not line.on_confirm or not self._path or self._path[0] is not line.on_confirm[0]:
            return
        if not intervention.spoken or is_read_back(intervention.spoken, line):
            self._path.popleft()

    def _line(self, turn_id: str) -> AgentLine | None:
        return next((line for line in self.scenario.agent_lines() if line.id == turn_id), None)


def decided_calls(decision: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The decisions per tool call of a ``tool.decision``."""
    calls = decision.get("tool_calls") or decision.get("calls") or []
    return [call for call in calls if isinstance(call, Mapping)]


def spoken_steps(message: Mapping[str, Any]) -> list[tuple[str, str | None, str]]:
    """The steps of an ``intervention`` that the agent must speak: ``speaker`` absent or ``agent``."""
    steps = [step for step in message.get("steps") or [] if isinstance(step, Mapping)]
    speak = [step for step in steps if step.get("do") == "speak" and step.get("speaker", "agent") == "agent"]
    return [(str(step.get("part")), step.get("text"), str(step.get("checkpoint"))) for step in speak]
