"""What the driver of a realtime call needs of a provider's protocol. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from calls.events import CallEvent, PlaybackReported
from judging.core.types import Json


def _all_gated(name: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """``hold_budget_ms`` None: speech flows at once, and what is bad is stopped.

    ``transcription_model`` switches the transcription of the caller on where the client did not. ``is_client_told``:
    released calls carry a ``mirror`` field with their commit token. ``gate_within_ms`` bounds the wait for a decision.
    ``transcript_wait_ms``: how long the agent's words wait for the caller's before them, so that both are judged in
    order.
    """

    is_gated: Callable[[str], bool] = _all_gated
    hold_budget_ms: float | None = None
    transcription_model: str = ""
    is_client_told: bool = False
    gate_within_ms: float = 10_000.0
    transcript_wait_ms: float = 2_000.0


@dataclass(slots=True)
class Out:
    """What leaves now, in order. Text messages are JSON as the protocol has them."""

    to_client: list[str] = field(default_factory=list)
    to_upstream: list[str] = field(default_factory=list)


class Relay(Protocol):
    """One call's protocol. After each input: ``events`` until there are none, then ``take``.

    All that the session answers to an event comes in through ``told`` before ``take`` lets a message out, so that a
    word that is stopped at once is not sent.
    """

    def from_client(self, text: str, *, now_ms: float) -> None: ...

    def from_upstream(self, text: str, *, now_ms: float) -> None: ...

    def told(self, message: Mapping[str, Json], *, now_ms: float) -> None:
        """A supervise message for the agent's side: verdicts, interventions, decisions of the tool gate."""

    def gate_failed(self, gate_id: str, *, now_ms: float) -> None:
        """The gate could not be asked: nothing of the request may run."""

    def tick(self, *, now_ms: float) -> None:
        """Call it at ``next_due_ms``."""

    @property
    def next_due_ms(self) -> float | None: ...

    def events(self, *, now_ms: float) -> list[CallEvent]:
        """What happened in the call, in the order of the conversation."""

    def take(self, *, now_ms: float) -> Out:
        """What may leave by now."""

    def playing(self, *, now_ms: float) -> Sequence[PlaybackReported]:
        """How far the agent's audio has played by now."""

    def upstream_gone(self, detail: str, *, now_ms: float) -> None:
        """The provider is lost: the client's view is brought to an end."""

    def ended(self, *, now_ms: float) -> None:
        """The call is over: what had played by now was heard."""

    @property
    def withheld_bytes(self) -> int:
        """What waits here and not in a queue of the driver's."""

    @property
    def facts(self) -> Mapping[str, Json]:
        """What the call's record says of the stream: the provider's session, what could not be heard."""
