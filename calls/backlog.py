"""What waits to be sent to one side of a stream: bounded in messages and in characters, audio dropped first. Pure."""

from __future__ import annotations

from collections import deque


class Backlog:
    """In order. Where it would grow past its bounds the oldest audio goes; without any, the oldest of the rest.

    A decision on a tool or an acknowledgement comes once, a frame of audio is worthless when it is late. Marks count as
    audio: they stand between it. ``mark`` is a mark's name, handed back with the message.
    """

    def __init__(self, *, max_messages: int, max_characters: int) -> None:
        self._max_messages, self._max_characters = max_messages, max_characters
        self._waiting: deque[tuple[str, bool, str]] = deque()
        self._characters = 0
        self._audio_count = 0

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def characters(self) -> int:
        return self._characters

    @property
    def fill(self) -> float:
        """How full it is, 0..1."""
        return max(len(self._waiting) / self._max_messages, self._characters / self._max_characters)

    def put(self, text: str, *, is_audio: bool, mark: str = "") -> int:
        """Return how many messages were dropped for it; itself, where it alone is too much."""
        if len(text) > self._max_characters:
            return 1
        self._waiting.append((text, is_audio, mark))
        self._characters += len(text)
        self._audio_count += is_audio
        dropped = 0
        while len(self._waiting) > self._max_messages or self._characters > self._max_characters:
            self._drop_one()
            dropped += 1
        return dropped

    def _drop_one(self) -> None:
        place = 0
        if self._audio_count:
            place = next(i for i, (_, is_audio, _) in enumerate(self._waiting) if is_audio)
        text, is_audio, _ = self._waiting[place]
        del self._waiting[place]
        self._characters -= len(text)
        self._audio_count -= is_audio

    def take(self) -> tuple[str, str]:
        """The next message, and the mark's name where it is one.

        Raises:
            IndexError: nothing waits.
        """
        text, is_audio, mark = self._waiting.popleft()
        self._characters -= len(text)
        self._audio_count -= is_audio
        return text, mark

    def drop_audio(self) -> None:
        """The queue that the audio was meant for is being emptied."""
        self._waiting = deque(one for one in self._waiting if not one[1])
        self._characters = sum(len(text) for text, _, _ in self._waiting)
        self._audio_count = 0
