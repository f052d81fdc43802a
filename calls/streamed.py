"""An agent turn whose deltas are still coming. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from judging.core import SentenceSplitter


@dataclass(slots=True)
class Streamed:
    turn_id: str
    index: int
    splitter: SentenceSplitter = field(default_factory=SentenceSplitter)
    has_intervened: bool = False

    @property
    def text(self) -> str:
        """All of it so far."""
        return self.splitter.text.strip()

    def feed(self, delta: str) -> list[str]:
        """Take the next piece; return the turn as far as each sentence end that it brought, in order.

        Each end counts by itself, so it never matters how the text was cut into deltas.
        """
        end = len(self.splitter.finished)
        prefixes = []
        for sentence in self.splitter.feed(delta):
            end = self.splitter.text.index(sentence, end) + len(sentence)
            prefixes.append(self.splitter.text[:end].strip())
        return prefixes
