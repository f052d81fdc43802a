"""Which of the agent's audio may reach the carrier, and when. Pure.

Audio of an interrupted turn is dropped until the agent starts a new one. In ``hold`` mode audio waits until what it
says was judged, at most the budget; what flows then is paced, so that neither a burst nor a gap arises at the carrier.
Order is kept, also for marks between audio.

Which words a piece of audio says nobody tells. Two things are certain: an agent has the text before it speaks it, so
audio says nothing of text that came later; and nobody speaks faster than ``_FASTEST``, so the first seconds of a turn
say nothing beyond its first characters.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

# The carrier is kept ahead by this much while audio flows from the queue: more than a busy process is ever late.
LEAD_MS = 400.0
# An agent in the middle of a turn never pauses for so long between two pieces of audio.
_PAUSED_MS = 300.0
# Letters a second. Source: the fastest presets of common speech engines stay below 25; ordinary speech has 12 to 15.
_FASTEST = 30.0


@dataclass(slots=True)
class _Turn:
    """Letters and signs without gaps: told so far and judged so far. ``audio_ms`` is what the agent sent."""

    told: int = 0
    judged: int = 0
    is_judged: bool = False  # to its end
    audio_ms: float = 0.0
    last_ms: float = 0.0  # when the last of it came
    marks_count: int = 0
    is_marked: bool = False  # a mark came behind it

    def take(self, length_ms: float, now_ms: float) -> None:
        if length_ms:
            self.audio_ms, self.last_ms, self.is_marked = self.audio_ms + length_ms, now_ms, False
        else:
            self.is_marked, self.marks_count = True, self.marks_count + 1


@dataclass(slots=True)
class _Held:
    text: str
    turn_id: str
    length_ms: float
    until_ms: float
    told: int  # how much of its turn's text had come with it
    end_ms: float  # where it ends within its turn's audio


@dataclass(frozen=True, slots=True)
class Passed:
    """A message for the carrier. ``length_ms`` is 0.0 where it is a mark."""

    text: str
    turn_id: str
    length_ms: float


@dataclass(slots=True)
class AudioGate:
    """``hold_budget_ms`` None: ``optimistic``, nothing waits. ``is_paused``: Mirror speaks, the agent's audio waits."""

    hold_budget_ms: float | None
    lead_ms: float = LEAD_MS
    turn_id: str = ""  # "" before any text: audio without text
    is_dropping: bool = False
    is_paused: bool = False
    is_as_told: bool = False  # the agent speaks what it was told to
    dropped_count: int = 0
    held_ms: float = 0.0
    held_characters: int = 0
    next_release_ms: float | None = None  # when ``tick`` must be called; None while nothing is to be waited for
    _held: deque[_Held] = field(default_factory=deque)
    _turns: dict[str, _Turn] = field(default_factory=dict)
    _stopped: set[str] = field(default_factory=set)

    # --- what is said --------------------------------------------------------------------------------------------

    def turn_told(self, turn_id: str, text: str) -> None:
        """Text of a turn arrived: audio from now on belongs to it. A new turn ends the dropping."""
        if turn_id in self._stopped:
            self._stopped_again(turn_id)
            return
        if turn_id != self.turn_id:
            self.turn_id, self.is_dropping, self.is_as_told = turn_id, False, False
            self._forget_turns()
        self._turns.setdefault(turn_id, _Turn()).told += letters(text)

    def _stopped_again(self, turn_id: str) -> None:
        """A late word of a stopped turn. It changes nothing while the agent speaks what it was told to."""
        if not self.is_as_told:
            self.turn_id, self.is_dropping = turn_id, True

    def _forget_turns(self) -> None:
        waiting = {one.turn_id for one in self._held} | {self.turn_id}
        self._turns = {turn_id: turn for turn_id, turn in self._turns.items() if turn_id in waiting}

    def agent_speaks(self) -> None:
        """The agent starts to speak what it was told to: not the interrupted turn."""
        self.is_dropping, self.turn_id, self.is_as_told = False, "", True

    def sent_ms(self, turn_id: str) -> float:
        """How much audio of a turn the agent has sent, what waits here included; 0.0 for one of long ago."""
        turn = self._turns.get(turn_id)
        return turn.audio_ms if turn is not None else 0.0

    def is_complete(self, turn_id: str, *, now_ms: float) -> bool:
        """Whether no more audio of the turn is to come, as far as can be told: another one is spoken, it has paused,

        or the agent put its only mark behind it.
        """
        turn = self._turns.get(turn_id)
        if turn is None or turn_id != self.turn_id or not turn.audio_ms:
            return turn is None or turn_id != self.turn_id
        return now_ms - turn.last_ms > _PAUSED_MS or (turn.is_marked and turn.marks_count == 1)

    # --- what was judged -----------------------------------------------------------------------------------------

    def judged(self, turn_id: str, text_letters: int, *, is_final: bool) -> None:
        """A verdict let the turn, or its beginning, pass. ``tick`` next."""
        turn = self._turns.get(turn_id)
        if turn is not None:
            turn.judged = max(turn.judged, text_letters)
            turn.is_judged |= is_final

    def interrupted(self, turn_id: str) -> None:
        """The turn was stopped: it and all that the agent said since then is not sent on any more."""
        self._stopped |= {turn_id, self.turn_id, *(one.turn_id for one in self._held)} - {""}
        self._drop_held()
        self.is_dropping, self.is_as_told = True, False

    def agent_cleared(self) -> None:
        """The agent emptied the carrier's queue by itself: what waits goes. It starts nothing new by that."""
        self._drop_held()
        if not self.is_dropping:
            self.turn_id, self.is_as_told = "", False

    def _drop_held(self) -> None:
        self.dropped_count += len(self._held)
        self._held.clear()
        self.held_ms, self.held_characters, self.next_release_ms = 0.0, 0, None

    # --- what passes ---------------------------------------------------------------------------------------------

    def agent_sent(self, text: str, length_ms: float, *, now_ms: float, queued_until_ms: float) -> list[Passed]:
        """The agent sent audio (``length_ms`` > 0) or a mark; return what may go out now, in order.

        ``queued_until_ms`` is when everything has played that went out before.
        """
        if self.is_dropping:
            self.dropped_count += 1
            return []
        turn = self._turns.get(self.turn_id)
        if turn is not None:
            turn.take(length_ms, now_ms)
        if self.hold_budget_ms is None and not self._held and not self.is_paused:
            return [Passed(text, self.turn_id, length_ms)]
        told, end_ms = (turn.told, turn.audio_ms) if turn is not None else (0, 0.0)
        until_ms = now_ms + (self.hold_budget_ms or 0.0)
        self._held.append(_Held(text, self.turn_id, length_ms, until_ms, told, end_ms))
        self.held_ms += length_ms
        self.held_characters += len(text)
        return self.tick(now_ms=now_ms, queued_until_ms=queued_until_ms)

    def tick(self, *, now_ms: float, queued_until_ms: float) -> list[Passed]:
        """Return what may go out now, in order; ``next_release_ms`` says when to ask again."""
        passed: list[Passed] = []
        self.next_release_ms = None
        while self._held and not self.is_paused:
            one = self._held[0]
            due_ms = now_ms if self._may_pass(one) else one.until_ms
            if one.length_ms:
                due_ms = max(due_ms, queued_until_ms - self.lead_ms)
            if due_ms > now_ms:
                self.next_release_ms = due_ms
                break
            self._held.popleft()
            self.held_ms -= one.length_ms
            self.held_characters -= len(one.text)
            queued_until_ms = max(queued_until_ms, now_ms) + one.length_ms
            passed.append(Passed(one.text, one.turn_id, one.length_ms))
        return passed

    def _may_pass(self, one: _Held) -> bool:
        """Whether all that the audio can say was judged."""
        if self.hold_budget_ms is None:
            return True
        turn = self._turns.get(one.turn_id)
        if turn is None:
            return False
        return turn.is_judged or 0 < one.told <= turn.judged or one.end_ms <= turn.judged / _FASTEST * 1000.0


def letters(text: str) -> int:
    """How many characters that are no gaps: however a turn is cut into pieces, they count the same."""
    return len("".join(text.split()))
