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
# An agent's pace is learnt from turns that are long enough to tell, within what speech can be.
_TELLING_MS, _PACES, _LEARNING = 1_500.0, (0.5, 2.0), 0.3


@dataclass(slots=True)
class Playback:
    """What is known of one agent turn. ``sent_ms`` is when its text came; ``total_ms`` None where it was not told."""

    sent_ms: float
    started_ms: float | None = None
    played_ms: float | None = None
    total_ms: float | None = None
    told_ms: float | None = None
    state: str = ""
    is_complete: bool = True  # ``total_ms`` is all of its audio
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
        self.played_ms, self.total_ms, self.is_complete = report.played_ms, report.total_ms, report.is_complete
        return report.state is not PlaybackState.PLAYING

    def heard(self, text: str, at_ms: float, *, is_reporting: bool, whole_ms: float) -> str:
        """The words of the turn that the caller had heard at ``at_ms``; ``UNCERTAIN`` where that cannot be told.

        ``whole_ms`` is how long this agent takes to speak the text, as far as it is known.
        """
        if self.state == PlaybackState.CLEARED:
            total_ms = self.total_ms if self.is_complete else max(self.total_ms or 0.0, whole_ms)
            return heard_text(text, self.played_ms or 0.0, total_ms)
        if self.is_stopped:
            return UNCERTAIN
        if self.state == PlaybackState.PLAYING:
            return heard_text(text, self.played_ms or 0.0, max(self.total_ms or 0.0, _LEAST_SHARE * whole_ms))
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
    pace: float = 1.0  # how long this agent takes for a text, against the usual

    def learn(self, text: str, report: PlaybackReported) -> None:
        """A turn has played to its end: this is how fast the agent speaks."""
        usual_ms = speech_ms(text)
        if report.total_ms and report.is_complete and usual_ms >= _TELLING_MS:
            told = min(max(report.total_ms / usual_ms, _PACES[0]), _PACES[1])
            self.pace += (told - self.pace) * (1.0 if self.pace == 1.0 else _LEARNING)

    def _speech_ms(self, text: str) -> float:
        return speech_ms(text) * self.pace

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
        if known is None or not is_cut:
            return text
        return known.heard(text, 0.0, is_reporting=True, whole_ms=self._speech_ms(text))

    def heard(self, key: str, text: str, at_ms: float, *, is_strict: bool) -> str:
        """Strict: ``UNCERTAIN`` stands where words may or may not have been heard, also behind those that were."""
        known = self.of.get(key)
        if known is None:
            return text
        is_reporting = self.is_reporting and is_strict
        heard = known.heard(text, at_ms, is_reporting=is_reporting, whole_ms=self._speech_ms(text))
        if is_strict:
            return heard if heard in ("", text, UNCERTAIN) else f"{heard} {UNCERTAIN}"
        return "" if heard == UNCERTAIN else heard

    def snapshot(self) -> dict[str, Any]:
        return {
            "is_reporting": self.is_reporting,
            "pace": self.pace,
            "of": {key: asdict(one) for key, one in self.of.items()},
        }

    @classmethod
    def restore(cls, kept: Mapping[str, Any]) -> Playbacks:
        known = {key: Playback(**fields) for key, fields in kept["of"].items()}
        return cls(known, kept["is_reporting"], kept.get("pace", 1.0))
