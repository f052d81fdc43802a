"""What happened on one call as the caller's side saw it, in milliseconds since the call began."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from calls.simulate.g711 import BYTES_PER_MS
from calls.simulate.playback import Played

UNKNOWN = "unknown"
JOIN_GAP_MS = 60  # pieces that come late by less than this are one stretch to the ear


@dataclass(frozen=True, slots=True)
class Entry:
    at_ms: int
    what: str
    detail: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {"at_ms": self.at_ms, "what": self.what, **self.detail}


@dataclass(slots=True)
class Heard:
    """One stretch of audio from one source that the caller heard without a gap to notice."""

    label: str
    start_ms: int
    byte_count: int
    end_ms: int

    @property
    def played_ms(self) -> int:
        return self.byte_count // BYTES_PER_MS

    def as_json(self) -> dict[str, Any]:
        return {"label": self.label, "start_ms": self.start_ms, "played_ms": self.played_ms}


@dataclass(slots=True)
class Timeline:
    entries: list[Entry] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    silence_ms: int = 0  # neither side spoke
    longest_silence_ms: int = 0
    _silent_run_ms: int = field(default=0, init=False)

    def note(self, at_ms: int, what: str, **detail: Any) -> Entry:
        entry = Entry(at_ms, what, detail)
        self.entries.append(entry)
        return entry

    def hear(self, played: Played) -> bool:
        """Add what was heard. Returns whether a new stretch began."""
        last = self.heard[-1] if self.heard else None
        end_ms = played.start_ms + played.byte_count // BYTES_PER_MS
        if last and last.label == played.label and played.start_ms - last.end_ms <= JOIN_GAP_MS:
            last.byte_count += played.byte_count
            last.end_ms = end_ms
            return False
        self.heard.append(Heard(played.label, played.start_ms, played.byte_count, end_ms))
        return True

    def count_silence(self, passed_ms: int, *, is_silent: bool) -> None:
        self._silent_run_ms = self._silent_run_ms + passed_ms if is_silent else 0
        self.silence_ms += passed_ms if is_silent else 0
        self.longest_silence_ms = max(self.longest_silence_ms, self._silent_run_ms)

    def heard_ms(self, label: str) -> int:
        """How much of one source the caller heard in all."""
        return sum(stretch.byte_count for stretch in self.heard if stretch.label == label) // BYTES_PER_MS

    def of(self, what: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.what == what]

    def as_json(self) -> dict[str, Any]:
        return {
            "entries": [entry.as_json() for entry in self.entries],
            "heard": [stretch.as_json() for stretch in self.heard],
            "silence_ms": self.silence_ms,
            "longest_silence_ms": self.longest_silence_ms,
        }
