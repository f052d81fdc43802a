"""A realtime call through the running product: a tenant with a key, a scripted model, the agent's code."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from websockets.asyncio.client import connect

from calls.simulate.realtime_model import Ask
from calls.simulate.realtime_server import Connected, RealtimeServer
from calls.simulate.realtime_speech import Call, Reply
from tests.flows.talk import GOOD, WITHIN_S, Message, Peer, Product, eventually
from tests.stack import RunningStack

KEY = "sk-stored"
ORDER = Call("place_order", '{"item": "pizza"}')
STORE_KEY = """
from tenants.access import actor_mirror
from tenants.lookups import agent_by_key
from tenants.services import credential_set
tenant_id = agent_by_key({agent_key!r})[0]
config = {{"url": "ws://127.0.0.1:{port}"}}
credential_set(actor=actor_mirror(tenant_id), kind="openai", name="default", config=config, secret={key!r})
"""


class Script:
    """Says ``replies["next"]`` once, else something good; what Mirror asks for is said word for word."""

    def __init__(self) -> None:
        self.replies: dict[str, Reply] = {}

    def __call__(self, ask: Ask) -> Reply:
        words = ask.instructions.partition("nothing else:\n")[2]
        if words:
            return Reply((words,))
        return self.replies.pop("next") if "next" in self.replies else Reply((GOOD,))


def realtime_product(stack: RunningStack, rules: str, name: str, port: int, *settings: str) -> Product:
    """A tenant whose agent ``voice`` has its model at this port, with the key stored."""
    where = ("--agent", "voice", "--policies", rules, "--upstream-url", f"ws://127.0.0.1:{port}/v1/realtime")
    chosen = [part for one in settings for part in ("--set", one)]
    product = Product(stack, stack.tenant(name, *where, *chosen, owner=f"{name.lower()}@realtime.example"))
    stack.manage("shell", "-c", STORE_KEY.format(agent_key=product.told["agent_key"], key=KEY, port=port))
    return product


class Client(Peer):
    """The agent's code."""

    async def of(self, type_: str, **fields: object) -> Message:
        return await self.until(lambda body: body["type"] == type_ and fields.items() <= body.items())

    async def say(self, kind: str, **fields: object) -> None:
        await self.send(json.dumps({"type": kind, **fields}))

    def count(self, kind: str) -> int:
        return sum(json.loads(text)["type"] == kind for text in self.got)


@asynccontextmanager
async def client(product: Product, call_id: str, *, query: str = "", **given: object) -> AsyncIterator[Client]:
    url = f"{product.ws}/ws/v1/realtime/voice/?model=scripted&call_id={call_id}{query}"
    told = {"additional_headers": product.headers, **given}
    async with connect(url, compression=None, proxy=None, open_timeout=WITHIN_S, **told) as socket:  # type: ignore[arg-type]
        peer = Client(socket)
        listening = asyncio.create_task(peer.listen())
        try:
            yield peer
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


async def next_of(provider: RealtimeServer) -> Connected:
    """The connection that Mirror made, once it has switched the transcription on."""
    async with asyncio.timeout(WITHIN_S):
        model = await provider.connected.get()
    await eventually(lambda: asyncio.sleep(0, model.received), lambda received: bool(received))
    return model
