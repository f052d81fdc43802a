"""A call in ``hold`` in made-up time: an agent that streams text and speech cut at random, a session, a carrier.

What the caller heard is told by the letter: each piece of audio knows which letters of its turn it says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

from calls.audio_gate import AudioGate, Passed, letters
from calls.events import (
    AgentDeltaReceived,
    AgentTurnFinished,
    CallEvent,
    ClearAudio,
    Effect,
    PlaybackReported,
    PlaybackState,
    SendVerdict,
)
from calls.playhead import Playhead
from calls.session import CallSession
from calls.settings import CallSettings
from judging.core import Conversation, Decision, JudgeSettings, Policy

_GOOD = (
    "Let me look at that for you.", "That is a large one with extra cheese.", "One moment, please.",
    "The table is free at half past seven.", "I have that in blue and in green.", "Is there anything else?",
    "Your driver is on the way.", "We close at ten tonight, by the way.",
)  # fmt: skip
_BAD = (
    "I will give you a full refund.", "You will get a full refund today.", "I can promise you a refund for this.",
)  # fmt: skip
_POLICY = Policy("Never promise a refund.", id="refund")
_BUDGETS_MS = (100.0, 250.0, 1000.0)
_PIECES_MS = (20.0, 60.0, 200.0, 1_500.0)
_PACES = (1.0, 3.0, 1000.0)  # how much faster than it plays audio is sent


@dataclass(frozen=True, slots=True)
class _Piece:
    turn_id: str
    first: float  # the letters it says: from here on, spaces counted
    last: float
    length_ms: float


@dataclass(frozen=True, slots=True)
class _Turn:
    turn_id: str
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.sentences)

    def bad_spans(self) -> list[tuple[int, int]]:
        spans, at = [], 0
        for sentence in self.sentences:
            if sentence in _BAD:
                spans.append((at, at + len(sentence)))
            at += len(sentence) + 1
        return spans


@dataclass(slots=True)
class Heard:
    """What one trial came to."""

    bad_letters: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)


class _Carrier:
    """Plays what arrives in order, at real speed, some milliseconds later."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._arrives_ms = 0.0
        self.until_ms = 0.0
        self.played: list[tuple[float, float, _Piece]] = []

    def _arrival(self, now_ms: float) -> float:
        self._arrives_ms = max(self._arrives_ms, now_ms + self._chance.uniform(2, 60))
        return self._arrives_ms

    def play(self, piece: _Piece, now_ms: float) -> None:
        start = max(self._arrival(now_ms), self.until_ms)
        self.until_ms = start + piece.length_ms
        self.played.append((start, self.until_ms, piece))

    def clear(self, now_ms: float) -> None:
        at = self._arrival(now_ms)
        self.played = [(start, min(end, at), piece) for start, end, piece in self.played if start < at]
        self.until_ms = min(self.until_ms, at)

    def heard_letters(self, turn: _Turn) -> float:
        """How many letters of the turn's bad sentences were heard."""
        heard = 0.0
        for start, end, piece in self.played:
            if piece.turn_id == turn.turn_id:
                last = piece.first + (piece.last - piece.first) * (end - start) / piece.length_ms
                heard += sum(max(0.0, min(last, b) - max(piece.first, a)) for a, b in turn.bad_spans())
        return heard


class _World:
    def __init__(self, seed: int, *, is_text_in_time: bool) -> None:
        self._chance = Random(seed)
        self._is_text_in_time = is_text_in_time
        self._budget_ms = self._chance.choice(_BUDGETS_MS)
        self._gate = AudioGate(self._budget_ms)
        self._head = Playhead()
        self._carrier = _Carrier(self._chance)
        self._pieces: dict[str, _Piece] = {}
        self._now_ms = 0.0
        judge = JudgeSettings(tiers=frozenset({0}))
        self._session = CallSession(
            call_key=f"trial-{seed}",
            settings=CallSettings(judge=judge, is_streaming=True, cooldown_ms=0.0),
            policies=(_POLICY,),
            revision=1,
            conversation=Conversation(),
            mint=lambda gate_id, key: "",
        )
        self.heard = Heard()

    # --- the agent ---

    def _turn(self, number: int) -> _Turn:
        chance = self._chance
        sentences = [chance.choice(_BAD if chance.random() < 0.35 else _GOOD) for _ in range(chance.randint(1, 4))]
        return _Turn(f"a{number}", tuple(sentences))

    def _deltas(self, turn: _Turn) -> list[tuple[float, str]]:
        """The text in random pieces, each with the time at which it comes."""
        text, chance = turn.text + " ", self._chance
        cuts = sorted({0, len(text), *(chance.randrange(len(text)) for _ in range(chance.randint(0, 40)))})
        longest = max(map(len, turn.sentences)) + max(len(text[a:b]) for a, b in pairwise(cuts))
        fastest = 1.2 * longest / self._budget_ms  # letters a millisecond, to finish a sentence within the budget
        pace = fastest * chance.uniform(1, 3) if self._is_text_in_time else chance.uniform(0.02, 0.3)
        return [(self._now_ms + b / pace, text[a:b]) for a, b in pairwise(cuts)]

    def _audio(self, turn: _Turn, deltas: list[tuple[float, str]]) -> list[tuple[float, _Piece]]:
        """Speech in pieces, none before the text that it says has come."""
        chance = self._chance
        per_ms, pace, size_ms = chance.uniform(9, 24) / 1000, chance.choice(_PACES), chance.choice(_PIECES_MS)
        silent_ms, text = chance.uniform(0, 200), turn.text
        total_ms, pieces = silent_ms + len(text) / per_ms, []
        sent_ms, at = self._now_ms + chance.uniform(0, 300), 0.0
        while at < total_ms:
            length = min(size_ms, total_ms - at)
            first, last = (max(0.0, ms - silent_ms) * per_ms for ms in (at, at + length))
            sent_ms = max(sent_ms, _come_by(deltas, last))
            pieces.append((sent_ms, _Piece(turn.turn_id, first, last, length)))
            sent_ms += length / pace
            at += length
        return pieces

    # --- the bridge ---

    def _tell(self, event: CallEvent) -> None:
        self._perform(self._session.receive(event, now_ms=self._now_ms))

    def _perform(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            match effect:
                case SendVerdict() if effect.decision is not Decision.INTERVENE or effect.suppressed:
                    self._gate.judged(effect.turn_id, letters(effect.judged_text), is_final=effect.is_final)
                    self._tick()
                case ClearAudio():
                    self._gate.interrupted(effect.turn_id)
                    self._head.clear(now_ms=self._now_ms)
                    self._carrier.clear(self._now_ms)
                    self.heard.counts["interventions"] += 1

    def _forward(self, passed: list[Passed]) -> None:
        for one in passed:
            self._head.send(one.turn_id, one.length_ms, now_ms=self._now_ms)
            self._carrier.play(self._pieces[one.text], self._now_ms)

    def _tick(self) -> None:
        self._forward(self._gate.tick(now_ms=self._now_ms, queued_until_ms=self._head.queued_until_ms))

    def _until(self, at_ms: float) -> None:
        while (due_ms := self._gate.next_release_ms) is not None and due_ms <= at_ms:
            self._now_ms = max(self._now_ms, due_ms)
            self._tick()
        self._now_ms = max(self._now_ms, at_ms)

    def _say(self, turn: _Turn) -> None:
        deltas = self._deltas(turn)
        audio = self._audio(turn, deltas)
        said: list[tuple[float, int, str | _Piece | None]] = [(at, 0, text) for at, text in deltas]
        said.append((deltas[-1][0], 1, None))
        said += [(at, 2, piece) for at, piece in audio]
        for at, _, what in sorted(said, key=lambda one: one[:2]):
            self._until(at)
            if isinstance(what, str):
                self._gate.turn_told(turn.turn_id, what)
                self._tell(AgentDeltaReceived(turn.turn_id, what))
            elif what is None:
                self._tell(AgentTurnFinished(turn.turn_id))
            else:
                self._send(what)

    def _send(self, piece: _Piece) -> None:
        name = str(len(self._pieces))
        self._pieces[name] = piece
        until_ms = self._head.queued_until_ms
        self._forward(self._gate.agent_sent(name, piece.length_ms, now_ms=self._now_ms, queued_until_ms=until_ms))

    def run(self) -> Heard:
        for number in range(self._chance.randint(1, 4)):
            turn = self._turn(number)
            self._say(turn)
            self._until(self._now_ms + self._chance.uniform(0, 5_000))
            if self._session.intervention is not None:
                running = self._session.intervention.intervention_id
                self._tell(PlaybackReported(PlaybackState.FINISHED, 0, intervention_id=running))
            self._until(self._now_ms + 60_000)  # what is left plays out
            self._count(turn)
        return self.heard

    def _count(self, turn: _Turn) -> None:
        heard = self.heard
        heard.bad_letters += self._carrier.heard_letters(turn)
        heard.counts["turns"] += 1
        if turn.bad_spans():
            heard.counts["bad turns"] += 1
            return
        played = [(start, end) for start, end, piece in self._carrier.played if piece.turn_id == turn.turn_id]
        total_ms = sum(piece.length_ms for piece in self._pieces.values() if piece.turn_id == turn.turn_id)
        heard.counts["good turns"] += 1
        heard.counts["good turns cut short"] += sum(end - start for start, end in played) < total_ms - 1.0


def _come_by(deltas: list[tuple[float, str]], letter: float) -> float:
    """When the text had come as far as this letter."""
    count = 0
    for at, text in deltas:
        count += len(text)
        if count >= letter:
            return at
    return deltas[-1][0]


def trial(seed: int, *, is_text_in_time: bool = True) -> Heard:
    """One call. ``is_text_in_time``: the text of a sentence is complete within the budget after its first letter."""
    return _World(seed, is_text_in_time=is_text_in_time).run()
