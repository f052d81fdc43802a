"""Speech over HTTP: OpenAI-compatible servers, Deepgram, ElevenLabs. One request, one answer of raw samples.

Sources: the services' API references; ``pcm`` of OpenAI is headerless 24 kHz 16-bit little-endian mono, and there is no
8 kHz form of it. Deepgram sends a WAV header unless ``container=none``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from calls.voice.config import VoiceConfig, VoiceKind
from calls.voice.line import Line, Spoken
from calls.voice.recording import LINEAR
from calls.wire.media import MediaFormat
from judging.core import Json
from judging.providers.errors import Failure, ProviderFailed
from judging.providers.http import HttpRequest, send
from tenants.errors import MirrorError

# Two minutes of 24 kHz; recordings longer than that are refused anyway.
MAX_AUDIO_BYTES: Final = 6 * 1024 * 1024

OPENAI_URL, OPENAI_MODEL, OPENAI_VOICE = "https://api.openai.com/v1", "gpt-4o-mini-tts", "alloy"
DEEPGRAM_URL = "https://api.deepgram.com"
# A Deepgram voice speaks one language; there is none for Hindi and Portuguese.
DEEPGRAM_VOICES: Final[Mapping[str, str]] = {
    "en": "aura-2-thalia-en",
    "de": "aura-2-elara-de",
    "es": "aura-2-celeste-es",
    "fr": "aura-2-agathe-fr",
}
ELEVENLABS_URL, ELEVENLABS_MODEL, ELEVENLABS_VOICE = (
    "https://api.elevenlabs.io",
    "eleven_flash_v2_5",
    "JBFqnCBsd6RMkjVDRZzb",
)


@dataclass(frozen=True, slots=True)
class Asking:
    """How to ask, and the form of the samples that come back."""

    path: str
    body: Json
    headers: Mapping[str, str]
    answer: MediaFormat


async def speech_over_http(line: Line, config: VoiceConfig, *, deadline_s: float) -> Spoken:
    """Raises: ProviderFailed, by ``deadline_s``."""
    secret = await asyncio.to_thread(_reveal, config)
    usual_url, shape = SHAPES[config.kind]
    asking = shape(line, config, secret)
    request = HttpRequest(
        url=(config.base_url or usual_url).rstrip("/") + asking.path,
        body=asking.body,
        headers=asking.headers if secret else {},
        is_private_allowed=config.is_private_allowed,
        accept="audio/*, application/octet-stream",
        max_reply_bytes=MAX_AUDIO_BYTES,
    )
    reply = (await send(request, deadline_s=deadline_s)).require_success()
    return Spoken(reply.body, asking.answer, reply.content_type, reply.first_byte_s)


def _reveal(config: VoiceConfig) -> str:
    try:
        return config.secret()
    except MirrorError as error:
        raise ProviderFailed(Failure.UNAVAILABLE, f"the key: {error.code}") from error


def _openai(line: Line, config: VoiceConfig, secret: str) -> Asking:
    body = {
        "model": config.model or OPENAI_MODEL,
        "voice": config.name or OPENAI_VOICE,
        "input": line.text,
        "response_format": "pcm",
    }
    answer = MediaFormat(LINEAR, config.pcm_hz)
    return Asking("/audio/speech", body, {"Authorization": f"Bearer {secret}"}, answer)


def _deepgram(line: Line, config: VoiceConfig, secret: str) -> Asking:
    """The voice is the model."""
    voice = config.name or config.model or DEEPGRAM_VOICES.get(line.base_language, "")
    if not voice:
        raise ProviderFailed(Failure.UNAVAILABLE, f"no voice for {line.base_language}")
    wanted = line.media_format
    query = {
        "model": voice,
        "encoding": "linear16" if wanted.is_linear else "mulaw",
        "sample_rate": str(wanted.sample_rate),
        "container": "none",
    }
    headers = {"Authorization": f"Token {secret}"}
    return Asking(f"/v1/speak?{urlencode(query)}", {"text": line.text}, headers, wanted)


def _elevenlabs(line: Line, config: VoiceConfig, secret: str) -> Asking:
    wanted, model = line.media_format, config.model or ELEVENLABS_MODEL
    form = f"pcm_{wanted.sample_rate}" if wanted.is_linear else f"ulaw_{wanted.sample_rate}"
    body = {"text": line.text, "model_id": model}
    # Other models answer with an error where a language is told.
    if model.endswith("v2_5") and line.base_language:
        body["language_code"] = line.base_language
    voice = quote(config.name or ELEVENLABS_VOICE, safe="")
    path = f"/v1/text-to-speech/{voice}/stream?output_format={form}"
    return Asking(path, body, {"xi-api-key": secret}, wanted)


Shape = Callable[[Line, VoiceConfig, str], Asking]
SHAPES: Final[Mapping[VoiceKind, tuple[str, Shape]]] = {
    VoiceKind.OPENAI: (OPENAI_URL, _openai),
    VoiceKind.DEEPGRAM: (DEEPGRAM_URL, _deepgram),
    VoiceKind.ELEVENLABS: (ELEVENLABS_URL, _elevenlabs),
}
