"""The audio format of a stream, the same for every carrier. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class MediaFormat:
    """Audio of one stream. ``encoding`` is ``audio/x-mulaw`` or ``audio/x-l16`` (little-endian)."""

    encoding: str = "audio/x-mulaw"
    sample_rate: int = 8000

    @property
    def is_linear(self) -> bool:
        return "l16" in self.encoding

    @property
    def bytes_per_ms(self) -> float:
        return self.sample_rate / 1000 * (2 if self.is_linear else 1)

    @property
    def content_type(self) -> str:
        return f"{self.encoding};rate={self.sample_rate}"


# By the names of the agent setting ``stream_format``.
FORMATS: Final[Mapping[str, MediaFormat]] = {
    "mulaw_8k": MediaFormat("audio/x-mulaw", 8000),
    "l16_8k": MediaFormat("audio/x-l16", 8000),
    "l16_16k": MediaFormat("audio/x-l16", 16000),
}
