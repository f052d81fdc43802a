"""What was seen of one demo call, from both ends of it: the agent's log and the carrier's timeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from calls.simulate.script import decided_calls


@dataclass(slots=True)
class Seen:
    """``receive`` takes the simulators' log lines in any order between the two ends."""

    scenario_id: str
    call_id: str
    said: dict[str, str] = field(default_factory=dict)  # agent turns announced, by turn id
    caller_lines: list[str | None] = field(default_factory=list)  # None: not recognised
    verdicts: dict[str, Mapping[str, Any]] = field(default_factory=dict)  # final ones, by turn id
    decisions: dict[str, Mapping[str, Any]] = field(default_factory=dict)  # by tool call id
    interventions: dict[str, Mapping[str, Any]] = field(default_factory=dict)  # by turn id
    ran: dict[str, bool] = field(default_factory=dict)  # tool call id -> it came with a commit token
    errors: list[str] = field(default_factory=list)
    timeline: Mapping[str, Any] | None = None  # None until the call is over
    _streamed: dict[str, str] = field(default_factory=dict)

    def receive(self, line: Mapping[str, Any]) -> None:
        match line["what"]:
            case "told_mirror":
                self._told(line["message"])
            case "mirror_said":
                self._answered(line["message"])
            case "heard_caller":
                self.caller_lines.append(line["line"])
            case "ran_tool":
                self.ran[line["id"]] = line["has_token"]
            case "timeline":
                self.timeline = line["timeline"]

    def _told(self, message: Mapping[str, Any]) -> None:
        match message["type"]:
            case "agent.turn":
                self.said[message["turn_id"]] = message["text"]
            case "agent.delta":
                self._streamed[message["turn_id"]] = self._streamed.get(message["turn_id"], "") + message["delta"]
            case "agent.done":
                self.said[message["turn_id"]] = self._streamed.get(message["turn_id"], "")

    def _answered(self, message: Mapping[str, Any]) -> None:
        match message.get("type"):
            case "verdict" if message.get("final", True):
                self.verdicts[message["turn_id"]] = message
            case "tool.decision":
                for call in decided_calls(message):
                    self.decisions[str(call.get("tool_call_id"))] = call
            case "intervention":
                self.interventions[message["turn_id"]] = message
            case "error":
                self.errors.append(f"{message.get('code')}: {message.get('detail')}")

    # What the caller's side tells.

    def entries(self, what: str) -> list[Mapping[str, Any]]:
        return [entry for entry in (self.timeline or {}).get("entries", []) if entry["what"] == what]

    def heard_ms(self, label: str) -> int:
        heard = (self.timeline or {}).get("heard", [])
        return sum(stretch["played_ms"] for stretch in heard if stretch["label"] == label)

    def played_checkpoints(self) -> set[str]:
        return {entry["name"] for entry in self.entries("checkpoint_played")}
