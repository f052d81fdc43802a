"""A live call in this process: performs what its session decides. The thin, clock-reading side of ``CallSession``."""

from __future__ import annotations

import asyncio
import logging
import time
from base64 import urlsafe_b64encode
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol
from uuid import UUID, uuid5

from django.utils.crypto import salted_hmac

from calls import metrics, rows, snapshot
from calls.errors import IllegalEvent, MessageRefused
from calls.events import (
    Amend,
    AskModel,
    CallEvent,
    CancelTimer,
    ClearAudio,
    ClientMessage,
    CorrectionMade,
    CustomerTurnCompleted,
    DecisionLost,
    Effect,
    EndCall,
    MakeCorrection,
    ModelAnswered,
    PlaybackReported,
    Record,
    ResumeAgent,
    SendCorrection,
    SendIntervention,
    SendToolDecision,
    SendVerdict,
    SetTimer,
    Speak,
    TimerFired,
    ToolGateRequested,
)
from calls.live_agent import LiveAgent
from calls.outgoing import Outgoing
from calls.recorder import Item
from calls.rows import Recorded
from calls.services import Ended, Entry, OpenedCall
from calls.session import CallSession
from calls.transitions import State
from calls.wire import supervise
from judging.core import Answer, Conversation, Json
from judging.live import About, LiveModels

logger = logging.getLogger(__name__)

_MOST_MISSED = 64
# A realtime model is faster than its voice: a sentence is judged before most of it is heard.
_STREAMED = frozenset({"realtime"})

# What an audio port has to act on. A verdict lets waiting audio go, or does not.
AudioEffect = ClearAudio | Speak | ResumeAgent | SendVerdict
Wire = SendVerdict | SendToolDecision | SendIntervention | SendCorrection


class Port(Protocol):
    """A connection that takes part in a call. All methods return at once: they queue."""

    def heard(self, event: CallEvent) -> None:
        """What the agent's side said on any of the call's connections, before anything follows from it."""

    def playing(self) -> Sequence[PlaybackReported]:
        """How far the agent's audio has played by now; nothing from a port without audio."""

    def send(self, body: dict[str, Json]) -> None:
        """A supervise message for the agent's side."""

    def control(self, effect: AudioEffect) -> None:
        """What to do with the audio; ports without audio ignore it."""

    def let_go(self) -> None:
        """The call goes on in another process: close, without ending it."""


class CallRuntime:
    """One call. All methods belong to the event loop; ``receive`` never waits."""

    def __init__(
        self,
        *,
        opened: OpenedCall,
        external_id: str,
        transport: str,
        agent: LiveAgent,
        is_speaking: bool,
        models: LiveModels,
        put: Callable[[Item], bool],
        has_room: Callable[[], bool],
        on_end: Callable[[CallRuntime], None],
    ) -> None:
        self.call_id: UUID = opened.call_id
        self.external_id = external_id
        self.transport = transport
        self.agent = agent
        self.ports: list[Port] = []
        self._models = models
        self._put, self._has_room = put, has_room
        self._on_end = on_end
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._told: deque[CallEvent] = deque()
        self._missed: deque[dict[str, Json]] = deque(maxlen=_MOST_MISSED)
        self._is_performing = False
        self._is_let_go = False
        self._loop = asyncio.get_running_loop()
        age_s = max(0.0, (datetime.now(UTC) - opened.started_at).total_seconds())
        self._began = time.monotonic() - age_s
        self.session = CallSession(
            call_key=external_id,
            settings=agent.call_settings(is_speaking=is_speaking, is_streaming=transport in _STREAMED),
            policies=agent.judging.policies,
            revision=agent.judging.revision,
            conversation=Conversation(now=opened.started_at, language=agent.judging.settings.language),
            mint=self._mint,
            stopwatch=time.perf_counter,
        )

    def now_ms(self) -> float:
        return (time.monotonic() - self._began) * 1000.0

    @property
    def has_ended(self) -> bool:
        return self.session.state is State.ENDED

    def snapshot(self) -> str:
        return snapshot.dumps(self.session)

    def restore(self, kept: dict[str, Any] | None, recorded: Recorded) -> None:
        """Go on with the call: from its snapshot where there is one, and from what was recorded after it.

        Raises:
            ValueError: a snapshot of another version; nothing changed.
        """
        self._perform(snapshot.restore(self.session, kept, now_ms=self.now_ms(), recorded=recorded), None)

    def _mint(self, gate_id: str, arguments_hash: str) -> str:
        """A commit token: unguessable, and the same in every process that goes on with the call."""
        made = salted_hmac("calls.commit_token", f"{self.call_id}:{gate_id}:{arguments_hash}", algorithm="sha256")
        return urlsafe_b64encode(made.digest()).decode().rstrip("=")

    def receive(
        self,
        event: CallEvent,
        *,
        message: ClientMessage | None = None,
        on_durable: Callable[[], None] | None = None,
    ) -> None:
        """Take an event in and perform what follows. ``on_durable`` runs once it is recorded.

        Raises:
            IllegalEvent: nothing changed.
            MessageRefused: what would follow could not be recorded now; nothing changed.
        """
        is_asking = message is not None or isinstance(event, ToolGateRequested)
        if is_asking and not self._has_room():
            detail = "too much waits to be recorded; send the message again"
            raise MessageRefused("unavailable", detail, seq=message.seq if message else None, is_retryable=True)
        is_repeat = message is not None and message.seq <= self.session.last_seq
        if self._is_let_go:
            raise IllegalEvent("call_elsewhere", "the call goes on in another connection")
        if isinstance(event, CustomerTurnCompleted) and not is_repeat:
            self._hear_playback()
        effects = self.session.receive(event, now_ms=self.now_ms(), message=message)
        if not is_repeat:  # what was heard before says nothing about the audio that comes now
            for port in self.ports:
                port.heard(event)
        self._is_performing = True
        try:
            self._perform(effects, on_durable)
        finally:
            self._is_performing = False
        self._drain_told()

    def _hear_playback(self) -> None:
        """What the caller had heard when they spoke decides what they agreed to."""
        for port in self.ports:
            for report in port.playing():
                self._perform(self.session.receive(report, now_ms=self.now_ms()), None)

    def tell(self, event: CallEvent) -> None:
        """Take in what a port noticed, also while effects are performed: then it waits until these are done.

        What no longer fits (the call has ended, the carrier still plays) changes nothing.
        """
        self._told.append(event)
        if not self._is_performing:
            self._drain_told()

    def _drain_told(self) -> None:
        while self._told:
            with suppress(IllegalEvent):
                self.receive(self._told.popleft())

    def voice_set(self, *, is_mirror: bool) -> None:
        """Who speaks what an intervention says from now on: Mirror itself, or the agent."""
        self.session.voice_set(is_mirror=is_mirror)

    def note_message(self, message: ClientMessage, on_durable: Callable[[], None]) -> None:
        """A message that is no event (``ping``): only its ``seq`` counts."""
        self.session.last_seq = max(self.session.last_seq, message.seq)
        self._perform([], on_durable)

    def let_go(self) -> None:
        """The call goes on in another process: nothing that still comes here may change it."""
        self._is_let_go = True
        self.close()
        for port in list(self.ports):
            port.let_go()

    def close(self) -> None:
        """Let go of timers and questions under way; the session stays as it is."""
        for handle in self._timers.values():
            handle.cancel()
        self._timers.clear()
        for task in list(self._tasks):
            task.cancel()

    # --- effects ---------------------------------------------------------------------------------------------------

    def _perform(self, effects: list[Effect], on_durable: Callable[[], None] | None) -> None:
        entries: list[Entry] = []
        acked = [] if on_durable is None else [on_durable]
        decisions: list[SendToolDecision] = []
        for effect in effects:
            match effect:
                case Record() | Amend():
                    entries.append(self._kept(effect))
                case SendToolDecision():
                    # A token is worth nothing until its row is there to be redeemed, no irreversible call may run
                    # without a recorded allow, and a repeat must be told the same after a crash.
                    decisions.append(effect)
                case SendVerdict():
                    self._control(effect)
                    self._send(effect)
                case SendIntervention() | SendCorrection():
                    self._send(effect)
                case ClearAudio() | Speak() | ResumeAgent():
                    self._control(effect)
                case AskModel():
                    self._spawn(self._ask(effect))
                case MakeCorrection():
                    self._spawn(self._make_correction(effect))
                case SetTimer():
                    self._set_timer(effect)
                case CancelTimer():
                    self._cancel_timer(effect.key)
                case EndCall():
                    entries.append(Ended(effect.reason, datetime.now(UTC)))
        if entries or acked or decisions:
            self._store(entries, acked, decisions)
        if self.has_ended:
            self.close()
            self._on_end(self)

    def _store(
        self, entries: list[Entry], acked: list[Callable[[], None]], decisions: Sequence[SendToolDecision]
    ) -> None:
        going = [self._outgoing(decision) for decision in decisions]
        losses = [one.lost for one in going]
        item = Item(
            self.agent.tenant_id,
            self.call_id,
            entries,
            on_durable=partial(_run_all, [*(one.stored for one in going), *acked]),
            on_lost=partial(_run_all, [*losses, *acked]),
        )
        if not self._put(item):
            _run_all(losses)

    def _control(self, effect: AudioEffect) -> None:
        for port in list(self.ports):
            port.control(effect)

    def _outgoing(self, decision: SendToolDecision) -> Outgoing:
        gates = self.session.gates
        is_permission = gates.is_irreversible(decision)
        going = Outgoing(decision, is_permission=is_permission, stands=gates.stands, send=self._send, lose=self._lose)
        going.wait(self._loop)
        return going

    def _lose(self, decision: SendToolDecision) -> None:
        metrics.DECISIONS_LOST.inc()
        logger.error("decision not recorded", extra={**self.log_context(), "action": "decision_lost"})
        self.tell(DecisionLost(decision.gate_id))

    def _kept(self, row: Record | Amend) -> Record | Amend:
        if self.agent.judging.settings.record_transcripts:
            return row
        return replace(row, fields=rows.without_words(row.table, row.fields))

    def _send(self, effect: Wire) -> None:
        if self._is_let_go:
            return
        _count(effect)
        body = supervise.from_effect(effect)
        if body is None:
            return
        if not self.ports and isinstance(effect, SendToolDecision):
            self._missed.append(body)
        for port in list(self.ports):
            port.send(body)

    def tell_missed(self, port: Port) -> None:
        """Decisions that were made while no connection was there to be told."""
        while self._missed:
            port.send(self._missed.popleft())

    def _set_timer(self, effect: SetTimer) -> None:
        self._cancel_timer(effect.key)
        in_s = max(0.0, (effect.at_ms - self.now_ms()) / 1000.0)
        self._timers[effect.key] = self._loop.call_later(in_s, self._fire, effect.key)

    def _cancel_timer(self, key: str) -> None:
        handle = self._timers.pop(key, None)
        if handle is not None:
            handle.cancel()

    def _fire(self, key: str) -> None:
        self._timers.pop(key, None)
        self.tell(TimerFired(key))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger.error("call task failed", exc_info=task.exception(), extra=self.log_context())

    async def _ask(self, effect: AskModel) -> None:
        left_s = max(0.0, (effect.deadline_ms - self.now_ms()) / 1000.0)
        # One question, one id: an answer that is delivered twice is recorded once.
        question = str(uuid5(self.call_id, f"{effect.review_id}:{effect.ask.tier}"))
        answer: Answer = await self._models.answer(
            effect.ask,
            config=self.agent.judging,
            review_id=question,
            deadline_s=left_s,
            about=About(self.call_id, effect.turn_index),
        )
        self.tell(ModelAnswered(effect.review_id, answer))

    async def _make_correction(self, effect: MakeCorrection) -> None:
        left_s = max(0.0, (effect.deadline_ms - self.now_ms()) / 1000.0)
        text = await self._models.correction(
            config=self.agent.judging,
            turn_text=effect.turn_text,
            reason=effect.reason,
            policy_text=effect.policy_text,
            deadline_s=left_s,
        )
        self.tell(CorrectionMade(effect.intervention_id, text))

    def log_context(self) -> dict[str, str]:
        return {"action": "call", "tenant_id": str(self.agent.tenant_id), "call_id": str(self.call_id)}


def _run_all(actions: Sequence[Callable[[], None]]) -> None:
    for action in actions:
        action()


def _count(effect: Wire) -> None:
    match effect:
        case SendVerdict():
            metrics.VERDICTS.labels(effect.decision.value, str(effect.tier)).inc()
            metrics.VERDICT_LATENCY_MS.observe(effect.latency.total)
        case SendToolDecision():
            metrics.TOOL_DECISIONS.labels(effect.decision.value).inc()
        case SendIntervention():
            metrics.INTERVENTIONS.labels(effect.source or "pending").inc()
