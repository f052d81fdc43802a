"""One scripted call: who says what, which tools the agent calls, and how it goes on when a call is held.

A scenario is a YAML file::

    id: food-example
    agent: luigis-pizza
    title: One line for people
    from: "+14155550101"
    to: "+14155550100"
    script:
      - {id: a1, agent: "Luigi's, what can I get you?"}
      - {id: c1, caller: "A large margherita, please."}
      - id: a2
        agent: "I'm placing that order now."
        tools:
          - {id: t1, name: place_order, arguments: {size: large}, result: {order: 4127}}
        on_confirm:            # instead of the rest, when the call is held
          - {id: a3, agent: "One large margherita. Is that right?"}
          - {id: c2, caller: "Yes."}

Keys that are not the call's own (``expect``) are left to whoever reads the file for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import yaml

Delivery: TypeAlias = Literal["turn", "deltas"]


class ScenarioInvalid(ValueError):
    """A scenario file cannot be played; the message names the file and the place."""


@dataclass(frozen=True, slots=True)
class ScriptedTool:
    """A tool call the agent wants to make, and what the tool will answer when it may."""

    id: str
    name: str
    arguments: Mapping[str, Any]
    result: Any


@dataclass(frozen=True, slots=True)
class CallerLine:
    """``barge_in_ms``: said over the agent when so much of its reply was heard; None waits for quiet."""

    id: str
    text: str
    barge_in_ms: int | None = None


@dataclass(frozen=True, slots=True)
class AgentLine:
    """One agent turn. ``on_confirm`` replaces the rest of the script when its tools are not allowed."""

    id: str
    text: str
    tools: tuple[ScriptedTool, ...] = ()
    delivery: Delivery = "turn"
    on_confirm: tuple[Step, ...] = ()


Step: TypeAlias = CallerLine | AgentLine


@dataclass(frozen=True, slots=True)
class Scenario:
    id: str
    agent: str
    title: str
    caller_number: str
    agent_number: str
    script: tuple[Step, ...]

    def caller_path(self) -> tuple[CallerLine, ...]:
        """The caller's lines in order, along the held branch wherever the script has one."""
        return tuple(step for step in _held_path(self.script) if isinstance(step, CallerLine))

    def required_turns(self) -> tuple[str, ...]:
        """The agent turns of that path. A read-back is not among them: a correction may have made it already."""
        read_backs = {line.on_confirm[0].id for line in self.agent_lines() if line.on_confirm}
        path = (step for step in _held_path(self.script) if isinstance(step, AgentLine))
        return tuple(line.id for line in path if line.id not in read_backs)

    def steps(self) -> Iterator[Step]:
        """All steps of all branches, each once."""
        return _all_steps(self.script)

    def agent_lines(self) -> tuple[AgentLine, ...]:
        return tuple(step for step in self.steps() if isinstance(step, AgentLine))

    def tools(self) -> tuple[ScriptedTool, ...]:
        return tuple(tool for line in self.agent_lines() for tool in line.tools)


def _held_path(script: tuple[Step, ...]) -> Iterator[Step]:
    for step in script:
        yield step
        if isinstance(step, AgentLine) and step.on_confirm:
            yield from _held_path(step.on_confirm)
            return


def _all_steps(script: tuple[Step, ...]) -> Iterator[Step]:
    for step in script:
        yield step
        if isinstance(step, AgentLine):
            yield from _all_steps(step.on_confirm)


def load_scenario(path: Path) -> Scenario:
    """Read one scenario file.

    Raises:
        ScenarioInvalid: not readable, a missing or wrong field, or an id used twice.
    """
    return read_scenario(load_document(path), where=path.name)


def load_document(path: Path) -> Mapping[str, Any]:
    """Read a scenario file as plain data, for keys that are not the call's own.

    Raises:
        ScenarioInvalid: not readable, or not a mapping.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ScenarioInvalid(f"{path.name}: {error}") from error
    if not isinstance(document, Mapping):
        raise ScenarioInvalid(f"{path.name}: not a mapping")
    return document


def load_scenarios(folder: Path) -> dict[str, Scenario]:
    """Read all ``*.yaml`` of a folder, by id, in file order.

    Raises:
        ScenarioInvalid: one of them is, or two have one id, or there is none.
    """
    scenarios: dict[str, Scenario] = {}
    for path in sorted(folder.glob("*.yaml")):
        scenario = load_scenario(path)
        if scenario.id in scenarios:
            raise ScenarioInvalid(f"{path.name}: the id {scenario.id} is taken")
        scenarios[scenario.id] = scenario
    if not scenarios:
        raise ScenarioInvalid(f"no scenario in {folder}")
    return scenarios


def read_scenario(document: Mapping[str, Any], *, where: str) -> Scenario:
    """Make a scenario of plain data. Raises as ``load_scenario``."""
    try:
        scenario = Scenario(
            id=str(document["id"]),
            agent=str(document["agent"]),
            title=str(document["title"]),
            caller_number=str(document["from"]),
            agent_number=str(document["to"]),
            script=_steps(document["script"]),
        )
    except (KeyError, TypeError) as error:
        raise ScenarioInvalid(f"{where}: missing or wrong: {error}") from error
    _check_ids(scenario, where)
    return scenario


def _steps(items: Any) -> tuple[Step, ...]:
    return tuple(_step(item) for item in items)


def _step(item: Mapping[str, Any]) -> Step:
    if "caller" in item:
        return CallerLine(str(item["id"]), _one_line(item["caller"]), item.get("barge_in_ms"))
    return AgentLine(
        id=str(item["id"]),
        text=_one_line(item["agent"]),
        tools=tuple(_tool(tool) for tool in item.get("tools", ())),
        delivery="deltas" if item.get("delivery") == "deltas" else "turn",
        on_confirm=_steps(item.get("on_confirm", ())),
    )


def _tool(item: Mapping[str, Any]) -> ScriptedTool:
    return ScriptedTool(str(item["id"]), str(item["name"]), dict(item["arguments"]), item["result"])


def _one_line(text: Any) -> str:
    return " ".join(str(text).split())


def _check_ids(scenario: Scenario, where: str) -> None:
    ids = [step.id for step in scenario.steps()] + [tool.id for tool in scenario.tools()]
    twice = sorted({found for found in ids if ids.count(found) > 1})
    if twice:
        raise ScenarioInvalid(f"{where}: used twice: {', '.join(twice)}")
