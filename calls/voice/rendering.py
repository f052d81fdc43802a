"""One line by one voice: asked through the circuit breaker, checked, fitted to the stream, counted."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from uuid import UUID

from calls.voice import metrics
from calls.voice.config import VoiceConfig, VoiceKind
from calls.voice.espeak import speech_by_espeak
from calls.voice.line import MAX_CHARS, Line, Spoken
from calls.voice.providers import speech_over_http
from calls.voice.recording import NoRecording, recording_read
from calls.voice.samples import fitted
from judging.providers.breaker import Breakers
from judging.providers.errors import Failure, ProviderFailed

logger = logging.getLogger(__name__)

breakers = Breakers()
# A provider is not to blame for what it could not do in less.
_FAIR_S = 0.8


@dataclass(frozen=True, slots=True)
class Rendered:
    """``audio`` is whole frames in the format of the line; ``first_byte_ms`` is the provider's first sign of life."""

    audio: bytes = field(repr=False)
    kind: VoiceKind
    first_byte_ms: float
    total_ms: float


async def render(line: Line, config: VoiceConfig, *, tenant_id: UUID | None, deadline_s: float) -> Rendered:
    """Raises: ProviderFailed, by ``deadline_s``; counted and logged here."""
    began_s = time.monotonic()
    try:
        spoken = await _guarded(line, config, tenant_id, deadline_s)
    except ProviderFailed as failed:
        metrics.LINES.labels(config.kind.value, failed.failure.value).inc()
        extra = {"action": "voice_failed", "provider": config.kind.value, "reason": str(failed)}
        logger.warning("no speech", extra={**extra, "tenant_id": str(tenant_id or "")})
        raise
    total_ms = (time.monotonic() - began_s) * 1000.0
    metrics.LINES.labels(config.kind.value, "spoken").inc()
    metrics.LATENCY_MS.labels(config.kind.value).observe(total_ms)
    audio, first_byte_s = spoken
    return Rendered(audio, config.kind, first_byte_s * 1000.0, total_ms)


async def _guarded(line: Line, config: VoiceConfig, tenant_id: UUID | None, deadline_s: float) -> tuple[bytes, float]:
    if len(line.text) > MAX_CHARS:
        raise ProviderFailed(Failure.UNAVAILABLE, f"more than {MAX_CHARS} characters")
    key = (tenant_id, config.kind, config.base_url, config.name)
    if not breakers.allows(key, time.monotonic()):
        raise ProviderFailed(Failure.CIRCUIT_OPEN)
    try:
        spoken = await _ask(line, config, deadline_s)
        # A few milliseconds of arithmetic that the audio of a hundred other calls need not wait for.
        audio = await asyncio.to_thread(_fit, spoken, line)
    except ProviderFailed as failed:
        is_hurried = failed.failure is Failure.TIMEOUT and deadline_s < _FAIR_S
        if not is_hurried and failed.failure is not Failure.UNAVAILABLE:
            breakers.record(key, is_success=False, now_s=time.monotonic())
        if failed.retry_after_s:
            breakers.rest(key, failed.retry_after_s, time.monotonic())
        raise
    breakers.record(key, is_success=True, now_s=time.monotonic())
    return audio, spoken.first_byte_s


async def _ask(line: Line, config: VoiceConfig, deadline_s: float) -> Spoken:
    if config.kind is VoiceKind.ESPEAK:
        return await speech_by_espeak(line, name=config.name, deadline_s=deadline_s)
    return await speech_over_http(line, config, deadline_s=deadline_s)


def _fit(spoken: Spoken, line: Line) -> bytes:
    try:
        found = recording_read(spoken.data, spoken.asked, content_type=spoken.content_type)
    except NoRecording as error:
        raise ProviderFailed(Failure.GARBAGE, str(error)) from error
    audio = fitted(found.samples, found.rate_hz, line.media_format)
    if not audio:
        raise ProviderFailed(Failure.GARBAGE, "the audio is silent")
    return audio
