from __future__ import annotations

import json

import pytest

from judging.core import Conversation, JudgeSettings, Policy, Role, Turn, judge, parse_judgement
from judging.providers import selene
from judging.providers.errors import ProviderFailed
from judging.providers.llm import VERDICT_SCHEMA, LlmConfig, LlmKind, complete
from tests.fakes_http import FakeServer, answers

REPLY = "**Reasoning:** The response breaks rule 2: it promises\na refund.\n\n**Result:** Yes"


def asked(prompt: str = "", agent: str = "You will get ```a full refund```.") -> tuple[dict[str, str], ...]:
    """The messages that the judge really asks with."""
    conversation = Conversation.from_turns([Turn(0, Role.CUSTOMER, "I want my 20 dollars back")])
    policies = [Policy("Be polite."), Policy("Do not talk about the refund of 20 dollars.")]
    settings = JudgeSettings(tiers=frozenset({2}), judging_prompt=prompt)
    ask = next(judge(conversation, Turn(1, Role.AGENT, agent), policies, settings))
    return tuple(dict(message) for message in ask.messages)


def test_the_prompt_is_one_user_message_in_selenes_parts():
    (message,) = selene.prompt(asked())
    head, instruction, response = message["content"].split("```")[:5:2], *message["content"].split("```")[1:4:2]
    assert message["role"] == "user"
    assert "**Result:** <Yes or No>" in head[0]
    assert "2. Do not talk about the refund" in instruction
    assert "I want my 20 dollars back" in instruction
    assert "full refund" not in instruction
    assert response.strip() == "You will get ''a full refund''."
    assert message["content"].count("```") == 4


def test_a_tenants_own_prompt_is_used_too():
    own = "Judge {customer_text} {primary_response} {tool_calls_json} {history_summary}"
    (message,) = selene.prompt(asked(own))
    assert message["content"].split("```")[3].strip() == "You will get ''a full refund''."


def test_a_yes_becomes_a_verdict_on_the_rule_that_is_named():
    verdict = parse_judgement(selene.verdict_json(REPLY, selene.prompt(asked())), [1, 2])
    assert verdict is not None
    assert (verdict.is_violation, verdict.policy, verdict.score) == (True, 2, 1.0)
    assert verdict.reason == "The response breaks rule 2: it promises a refund."


@pytest.mark.parametrize("reason", ["rule 1 and rule 2", "it is rude", "rule 7"])
def test_a_rule_that_is_not_certain_is_none(reason):
    found = json.loads(selene.verdict_json(f"**Reasoning:** {reason}\n\n**Result:** Yes", selene.prompt(asked())))
    assert found["policy"] is None


def test_a_no_becomes_a_pass():
    verdict = parse_judgement(selene.verdict_json("**Reasoning:** fine\n\n**Result:** No", selene.prompt(asked())), [1])
    assert verdict is not None
    assert (verdict.is_violation, verdict.score) == (False, 0.0)


@pytest.mark.parametrize(
    "reply", ["Yes", "", "**Result:** Maybe", "**Result:** Yes **Result:** No", '{"violation": true}']
)
def test_anything_else_is_garbage(reply):
    with pytest.raises(ProviderFailed, match="garbage"):
        selene.verdict_json(reply, selene.prompt(asked()))


@pytest.mark.usefixtures("closing")
async def test_it_is_served_by_any_chat_server(server: FakeServer):
    server.serves(answers({"choices": [{"message": {"content": REPLY}}]}))
    config = LlmConfig(LlmKind.SELENE, server.url, "selene", is_private_allowed=True)
    found = await complete(asked(), config, 5, schema=VERDICT_SCHEMA)
    assert json.loads(found.text)["violation"] is True
    assert "response_format" not in server.received[0].body
