"""The turns of one call: numbered, recorded, and entered into the conversation that the judge reads. Pure.

The judge reads of each agent turn what is certain to have been heard: a turn that was cut ends where it was cut. What
the caller had heard *when they spoke*, which an agreement needs, is ``heard``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from calls import rows
from calls.desk import Desk
from calls.events import CustomerTurnCompleted, PlaybackReported, PlaybackState, ToolResultReceived
from calls.playbacks import Playbacks
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
        self._playbacks = Playbacks()
        self._key_of: dict[int, str] = {}  # of agent turns, by index
        self._full: dict[int, Turn] = {}  # those, as they were sent
        self._spoke_ms: dict[int, float] = {}  # of customer turns
        self._corrections: dict[str, tuple[int, int]] = {}  # row and index, by intervention

    def take_index(self) -> int:
        self.next_index += 1
        return self.next_index - 1

    def before(self, turn: Turn) -> Conversation:
        """The conversation as it was when the turn came."""
        return self._made_of(one for one in self.conversation.turns if one.index < turn.index)

    def _made_of(self, turns: Iterable[Turn]) -> Conversation:
        known = self.conversation
        return Conversation.from_turns(turns, now=known.now, facts=known.facts, language=known.language_tag)

    # --- what is said --------------------------------------------------------------------------------------------

    def enter(self, turn: Turn) -> None:
        """The judge knows of the turn from now on."""
        self.encoded.append(json.dumps(rows.turn(turn)))
        key = self._key_of.get(turn.index)
        if key is not None:
            self._full[turn.index] = turn
            text = self._playbacks.cut(key, turn.text)
            turn = turn if text == turn.text else replace(turn, text=text)
        self.conversation.add(turn)

    def begin(self, turn_id: str) -> None:
        """The first words of a streamed turn came."""
        self._playbacks.sent(_turn_key(turn_id), now_ms=self._desk.now_ms)

    def record(self, turn: Turn) -> None:
        """Write the turn's row; an agent's turn is entered only once it is judged."""
        n = self._desk.record("turn", rows.turn(turn))
        if turn.turn_id:
            self.row_of[turn.turn_id] = n
            self.by_id[turn.turn_id] = turn
        if turn.turn_id and turn.role is Role.AGENT:
            self._key_of[turn.index] = _turn_key(turn.turn_id)
            self.begin(turn.turn_id)
            self._amend_heard(turn)

    def add_customer(self, event: CustomerTurnCompleted) -> None:
        turn = Turn(self.take_index(), Role.CUSTOMER, event.text, event.turn_id)
        self._spoke_ms[turn.index] = self._desk.now_ms
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
        self._key_of[turn.index] = _correction_key(intervention_id)
        self.enter(turn)
        self._corrections[intervention_id] = (self._desk.record("turn", rows.turn(turn, is_judged=False)), turn.index)

    def enter_calls(self, calls: tuple[ToolCall, ...]) -> None:
        """These calls count as made from now on."""
        self.enter(Turn(self.take_index(), Role.TOOL_CALL, "", tool_calls=calls))

    def enter_recorded(self, turn: Turn, fields: Mapping[str, Any]) -> None:
        """A turn that another process recorded; ``fields`` are its row's."""
        heard, at_ms = fields.get("heard_text"), float(fields.get("offset_ms", 0))
        self.next_index = max(self.next_index, turn.index + 1)
        if turn.turn_id:
            self.by_id[turn.turn_id] = turn
        if turn.role is Role.CUSTOMER:
            self._spoke_ms[turn.index] = at_ms
        elif turn.role is Role.AGENT:
            self._key_of[turn.index] = _turn_key(turn.turn_id)
            self._playbacks.known(_turn_key(turn.turn_id), at_ms, is_settled=heard is not None)
            turn = replace(turn, text=heard) if heard is not None else turn
        self.enter(turn)

    def has_caller_spoken_since(self, index: int) -> bool:
        return any(spoken > index for spoken in self._spoke_ms)

    # --- what is heard -------------------------------------------------------------------------------------------

    def played(self, event: PlaybackReported) -> bool:
        """Keep what the caller heard of a turn, also of one whose last words are still to come; whether that is new."""
        turn = self.by_id.get(event.turn_id)
        if turn is not None and turn.role is not Role.AGENT:
            return False
        is_end = self._playbacks.take(_turn_key(event.turn_id), event, now_ms=self._desk.now_ms)
        if turn is not None and is_end:
            self._amend_heard(turn)
            if event.state is PlaybackState.CLEARED:
                self._cut(turn.index)
            else:
                self._playbacks.learn(turn.text, event)
        return is_end

    def heard_of(self, turn_id: str, text: str) -> str:
        """What the caller heard of a turn that was cut."""
        return self._playbacks.cut(_turn_key(turn_id), text)

    def stopped(self, turn_id: str) -> None:
        """An intervention cut the turn; how much of it was heard is not known until that is reported."""
        self._playbacks.stopped(_turn_key(turn_id), now_ms=self._desk.now_ms)

    def cut_correction(self, intervention_id: str, played_ms: float) -> None:
        """The caller spoke over a correction, or its playback was cleared."""
        if intervention_id not in self._corrections:
            return
        n, index = self._corrections[intervention_id]
        key = _correction_key(intervention_id)
        self._playbacks.take(key, PlaybackReported(PlaybackState.CLEARED, round(played_ms)), now_ms=self._desk.now_ms)
        heard = self._playbacks.cut(key, self._full[index].text)
        self._desk.amend("turn", n, {"heard_text": heard, "heard_ms": round(played_ms)})
        self._cut(index)

    def heard(self, *, is_strict: bool) -> Conversation:
        """The conversation with what the caller had heard of each agent turn when they next spoke, or by now.

        Strict: where playback is reported, a turn without a report was not heard. An agreement needs that; the judge
        does not, to whom a report that was lost would be a turn that was never said.
        """
        at_ms, turns = self._desk.now_ms, []
        for turn in reversed(self.conversation.turns):
            if turn.role is Role.CUSTOMER:
                at_ms = self._spoke_ms.get(turn.index, math.inf)
            turns.append(self._as_heard(turn, at_ms, is_strict=is_strict))
        is_same = all(turn is known for turn, known in zip(turns, reversed(self.conversation.turns), strict=True))
        return self.conversation if is_same else self._made_of(reversed(turns))

    def _as_heard(self, turn: Turn, at_ms: float, *, is_strict: bool) -> Turn:
        key = self._key_of.get(turn.index)
        if key is None or turn.index not in self._full:
            return turn
        text = self._playbacks.heard(key, self._full[turn.index].text, at_ms, is_strict=is_strict)
        return turn if text == turn.text else replace(turn, text=text)

    def _amend_heard(self, turn: Turn) -> None:
        """Nothing where no end of its playback is known."""
        ended = self._playbacks.ended(_turn_key(turn.turn_id), turn.text)
        if ended is not None and turn.turn_id in self.row_of:
            self._desk.amend("turn", self.row_of[turn.turn_id], {"heard_text": ended[0], "heard_ms": ended[1]})

    def _cut(self, index: int) -> None:
        """The judge reads the turn no further than it was heard."""
        if index not in self._full:
            return
        text = self._playbacks.cut(self._key_of[index], self._full[index].text)
        turns = [replace(one, text=text) if one.index == index else one for one in self.conversation.turns]
        if any(one.index == index and one.text != text for one in self.conversation.turns):
            self.conversation = self._made_of(turns)

    # --- snapshots -----------------------------------------------------------------------------------------------

    def snapshot(self) -> dict[str, Any]:
        """All but the turns themselves, which are in ``encoded``."""
        return {
            "next_index": self.next_index,
            "rows": dict(self.row_of),
            "playbacks": self._playbacks.snapshot(),
            "keys": list(self._key_of.items()),
            "spoke_ms": list(self._spoke_ms.items()),
            "corrections": {name: list(where) for name, where in self._corrections.items()},
        }

    def restore(self, kept: Mapping[str, Any], turns: Iterable[Turn]) -> None:
        self._playbacks = Playbacks.restore(kept["playbacks"])
        self._key_of = dict(kept["keys"])
        self._spoke_ms = dict(kept["spoke_ms"])
        self._corrections = {name: (n, index) for name, (n, index) in kept["corrections"].items()}
        corrections = {index for _, index in self._corrections.values()}
        for turn in turns:
            self.enter(turn)
            if turn.turn_id and turn.index not in corrections:
                self.by_id[turn.turn_id] = turn
        self.next_index, self.row_of = kept["next_index"], dict(kept["rows"])


def _turn_key(turn_id: str) -> str:
    return f"turn:{turn_id}"


def _correction_key(intervention_id: str) -> str:
    return f"correction:{intervention_id}"
