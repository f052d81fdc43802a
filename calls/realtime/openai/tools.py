"""Function calls: held until the gate decided, then released in order, or answered to the model. Pure.

The client can run a call as soon as it knows of it, so it knows of none that is not allowed: a refused call, its answer
and its place in the response never were. Only a completed call of a completed response is asked about at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from calls.events import DecisionLost, ToolGateRequested
from calls.realtime.openai.book import FunctionCall, Response
from calls.realtime.openai.door import CLIENT_CANCELLED
from calls.realtime.openai.names import MAX_ID_CHARACTERS, Body, is_call, items_of, object_at, text_at
from calls.realtime.openai.wires import Wires
from calls.wire.supervise import storable_json
from judging.core.types import Json, ToolCall

# A model that does not go on by itself has failed to by now.
GO_ON_WITHIN_MS = 10_000.0

GARBLED = "The call was not run: its arguments were not one JSON object. Make it again with complete arguments."
NOT_RUN = "The call was not run: the reply it belonged to was stopped."
LATE = "The call was not run: it could not be checked in time. Tell the caller that it is not done, and ask them again."
UNDER_WAY = "The same call was made before and is under way; it was not run a second time."
REFUSED = "The call was not run."


@dataclass(slots=True)
class _Gate:
    response: Response
    undecided: list[FunctionCall]
    until_ms: float
    refused: list[tuple[FunctionCall, str]] = field(default_factory=list)
    has_allowed: bool = False


class Tools:
    def __init__(self, wires: Wires) -> None:
        self._wires = wires
        self._gates: dict[str, _Gate] = {}
        self._answered: set[str] = set()  # call ids
        self._dropped: set[str] = set()  # gates whose decision nobody waits for any longer
        self._own_calls: set[str] = set()  # call ids of calls that the client itself put into the conversation
        self._going_on_until_ms = 0.0
        self._outputs_count = 0

    # --- what the provider says -------------------------------------------------------------------------------------

    def seen(self, item: Body, response: Response, *, is_end: bool) -> None:
        """A message about a function call: from now on nothing that names it leaves."""
        call = self._wires.book.call(item, response, is_end=is_end)
        if response.is_over and response.id not in self._gates:
            self._wires.door.hide(call.item_id)  # it came too late to be checked
        else:
            self._wires.door.withhold(call.item_id)

    def is_clients(self, item: Body) -> bool:
        """Whether the client put the call there by itself, as part of a history."""
        return text_at(item, "call_id") in self._own_calls

    def is_answer(self, item: Body) -> bool:
        """Whether the item is the answer to a call that the client does not know."""
        return item.get("type") == "function_call_output" and text_at(item, "call_id") in self._answered

    def response_done(self, response: Response, body: Body, *, now_ms: float) -> None:
        """The response is over: its calls are complete, or will never be run."""
        told = object_at(body, "response")
        for item in items_of(told):
            if is_call(item) and text_at(item, "id"):
                self.seen(item, response, is_end=True)
        calls = list(response.calls.values())
        is_complete = told.get("status") == "completed"
        if calls and is_complete and not response.is_stopped:
            self._open(response, calls, now_ms=now_ms)
            return
        for call in calls:
            self._wires.door.hide(call.item_id)
            if is_complete and call.call_id and not response.is_beside:
                self._answer(call, NOT_RUN)

    def _open(self, response: Response, calls: list[FunctionCall], *, now_ms: float) -> None:
        settings = self._wires.settings
        gate = _Gate(response, [], now_ms + settings.gate_within_ms + settings.transcript_wait_ms)
        asked: list[ToolCall] = []
        for call in calls:
            made = _tool_call(call)
            if not settings.is_gated(call.name) and not call.is_torn:
                self._wires.door.show(call.item_id)
                gate.has_allowed = True
            elif made is None:
                gate.refused.append((call, GARBLED))
            else:
                gate.undecided.append(call)
                asked.append(made)
        self._gates[response.id] = gate
        if asked:
            self._wires.tell(ToolGateRequested(response.id, tuple(asked), response.last_turn_id))
        self._close(gate, now_ms=now_ms)

    # --- what the session says ----------------------------------------------------------------------------------------

    def decided(self, message: Mapping[str, Json], *, now_ms: float) -> None:
        """A ``tool.decision``."""
        gate_id, listed = str(message.get("gate_id")), message.get("tool_calls")
        gate = self._gates.get(gate_id)
        if gate is None and gate_id in self._dropped:
            self._dropped.discard(gate_id)
            self._wires.feed.put_first(DecisionLost(gate_id))  # what it allowed has not been run
        if gate is None or not isinstance(listed, list):
            return
        instruction = str(message.get("instruction") or REFUSED)
        for call, one in zip(gate.undecided, listed, strict=False):
            self._decide(gate, call, one if isinstance(one, dict) else {}, instruction)
        gate.undecided = gate.undecided[len(listed) :]
        self._close(gate, now_ms=now_ms)

    def _decide(self, gate: _Gate, call: FunctionCall, one: Mapping[str, Json], instruction: str) -> None:
        evidence = one.get("evidence")
        first = evidence if isinstance(evidence, dict) else {}
        if one.get("decision") != "allow":
            gate.refused.append((call, instruction))
        elif first.get("repeat_of"):
            result = first.get("first_result")
            gate.refused.append((call, UNDER_WAY if result is None else _as_text(result)))
        else:
            mark: Body = {"decision": "allow", "gate_id": gate.response.id}
            if one.get("commit_token"):
                mark["commit_token"] = one["commit_token"]
            self._wires.door.show(call.item_id, mark if self._wires.settings.is_client_told else None)
            gate.has_allowed = True

    def failed(self, gate_id: str, why: str, *, now_ms: float) -> None:
        """No decision will come."""
        gate = self._gates.get(gate_id)
        if gate is not None:
            gate.refused += [(call, why) for call in gate.undecided]
            gate.undecided = []
            self._close(gate, now_ms=now_ms)

    def _close(self, gate: _Gate, *, now_ms: float) -> None:
        if gate.undecided:
            return
        del self._gates[gate.response.id]
        for call, why in gate.refused:
            self._wires.door.hide(call.item_id)
            if call.call_id and not gate.response.is_beside:
                self._answer(call, why)
        # Beside an allowed call the client lets the model go on, once it has the outcome.
        if gate.refused and not gate.has_allowed and not gate.response.is_beside:
            self._wires.ask(self._wires.messages.go_on(), "go_on")
            self._going_on_until_ms = now_ms + GO_ON_WITHIN_MS

    def _answer(self, call: FunctionCall, why: str) -> None:
        self._outputs_count += 1
        item_id = f"mirror_output_{self._outputs_count}"
        self._answered.add(call.call_id)  # by which the client never sees the item, whatever the provider calls it
        self._wires.ask(self._wires.messages.call_output(call.call_id, why, item_id), "answer")

    # --- what the client says -----------------------------------------------------------------------------------------

    def client_put(self, item: Body) -> None:
        """A function call of the client's own making."""
        self._own_calls.add(text_at(item, "call_id"))

    def client_cancelled(self, response_id: str) -> bool:
        """The client cancels a response that, for it, still goes on: its calls are not run. False: none such."""
        found = [gate.response for gate_id, gate in self._gates.items() if response_id in ("", gate_id)]
        for response in found:
            self._wires.door.stop(response.id, reason=CLIENT_CANCELLED)
            self.stopped(response)
        return bool(found)

    def stopped(self, response: Response) -> None:
        """Calls of the response that wait for their decision are not run."""
        gate = self._gates.pop(response.id, None)
        if gate is None:
            return
        self._dropped.add(response.id)
        for call in [*gate.undecided, *(call for call, _ in gate.refused)]:
            self._wires.door.hide(call.item_id)
            if call.call_id and not response.is_beside:
                self._answer(call, NOT_RUN)

    # --- time ---------------------------------------------------------------------------------------------------------

    def is_going_on(self, *, now_ms: float) -> bool:
        """Whether a response that Mirror asked for is about to begin."""
        return now_ms < self._going_on_until_ms

    def went_on(self) -> None:
        self._going_on_until_ms = 0.0

    @property
    def next_due_ms(self) -> float | None:
        times = [gate.until_ms for gate in self._gates.values()]
        return min([*times, *([self._going_on_until_ms] if self._going_on_until_ms else [])], default=None)

    def tick(self, *, now_ms: float) -> None:
        for gate_id in [gate_id for gate_id, gate in self._gates.items() if gate.until_ms <= now_ms]:
            self.failed(gate_id, LATE, now_ms=now_ms)
            self._dropped.add(gate_id)
            # It may have been allowed, with the word to us still waiting to be recorded.
            self._wires.feed.put_first(DecisionLost(gate_id))
        if self._going_on_until_ms <= now_ms:
            self._going_on_until_ms = 0.0


def _tool_call(call: FunctionCall) -> ToolCall | None:
    """None where it cannot be run as it is."""
    if call.is_torn or not call.given or not call.name or not call.call_id:
        return None
    try:
        arguments = storable_json(json.loads(call.given))
    except (ValueError, RecursionError):
        return None
    if not isinstance(arguments, dict):
        return None
    return ToolCall(call.name[:MAX_ID_CHARACTERS], arguments, call.call_id[:MAX_ID_CHARACTERS])


def _as_text(result: Json) -> str:
    return result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)
