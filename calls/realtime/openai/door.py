"""What the client may see by now. Pure.

Three rules keep its view a legal one: it never sees a message that names something which it has not met, the messages
of one item (and all speech of one response) stay in order, and a response begins once the one before it has ended.
What is refused was never there; what was stopped ends as a cancelled response ends.
"""

from __future__ import annotations

import json
import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from calls.realtime.openai import rewriting
from calls.realtime.openai.names import (
    CONTENT_DELTAS,
    WORD_DELTAS,
    Body,
    content_index,
    item_id_of,
    response_id_of,
    text_at,
)

# The provider's own reasons of a cancelled response, so that stock clients know them.
SPOKEN_OVER, CLIENT_CANCELLED = "turn_detected", "client_cancelled"
_RUNNABLE = frozenset({"response.function_call_arguments.done", "response.output_item.done"})


@dataclass(slots=True)
class Entry:
    """A message of the provider's. ``needs``: the ids it names; ``makes``: those the client first meets in it.

    Entries of one ``lane`` keep their order. ``until_ms``: held no longer than this, 0.0 where it is not held.
    """

    text: str
    kind: str = ""
    body: Body | None = None
    lane: str = ""
    needs: frozenset[str] = frozenset()
    makes: frozenset[str] = frozenset()
    until_ms: float = 0.0
    turn_id: str = ""
    position: int = 0  # characters of the turn that it brings, or that were there before it
    audio_ms: float = 0.0
    is_beside: bool = False  # of a response outside the conversation


@dataclass(frozen=True, slots=True)
class Passed:
    """A message that leaves, as it leaves."""

    text: str
    entry: Entry


class Door:
    """``put`` what comes, ``flush`` what may leave."""

    def __init__(self) -> None:
        self.waiting_bytes = 0
        self.shown: set[str] = set()  # items and responses the client has met
        self.over: set[str] = set()  # responses whose end it has seen
        self.open: dict[str, bool] = {}  # responses whose end it has not; whether they are beside the conversation
        self._waiting: deque[Entry] = deque()
        self._withheld: set[str] = set()
        self._hidden: dict[str, str | None] = {}  # item id -> the item before it
        self._stopped: dict[str, str] = {}  # response id -> why it ends
        self._marks: dict[str, Body] = {}  # what is added to an item's messages for a client that asked for it
        self._said: dict[tuple[str, int], str] = {}  # the words of each part that were passed on

    # --- what is decided ---------------------------------------------------------------------------------------------

    def withhold(self, item_id: str) -> None:
        """Nothing that names the item leaves until ``show`` or ``hide``."""
        if item_id not in self._hidden and item_id not in self.shown:
            self._withheld.add(item_id)

    def show(self, item_id: str, mark: Body | None = None) -> None:
        self._withheld.discard(item_id)
        if mark is not None:
            self._marks[item_id] = mark

    def hide(self, item_id: str) -> None:
        """The client never meets the item. One that it has met stays."""
        self._withheld.discard(item_id)
        if item_id not in self.shown:
            self._hidden.setdefault(item_id, None)

    def is_hidden(self, item_id: str) -> bool:
        return item_id in self._hidden

    def stop(self, response_id: str, *, reason: str = SPOKEN_OVER) -> None:
        """The client gets no further word of the response, and sees it end as cancelled."""
        self._stopped.setdefault(response_id, reason)

    def judged(self, turn_id: str, *, up_to: float = math.inf) -> None:
        """So many characters of the turn were found to be fine, or were not judged in time."""
        for entry in self._waiting:
            if entry.turn_id == turn_id and entry.position <= up_to:
                entry.until_ms = 0.0

    def said(self, item_id: str, index: int = 0) -> str:
        """The words of a part that the client has got."""
        return self._said.get((item_id, index), "")

    # --- the way out -------------------------------------------------------------------------------------------------

    def put(self, entry: Entry) -> None:
        self._waiting.append(entry)
        self.waiting_bytes += len(entry.text)

    @property
    def next_due_ms(self) -> float | None:
        return min((entry.until_ms for entry in self._waiting if entry.until_ms), default=None)

    def flush(self, *, now_ms: float) -> list[Passed]:
        """Take out and return what may leave, in order."""
        passed: list[Passed] = []
        waiting, self._waiting = self._waiting, deque()
        lanes: set[str] = set()
        unmet = set(self._withheld)
        is_end_waiting = False
        for entry in waiting:
            if self._is_dropped(entry):
                self._drop(entry)
                continue
            is_first = entry.kind == "response.created" and not entry.is_beside
            is_held = entry.until_ms > now_ms or (bool(entry.lane) and entry.lane in lanes)
            if is_held or entry.needs & unmet or (is_first and is_end_waiting):
                lanes.add(entry.lane)
                unmet |= entry.makes
                is_end_waiting |= entry.kind == "response.done" and not entry.is_beside
                self._waiting.append(entry)
                continue
            self.waiting_bytes -= len(entry.text)
            passed.append(Passed(self._let_out(entry), entry))
        return passed

    def drain(self) -> None:
        """The provider is gone: what is undecided is never shown, and nothing waits any longer."""
        for item_id in list(self._withheld):
            self.hide(item_id)
        for entry in self._waiting:
            entry.until_ms = 0.0

    def unended(self) -> list[str]:
        """The responses that will have begun for the client, and not ended, once all that waits has left."""
        begun = dict.fromkeys(self.open)
        for entry in self._waiting:
            response_id = response_id_of(entry.body or {})
            if entry.kind == "response.created":
                begun[response_id] = None
            elif entry.kind == "response.done":
                begun.pop(response_id, None)
        return list(begun)

    def _is_dropped(self, entry: Entry) -> bool:
        if entry.body is None:
            return False
        item_id, response_id = item_id_of(entry.body), response_id_of(entry.body)
        if item_id in self._hidden:
            return True
        if response_id in self._stopped or entry.lane in self._stopped:
            # Its remaining words, and items that the client has not met.
            return entry.kind in CONTENT_DELTAS or bool(item_id and item_id not in self.shown)
        return False

    def _drop(self, entry: Entry) -> None:
        self.waiting_bytes -= len(entry.text)
        if entry.body is None:
            return
        for item_id in entry.makes:
            self._hidden.setdefault(item_id, None)
        previous = text_at(entry.body, "previous_item_id")
        if previous and (item_id := item_id_of(entry.body)):
            self._hidden[item_id] = previous

    def _let_out(self, entry: Entry) -> str:
        body = entry.body
        if body is None:
            return entry.text
        changed = self._changed(entry, body)
        self._note(entry, body)
        if not changed:
            return entry.text
        return json.dumps(body, separators=(",", ":"), ensure_ascii=False)

    def _changed(self, entry: Entry, body: Body) -> bool:
        changed = rewriting.repoint(body, self._hidden)
        response_id = response_id_of(body) or entry.lane
        if entry.kind == "response.done":
            changed |= rewriting.leave_out(body, self._hidden)
        if response_id in self._stopped:
            changed |= rewriting.cut(body, entry.kind, self._said)
            if entry.kind == "response.done":
                changed |= rewriting.end(body, self._stopped[response_id], self.shown)
        mark = self._marks.get(item_id_of(body)) if entry.kind in _RUNNABLE else None
        if mark is not None:
            body["mirror"], changed = mark, True
        return changed

    def _note(self, entry: Entry, body: Body) -> None:
        self.shown |= entry.makes
        if entry.kind in WORD_DELTAS:
            part = (item_id_of(body), content_index(body))
            self._said[part] = self._said.get(part, "") + text_at(body, "delta")
        elif entry.kind == "response.created":
            self.open[response_id_of(body)] = entry.is_beside
        elif entry.kind == "response.done":
            self.open.pop(response_id_of(body), None)
            self.over.add(response_id_of(body))

    def forget(self, response_id: str, item_ids: Iterable[str]) -> None:
        """A response that is over for good: a call of hours must not grow."""
        self._stopped.pop(response_id, None)
        for part in [part for part in self._said if part[0] in set(item_ids)]:
            del self._said[part]
