"""The responses, items and turns of a realtime session as Mirror knows them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from calls.realtime.openai.names import Body, text_at
from judging.core import SentenceSplitter

# Only the latest responses can still be stopped, cut or asked about.
_KEPT = 16


@dataclass(slots=True)
class FunctionCall:
    """``given``: the arguments as JSON text; None until they are complete, "" cannot be run."""

    item_id: str
    call_id: str = ""
    name: str = ""
    given: str | None = None
    is_torn: bool = False  # the provider gave two versions of it, or said that it is incomplete
    size: int = 0

    def take(self, body: Body, *, is_end: bool) -> None:
        """The call's item, or the end of its arguments."""
        self.call_id = text_at(body, "call_id") or self.call_id
        self.name = text_at(body, "name") or self.name
        self.is_torn |= body.get("status") == "incomplete"
        given = body.get("arguments")
        if not is_end or not isinstance(given, str):
            return
        self.is_torn |= self.given is not None and self.given != given
        self.given = given


@dataclass(slots=True)
class AgentTurn:
    """One part of a message item, as the session knows it."""

    turn_id: str
    item_id: str
    index: int
    response_id: str
    text: str = ""
    is_audio: bool = False
    is_finished: bool = False
    relayed_ms: float = 0.0
    splitter: SentenceSplitter = field(default_factory=SentenceSplitter)
    ends: list[int] = field(default_factory=list)  # of its sentences; the session judges up to each
    judged_count: int = 0

    def count_sentences(self, delta: str) -> None:
        """Note where sentences end in the words that came."""
        end = self.ends[-1] if self.ends else 0
        for sentence in self.splitter.feed(delta):
            end = self.splitter.text.index(sentence, end) + len(sentence)
            self.ends.append(end)

    def judged(self) -> int:
        """One more of its sentence ends was judged; return up to where it is judged now."""
        self.judged_count = min(self.judged_count + 1, len(self.ends))
        return self.ends[self.judged_count - 1] if self.ends else 0


@dataclass(slots=True)
class Response:
    """``intervention_id``: it says what Mirror asked for."""

    id: str
    is_beside: bool = False
    intervention_id: str = ""
    is_over: bool = False  # at the provider
    is_stopped: bool = False
    is_heard: bool = False  # some of its audio was passed on
    calls: dict[str, FunctionCall] = field(default_factory=dict)
    turns: dict[str, AgentTurn] = field(default_factory=dict)
    item_ids: list[str] = field(default_factory=list)
    bytes_per_ms: float | None = None

    def call_at(self, item_id: str) -> FunctionCall:
        if item_id not in self.item_ids:
            self.item_ids.append(item_id)
        return self.calls.setdefault(item_id, FunctionCall(item_id))

    @property
    def last_turn_id(self) -> str:
        return next(reversed(self.turns), "")


class Book:
    """``response_of`` an item: None where no message has told."""

    def __init__(self) -> None:
        self.responses: dict[str, Response] = {}
        self.turns: dict[str, AgentTurn] = {}
        self._response_ids: dict[str, str] = {}
        self.names: dict[str, str] = {}  # tools, by call id

    def response(self, response_id: str) -> Response:
        """The response, also one whose beginning was never told."""
        return self.responses.setdefault(response_id, Response(response_id))

    def response_of(self, item_id: str) -> Response | None:
        found = self._response_ids.get(item_id)
        return self.responses.get(found) if found is not None else None

    def item(self, item_id: str, response_id: str) -> None:
        """The item belongs to the response."""
        self._response_ids[item_id] = response_id
        listed = self.response(response_id).item_ids
        if item_id not in listed:
            listed.append(item_id)

    def turn(self, item_id: str, index: int, response_id: str) -> AgentTurn:
        turn_id = item_id if index == 0 else f"{item_id}.{index}"
        if turn_id not in self.turns:
            turn = AgentTurn(turn_id, item_id, index, response_id)
            self.turns[turn_id] = self.response(response_id).turns[turn_id] = turn
        return self.turns[turn_id]

    def call(self, item: Body, response: Response, *, is_end: bool) -> FunctionCall:
        """Note a function call's item."""
        call = response.call_at(text_at(item, "id"))
        call.take(item, is_end=is_end)
        self.item(call.item_id, response.id)
        if call.call_id:
            self.names[call.call_id] = call.name
        return call

    def trim(self) -> list[Response]:
        """Forget the oldest responses that are over, and return them: a call of hours must not grow."""
        over = [one for one in self.responses.values() if one.is_over]
        gone = over[: max(0, len(over) - _KEPT)]
        for response in gone:
            del self.responses[response.id]
            for item_id in response.item_ids:
                self._response_ids.pop(item_id, None)
            for turn_id in response.turns:
                self.turns.pop(turn_id, None)
        return gone
