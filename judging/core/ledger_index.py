"""Where words, numbers and facts stand in a call, so that a look-up in a long one need not walk through all of it.

Entries are read in when something is looked up, each once: a call without tools never pays for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from judging.core.mentions import Kind, Mention

if TYPE_CHECKING:
    from judging.core.ledger import Entry

_NUMERIC = frozenset({Kind.NUMBER, Kind.MONEY})


class Found(NamedTuple):
    """A mention with the entry it stands in."""

    entry: Entry
    mention: Mention

    @property
    def raw(self) -> str:
        return self.entry.raw(self.mention)


class LedgerIndex:
    """What is known of a growing list of entries; it only ever sees their end added to."""

    __slots__ = (
        "_by_initial",
        "_entries",
        "_found",
        "_having",
        "_in_dates",
        "_new_words",
        "_numbers",
        "_read",
        "words",
    )

    def __init__(self, entries: list[Entry]) -> None:
        self._entries = entries
        # The stems of all that was said, each with the positions of the entries that said it, in order.
        self.words: dict[str, list[int]] = {}
        self._new_words: list[str] = []
        self._by_initial: dict[str, list[str]] = {}
        self._having: dict[Callable[[Entry], bool], tuple[int, list[Entry]]] = {}
        self._found: dict[Kind, list[Found]] = {kind: [] for kind in Kind}
        self._numbers: set[float] = set()
        self._in_dates: set[int] = set()
        self._read = 0

    def add_words(self, entry: Entry) -> None:
        words, position = self.words, entry.position
        for word in dict.fromkeys(entry.line.split()):
            known = words.get(word)
            if known is None:
                words[word] = [position]
                self._new_words.append(word)
            else:
                known.append(position)

    def words_with(self, initial: str) -> Sequence[str]:
        """The words said that begin with a letter."""
        for word in self._new_words:
            self._by_initial.setdefault(word[0], []).append(word)
        self._new_words.clear()
        return self._by_initial.get(initial, ())

    def saying(self, phrase: str) -> Sequence[int]:
        """The positions of entries that have every word of a line, those of its rarest: others have not the line."""
        places = [self.words.get(word, ()) for word in phrase.split()]
        return min(places, key=len, default=range(len(self._entries)))

    def having(self, fact: Callable[[Entry], bool]) -> Sequence[Entry]:
        """The entries of which a fact holds, in order. It must depend on the entry alone, which is asked once."""
        read, found = self._having.get(fact, (0, []))
        if read < len(self._entries):
            found.extend(filter(fact, self._entries[read:]))
            self._having[fact] = len(self._entries), found
        return found

    def found(self, kind: Kind) -> Sequence[Found]:
        """The mentions of a kind in order."""
        self._read_mentions()
        return self._found[kind]

    @property
    def numbers(self) -> set[float]:
        """Every number and amount said."""
        self._read_mentions()
        return self._numbers

    @property
    def numbers_in_dates(self) -> set[int]:
        """Every year and day of the month in the dates said, 0 where one was left open."""
        self._read_mentions()
        return self._in_dates

    def _read_mentions(self) -> None:
        for entry in self._entries[self._read :]:
            for mention in entry.mentions:
                self._found[mention.kind].append(Found(entry, mention))
                if mention.kind in _NUMERIC:
                    self._numbers.add(mention.number)
                for year, _, day in mention.dates:
                    self._in_dates.update((year, day))
        self._read = len(self._entries)
