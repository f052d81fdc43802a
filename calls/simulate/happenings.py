"""What can happen to the scripted agent, and what it can want done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from calls.simulate.scenario import ScriptedTool

# What happened.


@dataclass(frozen=True, slots=True)
class StreamStarted:
    """The call's stream is open. Happens again after a reconnect and then starts nothing anew."""


@dataclass(frozen=True, slots=True)
class CallerStarted:
    pass


@dataclass(frozen=True, slots=True)
class CallerFinished:
    """The caller ended a line; ``line_id`` is None when it was not recognised."""

    line_id: str | None


@dataclass(frozen=True, slots=True)
class MirrorSaid:
    """A supervise message from Mirror other than ``ack``."""

    message: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SpeechPlayed:
    """The carrier acknowledged a checkpoint, or its time was up without one. ``played_ms`` is the speech before it."""

    checkpoint: str
    played_ms: int = 0


@dataclass(frozen=True, slots=True)
class TimerRan:
    name: str


Happening: TypeAlias = StreamStarted | CallerStarted | CallerFinished | MirrorSaid | SpeechPlayed | TimerRan


# What to do.


@dataclass(frozen=True, slots=True)
class Send:
    """Send a supervise message, numbered, kept until acknowledged."""

    message: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Say:
    """Speak, then set a checkpoint; answer with ``SpeechPlayed`` when it is reached or overdue."""

    text: str
    checkpoint: str


@dataclass(frozen=True, slots=True)
class Hush:
    """Stop speaking at once; what is queued here and at the carrier is dropped."""


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Answer with ``TimerRan`` after so long. A timer of the same name is replaced."""

    name: str
    after_ms: int


@dataclass(frozen=True, slots=True)
class RanTool:
    """The tool was run, for the log: it was allowed and its result has been sent."""

    tool: ScriptedTool
    commit_token: str | None


@dataclass(frozen=True, slots=True)
class HeldTool:
    """The tool was not run, for the log."""

    tool: ScriptedTool
    decision: str


Action: TypeAlias = Send | Say | Hush | SetTimer | RanTool | HeldTool
