"""What a carrier's stream protocol says, in one set of words for all of them. Pure.

A ``Dialect`` reads both directions and writes what Mirror itself has to say; it changes nothing that passes through.
What a party says that is of no use here is ``OTHER``: it is relayed as it came, never an error.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, TypeAlias

from calls.wire import peek
from calls.wire.media import MediaFormat

# Pending marks that a carrier never gives back must not add up over a long call.
_MOST_PENDING = 1_000


@dataclass(frozen=True, slots=True)
class Start:
    call_id: str
    stream_id: str
    account_id: str
    media_format: MediaFormat
    extra_headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Media:
    """The caller's audio; ``peek.payload`` has it."""


@dataclass(frozen=True, slots=True)
class Dtmf:
    digit: str


@dataclass(frozen=True, slots=True)
class MarkAck:
    """``is_cancelled``: given back because the queue was cleared; nothing before it counts as heard for it."""

    name: str
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Cleared:
    """The carrier says that its queue is empty."""


@dataclass(frozen=True, slots=True)
class Stop:
    """An early sign at best: the end of a stream is that its socket closes."""


@dataclass(frozen=True, slots=True)
class Audio:
    """To be played. ``length_ms`` is 0.0 where it holds no audio."""

    length_ms: float


@dataclass(frozen=True, slots=True)
class Mark:
    name: str


@dataclass(frozen=True, slots=True)
class Clear:
    pass


@dataclass(frozen=True, slots=True)
class InBand:
    """A supervise message, as it came."""

    message: Any


@dataclass(frozen=True, slots=True)
class Other:
    pass


MEDIA, CLEARED, STOP, CLEAR, OTHER = Media(), Cleared(), Stop(), Clear(), Other()
CarrierSaid: TypeAlias = Start | Media | Dtmf | MarkAck | Cleared | Stop | Other
AgentSaid: TypeAlias = Audio | Mark | Clear | InBand | Other

MIRROR: Final = "mirror"
# No event but audio and a supervise message is longer; more than this is not worth the time to parse it.
_MOST_PARSED = 256 * 1024


def event_of(text: str) -> dict[str, Any] | None:
    """The message as an object with a text ``event``; None for anything else, which is only relayed."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) and isinstance(body.get("event"), str) else None


def mirror_message(body: Mapping[str, Any]) -> str:
    """A supervise message as it travels in-band, whatever the carrier's protocol."""
    return json.dumps({"event": MIRROR, "message": body})


class Dialect(ABC):
    """One stream. ``audio_event`` and ``caller_event`` name the messages that are most of the traffic."""

    name: ClassVar[str]
    audio_event: ClassVar[str]
    caller_event: ClassVar[str] = "media"
    returns_marks: ClassVar[bool] = False  # pending marks come back when the queue is cleared

    def __init__(self, start: Start) -> None:
        self.start = start
        self._marks = MarksReturned() if self.returns_marks else None
        self._audio: dict[int, Audio] = {}

    # --- reading -------------------------------------------------------------------------------------------------

    def from_carrier(self, text: str) -> CarrierSaid:
        """What the carrier said. Audio is told by its first words, not parsed."""
        event = peek.event(text)
        if event == self.caller_event:
            return MEDIA
        body = event_of(text) if len(text) <= _MOST_PARSED else None
        if body is None:
            return OTHER
        return MEDIA if body["event"] == self.caller_event else self._carrier_said(body)

    def from_agent(self, text: str) -> AgentSaid:
        """What the agent said. Of audio only the length is read."""
        event = peek.event(text)
        if event == self.audio_event and (size := peek.payload_size(text)) is not None:
            return self._audio_of(size)
        if len(text) > _MOST_PARSED and event != self.audio_event:
            return InBand(None) if event == MIRROR else OTHER
        body = event_of(text)
        if body is None:
            return OTHER
        if body["event"] == MIRROR:
            return InBand(body.get("message"))
        if body["event"] == self.audio_event:
            media = body.get("media")
            payload = media.get("payload") if isinstance(media, dict) else None
            return self._audio_of(peek.decoded_size(payload) if isinstance(payload, str) else 0)
        return self._agent_said(body)

    def _audio_of(self, size: int) -> Audio:
        """One value for all frames of a size: there are 50 a second."""
        found = self._audio.get(size)
        if found is None:
            if len(self._audio) >= 64:
                self._audio.clear()
            found = self._audio[size] = Audio(self.length_ms(size))
        return found

    def length_ms(self, size: int) -> float:
        """How long so many bytes of audio play."""
        return size / self.start.media_format.bytes_per_ms

    @abstractmethod
    def _carrier_said(self, body: dict[str, Any]) -> CarrierSaid:
        """``body`` has a text ``event`` and is no audio."""

    @abstractmethod
    def _agent_said(self, body: dict[str, Any]) -> AgentSaid:
        """``body`` has a text ``event`` and is neither audio nor a message for Mirror."""

    # --- writing -------------------------------------------------------------------------------------------------

    @abstractmethod
    def play(self, audio: bytes) -> str:
        """Play raw audio in the stream's own encoding."""

    @abstractmethod
    def mark(self, name: str) -> str: ...

    @abstractmethod
    def clear(self) -> str: ...

    def cleared(self) -> str | None:
        """What the carrier would tell the agent after a clear; None where it tells nothing."""
        return None

    # --- what passed ---------------------------------------------------------------------------------------------

    def mark_sent(self, name: str) -> None:
        """A mark went to the carrier, the agent's or our own."""
        if self._marks is not None:
            self._marks.sent(name)

    def clear_sent(self) -> None:
        """A clear went to the carrier."""
        if self._marks is not None:
            self._marks.cleared()

    def _acked(self, name: str) -> MarkAck:
        return self._marks.ack(name) if self._marks is not None else MarkAck(name)


class MarksReturned:
    """For carriers that give pending marks back when the queue is cleared: those count as cancelled.

    A mark that was played while our clear was on its way counts as cancelled, too: never more was heard than said.
    """

    def __init__(self) -> None:
        self._pending: deque[str] = deque(maxlen=_MOST_PENDING)
        self._cancelled: Counter[str] = Counter()

    def sent(self, name: str) -> None:
        self._pending.append(name)

    def cleared(self) -> None:
        self._cancelled.update(self._pending)
        self._pending.clear()
        while len(self._cancelled) > _MOST_PENDING:
            del self._cancelled[next(iter(self._cancelled))]

    def ack(self, name: str) -> MarkAck:
        if self._cancelled[name] > 0:
            self._cancelled[name] -= 1
            is_cancelled = True
        else:
            is_cancelled = False
            if name in self._pending:
                self._pending.remove(name)
        if not self._cancelled[name]:
            del self._cancelled[name]
        return MarkAck(name, is_cancelled)


def text_of(value: Any, limit: int = 128) -> str:
    """An id of the wire: a text, or a number that stands for one; "" for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value)[:limit]
