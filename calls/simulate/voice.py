"""Recorded speech for scripted lines, and what stands in for it when a text was not foreseen.

No voice engine is shipped. A line of the script has its own recording. A text that only the running product knows (a
correction) is joined from single recorded words; a word nobody recorded becomes a hum of as many syllables.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias
from zlib import crc32

from calls.simulate.g711 import BYTES_PER_MS, SILENCE, encode

Voice: TypeAlias = Literal["agent", "caller"]
Source: TypeAlias = Literal["recorded", "joined", "hummed"]

WORD_GAP = SILENCE * (20 * BYTES_PER_MS)
SENTENCE_GAP = SILENCE * (160 * BYTES_PER_MS)
SYLLABLE_MS = 150
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*|\d+|[.,;:?!]")
_VOWELS = re.compile(r"[aeiouy]+")


@dataclass(frozen=True, slots=True)
class Speech:
    """Mu-law audio and how it came about."""

    audio: bytes
    source: Source


def plain(text: str) -> str:
    """The form of a text that recordings are named after: one space between words, plain quotes and dots."""
    text = text.replace("\u2019", "'").replace("\u2018", "'").replace("\u2026", "...")
    return " ".join(text.replace("\u201c", '"').replace("\u201d", '"').split())


def recording_name(text: str, voice: Voice) -> str:
    """Return the file name of a line's recording, the same on every machine."""
    return hashlib.sha256(f"{voice}\n{plain(text)}".encode()).hexdigest()[:20] + ".ulaw"


def words_of(text: str) -> list[str]:
    """Split a text into the words and stops that joined speech is made of; numbers become their digits."""
    found = _WORD.findall(plain(text).lower())
    return [part for word in found for part in (word if word.isdigit() else [word])]


@dataclass(slots=True)
class AudioLibrary:
    """Recordings in a folder: ``<name>.ulaw`` per line, ``words.ulaw`` with ``words.json`` for single words.

    ``extra.json`` lists lines an agent may say that are in no script, such as the buffer line.
    """

    folder: Path
    _words: dict[str, bytes] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        index = self.folder / "words.json"
        if index.exists():
            bank = (self.folder / "words.ulaw").read_bytes()
            spans: dict[str, tuple[int, int]] = json.loads(index.read_text(encoding="utf-8"))
            self._words = {word: bank[start : start + size] for word, (start, size) in spans.items()}

    def extra_lines(self) -> dict[str, bytes]:
        """The recordings of agent lines that are in no script, by their text."""
        listed = self.folder / "extra.json"
        texts = json.loads(listed.read_text(encoding="utf-8")) if listed.exists() else []
        return {text: audio for text in texts if (audio := self.recorded(text, "agent"))}

    def recorded(self, text: str, voice: Voice) -> bytes | None:
        path = self.folder / recording_name(text, voice)
        return path.read_bytes() if path.exists() else None

    def say(self, text: str, voice: Voice) -> Speech:
        """Return speech for any text. Empty text is no audio."""
        audio = self.recorded(text, voice)
        if audio is not None:
            return Speech(audio, "recorded")
        words = words_of(text)
        is_known = bool(words) and all(word in self._words for word in words if word.isalnum() or "'" in word)
        return Speech(b"".join(self._word(word) for word in words), "joined" if is_known else "hummed")

    def _word(self, word: str) -> bytes:
        if word in {",", ";", ":"}:
            return WORD_GAP
        if not word[0].isalnum():
            return SENTENCE_GAP
        return (self._words.get(word) or hum(word)) + WORD_GAP


def hum(word: str) -> bytes:
    """Return a tone per syllable, its pitch by the word's spelling; never silent."""
    syllables = max(len(_VOWELS.findall(word)), 1)
    base_hz = 140 + crc32(word.encode()) % 97
    return b"".join(_syllable(base_hz + 12 * (number % 2)) for number in range(syllables))


def _syllable(pitch_hz: int) -> bytes:
    count = SYLLABLE_MS * BYTES_PER_MS
    samples = []
    for number in range(count):
        swell = math.sin(math.pi * number / count)
        wave = math.sin(2 * math.pi * pitch_hz * number / 8000) + 0.4 * math.sin(4 * math.pi * pitch_hz * number / 8000)
        samples.append(int(7000 * swell * wave))
    return encode(samples)
