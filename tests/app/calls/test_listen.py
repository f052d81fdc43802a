"""Calls whose stream nothing is written to: through the real ASGI application, with Plivo's REST played here."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from channels.layers import channel_layers
from django.test import Client

from calls.carrier_accounts import carrier_account_set
from calls.carrier_views import FAILED_ENDS
from calls.hub import hub_current, hub_stop
from calls.models import Call, InterventionRecord
from calls.services import call_id_for
from calls.simulate import g711
from judging.models import PolicyRevision
from judging.services import policy_revision_activate, policy_set_import
from mirror_saas.asgi import application
from tenants.access import actor_mirror
from tenants.scope import in_tenant
from tenants.services import agent_update
from tests.app.console.sockets import BrowserSocket
from tests.cast import Cast
from tests.fakes_http import FAULTS, FakeServer, answers, serving

pytestmark = pytest.mark.usefixtures("thread_connections", "servers")

BAD = "I will give you a full refund."
MAIN = "MAMAIN00000000000001"
BASE = f"/v1/Account/{MAIN}/"
LOUD, QUIET = g711.encode([6000, -6000] * 80), g711.SILENT_FRAME
WITHIN_S = 10.0


@pytest.fixture
def plivo(settings: Any):
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    channel_layers.backends.clear()
    with serving() as fake:
        fake.otherwise = answers({"message": "ok", "stream_id": "stream-1"}, 202)
        settings.MIRROR_PLIVO_API_URL = f"{fake.url}/v1"
        yield fake
    channel_layers.backends.clear()


def prepare(cast: Cast, **settings: Any) -> None:
    actor = actor_mirror(cast.tenant.id)
    told = {"cooldown_s": 0, "buffer_text": "One moment.", **settings}
    agent_update(actor=actor, slug="orders", changes={"upstream_url": "", "settings": told})
    carrier_account_set(actor=actor, name="main", auth_id=MAIN, auth_token="main-token-0001")


async def policies(cast: Cast) -> None:
    def do() -> None:
        revision: PolicyRevision = policy_set_import(
            agent=cast.agent, rules="- Never promise a refund.\n", author="test"
        )
        policy_revision_activate(agent=cast.agent, revision=revision, actor=actor_mirror(cast.tenant.id))

    await in_tenant(cast.tenant.id, do)


@pytest.fixture
async def cast_listening(transactional_cast: Cast, plivo: FakeServer) -> AsyncIterator[Cast]:
    await sync_to_async(prepare)(transactional_cast)
    await policies(transactional_cast)
    yield transactional_cast
    await hub_stop()


@pytest.fixture
def call_id() -> str:
    return f"call-{uuid4().hex[:8]}"


async def eventually(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not is_so():  # noqa: ASYNC110  (another thread's doing)
            await asyncio.sleep(0.01)


class Supervised:
    def __init__(self, socket: BrowserSocket) -> None:
        self.socket, self.seq = socket, 0

    async def send(self, type_: str, **fields: Any) -> None:
        self.seq += 1
        await self.socket.send(text=json.dumps({"type": type_, "seq": self.seq, **fields}))

    async def of(self, type_: str) -> dict[str, Any]:
        async with asyncio.timeout(WITHIN_S):
            while (told := await self.socket.receive())["type"] != type_:
                pass
        return dict(told)


async def supervised(cast: Cast, call_id: str) -> Supervised:
    headers = [(b"host", b"testserver"), (b"authorization", cast.bearer["Authorization"].encode())]
    socket = BrowserSocket(application, "/ws/v1/supervise/", headers)
    assert await socket.open()
    found = Supervised(socket)
    await found.send("call.start", call_id=call_id, agent="orders")
    await found.of("call.started")
    return found


async def post(cast: Cast, url: str, body: dict[str, Any] | None = None) -> Any:
    def do() -> Any:
        return Client().post(url, body or {}, content_type="application/json", headers=cast.bearer)

    return await sync_to_async(do)()


def start_of(call_id: str, account: str = MAIN) -> str:
    media = {"encoding": "audio/x-mulaw", "sampleRate": 8000}
    ids = {"callId": call_id, "streamId": "stream-1", "accountId": account}
    return json.dumps({"event": "start", "start": {**ids, "tracks": ["inbound", "outbound"], "mediaFormat": media}})


def media(audio: bytes, track: str = "inbound") -> str:
    payload = base64.b64encode(audio).decode()
    return json.dumps({"event": "media", "media": {"track": track, "payload": payload}})


async def stream(cast: Cast, call_id: str, token: str) -> BrowserSocket:
    socket = BrowserSocket(application, f"/ws/v1/plivo/{token}/", [(b"host", b"testserver")])
    assert await socket.open()
    await socket.send(text=start_of(call_id))
    runtime = call_id_for(cast.tenant.id, call_id)
    await eventually(lambda: runtime in hub_current().calls and bool(hub_current().calls[runtime].ports))
    return socket


async def listen_token(cast: Cast, call_id: str) -> str:
    told = await post(cast, "/api/v1/agents/orders/stream-tokens", {"call_id": call_id, "is_listen_only": True})
    assert "xml" not in told.json()
    return str(told.json()["token"])


def acts(plivo: FakeServer) -> list[str]:
    return [f"{one.method} {one.path.removeprefix(BASE)}" for one in list(plivo.received)]


def lines(plivo: FakeServer) -> list[str]:
    return [one.body["text"] for one in list(plivo.received) if one.method == "POST" and one.path.endswith("/Speak/")]


async def joined(cast: Cast, call_id: str) -> tuple[Supervised, BrowserSocket]:
    agent = await supervised(cast, call_id)
    phone = await stream(cast, call_id, await listen_token(cast, call_id))
    runtime = hub_current().calls[call_id_for(cast.tenant.id, call_id)]
    await eventually(lambda: len(runtime.ports) == 2)
    return agent, phone


async def intervention(cast: Cast) -> InterventionRecord:
    """The recorded intervention once it is over."""
    found: list[InterventionRecord] = []

    async def look() -> bool:
        rows = await in_tenant(cast.tenant.id, lambda: list(InterventionRecord.objects.all()))
        found[:] = [row for row in rows if row.state in ("completed", "cut")]
        return bool(found)

    async with asyncio.timeout(WITHIN_S):
        while not await look():  # noqa: ASYNC110  (the recorder's doing)
            await asyncio.sleep(0.02)
    return found[0]


async def test_mirror_attaches_its_ears_through_the_carrier(cast_listening, plivo, call_id, settings):
    settings.MIRROR_PUBLIC_URL = "https://mirror.example"
    agent = await supervised(cast_listening, call_id)
    told = await post(cast_listening, f"/api/v1/calls/{call_id_for(cast_listening.tenant.id, call_id)}/listen")
    assert (told.status_code, told.json()["stream_id"]) == (201, "stream-1")
    (asked,) = plivo.received
    assert asked.path == f"{BASE}Call/{call_id}/Stream/"
    assert (asked.body["bidirectional"], asked.body["audio_track"]) == (False, "both")
    assert asked.body["status_callback_url"].startswith("https://mirror.example/plivo/")
    place = urlsplit(asked.body["service_url"])
    assert (place.scheme, place.netloc) == ("wss", "mirror.example")
    phone = await stream(cast_listening, call_id, place.path.rstrip("/").rpartition("/")[2])
    await phone.close()
    await agent.socket.close()


async def test_an_intervention_is_spoken_by_the_carrier_in_order(cast_listening, plivo, call_id):
    agent, phone = await joined(cast_listening, call_id)
    await agent.send("agent.turn", turn_id="a1", text=BAD)
    await agent.of("intervention")
    row = await intervention(cast_listening)
    assert (row.state, row.speaker) == ("completed", "mirror")
    assert lines(plivo) == ["One moment.", row.correction_text]
    spoken = next(one for one in plivo.received if one.path.endswith("/Speak/"))
    assert (spoken.body["mix"], spoken.body["language"]) == (False, "en-US")
    assert not [act for act in acts(plivo) if act.startswith("DELETE")]
    await phone.close()
    await agent.socket.close()


async def test_a_caller_who_speaks_over_the_correction_stops_it(cast_listening, plivo, call_id):
    agent, phone = await joined(cast_listening, call_id)
    await agent.send("agent.turn", turn_id="a1", text=BAD)
    await eventually(lambda: len(lines(plivo)) == 2)
    for frame in (media(QUIET), media(LOUD, "outbound"), media(LOUD, "outbound"), media(LOUD, "outbound")):
        await phone.send(text=frame)
    assert f"DELETE Call/{call_id}/Speak/" not in acts(plivo)
    for _ in range(12):
        await phone.send(text=media(LOUD))
    await eventually(lambda: f"DELETE Call/{call_id}/Speak/" in acts(plivo))
    assert (await intervention(cast_listening)).state == "cut"
    await phone.close()
    await agent.socket.close()


async def test_what_is_being_said_ends_with_the_stream(cast_listening, plivo, call_id):
    agent, phone = await joined(cast_listening, call_id)
    await agent.send("agent.turn", turn_id="a1", text=BAD)
    await eventually(lambda: len(lines(plivo)) == 2)
    await phone.close()
    assert f"DELETE Call/{call_id}/Speak/" in acts(plivo)
    await agent.send("agent.turn", turn_id="a2", text="Let me look at that for you.")
    assert (await agent.of("verdict"))["decision"]  # the call goes on over its supervise socket
    await agent.socket.close()


async def test_where_the_carrier_does_not_speak_the_agent_is_asked_to(cast_listening, plivo, call_id):
    agent, phone = await joined(cast_listening, call_id)
    plivo.otherwise = FAULTS["401"]
    await agent.send("agent.turn", turn_id="a1", text=BAD)
    told = await agent.of("intervention")
    assert [step["do"] for step in told["steps"]] == ["clear_audio"]  # Mirror speaks
    told = await agent.of("intervention")
    assert [step["do"] for step in told["steps"]].count("speak") == 2
    await agent.send("playback", intervention_id=told["intervention_id"], state="finished")
    row = await intervention(cast_listening)
    assert (row.state, row.speaker) == ("completed", "agent")
    await phone.close()
    await agent.socket.close()


async def test_an_agent_that_speaks_itself_is_left_to_it(cast_listening, plivo, call_id):
    change = {"settings": {"speaker": "agent"}}
    await sync_to_async(agent_update)(actor=actor_mirror(cast_listening.tenant.id), slug="orders", changes=change)
    agent, phone = await joined(cast_listening, call_id)
    await agent.send("agent.turn", turn_id="a1", text=BAD)
    await agent.of("intervention")
    await agent.send("ping")
    await agent.of("pong")
    assert acts(plivo) == []
    await phone.close()
    await agent.socket.close()


async def test_a_second_stream_takes_the_place_of_the_first_and_nothing_is_said_twice(cast_listening, plivo, call_id):
    agent, first = await joined(cast_listening, call_id)
    runtime = hub_current().calls[call_id_for(cast_listening.tenant.id, call_id)]
    before = list(runtime.ports)
    second = await stream(cast_listening, call_id, await listen_token(cast_listening, call_id))
    await eventually(lambda: runtime.ports != before and len(runtime.ports) == 2)
    closed = await first.receive_output(5)
    assert closed["type"] == "websocket.close"
    await agent.send("agent.turn", turn_id="a1", text=BAD)
    await eventually(lambda: len(lines(plivo)) == 2)
    assert len(set(lines(plivo))) == 2
    await second.close()
    await agent.socket.close()


async def test_a_stream_of_a_stranger_is_closed(cast_listening, plivo, call_id):
    token = await listen_token(cast_listening, call_id)
    socket = BrowserSocket(application, f"/ws/v1/plivo/{token}/", [(b"host", b"testserver")])
    assert await socket.open()
    await socket.send(text=start_of(call_id, account="MASTRANGER0000000001"))
    assert (await socket.receive_output(5))["code"] == 1008


async def test_the_stream_is_shown_with_the_call(cast_listening, plivo, call_id):
    agent, phone = await joined(cast_listening, call_id)
    shown = call_id_for(cast_listening.tenant.id, call_id)

    def read() -> Any:
        return Client().get(f"/api/v1/calls/{shown}", headers=cast_listening.bearer).json()

    told = await sync_to_async(read)()
    assert told["transport"] == "plivo"
    (event,) = told["stream_events"]
    assert (event["event"], event["stream_id"], event["told"]) == (
        "Connected", "stream-1", {"signature": "absent", "account": MAIN, "mode": "listen"},
    )  # fmt: skip
    await phone.close()
    transport = await in_tenant(cast_listening.tenant.id, lambda: Call.objects.get().transport)
    assert transport == "supervise"  # what is left may go on in any process
    await agent.socket.close()


async def test_a_stream_to_be_written_to_gets_the_fallback_where_no_agent_is_behind(
    cast_listening, plivo, call_id, caplog
):
    told = await post(cast_listening, "/api/v1/agents/orders/stream-tokens", {"call_id": call_id})
    socket = BrowserSocket(application, f"/ws/v1/plivo/{told.json()['token']}/", [(b"host", b"testserver")])
    assert await socket.open()
    await socket.send(text=start_of(call_id))
    assert (await socket.receive_output(5))["type"] == "websocket.close"
    assert "no upstream address" in caplog.text
    call = await in_tenant(cast_listening.tenant.id, Call.objects.get)
    assert call.end_reason in FAILED_ENDS  # what follows the stream is the fallback
    await eventually(lambda: not hub_current().calls)
