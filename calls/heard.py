"""What the caller really heard: from played milliseconds back to words.

Pure. Without a known play length, speech is taken to run at ``CHARACTERS_PER_S``.
"""

from __future__ import annotations

# Source: 150 to 160 spoken English words a minute at 5.7 characters a word and space; rounded.
CHARACTERS_PER_S = 15.0
# Speech engines breathe: an estimate never counts a word as unheard that was nearly done.
_MIN_SPEECH_MS = 300.0


def speech_ms(text: str) -> float:
    """Estimate how long a text takes to speak."""
    return max(_MIN_SPEECH_MS, len(text) / CHARACTERS_PER_S * 1000.0) if text.strip() else 0.0


def heard_text(text: str, played_ms: float, total_ms: float | None = None) -> str:
    """Return the part of ``text`` heard after ``played_ms``, cut at a word's end.

    A word counts as heard once half of it was played. ``total_ms`` is the play length of the whole text where known.
    """
    total = total_ms if total_ms else speech_ms(text)
    if not text or played_ms <= 0 or total <= 0:
        return ""
    if played_ms >= total:
        return text
    position = len(text) * played_ms / total
    end = 0
    for start, stop in _words(text):
        if (start + stop) / 2 > position:
            break
        end = stop
    return text[:end]


def _words(text: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    start: int | None = None
    for i, character in enumerate(text):
        if character.isspace():
            if start is not None:
                spans.append((start, i))
                start = None
        elif start is None:
            start = i
    if start is not None:
        spans.append((start, len(text)))
    return spans
