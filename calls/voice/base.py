"""What a stream needs of a voice. Providers, the cache and the choice between them are behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from calls.wire.media import MediaFormat


@dataclass(frozen=True, slots=True)
class Speech:
    """Spoken text: raw bytes in the stream's own encoding, without a header."""

    audio: bytes
    media_format: MediaFormat
    source: str  # the provider that made it
    is_cached: bool = False

    @property
    def length_ms(self) -> float:
        return len(self.audio) / self.media_format.bytes_per_ms


class Voice(Protocol):
    """One agent's voice. Safe to share between calls."""

    async def speech(self, text: str, *, language: str, media_format: MediaFormat, deadline_s: float) -> Speech | None:
        """Return the spoken text, or None where no provider could make it in time: the failure is counted there."""

    async def prepare(self, text: str, *, language: str, media_format: MediaFormat) -> None:
        """Make a line that will be wanted at once, such as the buffer line, ahead of time. Never raises."""
