"""The demo's own files: agents with their policies, and what each scenario must lead to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, get_args

import yaml

from calls.simulate.scenario import Scenario, ScenarioInvalid, load_document, read_scenario

FOLDER: Final = Path(__file__).resolve().parent
SCENARIOS: Final = FOLDER / "scenarios"
AUDIO: Final = FOLDER / "audio"
REPOSITORY: Final = FOLDER / "repo"

TurnWord: TypeAlias = Literal["pass", "intervene", "any"]
ToolWord: TypeAlias = Literal["allow", "held"]


@dataclass(frozen=True, slots=True)
class DemoAgent:
    """``embedding`` says how the prompt sits in the file, in the words of a prompt repository."""

    slug: str
    name: str
    prompt_path: str
    embedding: str
    policies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Because:
    """One value of the evidence and how it stands: ``superseded``, ``never_said``, ``unconfirmed``."""

    value: str
    status: str


@dataclass(frozen=True, slots=True)
class Expected:
    """What a call must lead to. An agent turn that is not named must pass.

    ``because``: the evidence a held tool call must come with, by tool call id, so that a call that is held for another
    reason than its mistake does not pass for caught.

    Turns ``any``: judged, either way, because what is wrong is in their tool call. Tools ``held``: not allowed and not
    run. Calls with the same ``problem`` share one cause, one problem and one fix.
    """

    turns: Mapping[str, TurnWord]
    tools: Mapping[str, ToolWord]
    has_report: bool
    problem: str | None
    because: Mapping[str, Because] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DemoCall:
    scenario: Scenario
    expected: Expected


def demo_agents() -> tuple[DemoAgent, ...]:
    items = yaml.safe_load((FOLDER / "agents.yaml").read_text(encoding="utf-8"))
    return tuple(
        DemoAgent(
            slug=item["slug"],
            name=item["name"],
            prompt_path=item["prompt"]["path"],
            embedding=item["prompt"]["embedding"],
            policies=tuple(item["policies"]),
        )
        for item in items
    )


def demo_calls(folder: Path = SCENARIOS) -> tuple[DemoCall, ...]:
    """Read all scenarios with their expectations, in the order they are played.

    Raises:
        ScenarioInvalid: a file cannot be played, or expects something of a turn or tool that it does not have.
    """
    return tuple(_demo_call(path) for path in sorted(folder.glob("*.yaml")))


def _demo_call(path: Path) -> DemoCall:
    document = load_document(path)
    scenario = read_scenario(document, where=path.name)
    return DemoCall(scenario, read_expected(document.get("expect") or {}, scenario))


def read_expected(found: Mapping[str, Any], scenario: Scenario) -> Expected:
    """Read one ``expect``.

    Raises:
        ScenarioInvalid: it names a turn or tool the scenario does not have, or says nothing of one of its tools.
    """
    expected = Expected(
        turns=dict(found.get("turns") or {}),
        tools=dict(found.get("tools") or {}),
        has_report=bool(found.get("report")),
        problem=found.get("problem"),
        because={tool_id: Because(**why) for tool_id, why in (found.get("because") or {}).items()},
    )
    _check_names("turns", expected.turns, {line.id for line in scenario.agent_lines()}, get_args(TurnWord), scenario)
    _check_names("tools", expected.tools, {tool.id for tool in scenario.tools()}, get_args(ToolWord), scenario)
    if unsaid := {tool.id for tool in scenario.tools()} - expected.tools.keys():
        raise ScenarioInvalid(f"{scenario.id}: nothing expected of {', '.join(sorted(unsaid))}")
    if not_held := [tool_id for tool_id in expected.because if expected.tools.get(tool_id) != "held"]:
        raise ScenarioInvalid(f"{scenario.id}: a reason is given for what is not held: {', '.join(not_held)}")
    return expected


def _check_names(
    what: str, given: Mapping[str, str], known: set[str], words: tuple[str, ...], scenario: Scenario
) -> None:
    wrong = [f"{name}: {word}" for name, word in given.items() if name not in known or word not in words]
    if wrong:
        raise ScenarioInvalid(f"{scenario.id}: cannot expect of its {what}: {', '.join(wrong)}")
