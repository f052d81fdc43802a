"""What can happen in a call (``CallEvent``, past tense) and what must be done about it (``Effect``, imperative).

Both are plain frozen values: transports turn their wire messages into events and effects back into wire messages.
All times are ``*_ms`` offsets from the start of the call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from judging.core.types import Answer, Ask, Decision, Evidence, GateDecision, GateVerdict, Json, Policy, ToolCall

# --- events ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CustomerTurnCompleted:
    turn_id: str
    text: str


@dataclass(frozen=True, slots=True)
class AgentTurnCompleted:
    turn_id: str
    text: str
    tool_calls: tuple[ToolCall, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentDeltaReceived:
    turn_id: str
    delta: str


@dataclass(frozen=True, slots=True)
class AgentTurnFinished:
    """All deltas of the turn have arrived."""

    turn_id: str
    tool_calls: tuple[ToolCall, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolGateRequested:
    gate_id: str
    tool_calls: tuple[ToolCall, ...]
    turn_id: str = ""


@dataclass(frozen=True, slots=True)
class ToolResultReceived:
    tool_call_id: str
    name: str
    result: Json


class PlaybackState(StrEnum):
    """``PLAYING`` is our own bridge's word, just before the caller's turn; a client has the others."""

    STARTED = "started"
    PLAYING = "playing"
    FINISHED = "finished"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class PlaybackReported:
    """What was played of an agent turn or of an intervention. ``total_ms`` is None where only the rate is known.

    ``is_complete``: ``total_ms`` is all of the turn's audio, none of it is still to be sent.
    """

    state: PlaybackState
    played_ms: int
    turn_id: str = ""
    intervention_id: str = ""
    total_ms: int | None = None
    is_complete: bool = True


@dataclass(frozen=True, slots=True)
class CheckpointPlayed:
    """The carrier played everything before this checkpoint."""

    name: str


@dataclass(frozen=True, slots=True)
class CallerSpoke:
    """Voice was detected on the caller's audio while Mirror's own voice was speaking.

    ``played_ms`` is how much of the part that speaks the caller had heard; None where that is not known.
    """

    played_ms: float | None = None


@dataclass(frozen=True, slots=True)
class SpeechBegan:
    """Mirror's voice speaks a part; ``play_ms`` from now on its last word is out."""

    intervention_id: str
    part: str
    play_ms: float


@dataclass(frozen=True, slots=True)
class SpeechFailed:
    """No audio could be made of a part in time. ``can_agent_speak``: the agent's side takes messages of ours."""

    intervention_id: str
    part: str
    can_agent_speak: bool


@dataclass(frozen=True, slots=True)
class NoteTaken:
    intervention_id: str


@dataclass(frozen=True, slots=True)
class ModelAnswered:
    """The driver's answer to ``AskModel``; a failed one is an ``Answer`` with ``failure``."""

    review_id: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class CorrectionMade:
    """The driver's answer to ``MakeCorrection``; empty text when none could be made."""

    intervention_id: str
    text: str


@dataclass(frozen=True, slots=True)
class TimerFired:
    key: str


@dataclass(frozen=True, slots=True)
class DecisionLost:
    """The rows of a gate decision could not be stored; it was not sent."""

    gate_id: str


@dataclass(frozen=True, slots=True)
class PoliciesActivated:
    revision: int
    policies: tuple[Policy, ...]


@dataclass(frozen=True, slots=True)
class CallEnded:
    reason: str


CallEvent: TypeAlias = (
    CustomerTurnCompleted
    | AgentTurnCompleted
    | AgentDeltaReceived
    | AgentTurnFinished
    | ToolGateRequested
    | ToolResultReceived
    | PlaybackReported
    | CheckpointPlayed
    | CallerSpoke
    | SpeechBegan
    | SpeechFailed
    | NoteTaken
    | ModelAnswered
    | CorrectionMade
    | TimerFired
    | DecisionLost
    | PoliciesActivated
    | CallEnded
)


@dataclass(frozen=True, slots=True)
class ClientMessage:
    """The wire message an event came from: ``seq`` dedupes, ``payload`` is logged as it came."""

    seq: int
    type: str
    payload: Mapping[str, Json]


# --- effects ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds per tier; None where the tier was not asked."""

    total: float
    tier0: float | None = None
    tier1: float | None = None
    tier2: float | None = None

    def as_json(self) -> dict[str, float | None]:
        return {"tier0": self.tier0, "tier1": self.tier1, "tier2": self.tier2, "total": self.total}


@dataclass(frozen=True, slots=True)
class AskModel:
    """Ask a model; answer with ``ModelAnswered(review_id, ...)``. A timer of the session's own enforces the deadline.

    ``deadline_ms`` is the offset after which an answer is recorded at most.
    """

    review_id: str
    ask: Ask
    deadline_ms: float
    turn_index: int = 0


@dataclass(frozen=True, slots=True)
class SendVerdict:
    turn_id: str
    decision: Decision
    score: float
    tier: int | None
    policy: Policy | None
    check: str
    reason: str
    evidence: tuple[Evidence, ...]
    is_shadow: bool
    is_final: bool
    latency: Latency
    suppressed: str = ""  # "cooldown" or "intervening": why an intervene is not acted on
    judged_text: str = ""  # the turn as far as it was judged


@dataclass(frozen=True, slots=True)
class DecidedCall:
    """The gate's word on one call, with its one-use commit token when an irreversible call is allowed."""

    verdict: GateVerdict
    commit_token: str = ""
    repeat_of: str = ""  # gate_id of the first, committed call
    first_result: Json = None


@dataclass(frozen=True, slots=True)
class SendToolDecision:
    gate_id: str
    decision: GateDecision
    calls: tuple[DecidedCall, ...]
    instruction: str


@dataclass(frozen=True, slots=True)
class SendIntervention:
    """Tell the agent's side. ``correction`` is None when it is still being made.

    Said again with the same id where Mirror's voice failed: then the agent is to speak. ``buffer_text`` "": that part
    was said.
    """

    intervention_id: str
    turn_id: str
    buffer_text: str
    buffer_checkpoint: str
    correction: str | None
    correction_checkpoint: str
    source: str
    system_note: str
    is_spoken_by_mirror: bool


@dataclass(frozen=True, slots=True)
class SendCorrection:
    intervention_id: str
    text: str
    source: str
    system_note: str


@dataclass(frozen=True, slots=True)
class ClearAudio:
    """Empty the carrier's queue; audio of a generation below ``generation`` is dropped from now on.

    ``turn_id`` is the agent's turn that is stopped; "" where only Mirror's own voice is.
    """

    generation: int
    turn_id: str = ""


@dataclass(frozen=True, slots=True)
class Speak:
    """Play ``text`` in Mirror's own voice, then put the checkpoint behind it.

    Answer with ``SpeechBegan``, or with ``SpeechFailed`` where there is no audio at ``deadline_ms``. ``language`` "":
    the agent's.
    """

    intervention_id: str
    part: str  # "buffer" or "correction"
    text: str
    checkpoint: str
    generation: int
    deadline_ms: float = 0.0
    language: str = ""


@dataclass(frozen=True, slots=True)
class ResumeAgent:
    """The intervention is over: the agent's audio flows again."""

    generation: int


@dataclass(frozen=True, slots=True)
class MakeCorrection:
    """Generate a correction; answer with ``CorrectionMade``."""

    intervention_id: str
    turn_text: str
    reason: str
    policy_text: str
    deadline_ms: float


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Fire ``TimerFired(key)`` at the offset; setting a key again moves it."""

    key: str
    at_ms: float


@dataclass(frozen=True, slots=True)
class CancelTimer:
    key: str


@dataclass(frozen=True, slots=True)
class Record:
    """Write one row. ``n`` counts the rows of the call from 1; writing it twice changes nothing."""

    table: str  # turn, verdict, tool_decision, intervention, message
    n: int
    offset_ms: int
    fields: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Amend:
    """Update fields of the row recorded under ``n``."""

    table: str
    n: int
    fields: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class EndCall:
    reason: str


Effect: TypeAlias = (
    AskModel
    | SendVerdict
    | SendToolDecision
    | SendIntervention
    | SendCorrection
    | ClearAudio
    | Speak
    | ResumeAgent
    | MakeCorrection
    | SetTimer
    | CancelTimer
    | Record
    | Amend
    | EndCall
)
