"""The carrier's side of a bridged call: what waits for it, what it was given to play, and what it says was played.

Whoever puts something here returns at once; one socket at a time takes it out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from calls import metrics
from calls.backlog import Backlog
from calls.own_marks import IDLE_MS, OwnMarks
from calls.playhead import Played, Playhead
from calls.wire.dialect import Dialect, MarkAck
from calls.wire.media import MediaFormat

# A carrier that does not read is 20 s of audio behind, or so much text; then audio is dropped.
MAX_MESSAGES = 2_000
MAX_CHARACTERS = 8 * 1024 * 1024

SendText = Callable[[str], Awaitable[None]]


class CarrierSide:
    """``finished`` is told of each turn whose audio has played to its end."""

    def __init__(self, dialect: Dialect, *, now_ms: Callable[[], float], finished: Callable[[Played], None]) -> None:
        self.dialect = dialect
        self.playhead = Playhead()
        self._now_ms, self._finished = now_ms, finished
        self._backlog = Backlog(max_messages=MAX_MESSAGES, max_characters=MAX_CHARACTERS)
        self._wakes = asyncio.Event()
        self._marks = OwnMarks()
        self._then: dict[str, Callable[[], None]] = {}
        self._idle: asyncio.TimerHandle | None = None
        self._last_audio_ms = 0.0
        self._agents_clears = self._our_clears = 0

    @property
    def media_format(self) -> MediaFormat:
        return self.dialect.start.media_format

    @property
    def fill(self) -> float:
        """How full the backlog is, 0..1."""
        return self._backlog.fill

    @property
    def ahead_ms(self) -> float:
        """How much audio the carrier has that was not played yet, by the model."""
        return max(0.0, self.playhead.queued_until_ms - self._now_ms())

    def joined(self, dialect: Dialect) -> list[Played]:
        """The carrier opened its stream, or another one: return what of each turn was played on the one before."""
        self.dialect = dialect
        self._then.clear()
        self._agents_clears = self._our_clears = 0
        return self.playhead.clear(now_ms=self._now_ms())

    # --- what it is given ----------------------------------------------------------------------------------------

    def relay(self, text: str) -> None:
        """A message that is no audio."""
        self._put(text, is_audio=False)

    def play(self, text: str, turn_id: str, length_ms: float) -> None:
        """A message with audio."""
        self._last_audio_ms = now_ms = self._now_ms()
        begins = self.playhead.send(turn_id, length_ms, now_ms=now_ms)
        self._put(text, is_audio=True)
        if self._marks.is_due(length_ms, begins=begins):
            self.mark_ours()
        elif self._idle is None:
            self._watch_idle(IDLE_MS)
        self._report_finished(now_ms)

    def mark(self, text: str, name: str) -> None:
        """A mark of the agent's."""
        self.playhead.mark(name)
        self._put(text, is_audio=True, mark=name)

    def mark_ours(self, then: Callable[[], None] | None = None) -> None:
        """Put a mark of our own behind the audio so far; ``then`` runs when it was played."""
        name = self._marks.next_name()
        if then is not None:
            self._then[name] = then
        self.playhead.mark(name, now_ms=self._now_ms(), is_ours=True)
        self._put(self.dialect.mark(name), is_audio=True, mark=name)

    def clear(self, text: str | None = None) -> list[Played]:
        """Empty our queue of audio, then the carrier's; return what each turn in it got played.

        ``text`` is the agent's own message; without one the clear is ours.
        """
        self._backlog.drop_audio()
        self._then.clear()
        if text is None:
            self._our_clears += 1
        else:
            self._agents_clears += 1
        self._put(text or self.dialect.clear(), is_audio=False)
        self.dialect.clear_sent()
        return self.playhead.clear(now_ms=self._now_ms())

    def _put(self, text: str, *, is_audio: bool, mark: str = "") -> None:
        dropped = self._backlog.put(text, is_audio=is_audio, mark=mark)
        if dropped:
            metrics.AUDIO_DROPPED.labels("slow_carrier").inc(dropped)
        self._wakes.set()

    def _watch_idle(self, in_ms: float) -> None:
        self._idle = asyncio.get_running_loop().call_later(in_ms / 1000.0, self._mark_idle)

    def _mark_idle(self) -> None:
        """Audio has paused: what is not marked yet ends here, for now."""
        self._idle = None
        if not self._marks.is_audio_unmarked:
            return
        left_ms = self._last_audio_ms + IDLE_MS - self._now_ms()
        if left_ms > 1.0:
            self._watch_idle(left_ms)
        else:
            self.mark_ours()

    # --- what it says --------------------------------------------------------------------------------------------

    def acked(self, ack: MarkAck) -> bool:
        """A mark came back. Whether it is the agent's, who is then to see it."""
        if ack.is_cancelled:
            self.playhead.cancelled(ack.name)
        else:
            now_ms = self._now_ms()
            self.playhead.marked(ack.name, now_ms=now_ms)
            self._report_finished(now_ms)
        if not self._marks.is_ours(ack.name):
            return True
        then = self._then.pop(ack.name, None)
        if then is not None and not ack.is_cancelled:
            then()
        return False

    def cleared(self) -> bool:
        """The carrier says that it is empty. Whether the agent is to see that; never is one of its own kept back."""
        if not self._agents_clears and self._our_clears:
            self._our_clears -= 1
            return False
        self._agents_clears = max(0, self._agents_clears - 1)
        return True

    def _report_finished(self, now_ms: float) -> None:
        for played in self.playhead.finished(now_ms=now_ms):
            self._finished(played)

    # --- the socket ----------------------------------------------------------------------------------------------

    async def write(self, send: SendText) -> None:
        """Run until cancelled: one carrier socket at a time."""
        backlog, wakes = self._backlog, self._wakes
        while True:
            await wakes.wait()
            while len(backlog):
                text, mark = backlog.take()
                if mark:
                    self.dialect.mark_sent(mark)
                await send(text)
            wakes.clear()

    def close(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
