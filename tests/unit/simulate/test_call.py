"""Carrier and agent against each other over real sockets, with no Mirror between and a fast clock."""

import asyncio
from contextlib import asynccontextmanager
from itertools import groupby

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

from calls.simulate import frames as wire
from calls.simulate.agent import ScriptedAgent, call_id_for, caller_recordings, scenario_of
from calls.simulate.caller import Manners
from calls.simulate.carrier import Dialled, Faults, SimulatedCall, line_of
from calls.simulate.g711 import length_ms
from calls.simulate.pace import Pace
from calls.simulate.scenario import CallerLine, read_scenario
from calls.simulate.voice import AudioLibrary, Voice, recording_name
from calls.simulate.voice import hum as spoken
from tests.unit.simulate.cast import ORDER

SPEED = 20
# A busy machine may pause us for tens of milliseconds; at this speed that is a second of the call.
PATIENT = Manners(pause_ms=3_000, hang_up_ms=6_000, patience_ms=60_000)
CALL_ID = call_id_for("order", "0123456789abcdef01234567")
FALLBACK = b"<Response><Speak>Please hold.</Speak><Hangup/></Response>"


@pytest.fixture
def library(tmp_path):
    """A recording for every line of the scenario: hummed, each different from the others."""
    for step in ORDER.steps():
        voice: Voice = "caller" if isinstance(step, CallerLine) else "agent"
        audio = b"".join(spoken(word) for word in step.text.split())
        (tmp_path / recording_name(step.text, voice)).write_bytes(audio)
    return AudioLibrary(tmp_path)


@asynccontextmanager
async def web(answer):
    """A web server that answers every POST of the carrier with what ``answer(path)`` gives, and keeps the forms."""
    forms = []

    async def reply(reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        size = int(next(line for line in head.lower().split("\r\n") if "content-length" in line).split(":")[1])
        path = head.split(" ")[1]
        forms.append((path, (await reader.readexactly(size)).decode()))
        body = answer(path)
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(reply, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", forms


def answer_for(socket_url, fallback="/after/"):
    stream = (
        '<Stream bidirectional="true" keepCallAlive="true" contentType="audio/x-mulaw;rate=8000" '
        f'statusCallbackUrl="STATUS">{socket_url}</Stream>'
    )
    return f"<Response>{stream}<Redirect>{fallback}</Redirect></Response>"


def dialled(answer_url, library, **fields):
    lines = tuple(line_of(key, audio) for key, audio in caller_recordings(ORDER, library).items())
    known = {line.id: library.say(line.text, "agent").audio for line in ORDER.agent_lines() if line.text}
    return Dialled(CALL_ID, answer_url, "+1", "+2", lines[:1], known, **fields)


@asynccontextmanager
async def listening(agent):
    server = await agent.listen("127.0.0.1", 0)
    async with server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/"


async def make_call(library, socket_url, faults=None):
    def answer(path):
        if path == "/answer/":
            return answer_for(socket_url).replace("STATUS", "").encode()
        return FALLBACK

    async with web(answer) as (address, forms):
        call = SimulatedCall(dialled(f"{address}/answer/", library), Pace(SPEED), faults or Faults(), PATIENT)
        return await call.run(), forms


async def test_a_whole_call_is_heard_line_by_line(library):
    log = []
    agent = ScriptedAgent(
        {"order": ORDER}, library, Pace(SPEED), is_supervised=False, log=lambda *entry: log.append(entry)
    )
    async with listening(agent) as url:
        timeline, forms = await make_call(library, url)
    played = {label: timeline.heard_ms(label) for label in ("a1", "a2", "a5")}
    lines = {line.id: length_ms(library.say(line.text, "agent").audio) for line in ORDER.agent_lines()}
    assert played == {label: lines[label] for label in played}
    assert [label for label, _ in groupby(timeline.heard, key=lambda stretch: stretch.label)] == ["a1", "a2", "a5"]
    assert [entry.detail["name"] for entry in timeline.of("checkpoint_played")] == ["turn-a1", "turn-a2", "turn-a5"]
    assert [detail["line"] for _, what, detail in log if what == "heard_caller"] == ["c1"]
    assert [detail["name"] for _, what, detail in log if what == "ran_tool"] == ["place_order"]
    assert [entry.detail["lines_left"] for entry in timeline.of("hung_up")] == [0]
    assert [path for path, _ in forms] == ["/answer/"]
    assert f"CallUUID={CALL_ID}" in forms[0][1]


async def test_follows_the_fallback_when_the_application_closes_the_stream(library):
    async def closes(socket):
        await socket.recv()
        await socket.send(wire.play_audio(b"\x80" * 1600))
        await socket.close()

    async with serve(closes, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        timeline, forms = await make_call(library, f"ws://127.0.0.1:{port}/")
    assert [path for path, _ in forms] == ["/answer/", "/after/"]
    assert [entry.detail["text"] for entry in timeline.of("carrier_spoke")] == ["Please hold."]
    assert timeline.of("hung_up_by_xml")


async def test_follows_the_fallback_when_nobody_answers_the_stream(library):
    timeline, forms = await make_call(library, "ws://127.0.0.1:9/")
    assert len(timeline.of("connect_failed")) == 3
    assert [path for path, _ in forms] == ["/answer/", "/after/"]


async def test_an_application_that_does_not_answer_ends_the_call(library):
    call = SimulatedCall(dialled("http://127.0.0.1:9/answer/", library), Pace(SPEED))
    timeline = await call.run()
    assert [entry.what for entry in timeline.entries] == ["application_failed", "call_over"]


@pytest.mark.parametrize("xml", ["<Response><Hangup/></Response>", "no xml", "<Response/>"])
async def test_carries_out_an_answer_without_a_stream(library, xml):
    async with web(lambda path: xml.encode()) as (address, _):
        timeline = await SimulatedCall(dialled(f"{address}/answer/", library), Pace(SPEED)).run()
    assert timeline.entries[-1].detail == {"is_all_said": False}
    assert bool(timeline.of("application_failed")) is (xml == "no xml")


async def test_clears_and_never_acknowledges_what_was_cleared(library):
    got = []

    async def clears(socket):
        got.append(wire.read_json(await socket.recv())["event"])
        for message in (wire.play_audio(b"\x80" * 80_000), wire.checkpoint("s", "gone"), wire.clear_audio("s")):
            await socket.send(message)
        await socket.send(wire.checkpoint("s", "here"))
        async for text in socket:
            event = wire.read_json(text)
            got.extend([event.get("name", event["event"])] if event["event"] != "media" else [])
            if "here" in got:
                await socket.close()

    async with serve(clears, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        timeline, _ = await make_call(library, f"ws://127.0.0.1:{port}/")
    assert got == ["start", "clearedAudio", "here"]
    assert [entry.detail["checkpoints"] for entry in timeline.of("cleared")] == [["gone"]]


async def test_a_broken_line_is_seen_as_one(library):
    agent = ScriptedAgent({"order": ORDER}, library, Pace(SPEED), is_supervised=False)
    async with listening(agent) as url:
        timeline, _ = await make_call(library, url, Faults(drop_after_ms=500))
    assert timeline.of("line_broken")
    assert timeline.of("carrier_spoke")


async def test_a_lost_acknowledgement_does_not_stop_the_agent(library):
    agent = ScriptedAgent({"order": ORDER}, library, Pace(SPEED), is_supervised=False)
    async with listening(agent) as url:
        timeline, _ = await make_call(library, url, Faults(lost_ack_share=1.0, jitter_ms=5))
    assert timeline.heard_ms("a5") > 0
    assert timeline.of("checkpoint_played") == []


def start_message():
    return wire.CarrierFrames(CALL_ID, "stream-1", "MA1").start()


async def next_mirror_message(socket):
    while True:
        message = wire.read_json(await socket.recv())
        if message["event"] == "mirror":
            return message["message"]


async def test_a_second_connection_gets_again_what_was_not_acknowledged_and_nothing_else(library):
    agent = ScriptedAgent({"order": ORDER}, library, Pace(SPEED))
    async with listening(agent) as url:
        async with connect(url) as socket:
            await socket.send(start_message())
            first = await next_mirror_message(socket)
        async with connect(url) as socket:
            await socket.send(start_message())
            again = await next_mirror_message(socket)
            await socket.send(wire.mirror({"type": "ack", "seq": again["seq"]}))
            await socket.send(
                wire.mirror({"type": "intervention", "intervention_id": "i1", "turn_id": "a1", "steps": []})
            )
            taken = await next_mirror_message(socket)
        async with connect(url) as socket:
            await socket.send(start_message())
            unacked = await next_mirror_message(socket)
    assert (first["seq"], first["turn_id"]) == (1, "a1")
    assert again == first
    assert unacked == taken == {"type": "note.taken", "intervention_id": "i1", "seq": 2}


async def test_a_connection_that_does_not_start_is_closed(library):
    agent = ScriptedAgent({"order": ORDER}, library, Pace(SPEED))
    async with listening(agent) as url, connect(url) as socket:
        await socket.send('{"event":"media"}')
        await socket.wait_closed()
    assert socket.close_code == 1008


OTHER = read_scenario(
    {"id": "other", "agent": "x", "title": "x", "from": "+1", "to": "+2", "script": [{"id": "a1", "agent": "Hi."}]},
    where="here",
)
BOTH = {"order": ORDER, "other": OTHER}


@pytest.mark.parametrize(
    ("call_id", "headers", "path", "expected"),
    [
        ("x", "scenario=other", "/", OTHER),
        ("x", "", "/?scenario=other", OTHER),
        (call_id_for("order", "0" * 24), "", "/", ORDER),
        ("x", "", "/", None),
    ],
)
def test_finds_the_scenario_of_a_call(call_id, headers, path, expected):
    assert scenario_of(BOTH, call_id=call_id, headers=headers, path=path) == expected


def test_takes_the_only_scenario_for_any_call():
    assert scenario_of({"order": ORDER}, call_id="x", headers="", path="/") == ORDER
