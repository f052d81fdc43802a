"""Whole calls over the supervise socket, against the running product."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from uuid import uuid4

import pytest
from websockets.exceptions import InvalidStatus

from tests.flows.talk import BAD, GOOD, PIZZA, SUBPROTOCOL, Product, eventually
from tests.stack import RunningStack

pytestmark = pytest.mark.stack

POLICIES = "- Never promise a refund.\n- Read the order back and get a yes before calling place_order.\n"


@pytest.fixture(scope="module")
def product(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Product:
    rules: Path = tmp_path_factory.mktemp("rules") / "rules.yaml"
    rules.write_text(POLICIES)
    told = stack.tenant("Supervised", "--agent", "orders", "--policies", str(rules), owner="sue@supervised.example")
    return Product(stack, told)


@pytest.fixture(scope="module")
def other(stack: RunningStack) -> Product:
    return Product(stack, stack.tenant("Another", "--agent", "orders", owner="otto@another.example"))


@pytest.fixture
def call_id() -> str:
    return f"call-{uuid4().hex[:8]}"


async def test_a_call_from_its_start_to_its_end(product: Product, call_id: str):
    async with product.supervised() as agent:
        assert agent.socket.subprotocol == SUBPROTOCOL
        started = await agent.start(call_id, agent="orders", direction="inbound", metadata={"shop": 7})
        assert started == {
            "type": "call.started", "call_id": call_id, "id": started["id"], "revision": 1, "resumed": False,
            "last_seq": 1,
        }  # fmt: skip
        await agent.told("customer.turn", turn_id="c1", text="A pizza, please.")
        await agent.told("agent.turn", turn_id="a1", text="So that is one pizza, right?")
        await agent.told("customer.turn", turn_id="c2", text="Yes.")
        await agent.told("agent.turn", turn_id="a2", text="Placing it.", tool_calls=[PIZZA])
        decision = await agent.of("tool.decision", gate_id="a2")
        (allowed,) = decision["tool_calls"]
        assert (decision["decision"], allowed["decision"], allowed["tool_call_id"]) == ("allow", "allow", "tool-1")
        await agent.told("tool.result", tool_call_id="tool-1", name="place_order", result={"order": 7})
        await agent.told("agent.turn", turn_id="a3", text=BAD)
        stopped = await agent.of("intervention", turn_id="a3")
        assert [step["do"] for step in stopped["steps"]] == ["clear_audio", "speak", "speak"]
        ids = {"intervention_id": stopped["intervention_id"]}
        await agent.told("playback", **ids, state="started", played_ms=0)
        await agent.told("playback", **ids, state="finished", played_ms=900)
        await agent.told("note.taken", **ids)
        await agent.told("playback", turn_id="a1", state="finished", played_ms=900)
        await agent.told("call.end", reason="done")
        verdicts = {m["turn_id"]: m["decision"] for m in agent.got if m["type"] == "verdict"}
        assert verdicts == {"a1": "pass", "a2": "pass", "a3": "intervene"}
        assert not [m for m in agent.got if m["type"] == "error"]
    call = await product.call(call_id)
    assert (call["status"], call["end_reason"], call["metadata"], call["direction"]) == (
        "ended", "done", {"shop": 7}, "inbound",
    )  # fmt: skip
    assert [t["turn_id"] for t in call["turns"] if t["role"] != "tool"] == ["c1", "a1", "c2", "a2", "a3", "i1"]
    assert [(i["state"], i["source"]) for i in call["interventions"]] == [("completed", "template")]
    assert [d["decision"] for d in call["tool_decisions"]] == ["allow"]
    async with product.web() as client:
        redeemed = [
            (
                await client.post(
                    "/api/v1/tool-commits/redeem",
                    json={"commit_token": allowed["commit_token"], **{k: PIZZA[k] for k in ("name", "arguments")}},
                )
            ).status_code
            for _ in range(2)
        ]
    assert redeemed == [200, 409]


async def test_an_order_that_nobody_agreed_to_is_sent_back(product: Product, call_id: str):
    async with product.supervised() as agent:
        await agent.start(call_id)
        await agent.send("tool.gate", gate_id="g1", tool_calls=[PIZZA])
        decision = await agent.of("tool.decision", gate_id="g1")
        assert decision["decision"] == "confirm"
        assert "commit_token" not in decision["tool_calls"][0]
        assert decision["instruction"]


async def test_streamed_words_are_judged_as_a_turn(product: Product, call_id: str):
    async with product.supervised() as agent:
        await agent.start(call_id)
        for piece in ("Let me ", "look. ", "Now then."):
            await agent.send("agent.delta", turn_id="a1", delta=piece)
        await agent.told("agent.done", turn_id="a1")
        assert (await agent.of("verdict", turn_id="a1"))["final"] is True
    assert [turn["text"] for turn in (await product.call(call_id))["turns"]] == ["Let me look. Now then."]


async def test_what_is_acknowledged_is_in_the_database(product: Product, call_id: str):
    async with product.supervised() as agent:
        await agent.start(call_id)
        for n in range(5):
            await agent.told("customer.turn", turn_id=f"c{n}", text=f"Word {n}.")
            assert [turn["turn_id"] for turn in (await product.call(call_id))["turns"]] == [
                f"c{i}" for i in range(n + 1)
            ]


async def test_acknowledgements_come_in_order_and_once(product: Product, call_id: str):
    async with product.supervised() as agent:
        await agent.start(call_id)
        seqs = [await agent.send("customer.turn", turn_id=f"c{n}", text="Word.") for n in range(40)]
        await agent.ack(seqs[-1])
        assert [m["seq"] for m in agent.got if m["type"] == "ack"] == [1, *seqs]


async def test_a_client_that_comes_back_sends_again_and_nothing_is_stored_twice(product: Product, call_id: str):
    async with product.supervised() as agent:
        await agent.start(call_id)
        await agent.told("agent.turn", turn_id="a1", text=BAD)
        stopped = await agent.of("intervention")
        await agent.send("customer.turn", turn_id="c1", text="Hello?")
    async with product.supervised(seq=3) as agent:
        started = await agent.start(call_id)
        assert (started["resumed"], started["last_seq"]) == (True, 3)
        assert started["system_note"] == stopped["system_note"]
        await agent.told("agent.turn", seq=2, turn_id="a1", text=BAD)
        await agent.told("customer.turn", seq=3, turn_id="c1", text="Hello?")
        await agent.told("customer.turn", seq=5, turn_id="c2", text="Anyone?")
        assert not [m for m in agent.got if m["type"] in ("verdict", "intervention", "error")]
    call = await product.call(call_id)
    assert [t["turn_id"] for t in call["turns"] if t["turn_id"]] == ["a1", "c1", "c2"]
    assert (len(call["verdicts"]), len(call["interventions"])) == (1, 1)


async def test_two_sockets_of_one_call_hear_the_same(product: Product, call_id: str):
    async with product.supervised() as one, product.supervised() as two:
        first = await one.start(call_id)
        second = await two.start(call_id)
        assert (first["id"], second["resumed"]) == (second["id"], True)
        await one.told("agent.turn", turn_id="a1", text=GOOD, seq=2)
        await two.told("agent.turn", turn_id="a2", text=GOOD, seq=3)
        for socket in (one, two):
            for turn_id in ("a1", "a2"):
                await socket.of("verdict", turn_id=turn_id)
        assert [m["seq"] for m in one.got if m["type"] == "ack"] == [1, 2]


async def test_a_call_goes_on_when_one_of_its_sockets_leaves(product: Product, call_id: str):
    async with product.supervised() as one:
        await one.start(call_id)
        async with product.supervised() as two:
            await two.start(call_id)
        await one.told("agent.turn", turn_id="a1", text=GOOD, seq=7)
        await one.of("verdict", turn_id="a1")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "bad_json"),
        ("[]", "bad_message"),
        (b"\x00\x01", "bad_message"),
        (json.dumps({"type": "ping"}), "bad_seq"),
        (json.dumps({"type": "no.such", "seq": 9}), "unknown_type"),
        (json.dumps({"type": "agent.turn", "seq": 9, "turn_id": 3}), "bad_field"),
        (json.dumps({"type": "ping", "seq": 9, "padding": "x" * 65_536}), "message_too_large"),
        ('{"type": "tool.result", "seq": 9, "tool_call_id": "t", "name": "n", "result": NaN}', "bad_field"),
        (json.dumps({"type": "call.start", "seq": 9, "call_id": "another"}), "one_call"),
        (json.dumps({"type": "agent.done", "seq": 9, "turn_id": "never"}), "turn_unknown"),
    ],
)  # fmt: skip
async def test_a_message_that_cannot_be_used_gets_an_error_and_the_socket_stays_open(product, call_id, text, code):
    async with product.supervised() as agent:
        await agent.start(call_id)
        await agent.socket.send(text)
        error = await agent.of("error")
        assert (error["code"], error["retryable"]) == (code, False)
        assert bool(error["detail"])
        await agent.told("agent.turn", turn_id="a1", text=GOOD)
        await agent.of("verdict", turn_id="a1")


async def test_odd_text_is_kept_and_loses_nothing_else(product: Product, call_id: str):
    async with product.supervised() as agent:
        await agent.start(call_id)
        await agent.told("customer.turn", turn_id="c\x00", text="nul \x00 and \ud800", extra={"\x00": "\ud83d"})
        await agent.told("customer.turn", turn_id="c2", text="é 😀")
    turns = (await product.call(call_id))["turns"]
    assert [turn["text"] for turn in turns] == ["nul \ufffd and ?", "é 😀"]


async def test_before_the_start_only_a_ping_is_taken(product: Product):
    async with product.supervised() as agent:
        await agent.told("ping")
        await agent.of("pong")
        await agent.send("customer.turn", turn_id="c1", text="Hi")
        assert (await agent.of("error"))["code"] == "not_started"


async def test_an_unknown_agent_is_told(product: Product, call_id: str):
    async with product.supervised() as agent:
        await agent.send("call.start", call_id=call_id, agent="nobody")
        assert (await agent.of("error"))["code"] == "not_found"
        assert (await agent.start(call_id, agent="orders"))["resumed"] is False


async def test_after_the_end_everything_is_refused(product: Product, call_id: str):
    async with product.supervised() as agent:
        await agent.start(call_id)
        await agent.told("call.end", reason="done")
        for seq in (
            await agent.send("agent.turn", turn_id="a1", text=GOOD),
            await agent.send("call.start", call_id=call_id),
        ):
            assert (await agent.of("error", seq=seq))["code"] == "call_ended"
    async with product.supervised() as agent:
        await agent.send("call.start", call_id=call_id)
        assert (await agent.of("error"))["code"] == "call_ended"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer mk_wrong_key"}, {"Authorization": "Basic eA=="}])
async def test_a_socket_needs_a_key(product: Product, headers: dict[str, str]):
    with pytest.raises(InvalidStatus) as refused:
        async with product.supervised(headers=headers):
            pass
    assert refused.value.response.status_code == 401
    assert json.loads(refused.value.response.body)["code"] == "not_authenticated"


async def test_a_ticket_opens_one_socket_without_a_key(product: Product, call_id: str):
    async with product.web() as client:
        ticket = (await client.post("/api/v1/tickets")).json()["ticket"]
    async with product.supervised(headers={}, query=f"?ticket={ticket}") as agent:
        await agent.start(call_id)
    with pytest.raises(InvalidStatus) as refused:
        async with product.supervised(headers={}, query=f"?ticket={ticket}"):
            pass
    assert refused.value.response.status_code == 401


async def test_another_tenants_call_of_the_same_name_is_another_call(product: Product, other: Product, call_id: str):
    async with product.supervised() as ours, other.supervised() as theirs:
        our = await ours.start(call_id)
        their = await theirs.start(call_id)
        assert (their["resumed"], their["id"] == our["id"]) == (False, False)
        await ours.told("customer.turn", turn_id="c1", text="Ours.")
        await theirs.told("customer.turn", turn_id="c1", text="Theirs.")
    assert [turn["text"] for turn in (await product.call(call_id))["turns"]] == ["Ours."]
    async with other.web() as client:
        assert (await client.get(f"/api/v1/calls/{our['id']}")).status_code == 404


ACTIVATE = """
from judging.services import policy_revision_activate, policy_set_import
from tenants.access import actor_mirror
from tenants.lookups import tenant_id_by_name
from tenants.models import Agent
from tenants.scope import tenant_context
tenant_id = tenant_id_by_name({tenant!r})
with tenant_context(tenant_id):
    agent = Agent.objects.get(slug="orders")
    revision = policy_set_import(agent=agent, rules={rules!r}, author="test")
    policy_revision_activate(agent=agent, revision=revision, actor=actor_mirror(tenant_id))
"""


async def test_an_activated_policy_reaches_a_live_call_within_two_seconds(other: Product, call_id: str):
    async with other.supervised() as agent:
        await agent.start(call_id)
        await agent.told("agent.turn", turn_id="a0", text=BAD)
        assert (await agent.of("verdict", turn_id="a0"))["decision"] == "pass"
        source = ACTIVATE.format(tenant="Another", rules="- Never promise a refund.\n")
        await asyncio.to_thread(other.stack.manage, "shell", "--no-imports", "-c", source)

        async def judged():
            turn_id = uuid4().hex
            await agent.told("agent.turn", turn_id=turn_id, text=BAD)
            return (await agent.of("verdict", turn_id=turn_id))["decision"]

        assert await eventually(judged, lambda decision: decision == "intervene", within_s=2.0)
