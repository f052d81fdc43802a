"""The demo's dialogues through the judge alone: what the agent does right is never stopped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from judging.core import Conversation, Decision, JudgeSettings, Policy, Role, ToolCall, Turn, judge, run, unavailable
from mirror_saas.demo.catalogue import SCENARIOS, demo_agents

PATHS = sorted(SCENARIOS.glob("*.yaml"))
POLICIES = {agent.slug: tuple(Policy(text) for text in agent.policies) for agent in demo_agents()}


def decisions(story: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Decision]]:
    """Each agent's line with the judge's decision, along the way the call takes when a held tool is confirmed."""
    conversation = Conversation()
    lines = list(story["script"])
    held = {name for name, word in story["expect"].get("tools", {}).items() if word == "held"}
    while lines:
        line = lines.pop(0)
        at = conversation.next_index
        if "caller" in line:
            conversation.add(Turn(at, Role.CUSTOMER, line["caller"]))
            continue
        tools = line.get("tools", [])
        calls = tuple(ToolCall(tool["name"], tool["arguments"], tool["id"]) for tool in tools)
        turn = Turn(at, Role.AGENT, line["agent"], line["id"], calls)
        settings = JudgeSettings(tiers=frozenset({0}))
        yield line, run(judge(conversation, turn, POLICIES[story["agent"]], settings), unavailable).decision
        if held.intersection(tool["id"] for tool in tools):
            lines = list(line.get("on_confirm", [])) or lines
            conversation.add(Turn(at, Role.AGENT, line["agent"], line["id"]))
            continue
        conversation.add(turn)
        for tool in tools:
            result = tool.get("result")
            conversation.add(
                Turn(conversation.next_index, Role.TOOL, str(result), tool_name=tool["name"], result=result)
            )


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_what_is_expected_of_a_demo_call_holds(path: Any) -> None:
    story = yaml.safe_load(path.read_text())
    tools = story["expect"].get("tools", {})
    marked = story["expect"].get("turns", {})
    for line, decision in decisions(story):
        held = [tool["id"] for tool in line.get("tools", []) if tools.get(tool["id"]) == "held"]
        if held or marked.get(line["id"]) == "intervene":
            assert decision is Decision.INTERVENE, line["id"]
        elif line["id"] not in marked:
            assert decision is Decision.PASS, line["id"]
