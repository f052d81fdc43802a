"""What the session is told, in the order of the conversation. Pure.

A caller's words are known later than the answer to them. The agent's words wait for them a moment: judged without what
they answer, good ones look bad. And of several turns that come at once the session is told one after the other.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from calls.events import AgentDeltaReceived, AgentTurnFinished, CallEvent, CustomerTurnCompleted


@dataclass(slots=True)
class _Place:
    """``event`` None: the caller spoke, and what they said is still being written down."""

    event: CallEvent | None
    item_id: str = ""
    until_ms: float = 0.0


class Feed:
    """``wait_ms`` bounds the wait for a transcript; one that comes later is told when it comes."""

    def __init__(self, *, wait_ms: float) -> None:
        self._wait_ms = wait_ms
        self._line: deque[_Place] = deque()
        self._at_once: list[CallEvent] = []
        self._open = ""  # the agent turn that the session is in the middle of

    def put(self, event: CallEvent) -> None:
        self._line.append(_Place(event))

    def put_first(self, event: CallEvent) -> None:
        """What depends on no words: playback."""
        self._at_once.append(event)

    def expect(self, item_id: str, *, now_ms: float) -> None:
        """The caller finished speaking; their words come under this id."""
        if not any(place.item_id == item_id for place in self._line):
            self._line.append(_Place(None, item_id, now_ms + self._wait_ms))

    def heard(self, item_id: str, event: CustomerTurnCompleted | None) -> None:
        """The words came; None: they will not, or there were none."""
        for place in self._line:
            if place.item_id == item_id and place.event is None:
                place.event, place.until_ms = event, 0.0
                if event is None:
                    self._line.remove(place)
                return
        if event is not None:
            self.put(event)

    def stop_waiting(self) -> None:
        """The call is over: what is not known by now will not be."""
        self._line = deque(place for place in self._line if place.event is not None)

    @property
    def next_due_ms(self) -> float | None:
        return next((place.until_ms for place in self._line if place.event is None), None)

    def take(self, *, now_ms: float) -> list[CallEvent]:
        """Return what may be told by now and forget it."""
        ready, self._at_once = self._at_once, []
        line, self._line = self._line, deque()
        while line:
            place = line.popleft()
            if place.event is None and place.until_ms > now_ms:
                self._line.append(place)
                self._line.extend(line)
                break
            if place.event is None:
                continue  # not waited for any longer
            if self._is_in_between(place.event):
                self._line.append(place)
                continue
            ready.append(place.event)
            line = self._after(place.event, line)
        return ready

    def _is_in_between(self, event: CallEvent) -> bool:
        is_speech = isinstance(event, AgentDeltaReceived | AgentTurnFinished)
        return is_speech and self._open not in ("", event.turn_id)  # type: ignore[union-attr]

    def _after(self, event: CallEvent, line: deque[_Place]) -> deque[_Place]:
        """What is left once the event was told: the end of a turn lets those that waited for it go first."""
        if isinstance(event, AgentDeltaReceived):
            self._open = event.turn_id
        elif isinstance(event, AgentTurnFinished) and self._open == event.turn_id:
            self._open = ""
            line = deque([*self._line, *line])
            self._line = deque()
        return line
