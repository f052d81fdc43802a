"""What a check sees of the judged turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from judging.core.arguments import Argument, Shape, arguments_of
from judging.core.conversation import Conversation
from judging.core.exchanges import Change, changes
from judging.core.grounding import Place, text_places
from judging.core.languages import Language
from judging.core.lazy import lazy
from judging.core.ledger import Entry, Ledger, LedgerValue
from judging.core.records import Group
from judging.core.rules import Rule, compile_policies
from judging.core.said_items import Order, order_of
from judging.core.types import JudgeSettings, Policy, Role, Turn

_MOST_RESULTS = 12


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
        self._places: dict[str, tuple[Place, ...]] = {}
        self._newest: dict[str, Place | None] = {}

    def earlier(self, position: int) -> TurnView:
        """The view of an earlier turn, as the call stood when it was that turn's time."""
        view = TurnView(self.conversation, self.history[position], self.policies, self.settings)
        view._turn_count = position
        view._entry_count = len(self.conversation.facts) + position
        return view

    @property
    def ledger(self) -> Ledger:
        return self.conversation.ledger

    @property
    def language(self) -> Language:
        """The language of the call."""
        return self.conversation.language

    @property
    def is_english(self) -> bool:
        """Whether all that people said was English: then a value that nobody said was never said."""
        return self.ledger.is_english

    @property
    def history(self) -> Sequence[Turn]:
        """The turns before the judged one."""
        return self.conversation.turns[: self._turn_count]

    @property
    def ledger_values(self) -> Sequence[LedgerValue]:
        return self.ledger.values(self._entry_count)

    @lazy
    def entry(self) -> Entry:
        return self.conversation.read(self.turn)

    @lazy
    def results(self) -> tuple[Entry, ...]:
        """The newest tool results and given facts, the newest first; older ones are no longer spoken of."""
        found = (entry for entry in reversed(self.ledger.entries) if entry.role is Role.TOOL)
        return tuple(islice(found, _MOST_RESULTS))

    def result_fields(self, shape: Shape) -> Iterator[Argument]:
        """The values of a kind that the results have, the newest result first."""
        for entry in self.results:
            yield from entry.fields.get(shape, ())

    def result_groups(self, shape: Shape) -> list[Group]:
        """Numbers or yes-or-no values of the results by their names, the newest result first."""
        return [group for entry in self.results for group in entry.groups[shape]]

    @lazy
    def calls(self) -> tuple[tuple[Argument, ...], ...]:
        """The arguments of each tool call, in order."""
        return tuple(arguments_of(call, self.language.fold) for call in self.turn.tool_calls)

    def newest_place(self, argument: Argument) -> Place | None:
        """Where a text value was said last; most checks ask for no other place, and in a long call there are many."""
        if argument.value not in self._newest:
            self._newest[argument.value] = next(text_places(self.ledger, argument), None)
        return self._newest[argument.value]

    def places(self, argument: Argument) -> tuple[Place, ...]:
        """Where a text value was said so far, newest first."""
        known = self._places.get(argument.value)
        if known is None:
            known = self._places[argument.value] = tuple(text_places(self.ledger, argument))
        return known

    @lazy
    def orders(self) -> tuple[Order | None, ...]:
        """Of each tool call the items that it orders, with the turn they were ordered in; None where it orders none."""
        return tuple(order_of(self.conversation, arguments) for arguments in self.calls)

    @lazy
    def changes(self) -> tuple[Change, ...]:
        """What the customer changed at the read-backs that end the call so far, newest first."""
        return tuple(changes(self.ledger))

    @lazy
    def rules(self) -> tuple[Rule, ...]:
        return compile_policies(self.policies)
