"""A call's voice without Valkey: what it falls back to, what it remembers, what it does only once."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings

from calls.voice import speaking
from calls.voice.base import Speech
from calls.voice.config import VoiceConfig, VoiceKind
from calls.voice.line import Line
from calls.voice.speaking import CallVoice, room_current, voices_close
from calls.voice.store import MAX_LINE_BYTES, LineKey, LineStore
from tests.fakes_http import FAULTS, Behaviour, Connection, FakeServer
from tests.unit.voice.cast import PCM, ULAW_FORMAT, babble, sends, wav

BUFFER = "One moment, please."
NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture(autouse=True)
async def alone(settings: Settings, closing: None) -> AsyncIterator[None]:
    settings.REDIS_URL = NOWHERE
    yield
    await voices_close()


@pytest.fixture
def offline(espeak_is: Callable[[str], Path], tmp_path: Path) -> VoiceConfig:
    (tmp_path / "answer.wav").write_bytes(wav(babble(22_050, length_s=0.5), 22_050))
    espeak_is(f"cat >/dev/null; echo x >>{tmp_path}/runs; cat {tmp_path}/answer.wav")
    return VoiceConfig(VoiceKind.ESPEAK)


def online(server: FakeServer) -> VoiceConfig:
    return VoiceConfig(VoiceKind.OPENAI, server.url, is_private_allowed=True)


def voice_of(*voices: VoiceConfig, tenant_id: UUID | None = None) -> CallVoice:
    return CallVoice(tenant_id or uuid4(), voices)


async def said(voice: CallVoice, text: str = BUFFER, *, deadline_s: float = 5.0) -> Speech | None:
    return await voice.speech(text, language="en", media_format=ULAW_FORMAT, deadline_s=deadline_s)


async def prepared(voice: CallVoice, text: str = BUFFER) -> None:
    await voice.prepare(text, language="en", media_format=ULAW_FORMAT)


def held(behaviour: Behaviour) -> tuple[Behaviour, threading.Event, threading.Event]:
    """A provider that answers only when it is told to: how it behaves, when it was asked, what lets it go."""
    arrived, going = threading.Event(), threading.Event()

    def behave(connection: Connection) -> None:
        arrived.set()
        going.wait(10)
        behaviour(connection)

    return behave, arrived, going


def outcome(speech: Speech | None) -> tuple[str, bool] | None:
    return None if speech is None else (speech.source, speech.is_cached)


async def test_the_first_voice_speaks_where_it_can(server: FakeServer, offline: VoiceConfig):
    server.serves(sends(PCM))
    speech = await said(voice_of(online(server), offline))
    assert speech is not None
    assert (outcome(speech), speech.length_ms % 20) == (("openai", False), 0)


@pytest.mark.parametrize("fault", sorted(FAULTS))
async def test_whatever_befalls_the_first_voice_the_next_one_speaks_in_time(
    server: FakeServer, offline: VoiceConfig, fault: str
):
    server.otherwise = FAULTS[fault]
    began_s = time.monotonic()
    assert outcome(await said(voice_of(online(server), offline), deadline_s=2.5)) == ("espeak", False)
    assert time.monotonic() - began_s < 3.5


async def test_without_any_voice_in_time_there_is_no_speech(server: FakeServer):
    server.otherwise = FAULTS["hangs"]
    began_s = time.monotonic()
    assert await said(voice_of(online(server)), deadline_s=0.3) is None
    assert (await said(voice_of(online(server)), deadline_s=0.0), time.monotonic() - began_s < 1.0) == (None, True)


@pytest.mark.parametrize("text", ["", "  ", "...", "\n"])
async def test_nothing_to_say_asks_nobody(server: FakeServer, text: str):
    voice = voice_of(online(server))
    await prepared(voice, text)
    assert (await said(voice, text), server.received) == (None, [])


async def test_a_correction_is_kept_for_this_call_alone(server: FakeServer):
    server.otherwise = sends(PCM)
    tenant_id = uuid4()
    voice = voice_of(online(server), tenant_id=tenant_id)
    again = [outcome(await said(voice, "Your name is Ms Example.")) for _ in range(2)]
    other_call = outcome(await said(voice_of(online(server), tenant_id=tenant_id), "Your name is Ms Example."))
    assert (again, other_call, len(server.received)) == (
        [("openai", False), ("openai", True)],
        ("openai", False),
        2,
    )
    assert room_current().store.kept_bytes == 0


async def test_a_call_remembers_only_what_was_said_last(server: FakeServer):
    server.otherwise = sends(PCM)
    voice = voice_of(online(server))
    for number in range(20):
        await said(voice, f"Number {number}.")
    assert [outcome(await said(voice, f"Number {number}.")) for number in (19, 0)] == [
        ("openai", True),
        ("openai", False),
    ]


async def test_a_prepared_line_is_there_for_other_calls_of_the_tenant(server: FakeServer):
    server.otherwise = sends(PCM)
    tenant_id = uuid4()
    for _ in range(3):
        voice = voice_of(online(server), tenant_id=tenant_id)
        await prepared(voice)
        assert outcome(await said(voice, deadline_s=0.05)) == ("openai", True)
    assert len(server.received) == 1


@pytest.mark.parametrize(("language", "is_there"), [("en", True), ("", True), ("en-GB", True), ("de", False)])
async def test_a_prepared_line_does_for_every_accent_and_for_no_other_language(
    server: FakeServer, language: str, is_there: bool
):
    server.otherwise = sends(PCM)
    voice = voice_of(online(server))
    await voice.prepare(BUFFER, language="en-US", media_format=ULAW_FORMAT)
    speech = await voice.speech(BUFFER, language=language, media_format=ULAW_FORMAT, deadline_s=5)
    assert outcome(speech) == ("openai", is_there)


async def test_no_tenant_hears_what_was_made_for_another(server: FakeServer):
    server.otherwise = sends(PCM)
    for _ in range(2):
        await prepared(voice_of(online(server)))
    assert len(server.received) == 2


async def test_the_same_line_at_once_is_asked_for_once(server: FakeServer):
    server.otherwise, arrived, going = held(sends(PCM))
    tenant_id = uuid4()
    calls = [voice_of(online(server), tenant_id=tenant_id) for _ in range(50)]
    wanted = [*(said(voice) for voice in calls), *(prepared(voice) for voice in calls)]
    asking = asyncio.gather(*wanted)
    await asyncio.to_thread(arrived.wait, 5)
    going.set()
    spoken = await asking
    assert ({outcome(speech) for speech in spoken[:50]}, len(server.received)) == ({("openai", False)}, 1)


async def test_who_hangs_up_does_not_silence_the_others(server: FakeServer):
    server.otherwise, arrived, going = held(sends(PCM))
    tenant_id = uuid4()
    first, second = (asyncio.create_task(said(voice_of(online(server), tenant_id=tenant_id))) for _ in range(2))
    await asyncio.to_thread(arrived.wait, 5)
    first.cancel()
    going.set()
    assert (outcome(await second), len(server.received)) == (("openai", False), 1)


async def test_a_line_that_is_wanted_while_it_is_prepared_is_not_asked_for_twice(
    server: FakeServer, offline: VoiceConfig
):
    server.otherwise, arrived, going = held(sends(PCM))
    voice = voice_of(online(server), offline)
    preparing = asyncio.create_task(prepared(voice))
    await asyncio.to_thread(arrived.wait, 5)
    assert outcome(await said(voice, deadline_s=0.6)) == ("espeak", False)
    going.set()
    await preparing
    assert len(server.received) == 1


async def test_a_line_prepared_by_the_next_voice_is_said_at_once_and_gives_way_later(
    server: FakeServer, offline: VoiceConfig, tmp_path: Path
):
    server.serves(FAULTS["500"])
    server.otherwise = sends(PCM)
    tenant_id = uuid4()
    first = voice_of(online(server), offline, tenant_id=tenant_id)
    await prepared(first)
    assert outcome(await said(first, deadline_s=0.05)) == ("espeak", True)
    second = voice_of(online(server), offline, tenant_id=tenant_id)
    await prepared(second)
    assert (outcome(await said(second, deadline_s=0.05)), (tmp_path / "runs").read_text()) == (
        ("openai", True),
        "x\n",
    )


@pytest.mark.parametrize("fault", sorted(FAULTS))
async def test_preparing_never_raises(server: FakeServer, monkeypatch: pytest.MonkeyPatch, fault: str):
    monkeypatch.setattr(speaking, "PREPARE_WITHIN_S", 0.2)
    server.otherwise = FAULTS[fault]
    await prepared(voice_of(online(server)))


def key(text: str, tenant_id: UUID) -> LineKey:
    return LineKey(tenant_id, VoiceConfig(VoiceKind.ESPEAK), Line(text, "en", ULAW_FORMAT))


async def test_what_a_process_keeps_is_bounded_and_the_unused_goes_first():
    store, tenant_id = LineStore(NOWHERE, "test", max_bytes=4 * 160), uuid4()
    for text in "abcd":
        store.keep(key(text, tenant_id), b"\xff" * 160)
    await store.get(key("a", tenant_id))
    store.keep(key("e", tenant_id), b"\xff" * 160)
    store.keep(key("e", tenant_id), b"\xff" * 160)
    kept = [text for text in "abcde" if await store.get(key(text, tenant_id))]
    store.keep(key("long", tenant_id), b"\xff" * (MAX_LINE_BYTES + 160))
    assert (kept, store.kept_bytes) == (["a", "c", "d", "e"], 4 * 160)
    await store.close()


def test_whatever_changes_the_sound_changes_the_key_and_a_secret_does_not():
    tenant_id = uuid4()
    line, voice = Line("Yes.", "en", ULAW_FORMAT), VoiceConfig(VoiceKind.OPENAI)
    changed: list[dict[str, Any]] = [
        {"voice": VoiceConfig(VoiceKind.DEEPGRAM)},
        {"voice": VoiceConfig(VoiceKind.OPENAI, base_url="https://tts.example")},
        {"voice": VoiceConfig(VoiceKind.OPENAI, name="nova")},
        {"voice": VoiceConfig(VoiceKind.OPENAI, model="m")},
        {"voice": VoiceConfig(VoiceKind.OPENAI, pcm_hz=16_000)},
        {"line": Line("No.", "en", ULAW_FORMAT)},
        {"line": Line("Yes.", "de", ULAW_FORMAT)},
        {"line": Line("Yes.", "en", type(ULAW_FORMAT)("audio/x-l16", 8000))},
        {"tenant_id": uuid4()},
        {"voice": VoiceConfig(VoiceKind.OPENAI, secret=lambda: "other")},
    ]
    names = [LineKey(**{"tenant_id": tenant_id, "voice": voice, "line": line, **change}).name for change in changed]
    assert len({*names, LineKey(tenant_id, voice, line).name}) == len(changed)
    assert names[-1] == LineKey(tenant_id, voice, line).name
