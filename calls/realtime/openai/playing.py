"""What the caller heard: audio that was passed on plays at its own speed, one turn after the other. Pure."""

from __future__ import annotations

from calls.events import PlaybackReported, PlaybackState
from calls.playhead import Played
from calls.realtime.openai.wires import Wires

# A client that stops its playback says within this how far it was.
CUT_WITHIN_MS = 1_000.0


class Playing:
    def __init__(self, wires: Wires) -> None:
        self._wires = wires
        self._cut: dict[str, Played] = {}  # spoken over; the client may know better how far each was played
        self._cut_due_ms = 0.0

    def sent(self, turn_id: str, length_ms: float, *, now_ms: float) -> None:
        self._wires.playhead.send(turn_id, length_ms, now_ms=now_ms)
        for played in self._wires.playhead.finished(now_ms=now_ms):
            self.report(played, PlaybackState.FINISHED)

    def report(self, played: Played, state: PlaybackState) -> None:
        if played.turn_id:
            self._wires.feed.put_first(_report_of(played, state))

    def cleared(self, *, now_ms: float) -> list[Played]:
        """The client was told to drop what it has: return what was played of each turn."""
        found = self._wires.playhead.clear(now_ms=now_ms)
        for played in found:
            self.report(played, PlaybackState.CLEARED)
        return found

    def spoken_over(self, *, now_ms: float) -> None:
        """The caller speaks: clients stop playing, and most of them then say how far they were."""
        for played in self._wires.playhead.clear(now_ms=now_ms):
            if played.played_ms >= played.total_ms:
                self.report(played, PlaybackState.FINISHED)
            else:
                self._cut[played.turn_id] = played
                self._cut_due_ms = now_ms + CUT_WITHIN_MS

    def client_cut(self, turn_id: str, audio_end_ms: float, total_ms: float, *, now_ms: float) -> None:
        """The client says how much of the turn was played, and that it plays nothing any more."""
        self._cut.pop(turn_id, None)
        self.spoken_over(now_ms=now_ms)
        self._cut.pop(turn_id, None)
        self.report(Played(turn_id, min(audio_end_ms, total_ms), total_ms), PlaybackState.CLEARED)

    def reports(self, *, now_ms: float) -> list[PlaybackReported]:
        """What the caller had heard when they spoke."""
        cut = [_report_of(played, PlaybackState.CLEARED) for played in self._cut.values()]
        self._cut.clear()
        found = self._wires.playhead.playing(now_ms=now_ms)
        return [*cut, *(_report_of(played, PlaybackState.PLAYING) for played in found)]

    @property
    def next_due_ms(self) -> float | None:
        return self._cut_due_ms if self._cut else None

    def tick(self, *, now_ms: float) -> None:
        if self._cut and self._cut_due_ms <= now_ms:
            self._settle_cut()

    def _settle_cut(self) -> None:
        for played in self._cut.values():
            self.report(played, PlaybackState.CLEARED)
        self._cut.clear()

    def settle(self, *, now_ms: float) -> None:
        """The stream is over: what had played by now was heard."""
        self._settle_cut()
        for played in self._wires.playhead.clear(now_ms=now_ms):
            is_all = played.played_ms >= played.total_ms
            self.report(played, PlaybackState.FINISHED if is_all else PlaybackState.CLEARED)


def _report_of(played: Played, state: PlaybackState) -> PlaybackReported:
    return PlaybackReported(state, round(played.played_ms), played.turn_id, total_ms=round(played.total_ms))
