from __future__ import annotations

import time
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY

from calls.voice.config import VoiceConfig, VoiceKind
from calls.voice.line import Line, speakable
from calls.voice.providers import MAX_AUDIO_BYTES
from calls.voice.rendering import Rendered, render
from calls.voice.samples import SPEECH_DBOV, decode, linear_encode, speech_level_dbov, ulaw_encode
from calls.wire.media import MediaFormat
from judging.providers.breaker import FAILURES_TO_OPEN
from judging.providers.errors import Failure, ProviderFailed
from tenants.errors import Conflict
from tests.fakes_http import FAULTS, FakeServer
from tests.unit.voice.cast import (
    L16_16K_FORMAT,
    PCM,
    ULAW_FORMAT,
    babble,
    drips_audio,
    floods_audio,
    loudest_hz,
    sends,
    silence,
    tone,
    wav,
)

pytestmark = pytest.mark.usefixtures("closing")

DEADLINE_S = 0.5
# A busy machine is late by some; a hang would be late by seconds.
SLACK_S = 0.8
LINE = Line("Let me check that.", "en-US", ULAW_FORMAT)


def voice(server: FakeServer, kind: VoiceKind = VoiceKind.OPENAI, **fields: Any) -> VoiceConfig:
    given = {"base_url": server.url, "is_private_allowed": True, "secret": lambda: "key-1", **fields}
    return VoiceConfig(kind, **given)


async def spoken(config: VoiceConfig, line: Line = LINE, *, deadline_s: float = 5.0) -> Rendered:
    return await render(line, config, tenant_id=uuid4(), deadline_s=deadline_s)


async def failure_of(config: VoiceConfig, line: Line = LINE, *, deadline_s: float = 5.0) -> Failure:
    with pytest.raises(ProviderFailed) as failed:
        await spoken(config, line, deadline_s=deadline_s)
    return failed.value.failure


@pytest.mark.parametrize("media_format", [ULAW_FORMAT, MediaFormat("audio/x-l16", 8000), L16_16K_FORMAT])
async def test_an_openai_server_is_asked_for_pcm_and_fitted_to_the_stream(
    server: FakeServer, media_format: MediaFormat
):
    server.serves(sends(PCM))
    made = await spoken(voice(server), replace(LINE, media_format=media_format))
    asked = server.received[0]
    assert (asked.method, asked.path, asked.headers["authorization"], asked.headers["accept-encoding"]) == (
        "POST",
        "/audio/speech",
        "Bearer key-1",
        "identity",
    )
    assert asked.body == {
        "model": "gpt-4o-mini-tts",
        "voice": "alloy",
        "input": "Let me check that.",
        "response_format": "pcm",
    }
    heard = decode(made.audio, media_format)
    assert abs(len(heard) / media_format.sample_rate - 1.0) <= 0.06
    assert abs(speech_level_dbov(heard, media_format.sample_rate) - SPEECH_DBOV) < 1.5
    assert abs(loudest_hz(heard, media_format.sample_rate) - 180) < 8


async def test_a_server_of_another_rate_is_not_too_deep(server: FakeServer):
    server.serves(sends(linear_encode(tone(440, rate_hz=22_050))))
    made = await spoken(voice(server, pcm_hz=22_050, name="nova", model="kokoro"))
    assert abs(loudest_hz(decode(made.audio, ULAW_FORMAT), 8000) - 440) < 5
    assert (server.received[0].body["voice"], server.received[0].body["model"]) == ("nova", "kokoro")


@pytest.mark.parametrize(
    ("media_format", "query"),
    [
        (ULAW_FORMAT, "model=aura-2-thalia-en&encoding=mulaw&sample_rate=8000&container=none"),
        (L16_16K_FORMAT, "model=aura-2-thalia-en&encoding=linear16&sample_rate=16000&container=none"),
    ],
)
async def test_deepgram_is_asked_for_the_streams_own_format(server: FakeServer, media_format: MediaFormat, query: str):
    rate = media_format.sample_rate
    server.serves(sends(linear_encode(babble(rate)) if media_format.is_linear else ulaw_encode(babble(rate))))
    made = await spoken(voice(server, VoiceKind.DEEPGRAM), replace(LINE, media_format=media_format))
    asked = server.received[0]
    assert (asked.path, asked.headers["authorization"], asked.body) == (
        f"/v1/speak?{query}",
        "Token key-1",
        {"text": "Let me check that."},
    )
    assert abs(len(made.audio) / media_format.bytes_per_ms - 1000) <= 60


async def test_deepgram_has_no_voice_for_every_language(server: FakeServer):
    hindi = replace(LINE, language="hi")
    assert await failure_of(voice(server, VoiceKind.DEEPGRAM), hindi) == "unavailable"
    server.serves(sends(ulaw_encode(babble(8000))))
    await spoken(voice(server, VoiceKind.DEEPGRAM, name="of-ours"), hindi)
    assert server.received[0].path.startswith("/v1/speak?model=of-ours&")


@pytest.mark.parametrize(
    ("media_format", "form", "model", "language"),
    [
        (ULAW_FORMAT, "ulaw_8000", "", {"language_code": "en"}),
        (L16_16K_FORMAT, "pcm_16000", "eleven_multilingual_v2", {}),
    ],
)
async def test_elevenlabs_is_asked_for_the_streams_own_format(
    server: FakeServer, media_format: MediaFormat, form: str, model: str, language: dict[str, str]
):
    rate = media_format.sample_rate
    server.serves(sends(linear_encode(babble(rate)) if media_format.is_linear else ulaw_encode(babble(rate))))
    config = voice(server, VoiceKind.ELEVENLABS, name="a/../b", model=model)
    await spoken(config, replace(LINE, media_format=media_format))
    asked = server.received[0]
    assert (asked.path, asked.headers["xi-api-key"]) == (
        f"/v1/text-to-speech/a%2F..%2Fb/stream?output_format={form}",
        "key-1",
    )
    assert asked.body == {"text": "Let me check that.", "model_id": model or "eleven_flash_v2_5", **language}


@pytest.mark.parametrize("kind", [VoiceKind.OPENAI, VoiceKind.DEEPGRAM, VoiceKind.ELEVENLABS])
@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        ("500", "provider_error"),
        ("401", "provider_error"),
        ("503", "provider_error"),
        ("redirect", "provider_error"),
        ("hangs", "timeout"),
        ("drips", "timeout"),
        ("closes_mid_body", "provider_error"),
        ("closes_at_once", "provider_error"),
        ("resets", "provider_error"),
        ("speaks_no_http", "provider_error"),
        ("is_huge", "garbage"),
        ("not_json", "garbage"),
        ("empty", "garbage"),
        ("compressed", "garbage"),
    ],
)
async def test_a_fault_is_a_failure_within_the_deadline(server: FakeServer, kind: VoiceKind, fault: str, failure: str):
    server.otherwise = FAULTS[fault]
    began_s = time.monotonic()
    assert await failure_of(voice(server, kind), deadline_s=DEADLINE_S) == failure
    assert time.monotonic() - began_s < DEADLINE_S + SLACK_S


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (drips_audio, "timeout"),
        (floods_audio, "garbage"),
        (sends(PCM, content_type="text/html"), "garbage"),
        (sends(PCM, content_type="audio/mpeg"), "garbage"),
        (sends(b"ID3\x04" + PCM), "garbage"),
        (sends(b'{"detail": "quota exceeded"}' * 100), "garbage"),
        (sends(b""), "garbage"),
        (sends(PCM[:500]), "garbage"),
        (sends(linear_encode(silence(24_000, 2.0))), "garbage"),
        (sends(PCM, status=206), None),
        (sends(PCM, content_type=""), None),
        (sends(PCM + b"\x01"), None),
        (sends(wav(babble(), 24_000)), None),
        (sends(wav(babble(48_000), 48_000), content_type="audio/wav"), None),
    ],
)
async def test_only_what_sounds_is_spoken(server: FakeServer, answer: Any, failure: str | None):
    server.serves(answer)
    deadline_s = DEADLINE_S if failure == "timeout" else 5.0
    if failure is not None:
        assert await failure_of(voice(server), deadline_s=deadline_s) == failure
        return
    made = await spoken(voice(server), deadline_s=deadline_s)
    heard = decode(made.audio, ULAW_FORMAT)
    assert (abs(len(heard) / 8 - 1000) <= 60, abs(loudest_hz(heard, 8000) - 180) < 8) == (True, True)


async def test_no_more_than_the_bound_is_read(server: FakeServer):
    sent: list[int] = []

    def counting(connection: Any) -> None:
        connection.send(b"HTTP/1.1 200 X\r\nContent-Type: audio/pcm\r\nContent-Length: 900000000\r\n\r\n")
        while not connection.stopped.is_set():
            connection.send(b"\x01\x20" * 32_768)
            sent.append(65_536)

    server.serves(counting)
    assert await failure_of(voice(server)) == "garbage"
    assert sum(sent) < MAX_AUDIO_BYTES * 3  # the rest lies in buffers of the connection


async def test_a_provider_that_keeps_failing_is_left_alone(server: FakeServer):
    server.otherwise = FAULTS["500"]
    tenant_id, config = uuid4(), voice(server)
    for _ in range(FAILURES_TO_OPEN):
        with pytest.raises(ProviderFailed, match="provider_error"):
            await render(LINE, config, tenant_id=tenant_id, deadline_s=5)
    asked = len(server.received)
    with pytest.raises(ProviderFailed, match="circuit_open"):
        await render(LINE, config, tenant_id=tenant_id, deadline_s=5)
    assert len(server.received) == asked
    # Another tenant has another key and is not to suffer for it.
    assert await failure_of(config) == "provider_error"


async def test_what_a_voice_cannot_say_does_not_silence_it(server: FakeServer):
    tenant_id, config = uuid4(), voice(server, VoiceKind.DEEPGRAM)
    for _ in range(FAILURES_TO_OPEN + 1):
        with pytest.raises(ProviderFailed, match="unavailable"):
            await render(replace(LINE, language="pt"), config, tenant_id=tenant_id, deadline_s=5)
    server.serves(sends(ulaw_encode(babble(8000))))
    await render(LINE, config, tenant_id=tenant_id, deadline_s=5)


async def test_a_provider_is_not_to_blame_for_haste(server: FakeServer):
    server.otherwise = FAULTS["hangs"]
    tenant_id, config = uuid4(), voice(server)
    for _ in range(FAILURES_TO_OPEN + 1):
        with pytest.raises(ProviderFailed, match="timeout"):
            await render(LINE, config, tenant_id=tenant_id, deadline_s=0.02)


async def test_a_provider_that_asks_for_a_rest_gets_it(server: FakeServer):
    server.serves(FAULTS["429_with_retry_after"])
    tenant_id, config = uuid4(), voice(server)
    for failure in ("provider_error", "circuit_open"):
        with pytest.raises(ProviderFailed, match=failure):
            await render(LINE, config, tenant_id=tenant_id, deadline_s=5)


async def test_a_private_address_is_refused_where_it_is_not_allowed(server: FakeServer):
    assert await failure_of(voice(server, is_private_allowed=False)) == "provider_error"
    assert server.received == []


async def test_a_key_that_cannot_be_read_is_not_asked_with(server: FakeServer):
    def unreadable() -> str:
        raise Conflict("gone")

    assert await failure_of(voice(server, secret=unreadable)) == "unavailable"
    assert server.received == []


async def test_without_a_key_no_header_is_sent(server: FakeServer):
    server.serves(sends(PCM))
    await spoken(voice(server, secret=str))
    assert "authorization" not in server.received[0].headers


async def test_a_text_that_never_ends_is_not_asked_for(server: FakeServer):
    assert await failure_of(voice(server), replace(LINE, text="word " * 300)) == "unavailable"


async def test_every_line_is_counted(server: FakeServer):
    def counted(outcome: str) -> float | None:
        return REGISTRY.get_sample_value("mirror_calls_voice_lines_total", {"provider": "openai", "outcome": outcome})

    before = [counted("spoken") or 0, counted("provider_error") or 0]
    server.serves(sends(PCM), FAULTS["500"])
    await spoken(voice(server))
    await failure_of(voice(server))
    assert [counted("spoken"), counted("provider_error")] == [count + 1 for count in before]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Let me\ncheck  that.", "Let me check that."),
        ("a\x00b\x1b[2Jc", "a b [2Jc"),
        ("क्\u200dष", "क्\u200dष"),
        ("... !?", ""),
        ("\n\t ", ""),
        ("\ud800 yes", "yes"),
    ],
)
def test_a_line_is_words_on_one_line(text: str, said: str):
    assert speakable(text) == said
