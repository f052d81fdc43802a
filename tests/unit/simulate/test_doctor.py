"""The stream doctor finds what is wrong with an agent's stream, and nothing where all is well."""

from __future__ import annotations

import asyncio
import base64
import json
from array import array
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.server import ServerConnection, serve

from calls.simulate.doctor import cli
from calls.simulate.doctor.exam import Exam
from calls.simulate.doctor.remarks import Level, Remark, printed, worst
from calls.simulate.doctor.visit import Visit, examine, in_format
from calls.simulate.g711 import SILENT_FRAME, encode, frames
from calls.simulate.pace import Pace
from calls.simulate.voice import hum
from calls.wire.media import MediaFormat

L16 = MediaFormat("audio/x-l16", 16000)
SPEECH = hum("banana" * 7)  # 21 syllables, 3.15 s


def audio(frame: bytes, content_type: str = "audio/x-mulaw", rate: Any = 8000) -> str:
    payload = base64.b64encode(frame).decode()
    return json.dumps(
        {"event": "playAudio", "media": {"contentType": content_type, "sampleRate": rate, "payload": payload}}
    )


CHECKPOINT = json.dumps({"event": "checkpoint", "streamId": "s", "name": "one"})
CLEAR = json.dumps({"event": "clearAudio", "streamId": "s"})
MIRROR = json.dumps({"event": "mirror", "message": {"type": "agent.turn"}})


def examined(
    *messages: tuple[int, str | bytes], end_ms: int = 5_000, media_format: MediaFormat | None = None
) -> dict[str, Remark]:
    exam = Exam(media_format or MediaFormat())
    for at_ms, text in messages:
        exam.took(text, at_ms)
    return {remark.code: remark for remark in exam.remarks(end_ms)}


def spoken(start_ms: int = 0, *, step_ms: int = 20) -> list[tuple[int, str]]:
    return [(start_ms + i * step_ms, audio(frame)) for i, frame in enumerate(frames(SPEECH))]


def test_a_stream_without_fault_is_well():
    found = examined((0, MIRROR), *spoken(), (3_141, CHECKPOINT), end_ms=9_000)
    assert {code: remark.level for code, remark in found.items()} == {"speaks_mirror": Level.OK}


@pytest.mark.parametrize(
    ("messages", "code", "level"),
    [
        ([], "silence", Level.FAIL),
        ([(0, audio(SILENT_FRAME))], "digital_silence", Level.FAIL),
        ([(4_500, audio(SPEECH))], "late_greeting", Level.WARN),
        ([(0, audio(SPEECH, "audio/x-mulaw;rate=8000"))], "wrong_format", Level.FAIL),
        ([(0, audio(SPEECH, rate=16000))], "wrong_format", Level.FAIL),
        ([(0, audio(b"RIFF" + SPEECH))], "file_header", Level.FAIL),
        ([(0, "{")], "message_refused", Level.FAIL),
        ([(0, b"\x00")], "message_refused", Level.FAIL),
        ([(0, json.dumps({"event": "playAudio", "media": {"payload": "?"}}))], "message_refused", Level.FAIL),
        ([(0, json.dumps({"event": "checkpoint"}))], "message_refused", Level.FAIL),
        ([(0, json.dumps({"event": "media"}))], "unknown_event", Level.WARN),
        ([(0, json.dumps({"event": "clearAudio"}))], "clear_without_stream", Level.NOTE),
        ([(0, audio(SPEECH * 100))], "large_messages", Level.WARN),
        ([(0, audio(SPEECH * 3))], "far_ahead", Level.NOTE),
        (spoken(), "no_checkpoint", Level.WARN),
        (spoken(step_ms=70), "stutter", Level.FAIL),
        ([(0, audio(encode([40] * 800)))], "digital_silence", Level.FAIL),
        ([(0, audio(encode([120, -120] * 800)))], "quiet", Level.WARN),
        ([(0, audio(encode([32_600, -32_600] * 800)))], "clipped", Level.WARN),
    ],
)
def test_each_fault_is_named(messages, code, level):
    assert examined(*messages)[code].level is level


def test_a_sample_rate_written_as_text_is_fine():
    assert "wrong_format" not in examined((0, audio(SPEECH, rate="8000")))


def test_audio_of_16_bits_is_measured_in_its_own_format():
    samples = array("h", [2_000, -2_000] * 1_600).tobytes()
    found = examined((0, audio(samples, "audio/x-l16", 16000)), (200, CHECKPOINT), media_format=L16)
    assert set(found) == {"speaks_mirror"}
    assert "half_sample" in examined((0, audio(samples[:-1], "audio/x-l16", 16000)), media_format=L16)


def test_a_checkpoint_is_answered_when_it_was_reached():
    exam = Exam(MediaFormat())
    exam.took(audio(SPEECH[:1600]), 0)
    assert exam.took(CHECKPOINT, 10) == []
    assert exam.passed(199) == []
    assert exam.passed(200) == [("playedStream", "one")]


def test_a_cleared_checkpoint_never_is():
    exam = Exam(MediaFormat())
    exam.took(audio(SPEECH), 0)
    exam.took(CHECKPOINT, 10)
    assert exam.took(CLEAR, 100) == [("clearedAudio", "")]
    assert exam.passed(60_000) == []


@pytest.mark.parametrize(("clear_ms", "code"), [(300, "stops"), (None, "talks_on")])
def test_an_agent_that_is_spoken_over_must_stop(clear_ms, code):
    exam = Exam(MediaFormat())
    exam.took(audio(SPEECH * 3), 0)
    exam.spoke(200)
    if clear_ms is not None:
        exam.took(CLEAR, clear_ms)
    assert code in {remark.code for remark in exam.remarks(9_000)}


@given(st.lists(st.one_of(st.text(max_size=40), st.binary(max_size=20), st.sampled_from([CLEAR, CHECKPOINT, MIRROR]))))
def test_no_message_breaks_the_exam(messages):
    exam = Exam(MediaFormat())
    for at_ms, message in enumerate(messages):
        exam.took(message, at_ms)
    assert exam.remarks(len(messages))


def test_the_worst_comes_first():
    remarks = [Remark(Level.NOTE, "a", "..."), Remark(Level.FAIL, "b", "...", "do this")]
    assert worst(remarks) is Level.FAIL
    assert [line.split()[1] for line in printed(remarks)] == ["b", "do", "a"]
    assert worst([]) is Level.OK


@pytest.mark.parametrize(("media_format", "size"), [(MediaFormat(), 160), (L16, 640)])
def test_the_caller_speaks_in_the_stream_s_format(media_format, size):
    assert len(in_format(SILENT_FRAME, media_format)) == size


# --- over a real socket ----------------------------------------------------------------------------------------------

Agent = Callable[[ServerConnection], Awaitable[None]]


async def visited(agent: Agent, *, seconds: float = 8.0) -> dict[str, Remark]:
    async with serve(agent, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        visit = Visit(f"ws://127.0.0.1:{port}/", SPEECH[:8000], seconds=seconds, pace=Pace(speed=10))
        return {remark.code: remark for remark in await examine(visit)}


async def greeter(socket: ServerConnection) -> None:
    """Greets, answers each start of speech, and clears when it is spoken over."""
    until, was_quiet = 0.0, True
    async for text in socket:
        message = json.loads(text)
        if message["event"] not in ("start", "media"):
            continue
        is_quiet = (
            message["event"] == "media" and message["media"]["payload"] == base64.b64encode(SILENT_FRAME).decode()
        )
        now = asyncio.get_running_loop().time()
        if message["event"] == "start" or (was_quiet and not is_quiet):
            if now < until:
                await socket.send(CLEAR)
            await socket.send(MIRROR)
            await socket.send(audio(SPEECH))
            await socket.send(CHECKPOINT)
            until = now + len(SPEECH) / 8000 / 10
        was_quiet = is_quiet


async def test_an_agent_that_behaves_gets_no_complaint():
    found = await visited(greeter)
    assert not [remark for remark in found.values() if remark.level in (Level.FAIL, Level.WARN)]
    assert "stops" in found


async def test_an_agent_that_hangs_up_is_told_so():
    async def rude(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.close(1011)

    found = await visited(rude, seconds=4)
    assert (found["hung_up"].level, found["silence"].level) == (Level.FAIL, Level.FAIL)


async def test_an_address_without_a_web_socket_is_named():
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    (remark,) = await examine(Visit(f"ws://127.0.0.1:{port}/", SPEECH, seconds=1))
    server.close()
    assert (remark.level, remark.code) == (Level.FAIL, "unreachable")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"url": "https://example.com/"}, "ws://"),
        ({"header": ["no colon"]}, "Name: value"),
    ],
)
def test_an_option_that_cannot_be_used_says_what_to_give(options, complaint):
    told: dict[str, Any] = {
        "url": "ws://127.0.0.1:1/",
        "say": None,
        "format": "mulaw_8k",
        "seconds": 1.0,
        "header": [],
        "json": False,
    }
    with pytest.raises(ValueError, match=complaint):
        cli.run({**told, **options})


def test_a_recording_in_another_format_is_refused(tmp_path):
    path = tmp_path / "line.wav"
    path.write_bytes(b"RIFFxxxxWAVE")
    with pytest.raises(ValueError, match="no readable"):
        cli.spoken(path)
