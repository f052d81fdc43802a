"""Which event is legal in which state of a call, and where it may lead. ``CallSession`` holds itself to this table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from calls.events import (
    AgentDeltaReceived,
    AgentTurnCompleted,
    AgentTurnFinished,
    CallEnded,
    CallerSpoke,
    CallEvent,
    CheckpointPlayed,
    CorrectionMade,
    CustomerTurnCompleted,
    DecisionLost,
    ModelAnswered,
    NoteTaken,
    PlaybackReported,
    PoliciesActivated,
    SpeechBegan,
    SpeechFailed,
    TimerFired,
    ToolGateRequested,
    ToolResultReceived,
)


class State(StrEnum):
    LIVE = "live"
    REVIEWING = "reviewing"
    INTERVENING = "intervening"
    ENDED = "ended"


_LIVE, _REVIEWING, _INTERVENING, _ENDED = frozenset({State.LIVE}), State.REVIEWING, State.INTERVENING, State.ENDED
_OPEN = frozenset({State.LIVE, State.REVIEWING})
_ALL = frozenset({State.LIVE, State.REVIEWING, State.INTERVENING})
_OVER = frozenset({State.ENDED})

# Which event is legal in which state, and which states it may lead to. What is not here raises.
TRANSITIONS: Mapping[State, Mapping[type[CallEvent], frozenset[State]]] = {
    State.LIVE: {
        CustomerTurnCompleted: _LIVE,
        AgentTurnCompleted: _ALL,
        AgentDeltaReceived: _ALL,
        AgentTurnFinished: _ALL,
        ToolGateRequested: _OPEN,
        ToolResultReceived: _LIVE,
        PlaybackReported: _LIVE,
        CheckpointPlayed: _LIVE,
        CallerSpoke: _LIVE,
        SpeechBegan: _LIVE,
        SpeechFailed: _LIVE,
        NoteTaken: _LIVE,
        ModelAnswered: _LIVE,
        CorrectionMade: _LIVE,
        TimerFired: _LIVE,
        DecisionLost: _LIVE,
        PoliciesActivated: _LIVE,
        CallEnded: _OVER,
    },
    State.REVIEWING: {
        CustomerTurnCompleted: frozenset({_REVIEWING}),
        AgentTurnCompleted: frozenset({_REVIEWING, _INTERVENING}),
        AgentDeltaReceived: frozenset({_REVIEWING, _INTERVENING}),
        AgentTurnFinished: frozenset({_REVIEWING, _INTERVENING}),
        ToolGateRequested: frozenset({_REVIEWING}),
        ToolResultReceived: frozenset({_REVIEWING}),
        PlaybackReported: frozenset({_REVIEWING}),
        CheckpointPlayed: frozenset({_REVIEWING}),
        CallerSpoke: frozenset({_REVIEWING}),
        SpeechBegan: frozenset({_REVIEWING}),
        SpeechFailed: frozenset({_REVIEWING}),
        NoteTaken: frozenset({_REVIEWING}),
        ModelAnswered: _ALL,
        CorrectionMade: frozenset({_REVIEWING}),
        TimerFired: _ALL,
        DecisionLost: frozenset({_REVIEWING}),
        PoliciesActivated: frozenset({_REVIEWING}),
        CallEnded: _OVER,
    },
    State.INTERVENING: {
        CustomerTurnCompleted: _ALL,
        AgentTurnCompleted: frozenset({_INTERVENING}),
        AgentDeltaReceived: frozenset({_INTERVENING}),
        AgentTurnFinished: frozenset({_INTERVENING}),
        ToolGateRequested: frozenset({_INTERVENING}),
        ToolResultReceived: frozenset({_INTERVENING}),
        PlaybackReported: _ALL,
        CheckpointPlayed: _ALL,
        CallerSpoke: _ALL,
        SpeechBegan: frozenset({_INTERVENING}),
        SpeechFailed: _ALL,
        NoteTaken: frozenset({_INTERVENING}),
        ModelAnswered: frozenset({_INTERVENING}),
        CorrectionMade: frozenset({_INTERVENING}),
        TimerFired: _ALL,
        DecisionLost: frozenset({_INTERVENING}),
        PoliciesActivated: frozenset({_INTERVENING}),
        CallEnded: _OVER,
    },
    # What the driver still had under way when the call ended comes late and changes nothing.
    State.ENDED: {
        ModelAnswered: _OVER,
        CorrectionMade: _OVER,
        CheckpointPlayed: _OVER,
        CallerSpoke: _OVER,
        SpeechBegan: _OVER,
        SpeechFailed: _OVER,
        TimerFired: _OVER,
        DecisionLost: _OVER,
        PoliciesActivated: _OVER,
    },
}
