"""The tool gate over REST, for tools that run as webhooks: the live call's own session decides."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from tests.flows.talk import PIZZA, Product
from tests.stack import RunningStack

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def product(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Product:
    rules: Path = tmp_path_factory.mktemp("rules") / "rules.yaml"
    rules.write_text("- Read the order back and get a yes before calling place_order.\n")
    told = stack.tenant("Gated", "--agent", "orders", "--policies", str(rules), owner="gil@gated.example")
    return Product(stack, told)


@pytest.fixture(scope="module")
def other(stack: RunningStack) -> Product:
    return Product(stack, stack.tenant("Ungated", "--agent", "orders", owner="una@ungated.example"))


async def asked(product: Product, call_id: str, body: object) -> tuple[int, dict[str, object]]:
    async with product.web() as client:
        answer = await client.post(f"/api/v1/calls/{call_id}/tool-gate", json=body)
    return answer.status_code, answer.json()


async def test_a_webhook_asks_the_gate_of_a_live_call(product: Product):
    async with product.supervised() as agent:
        call_id = f"call-{uuid4().hex[:8]}"
        started = await agent.start(call_id, agent="orders")
        await agent.told("customer.turn", turn_id="c1", text="A pizza, please.")
        status, held = await asked(product, started["id"], {"gate_id": "g1", "tool_calls": [PIZZA]})
        assert (status, held["type"], held["gate_id"], held["decision"]) == (200, "tool.decision", "g1", "confirm")
        await agent.told("agent.turn", turn_id="a1", text="So that is one pizza, right?")
        await agent.told("customer.turn", turn_id="c2", text="Yes.")
        status, allowed = await asked(product, started["id"], {"tool_calls": [PIZZA]})
        assert (status, allowed["decision"]) == (200, "allow")
        # What REST was told is what the socket is told, and what is kept.
        assert await agent.of("tool.decision", gate_id="g1") == held
        await agent.told("call.end", reason="done")
    call = await product.call(call_id)
    assert [row["decision"] for row in call["tool_decisions"]] == ["confirm", "allow"]
    assert (await asked(product, started["id"], {"tool_calls": [PIZZA]}))[0] == 409


@pytest.mark.parametrize("body", [[], {}, {"tool_calls": []}, {"tool_calls": [{"name": "x"}]}, "x", 7])
async def test_a_body_that_is_no_request_is_a_problem(product: Product, body: object):
    status, told = await asked(product, str(uuid4()), body)
    assert (status, told["code"]) == (400, "invalid_input")


async def test_anothers_call_and_an_absent_one_are_the_same(product: Product, other: Product):
    async with product.supervised() as agent:
        started = await agent.start(f"call-{uuid4().hex[:8]}", agent="orders")
        anothers = await asked(other, started["id"], {"tool_calls": [PIZZA]})
        assert anothers == await asked(other, str(uuid4()), {"tool_calls": [PIZZA]})
        assert (anothers[0], anothers[1]["code"]) == (404, "not_found")
        await agent.told("call.end", reason="done")
