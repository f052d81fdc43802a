"""What the parts of a relay share: the door to the client, the way to the provider, the feed to the session. Pure."""

from __future__ import annotations

from calls.events import CallEvent
from calls.playhead import Playhead
from calls.realtime.base import RelaySettings
from calls.realtime.feed import Feed
from calls.realtime.openai.book import Book
from calls.realtime.openai.door import Door, Entry
from calls.realtime.openai.messages import Messages
from calls.realtime.openai.session import Session

# Errors come soon or not at all.
_KEPT_ASKED = 256


class Wires:
    """``asked``: what each message of Mirror's own to the provider was for, by its event id."""

    def __init__(self, settings: RelaySettings) -> None:
        self.settings = settings
        self.door = Door()
        self.feed = Feed(wait_ms=settings.transcript_wait_ms)
        self.book = Book()
        self.session = Session(transcription_model=settings.transcription_model)
        self.messages = Messages()
        self.playhead = Playhead()
        self.to_upstream: list[str] = []
        self.active: set[str] = set()  # responses of the conversation that the provider still makes
        self._asked: dict[str, str] = {}

    def ask(self, made: tuple[str, str], purpose: str) -> str:
        """Send a message of Mirror's own to the provider; return its id."""
        event_id, text = made
        self.to_upstream.append(text)
        self._asked[event_id] = purpose
        while len(self._asked) > _KEPT_ASKED:
            del self._asked[next(iter(self._asked))]
        return event_id

    def purpose_of(self, event_id: str) -> str | None:
        """What the message was for that the provider refused, None where it was none of Mirror's."""
        return self._asked.pop(event_id, None)

    def tell_client(self, *texts: str) -> None:
        for text in texts:
            self.door.put(Entry(text))

    def tell(self, event: CallEvent) -> None:
        """What happened in the conversation, in its order."""
        self.feed.put(event)
