"""What a check sees of the judged turn."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from judging.core.arguments import Argument, arguments_of
from judging.core.conversation import Conversation
from judging.core.ledger import Entry, Ledger, LedgerValue
from judging.core.records import Row
from judging.core.rules import Rule, compile_policies
from judging.core.types import JudgeSettings, Policy, Role, Turn

_MOST_RESULTS = 12  # older ones are no longer spoken of


class TurnView:
    """The judged turn, the call before it, and the tenant's rules. Everything is read once and shared by the checks.

    A live call goes on while a model is asked: ``history`` and ``ledger_values`` are as of the view's making.
    """

    def __init__(
        self, conversation: Conversation, turn: Turn, policies: Sequence[Policy], settings: JudgeSettings
    ) -> None:
        self.conversation = conversation
        self.turn = turn
        self.policies = tuple(policies)
        self.settings = settings
        self._turn_count = len(conversation.turns)
        self._entry_count = len(conversation.ledger.entries)

    @property
    def ledger(self) -> Ledger:
        return self.conversation.ledger

    @property
    def history(self) -> Sequence[Turn]:
        """The turns before the judged one."""
        return self.conversation.turns[: self._turn_count]

    @property
    def ledger_values(self) -> Sequence[LedgerValue]:
        return self.ledger.values(self._entry_count)

    @cached_property
    def entry(self) -> Entry:
        return self.conversation.read(self.turn)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """What the newest tool results and the given facts say, as rows, the newest first."""
        results = [entry for entry in self.ledger.entries if entry.role is Role.TOOL]
        return tuple(row for entry in results[: -_MOST_RESULTS - 1 : -1] for row in entry.rows)

    @cached_property
    def calls(self) -> tuple[tuple[Argument, ...], ...]:
        """The arguments of each tool call, in order."""
        return tuple(arguments_of(call) for call in self.turn.tool_calls)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        return compile_policies(self.policies)
