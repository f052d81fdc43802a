"""The call so far, as the judge knows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from judging.core.languages import Language, heard_from, language_of
from judging.core.ledger import Entry, Ledger
from judging.core.types import Role, ToolCall, Turn


class Conversation:
    """Append-only history with its value ledger.

    ``now`` is the moment of the call in the caller's zone (for "next Friday"); ``facts`` are texts the agent may rely
    on that no turn of the call contains; ``language`` is a BCP 47 tag, "" to go by the words said. One instance serves
    one call and is not safe to share between threads.
    """

    def __init__(self, *, now: datetime | None = None, facts: Sequence[str] = (), language: str = "") -> None:
        self.now = now
        self.facts = tuple(facts)
        self.language_tag = language
        self.ledger = Ledger(today=now.date() if now else None, heard=heard_from(language))
        self._turns: list[Turn] = []
        self._made_calls: list[tuple[int, ToolCall]] = []
        self._judged: tuple[Turn, Entry] | None = None
        for fact in facts:
            self.ledger.add_fact(fact)

    @classmethod
    def from_turns(
        cls, turns: Iterable[Turn], *, now: datetime | None = None, facts: Sequence[str] = (), language: str = ""
    ) -> Conversation:
        conversation = cls(now=now, facts=facts, language=language)
        for turn in turns:
            conversation.add(turn)
        return conversation

    def add(self, turn: Turn) -> None:
        """Enter a finished turn. What judging it has already read is used again."""
        known = self._judged[1] if self._judged is not None and self._judged[0] is turn else None
        self.ledger.add(turn, known)
        self._turns.append(turn)
        self._made_calls.extend((turn.index, call) for call in turn.tool_calls)

    def read(self, turn: Turn) -> Entry:
        """Return the ledger's reading of a turn that is not yet part of the call."""
        if self._judged is None or self._judged[0] is not turn:
            self._judged = (turn, self.ledger.read(turn))
        return self._judged[1]

    @property
    def language(self) -> Language:
        """The language that the call is in by now."""
        return language_of(self.ledger.heard.code)

    @property
    def turns(self) -> Sequence[Turn]:
        return self._turns

    @property
    def made_calls(self) -> Sequence[tuple[int, ToolCall]]:
        """Tool calls already made, each with the index of its turn."""
        return self._made_calls

    @property
    def next_index(self) -> int:
        return self._turns[-1].index + 1 if self._turns else 0

    def last(self, role: Role) -> Turn | None:
        return next((turn for turn in reversed(self._turns) if turn.role is role), None)
