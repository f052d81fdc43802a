"""How each agent turn was played, and what of it the caller had heard by a given moment. Pure.

Reports may come late, twice and out of order; a call may have none at all. What is uncertain counts as not heard as
soon as the call reports playback at all, because a yes to words that were not heard agrees to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from calls.events import PlaybackReported, PlaybackState
from calls.heard import heard_text, speech_ms

# A caller answers while the last syllable still sounds, and reports take a moment.
_SLACK_MS = 400.0
# Stands for words of which nobody knows whether they were heard: a yes after them may have been a yes to them.
UNCERTAIN = "[unheard]?"
# An agent that sends its audio in real time has sent only part of it: the length so far is not the turn's length.
_LEAST_SHARE = 0.5


@dataclass(slots=True)
class Playback:
    """What is known of one agent turn. ``sent_ms`` is when its text came; ``total_ms`` None where it was not told."""

    sent_ms: float
    started_ms: float | None = None
    played_ms: float | None = None
    total_ms: float | None = None
    told_ms: float | None = None
    state: str = ""
    is_stopped: bool = False  # an intervention cut it

    def take(self, report: PlaybackReported, *, now_ms: float) -> bool:
        """Take a report in; whether it tells how the turn ended. The first cut stands, whatever comes after it."""
        if self.state == PlaybackState.CLEARED or (self.state, report.state) == ("finished", PlaybackState.FINISHED):
            return False
        if report.state is PlaybackState.STARTED:
            self.started_ms = now_ms if self.started_ms is None else self.started_ms
            return False
        if self.state == PlaybackState.FINISHED and report.state is PlaybackState.PLAYING:
            return False
        self.state, self.told_ms = report.state.value, now_ms
        self.played_ms, self.total_ms = report.played_ms, report.total_ms
        return report.state is not PlaybackState.PLAYING

    def heard(self, text: str, at_ms: float, *, is_reporting: bool) -> str:
        """The words of the turn that the caller had heard at ``at_ms``; ``UNCERTAIN`` where that cannot be told."""
        if self.state == PlaybackState.CLEARED:
            return heard_text(text, self.played_ms or 0.0, self.total_ms)
        if self.is_stopped:
            return UNCERTAIN
        if self.state == PlaybackState.PLAYING:
            return heard_text(text, self.played_ms or 0.0, max(self.total_ms or 0.0, _LEAST_SHARE * speech_ms(text)))
        at_ms += _SLACK_MS
        if self.state == PlaybackState.FINISHED and self._end_ms > at_ms:
            return heard_text(text, at_ms - self._start_ms, self.played_ms)
        if self.started_ms is not None and self.state != PlaybackState.FINISHED:
            return heard_text(text, at_ms - self.started_ms)
        is_heard = self.state == PlaybackState.FINISHED or not is_reporting
        return text if is_heard else UNCERTAIN

    @property
    def _start_ms(self) -> float:
        return self.sent_ms if self.started_ms is None else self.started_ms

    @property
    def _end_ms(self) -> float:
        """When the last word was out: the report may come later than that, never earlier."""
        told_ms = self._start_ms if self.told_ms is None else self.told_ms
        return min(told_ms, self._start_ms + self.played_ms) if self.played_ms else told_ms


@dataclass(slots=True)
class Playbacks:
    """By the turn's key. ``is_reporting``: this call's transport tells what was played."""

    of: dict[str, Playback] = field(default_factory=dict)
    is_reporting: bool = False

    def sent(self, key: str, *, now_ms: float) -> None:
        """The turn's text came; its audio plays from now on at the earliest."""
        self.of.setdefault(key, Playback(now_ms))

    def known(self, key: str, at_ms: float, *, is_settled: bool) -> None:
        """A turn of the record; settled where the record says what was heard of it."""
        state = PlaybackState.FINISHED.value if is_settled else ""
        self.of[key] = Playback(at_ms, told_ms=at_ms, state=state)
        self.is_reporting |= is_settled

    def take(self, key: str, report: PlaybackReported, *, now_ms: float) -> bool:
        """Whether the report tells how the turn ended."""
        self.is_reporting |= report.state is not PlaybackState.CLEARED
        self.sent(key, now_ms=now_ms)
        return self.of[key].take(report, now_ms=now_ms)

    def stopped(self, key: str, *, now_ms: float) -> None:
        self.sent(key, now_ms=now_ms)
        self.of[key].is_stopped = True

    def ended(self, key: str, text: str) -> tuple[str, int] | None:
        """The words and milliseconds that were heard of a turn once its end was reported, else None."""
        known = self.of.get(key)
        if known is None or known.state not in (PlaybackState.CLEARED, PlaybackState.FINISHED):
            return None
        return self.cut(key, text), round(known.played_ms or 0)

    def cut(self, key: str, text: str) -> str:
        """What is left of a turn's text once a cut was reported; all of it as long as none was."""
        known = self.of.get(key)
        is_cut = known is not None and known.state == PlaybackState.CLEARED
        return known.heard(text, 0.0, is_reporting=True) if known is not None and is_cut else text

    def heard(self, key: str, text: str, at_ms: float, *, is_strict: bool) -> str:
        """Strict: ``UNCERTAIN`` stands where words may or may not have been heard, also behind those that were."""
        known = self.of.get(key)
        if known is None:
            return text
        heard = known.heard(text, at_ms, is_reporting=self.is_reporting and is_strict)
        if is_strict:
            return heard if heard in ("", text, UNCERTAIN) else f"{heard} {UNCERTAIN}"
        return "" if heard == UNCERTAIN else heard

    def snapshot(self) -> dict[str, Any]:
        return {"is_reporting": self.is_reporting, "of": {key: asdict(one) for key, one in self.of.items()}}

    @classmethod
    def restore(cls, kept: Mapping[str, Any]) -> Playbacks:
        return cls({key: Playback(**fields) for key, fields in kept["of"].items()}, kept["is_reporting"])
