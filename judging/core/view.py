"""What a check sees of the judged turn."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from judging.core.arguments import Argument, arguments_of
from judging.core.conversation import Conversation
from judging.core.ledger import Entry, Ledger
from judging.core.rules import Rule, compile_policies
from judging.core.types import JudgeSettings, Policy, Turn


class TurnView:
    """The judged turn, the call before it, and the tenant's rules. Everything is read once and shared by the checks."""

    def __init__(
        self, conversation: Conversation, turn: Turn, policies: Sequence[Policy], settings: JudgeSettings
    ) -> None:
        self.conversation = conversation
        self.turn = turn
        self.policies = tuple(policies)
        self.settings = settings

    @property
    def ledger(self) -> Ledger:
        return self.conversation.ledger

    @cached_property
    def entry(self) -> Entry:
        return self.conversation.read(self.turn)

    @cached_property
    def calls(self) -> tuple[tuple[Argument, ...], ...]:
        """The arguments of each tool call, in order."""
        return tuple(arguments_of(call) for call in self.turn.tool_calls)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        return compile_policies(self.policies)
