"""A whole realtime call without sockets and clock: client, relay, session, and a scripted model behind it."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from typing import Any

from calls.errors import IllegalEvent
from calls.events import CallEvent, CancelTimer, Effect, SetTimer, TimerFired
from calls.realtime.base import RelaySettings
from calls.realtime.openai.relay import OpenAIRelay
from calls.session import CallSession
from calls.simulate.realtime_model import Ask, RealtimeModel
from calls.simulate.realtime_speech import Body, Call, Reply
from calls.wire import supervise
from tests.unit.calls.cast import session_make
from tests.unit.calls.realtime_trace import Trace

ORDER = Call("place_order", '{"item": "pizza"}')
MENU = Call("find_menu", '{"item": "pizza"}')
SAY_MARK = "nothing else:\n"


def spoken_of(ask: Ask) -> str:
    """What Mirror has the model say, "" where the model speaks for itself."""
    return ask.instructions.partition(SAY_MARK)[2]


class Script:
    """Gives the replies in order; what Mirror asks for is said word for word."""

    def __init__(self, *replies: Reply, corrections: Callable[[str], Reply] | None = None) -> None:
        self.left = deque(replies)
        self.asked: list[Ask] = []
        self._corrections = corrections or (lambda words: Reply((words,)))

    def __call__(self, ask: Ask) -> Reply:
        self.asked.append(ask)
        words = spoken_of(ask)
        if words:
            return self._corrections(words)
        return self.left.popleft() if self.left else Reply(("All right.",))


class RealtimeCall:
    """``client`` and ``caller`` act; ``run`` lets the model speak to the end. Messages reach the model at once, unless
    ``is_slow``: then ``deliver`` hands over one."""

    def __init__(
        self,
        *replies: Reply,
        script: Script | None = None,
        session: CallSession | None = None,
        settings: RelaySettings | None = None,
        is_beta: bool = False,
        is_text: bool = False,
        is_transcribed: bool = True,
        is_slow: bool = False,
        **told: Any,
    ) -> None:
        self.script = script or Script(*replies)
        self.model = RealtimeModel(self.script, is_beta=is_beta, is_text=is_text)
        if is_transcribed:
            self.model.session["audio"]["input"]["transcription"] = {"model": "whisper"}
        self.session = session or session_make(is_streaming=True, **told)
        self.relay = OpenAIRelay(settings or RelaySettings(is_gated=self.session.settings.judge.is_gated))
        self.now_ms = 0.0
        self.is_slow = is_slow
        self.trace = Trace()
        self.to_client: list[str] = []
        self.from_model: list[str] = []
        self.to_model: list[str] = []
        self.from_client: list[str] = []
        self.events: list[CallEvent] = []
        self.effects: list[Effect] = []
        self.is_gate_slow = False
        self._decisions: deque[Body] = deque()
        self._pending: deque[str] = deque()
        self._speech: deque[Body] = deque()
        self._is_saying = False
        self._timers: dict[str, float] = {}
        self._says(self.model.greet())

    # --- acting ---

    def client(self, kind: str, **fields: Any) -> None:
        text = json.dumps({"type": kind, **fields})
        self.from_client.append(text)
        self.relay.from_client(text, now_ms=self.now_ms)
        self.settle()

    def caller(self, words: str, *, is_answered: bool = True) -> None:
        self._says(self.model.caller_says(words, is_answered=is_answered))

    def write_down(self) -> None:
        self._says(self.model.write_down())

    def decide(self) -> None:
        """The first decision of a slow tool gate is out."""
        if self._decisions:
            self.relay.told(self._decisions.popleft(), now_ms=self.now_ms)
            self.settle()

    def step(self, number: int = 0) -> None:
        self._says(self.model.step(number))

    def run(self) -> None:
        """Until nobody has anything to say."""
        while self.model.is_busy or self.model.is_writing_down or self._pending:
            while self._pending:
                self.deliver()
            if self.model.is_writing_down:
                self.write_down()
            else:
                self.step()

    def deliver(self) -> None:
        """The next message of the client's side reaches the model."""
        if self._pending:
            text = self._pending.popleft()
            self.to_model.append(text)
            self._says(self.model.receive(text))

    def wait(self, ms: float) -> None:
        """Let time pass: what is due happens when it is due."""
        until = self.now_ms + ms
        while True:
            due = [at for at in (self.relay.next_due_ms, *self._timers.values()) if at is not None and at <= until]
            if not due:
                break
            self.now_ms = max(self.now_ms, min(due))
            for key in [key for key, at in self._timers.items() if at <= self.now_ms]:
                del self._timers[key]
                self._tell(TimerFired(key))
            self.relay.tick(now_ms=self.now_ms)
            self.settle()
            if not self.is_slow:
                self._deliver_all()
        self.now_ms = until
        self.settle()

    def says(self, kind: str, **fields: Any) -> None:
        """The provider says something that the scripted model would not."""
        self._says([{"type": kind, "event_id": f"said_{len(self.from_model)}", **fields}])

    def _says(self, bodies: list[Body]) -> None:
        """What the model says while it is heard comes after what it said before."""
        self._speech.extend(bodies)
        if self._is_saying:
            return
        self._is_saying = True
        while self._speech:
            text = json.dumps(self._speech.popleft())
            self.from_model.append(text)
            self.relay.from_upstream(text, now_ms=self.now_ms)
            self.settle()
        self._is_saying = False

    # --- the driver's part ---

    def settle(self) -> None:
        while events := self.relay.events(now_ms=self.now_ms):
            for event in events:
                self._tell(event)
        out = self.relay.take(now_ms=self.now_ms)
        for text in out.to_client:
            self.to_client.append(text)
            self.trace.take(json.loads(text))
        self._pending.extend(out.to_upstream)
        if not self.is_slow:
            self._deliver_all()

    def _deliver_all(self) -> None:
        while self._pending:
            self.deliver()

    def _tell(self, event: CallEvent) -> None:
        self.events.append(event)
        try:
            effects = self.session.receive(event, now_ms=self.now_ms)
        except IllegalEvent:
            return
        self.effects += effects
        for effect in effects:
            self._perform(effect)

    def _perform(self, effect: Effect) -> None:
        if isinstance(effect, SetTimer):
            self._timers[effect.key] = effect.at_ms
        elif isinstance(effect, CancelTimer):
            self._timers.pop(effect.key, None)
        elif (body := supervise.from_effect(effect)) is not None:
            told = json.loads(json.dumps(body))
            if self.is_gate_slow and told["type"] == "tool.decision":
                self._decisions.append(told)
            else:
                self.relay.told(told, now_ms=self.now_ms)

    # --- looking ---

    def kinds(self) -> list[str]:
        return [json.loads(text)["type"] for text in self.to_client]

    def got(self, kind: str) -> list[Body]:
        return [body for body in map(json.loads, self.to_client) if body["type"] == kind]

    def sent(self, kind: str) -> list[Body]:
        return [body for body in map(json.loads, self.to_model) if body["type"] == kind]

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def of_effects(self, kind: type[Any]) -> list[Any]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def heard_words(self) -> str:
        return "".join(body["delta"] for body in self.got("response.output_audio_transcript.delta"))
