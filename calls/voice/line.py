"""What is to be said, and what a provider made of it. Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from calls.wire.media import MediaFormat

# Far more than a correction (40 words) or a buffer line (300 characters) has; about a minute of speech.
MAX_CHARS = 1_000
# Joiners shape letters of Indian scripts.
_JOINERS = "\u200c\u200d"


def speakable(text: str) -> str:
    """Return the text as one line without control characters; empty where nothing in it can be said."""
    kept = "".join(char if char in _JOINERS or not unicodedata.category(char).startswith("C") else " " for char in text)
    return " ".join(kept.split()) if any(char.isalnum() for char in kept) else ""


@dataclass(frozen=True, slots=True)
class Line:
    """``text`` is speakable. ``language`` is a tag such as ``de-AT``; empty counts as English."""

    text: str
    language: str
    media_format: MediaFormat

    @property
    def base_language(self) -> str:
        return self.language.replace("_", "-").split("-")[0].lower() or "en"

    def sounds_like(self, other: Line) -> bool:
        """Whether only the accent may differ: an agent's language is often told more exactly than a call's."""
        return (self.text, self.media_format, self.base_language) == (
            other.text,
            other.media_format,
            other.base_language,
        )


@dataclass(frozen=True, slots=True)
class Spoken:
    """A provider's answer as it came. ``asked`` is the form it should have."""

    data: bytes = field(repr=False)
    asked: MediaFormat
    content_type: str = ""
    first_byte_s: float = 0.0
