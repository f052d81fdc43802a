"""The supervise protocol ``mirror.supervise.v1``: JSON text to events and effects to JSON. Pure.

Unknown fields are ignored; an unknown type or a bad field raises ``MessageRefused``, which the driver answers with
``error`` and never with a close.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from calls.errors import MessageRefused
from calls.events import (
    AgentDeltaReceived,
    AgentTurnCompleted,
    AgentTurnFinished,
    CallEnded,
    CallEvent,
    ClientMessage,
    CustomerTurnCompleted,
    DecidedCall,
    NoteTaken,
    PlaybackReported,
    PlaybackState,
    SendCorrection,
    SendIntervention,
    SendToolDecision,
    SendVerdict,
    ToolGateRequested,
    ToolResultReceived,
)
from judging.core.types import Json, ToolCall

SUBPROTOCOL = "mirror.supervise.v1"
MAX_MESSAGE_BYTES = 64 * 1024
MAX_TEXT_BYTES = 8 * 1024
MAX_ID_CHARACTERS = 128
MAX_TOOL_CALLS = 32
MAX_DEPTH = 64
# A call of a day at a message a millisecond stays far below; larger values do not fit PostgreSQL's bigint.
MAX_SEQ = 2**53


@dataclass(frozen=True, slots=True)
class CallStart:
    """``call.start``: opens the call, or resumes it when it is known."""

    call_id: str
    agent: str
    direction: str = ""
    from_number: str = ""
    to_number: str = ""
    metadata: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ping:
    pass


Control: TypeAlias = CallStart | Ping


@dataclass(frozen=True, slots=True)
class Incoming:
    message: ClientMessage
    content: CallEvent | Control


def parse(text: str) -> Incoming:
    """Return the message with its event.

    Raises:
        MessageRefused: too long, not JSON, no usable ``seq``, unknown type, or a field that cannot be used.
    """
    return parse_body(loads(text))


def loads(text: str) -> Json:
    """Read JSON within the limits of a message. Raises: MessageRefused."""
    if is_too_large(text):
        raise MessageRefused("message_too_large", f"a message may have {MAX_MESSAGE_BYTES} bytes")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise MessageRefused("bad_json", "the message is not JSON") from None


def is_too_large(text: str) -> bool:
    return len(text.encode(errors="surrogatepass")) > MAX_MESSAGE_BYTES


def parse_body(body: Json) -> Incoming:
    """As ``parse``, for a message that is already JSON (in-band in a carrier stream)."""
    if not isinstance(body, dict):
        raise MessageRefused("bad_message", "a message is a JSON object")
    seq = body.get("seq")
    if not isinstance(seq, int) or isinstance(seq, bool) or not 0 < seq <= MAX_SEQ:
        raise MessageRefused("bad_seq", "seq must be a positive whole number, chosen by the client: 1, 2, 3 ...")
    kind = body.get("type")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        told = repr(kind[:64]) if isinstance(kind, str) else "given"
        raise MessageRefused("unknown_type", f"no message has the type {told}", seq=seq)
    try:
        body = storable_json(body)
        content = reader(_Fields(body))
    except _BadField as bad:
        raise MessageRefused("bad_field", f"{kind}: {bad}", seq=seq) from None
    payload = {name: value for name, value in body.items() if name not in ("seq", "type")}
    return Incoming(ClientMessage(seq, str(kind), payload), content)


class _BadField(ValueError):
    pass


class _Fields:
    def __init__(self, body: Mapping[str, Any]) -> None:
        self._body = body

    def text(self, name: str, *, is_required: bool = True) -> str:
        value = self._body.get(name)
        if value is None and not is_required:
            return ""
        if not isinstance(value, str):
            raise _BadField(f"{name} must be a text")
        if len(value.encode(errors="surrogatepass")) > MAX_TEXT_BYTES:
            raise _BadField(f"{name} may have {MAX_TEXT_BYTES} bytes")
        return value

    def id(self, name: str, *, is_required: bool = True) -> str:
        value = self._body.get(name)
        if value is None and not is_required:
            return ""
        if not isinstance(value, str) or not value.strip() or len(value) > MAX_ID_CHARACTERS:
            raise _BadField(f"{name} must be a text of 1 to {MAX_ID_CHARACTERS} characters")
        return value

    def object(self, name: str) -> dict[str, Json]:
        value = self._body.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise _BadField(f"{name} must be an object")
        return dict(value)

    def any(self, name: str) -> Json:
        if name not in self._body:
            raise _BadField(f"{name} is missing")
        return self._body[name]

    def milliseconds(self, name: str) -> int:
        value = self._body.get(name, 0)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 10**9:
            raise _BadField(f"{name} must be milliseconds, 0 or more")
        return round(value)

    def tool_calls(self, *, is_required: bool = False) -> tuple[ToolCall, ...]:
        listed = self._body.get("tool_calls")
        if listed is None and not is_required:
            return ()
        if not isinstance(listed, list) or len(listed) > MAX_TOOL_CALLS or (is_required and not listed):
            raise _BadField(f"tool_calls must be a list of {1 if is_required else 0} to {MAX_TOOL_CALLS} calls")
        return tuple(_tool_call(i, call) for i, call in enumerate(listed))


def storable(text: str) -> str:
    """PostgreSQL holds neither NUL nor lone surrogates: replaced, so that odd text never loses a turn."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def storable_json(value: Json, depth: int = 0) -> Json:
    """Raises: _BadField: nested too deeply, or a number that JSON does not have."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise _BadField("a number is not finite")
    if depth > MAX_DEPTH:
        raise _BadField(f"values may be nested {MAX_DEPTH} deep")
    if isinstance(value, list):
        return [storable_json(one, depth + 1) for one in value]
    if isinstance(value, dict):
        return {storable(key): storable_json(one, depth + 1) for key, one in value.items()}
    return value


def _tool_call(position: int, call: Json) -> ToolCall:
    if not isinstance(call, dict):
        raise _BadField(f"tool_calls[{position}] must be an object")
    fields = _Fields(call)
    try:
        return ToolCall(name=fields.id("name"), arguments=fields.object("arguments"), id=fields.id("id"))
    except _BadField as bad:
        raise _BadField(f"tool_calls[{position}].{bad}") from None


def _playback(fields: _Fields) -> PlaybackReported:
    turn_id, intervention_id = fields.id("turn_id", is_required=False), fields.id("intervention_id", is_required=False)
    if bool(turn_id) == bool(intervention_id):
        raise _BadField("one of turn_id and intervention_id must be given")
    state = fields.text("state")
    if state not in PlaybackState.__members__.values() or state == PlaybackState.PLAYING:
        raise _BadField("state must be started, finished or cleared")
    return PlaybackReported(PlaybackState(state), fields.milliseconds("played_ms"), turn_id, intervention_id)


_READERS: Mapping[str, Callable[[_Fields], CallEvent | Control]] = {
    "call.start": lambda f: CallStart(
        f.id("call_id"),
        f.id("agent", is_required=False),
        f.text("direction", is_required=False)[:16],
        f.text("from", is_required=False)[:64],
        f.text("to", is_required=False)[:64],
        f.object("metadata"),
    ),
    "customer.turn": lambda f: CustomerTurnCompleted(f.id("turn_id"), f.text("text")),
    "agent.turn": lambda f: AgentTurnCompleted(f.id("turn_id"), f.text("text", is_required=False), f.tool_calls()),
    "agent.delta": lambda f: AgentDeltaReceived(f.id("turn_id"), f.text("delta")),
    "agent.done": lambda f: AgentTurnFinished(f.id("turn_id"), f.tool_calls()),
    "tool.gate": lambda f: ToolGateRequested(
        f.id("gate_id"), f.tool_calls(is_required=True), f.id("turn_id", is_required=False)
    ),
    "tool.result": lambda f: ToolResultReceived(f.id("tool_call_id"), f.id("name"), f.any("result")),
    "playback": _playback,
    "note.taken": lambda f: NoteTaken(f.id("intervention_id")),
    "call.end": lambda f: CallEnded(f.text("reason", is_required=False)[:64] or "ended"),
    "ping": lambda f: Ping(),
}

# --- server to client ------------------------------------------------------------------------------------------------


def call_started(
    *, call_id: str, id: str, revision: int, is_resumed: bool, last_seq: int, note: str = ""
) -> dict[str, Json]:
    """``note``: a system note that still waits for the agent, so that a reconnect does not lose it."""
    body: dict[str, Json] = {
        "type": "call.started",
        "call_id": call_id,
        "id": id,
        "revision": revision,
        "resumed": is_resumed,
        "last_seq": last_seq,
    }
    return {**body, "system_note": note} if note else body


def ack(seq: int) -> dict[str, Json]:
    return {"type": "ack", "seq": seq}


def pong() -> dict[str, Json]:
    return {"type": "pong"}


def error(code: str, detail: str, *, seq: int | None = None, is_retryable: bool = False) -> dict[str, Json]:
    body: dict[str, Json] = {"type": "error", "code": code, "detail": detail, "retryable": is_retryable}
    return body if seq is None else {**body, "seq": seq}


def verdict(said: SendVerdict) -> dict[str, Json]:
    body: dict[str, Json] = {
        "type": "verdict",
        "turn_id": said.turn_id,
        "decision": said.decision.value,
        "score": said.score,
        "tier": said.tier,
        "policy": {"id": said.policy.id, "text": said.policy.text} if said.policy else None,
        "check": said.check,
        "reason": said.reason,
        "evidence": {"values": [one.as_json() for one in said.evidence]} if said.evidence else {},
        "shadow": said.is_shadow,
        "final": said.is_final,
        "latency_ms": said.latency.as_json(),
    }
    return {**body, "suppressed": said.suppressed} if said.suppressed else body


def tool_decision(said: SendToolDecision) -> dict[str, Json]:
    return {
        "type": "tool.decision",
        "gate_id": said.gate_id,
        "decision": said.decision.value,
        "tool_calls": [_decided(one) for one in said.calls],
        "instruction": said.instruction,
    }


def _decided(one: DecidedCall) -> dict[str, Json]:
    found: dict[str, Json] = {"values": [e.as_json() for e in one.verdict.evidence]} if one.verdict.evidence else {}
    if one.repeat_of:
        found = {**found, "repeat_of": one.repeat_of, "first_result": one.first_result}
    body: dict[str, Json] = {
        "tool_call_id": one.verdict.tool_call.id,
        "decision": one.verdict.decision.value,
        "reason": one.verdict.reason,
        "evidence": found,
    }
    return {**body, "commit_token": one.commit_token} if one.commit_token else body


def intervention(said: SendIntervention) -> dict[str, Json]:
    """Steps that Mirror performs by itself (its own voice) are left out: the agent only stops and takes the note.

    Where that voice fails the intervention is told again, with what is left to be spoken.
    """
    steps: list[dict[str, Json]] = [{"do": "clear_audio"}]
    if not said.is_spoken_by_mirror:
        parts = [("buffer", said.buffer_text, said.buffer_checkpoint)] if said.buffer_text else []
        parts.append(("correction", said.correction or "", said.correction_checkpoint))
        steps += [
            {"do": "speak", "part": part, "text": text or None, "checkpoint": checkpoint}
            for part, text, checkpoint in parts
        ]
    return {
        "type": "intervention",
        "intervention_id": said.intervention_id,
        "turn_id": said.turn_id,
        "steps": steps,
        "system_note": said.system_note,
        **({"source": said.source} if said.source else {}),
    }


def correction(said: SendCorrection) -> dict[str, Json]:
    return {
        "type": "intervention.correction",
        "intervention_id": said.intervention_id,
        "text": said.text,
        "source": said.source,
        "system_note": said.system_note,
    }


def from_effect(effect: object) -> dict[str, Json] | None:
    """The wire message of an effect; None where the effect is not for the client."""
    match effect:
        case SendVerdict():
            return verdict(effect)
        case SendToolDecision():
            return tool_decision(effect)
        case SendIntervention():
            return intervention(effect)
        case SendCorrection():
            return correction(effect)
    return None
