"""The turns of one call: numbered, recorded, and entered into the conversation that the judge reads. Pure."""

from __future__ import annotations

import json

from calls import rows
from calls.desk import Desk
from calls.events import CustomerTurnCompleted, PlaybackReported, PlaybackState, ToolResultReceived
from calls.heard import heard_text
from judging.core import Conversation, Role, ToolCall, Turn


class TurnBook:
    """A part of ``CallSession``. Of the turns that the client named, ``row_of`` has the row and ``by_id`` the turn."""

    def __init__(self, desk: Desk, conversation: Conversation) -> None:
        self.conversation = conversation
        self.next_index = conversation.next_index
        self.row_of: dict[str, int] = {}
        self.by_id: dict[str, Turn] = {}
        # Each entered turn as JSON, encoded once: a snapshot is taken many times while a call lasts.
        self.encoded: list[str] = []
        self._desk = desk

    def take_index(self) -> int:
        self.next_index += 1
        return self.next_index - 1

    def before(self, turn: Turn) -> Conversation:
        """The conversation as it was when the turn came."""
        earlier = [one for one in self.conversation.turns if one.index < turn.index]
        return Conversation.from_turns(earlier, now=self.conversation.now, facts=self.conversation.facts)

    def enter(self, turn: Turn) -> None:
        """The judge knows of the turn from now on."""
        self.conversation.add(turn)
        self.encoded.append(json.dumps(rows.turn(turn)))

    def record(self, turn: Turn) -> None:
        """Write the turn's row; an agent's turn is entered only once it is judged."""
        n = self._desk.record("turn", rows.turn(turn))
        if turn.turn_id:
            self.row_of[turn.turn_id] = n
            self.by_id[turn.turn_id] = turn

    def add_customer(self, event: CustomerTurnCompleted) -> None:
        turn = Turn(self.take_index(), Role.CUSTOMER, event.text, event.turn_id)
        self.enter(turn)
        self.record(turn)

    def add_result(self, event: ToolResultReceived) -> None:
        text = rows.result_text(event.result)
        turn = Turn(self.take_index(), Role.TOOL, text, tool_name=event.name, result=event.result)
        self.enter(turn)
        self.record(turn)

    def add_correction(self, text: str, intervention_id: str) -> None:
        """Not among the client's turns: it may well call a turn of its own the same."""
        turn = Turn(self.take_index(), Role.AGENT, text, intervention_id)
        self.enter(turn)
        self._desk.record("turn", rows.turn(turn, is_judged=False))

    def enter_calls(self, calls: tuple[ToolCall, ...]) -> None:
        """These calls count as made from now on."""
        self.enter(Turn(self.take_index(), Role.TOOL_CALL, "", tool_calls=calls))

    def played(self, event: PlaybackReported) -> None:
        """Keep what the caller heard of a turn."""
        turn = self.by_id.get(event.turn_id)
        if turn is None or event.state is PlaybackState.STARTED:
            return
        heard = turn.text
        if event.state is PlaybackState.CLEARED:
            heard = heard_text(turn.text, event.played_ms, event.total_ms)
        fields = {"heard_text": heard, "heard_ms": event.played_ms}
        self._desk.amend("turn", self.row_of[event.turn_id], fields)
