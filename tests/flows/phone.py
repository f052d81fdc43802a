"""A call as its caller hears it: the simulated carrier dials the product, the test is the agent, a timeline tells."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random

from calls.simulate import frames as wire
from calls.simulate.caller import Manners
from calls.simulate.carrier import Dialled, SimulatedCall
from calls.simulate.g711 import BYTES_PER_MS, frames
from calls.simulate.timeline import Timeline
from tests.flows.talk import BAD, GOOD, Agents, Message, Peer, Product, eventually

# What agents say in these tests, by the name that the timeline gives it: noise, no two stretches of it alike. Without
# the second code for nothing, which does not come back from linear audio.
LENGTHS_MS = {"greeting": 300, "long": 5_000, "answer": 300, "buffer": 300, "correction": 300}
SPEECH = {
    label: Random(label).randbytes(length_ms * BYTES_PER_MS).replace(b"\x7f", b"\x7e")
    for label, length_ms in LENGTHS_MS.items()
}
# Nobody hangs up before the test says so.
PATIENT = Manners(pause_ms=60_000, hang_up_ms=60_000, patience_ms=60_000)


@dataclass
class Phone:
    """The caller's side of one call."""

    call: SimulatedCall
    over: asyncio.Task[Timeline]

    @property
    def timeline(self) -> Timeline:
        return self.call.timeline

    @property
    def spoken(self) -> list[str]:
        """What the carrier itself spoke: the fallback."""
        return [str(entry.detail["text"]) for entry in self.timeline.of("carrier_spoke")]

    def heard_ms(self, label: str) -> int:
        return self.timeline.heard_ms(label)

    async def hears(self, label: str, at_least_ms: int = 1) -> None:
        await eventually(lambda: asyncio.sleep(0, self.heard_ms(label)), lambda heard: heard >= at_least_ms)

    async def noted(self, what: str, count: int = 1) -> None:
        await eventually(lambda: asyncio.sleep(0, len(self.timeline.of(what))), lambda found: found >= count)

    def hang_up(self) -> None:
        self.call.hang_up()

    async def finished(self, within_s: float = 30.0) -> Timeline:
        async with asyncio.timeout(within_s):
            return await asyncio.shield(self.over)


@asynccontextmanager
async def phoning(product: Product, call_id: str, *, base_url: str = "") -> AsyncIterator[Phone]:
    """Make a call; one that still goes on at the end is hung up. ``base_url``: where the carrier finds the product."""
    answer_url = f"{base_url or product.stack.url}/plivo/{product.told['agent_key']}/answer/"
    call = SimulatedCall(Dialled(call_id, answer_url, "+1415", "+1416", (), SPEECH), manners=PATIENT)
    phone = Phone(call, asyncio.create_task(call.run()))
    try:
        yield phone
        if not phone.over.done():
            phone.hang_up()
        await phone.finished()
    finally:
        phone.over.cancel()
        await asyncio.gather(phone.over, return_exceptions=True)


async def speak(agent: Peer, label: str, *, mark: str = "") -> None:
    """Send a line's audio as an agent does, in pieces of 20 ms faster than they play; then a checkpoint."""
    await agent.send(*(wire.play_audio(piece) for piece in frames(SPEECH[label])))
    if mark:
        await agent.send(wire.checkpoint("s", mark))


async def correct(agent: Peer, stopped: Message) -> None:
    """Speak the steps of an intervention in the agent's own voice, to the end."""
    buffer, correction = (step["checkpoint"] for step in stopped["steps"][1:])
    await agent.says("playback", intervention_id=stopped["intervention_id"], state="started")
    await speak(agent, "buffer", mark=buffer)
    await agent.event("playedStream", name=buffer)
    await speak(agent, "correction", mark=correction)
    await agent.event("playedStream", name=correction)
    await agent.says("playback", intervention_id=stopped["intervention_id"], state="finished")


async def greeted(phone: Phone, agents: Agents) -> Peer:
    """The agent took the call, said a good turn, and the caller heard it."""
    agent = await agents.next()
    await agent.says("agent.turn", turn_id="greeting", text=GOOD)
    await speak(agent, "greeting")
    await phone.hears("greeting", 200)
    return agent


async def corrected(phone: Phone, agent: Peer) -> Message:
    """The agent said a bad turn; the caller hears the correction instead."""
    await agent.says("agent.turn", turn_id="bad", text=BAD)
    stopped = await agent.mirror("intervention", turn_id="bad")
    await speak(agent, "long")  # late audio of the stopped turn
    await correct(agent, stopped)
    assert phone.heard_ms("correction") >= 200
    assert phone.heard_ms("long") == 0
    return stopped


def turns_of(call: Message) -> list[str]:
    """What agent and caller said. Corrections stand between it as turns of their own."""
    corrections = {row["intervention_id"] for row in call["interventions"]}
    return [turn["turn_id"] for turn in call["turns"] if turn["turn_id"] not in corrections]


async def answered(phone: Phone, agent: Peer) -> None:
    await agent.says("agent.turn", turn_id="answer", text=GOOD)
    await speak(agent, "answer")
    await phone.hears("answer", 200)


async def agreed(agent: Peer) -> None:
    """The caller agrees to the order, so that nothing known speaks against it."""
    await agent.says("customer.turn", turn_id="c1", text="A pizza, please.")
    await agent.says("agent.turn", turn_id="back", text="So that is one pizza, right?")
    await agent.says("customer.turn", turn_id="c2", text="Yes.")
    await agent.mirror("verdict", turn_id="back")


def tokens_of(decision: Message) -> list[str]:
    return [call["commit_token"] for call in decision["tool_calls"] if call.get("commit_token")]
