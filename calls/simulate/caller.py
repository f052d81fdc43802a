"""The simulated caller: says the next line when the other side has spoken and then been quiet for a moment."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

from calls.simulate.g711 import SILENT_FRAME, frames


class CallerState(StrEnum):
    LISTENING = "listening"
    SPEAKING = "speaking"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its recording. ``barge_in_ms`` set: said when so much of the agent's reply was heard, over it."""

    id: str
    audio: bytes
    barge_in_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Manners:
    """When the caller speaks and when they give up, in milliseconds."""

    pause_ms: int = 600  # quiet after which it is the caller's turn
    hang_up_ms: int = 1_200  # quiet after which a caller with nothing left to say hangs up
    patience_ms: int = 10_000  # quiet without any reply after which they hang up


@dataclass(slots=True)
class Caller:
    """Gives one frame at a time. Ask ``state`` after each frame; once GONE the call is to be hung up."""

    lines: deque[Line]
    manners: Manners = field(default_factory=Manners)
    state: CallerState = field(default=CallerState.LISTENING, init=False)
    current: str | None = field(default=None, init=False)  # the line being said
    unsaid: bool = field(default=False, init=False)  # hung up with lines left
    _frames: deque[bytes] = field(default_factory=deque, init=False)
    _heard_ms: int = field(default=0, init=False)  # of the agent, since the caller's own last line

    def hear(self, played_ms: int) -> None:
        """Tell that so much of the other side was heard."""
        if self.state is CallerState.LISTENING:
            self._heard_ms += played_ms

    def leave(self) -> None:
        """Hang up, whatever is being said."""
        self._frames.clear()
        self.state, self.unsaid = CallerState.GONE, bool(self.lines)

    def frame(self, *, quiet_ms: int) -> bytes:
        """Return the next 20 ms of the caller. ``quiet_ms`` is for how long the other side has been quiet."""
        if self.state is CallerState.LISTENING:
            self._decide(quiet_ms)
        if not self._frames:
            return SILENT_FRAME
        frame = self._frames.popleft()
        if not self._frames:
            self.state, self.current, self._heard_ms = CallerState.LISTENING, None, 0
        return frame

    def _decide(self, quiet_ms: int) -> None:
        if self.lines and self._is_my_turn(quiet_ms):
            line = self.lines.popleft()
            self.state, self.current, self._frames = CallerState.SPEAKING, line.id, deque(frames(line.audio))
        elif not self.lines and self._heard_ms and quiet_ms >= self.manners.hang_up_ms:
            self.state = CallerState.GONE
        elif quiet_ms >= self.manners.patience_ms:
            self.state, self.unsaid = CallerState.GONE, bool(self.lines)

    def _is_my_turn(self, quiet_ms: int) -> bool:
        barge_in_ms = self.lines[0].barge_in_ms
        if barge_in_ms is not None and self._heard_ms >= barge_in_ms:
            return True
        return self._heard_ms > 0 and quiet_ms >= self.manners.pause_ms
