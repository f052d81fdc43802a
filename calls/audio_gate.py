"""Which of the agent's audio may reach the carrier. Pure.

Three rules: audio of an interrupted turn is dropped until the agent starts something new; in ``hold`` mode audio waits
for its turn's verdict, at most the budget; order is kept, also for checkpoints between audio.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass


@dataclass(slots=True)
class _Held:
    text: str
    turn_id: str
    length_ms: float
    until_ms: float


@dataclass(frozen=True, slots=True)
class Passed:
    """A message for the carrier. ``length_ms`` is 0.0 where it is not audio."""

    text: str
    turn_id: str
    length_ms: float


class AudioGate:
    """``hold_budget_ms`` None: ``optimistic``, nothing waits."""

    def __init__(self, *, hold_budget_ms: float | None) -> None:
        self._budget_ms = hold_budget_ms
        self._held: deque[_Held] = deque()
        self._judged: set[str] = set()
        self._blocked: set[str] = set()
        self.turn_id = ""  # "" before any text: audio without text
        self.is_dropping = False
        self.dropped_count = 0

    @property
    def next_release_ms(self) -> float | None:
        """When ``tick`` must be called; None while nothing waits."""
        return self._held[0].until_ms if self._held else None

    def turn_started(self, turn_id: str) -> None:
        """Text of a turn arrived: audio from now on belongs to it. A new turn ends the dropping."""
        if turn_id in self._blocked and not self.turn_id and not self.is_dropping:
            return  # a late word of the stopped turn, while the agent already speaks what it was told to
        if turn_id != self.turn_id:
            self.turn_id = turn_id
            self.is_dropping = turn_id in self._blocked

    def agent_speaks(self) -> None:
        """The agent starts to speak what it was told to (or has emptied its queue): not the interrupted turn."""
        self.is_dropping = False
        self.turn_id = ""

    def judged(self, turn_id: str, *, is_final: bool, now_ms: float) -> list[Passed]:
        """A verdict let the turn, or its prefix so far, pass: what waits of it flows."""
        if is_final:
            self._judged.add(turn_id)
        for one in self._held:
            if one.turn_id == turn_id:
                one.until_ms = min(one.until_ms, now_ms)
        return self.tick(now_ms=now_ms)

    def interrupted(self, turn_id: str) -> None:
        """The turn was stopped: what waits of it is gone, what still comes is dropped."""
        self._blocked.add(turn_id)
        before = len(self._held)
        self._held = deque(one for one in self._held if one.turn_id not in (turn_id, ""))
        self.dropped_count += before - len(self._held)
        self.is_dropping = True

    def agent_sent(self, text: str, length_ms: float, *, now_ms: float) -> list[Passed]:
        """The agent sent audio (``length_ms`` > 0) or a marker; return what may go out now, in order."""
        if self.is_dropping:
            self.dropped_count += 1
            return []
        if self._budget_ms is None:
            return [Passed(text, self.turn_id, length_ms)]
        until = now_ms if self.turn_id in self._judged else now_ms + self._budget_ms
        self._held.append(_Held(text, self.turn_id, length_ms, until))
        return self.tick(now_ms=now_ms)

    def tick(self, *, now_ms: float) -> list[Passed]:
        """Return what has waited long enough or was judged, in order."""
        passed: list[Passed] = []
        while self._held and (self._held[0].until_ms <= now_ms or self._held[0].turn_id in self._judged):
            one = self._held.popleft()
            passed.append(Passed(one.text, one.turn_id, one.length_ms))
        return passed

    def agent_cleared(self) -> None:
        """The agent emptied the carrier's queue by itself: what waits here goes, too."""
        self._held.clear()
        self.agent_speaks()
