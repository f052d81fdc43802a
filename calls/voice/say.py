"""``manage.py voice_say``: one line in one voice, with what a caller and an operator want to know of it."""

from __future__ import annotations

import wave
from dataclasses import dataclass
from pathlib import Path

from calls.voice.config import VoiceConfig
from calls.voice.line import Line
from calls.voice.rendering import Rendered, render
from calls.voice.samples import decode, linear_encode, speech_level_dbov
from judging.providers.errors import ProviderFailed
from judging.providers.http import clients_close


@dataclass(frozen=True, slots=True)
class Try:
    """What came of one voice: ``rendered``, or why there is nothing."""

    voice: VoiceConfig
    rendered: Rendered | None
    failure: str = ""

    def told(self, line: Line) -> str:
        """Return the findings, one a line."""
        head = f"provider      {self.voice.kind.value}" + (f" ({self.voice.name})" if self.voice.name else "")
        if self.rendered is None:
            return f"{head}\nfailed        {self.failure}"
        heard = decode(self.rendered.audio, line.media_format)
        loudness = speech_level_dbov(heard, line.media_format.sample_rate)
        return "\n".join(
            (
                head,
                f"first byte    {self.rendered.first_byte_ms:.0f} ms",
                f"total         {self.rendered.total_ms:.0f} ms",
                f"length        {len(self.rendered.audio) / line.media_format.bytes_per_ms:.0f} ms",
                f"loudness      {loudness:.1f} dBov (speech)",
                f"format        {line.media_format.content_type}",
            )
        )


async def line_try(line: Line, voices: tuple[VoiceConfig, ...], *, deadline_s: float) -> list[Try]:
    """Ask one voice after the other until one speaks. Nothing is kept or taken from what is kept."""
    tries: list[Try] = []
    try:
        for voice in voices:
            try:
                tries.append(Try(voice, await render(line, voice, tenant_id=None, deadline_s=deadline_s)))
                break
            except ProviderFailed as failed:
                tries.append(Try(voice, None, str(failed)))
    finally:
        await clients_close()
    return tries


def wav_write(path: Path, audio: bytes, line: Line) -> None:
    """Write what a caller hears, as a file every player takes: 16 bits at the stream's rate. Raises: OSError."""
    with path.open("wb") as file, wave.open(file, "wb") as made:
        made.setnchannels(1)
        made.setsampwidth(2)
        made.setframerate(line.media_format.sample_rate)
        made.writeframes(linear_encode(decode(audio, line.media_format)))
