"""One call in a world that goes wrong: models that fail, a store that goes away, processes that die.

The session, its snapshot, its record and the way decisions go out are the product's own; the world plays the client,
the models, the database and the clock, all from one seed. ``Trial.run`` returns the promises that were broken.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from calls import snapshot
from calls.errors import IllegalEvent
from calls.events import (
    AgentTurnCompleted,
    Amend,
    AskModel,
    CallEvent,
    CancelTimer,
    ClientMessage,
    CustomerTurnCompleted,
    DecidedCall,
    DecisionLost,
    Effect,
    ModelAnswered,
    PlaybackReported,
    PlaybackState,
    Record,
    SendToolDecision,
    SetTimer,
    TimerFired,
    ToolGateRequested,
    ToolResultReceived,
)
from calls.gate import arguments_hash, token_hash
from calls.outgoing import Outgoing
from calls.rows import Recorded
from calls.session import CallSession
from calls.settings import CallSettings
from judging.core import Answer, Conversation, FailMode, GateDecision, JudgeSettings, Policy, ToolCall

# How far the numbers of a process that takes a call over keep away from those of the one before.
_GAP = 1_000


@dataclass(frozen=True, slots=True)
class Wish:
    """A tool call, how the agent reads it back rightly, and what sounds like it."""

    call: ToolCall
    right: str
    wrong: str


WISHES = (
    Wish(
        ToolCall("place_order", {"item": "lamp", "quantity": 2, "address": "14 Birch Lane"}, "t-order"),
        "So that is two lamps to 14 Birch Lane, is that right?",
        "So that is three lamps to 14 Birch Lane, is that right?",
    ),
    Wish(
        ToolCall("transfer_funds", {"recipient": "Ada Quill", "amount": 40}, "t-transfer"),
        "You want me to send 40 dollars to Ada Quill, is that correct?",
        "You want me to send 14 dollars to Ada Quill, is that correct?",
    ),
    Wish(
        ToolCall("book_flight", {"destination": "Oslo", "date": "2024-03-08"}, "t-flight"),
        "A flight to Oslo on March 8th, shall I book it?",
        "A flight to Oslo on March 18th, shall I book it?",
    ),
    Wish(ToolCall("find_menu", {"dish": "soup"}, "t-menu"), "Soup, right?", "Stew, right?"),
)
MODES = {"place_order": FailMode.CONFIRM, "transfer_funds": FailMode.BLOCK, "book_flight": FailMode.ALLOW}
YESES = ("Yes.", "Yes please.", "That's right, thank you.")
OTHERS = (
    "Yes, but make it four.", "Yes, wait.", "Actually, no.", "Is it in stock?", "Hm.", "I need a lamp.",
    "Send 40 dollars to Ada Quill.", "Two lamps to 14 Birch Lane.", "To Oslo on March 8th.",
)  # fmt: skip
KIND = Policy("Be kind to every caller.", id="kind")
FAILURES = ("timeout", "provider_error", "garbage", "circuit_open", "unavailable", "budget")
GARBAGE = (
    "",
    "no JSON",
    "{}",
    '{"violation": false}',
    '{"violation": "no", "score": 0, "reason": ""}',
    "null",
    "[" * 50,
)
PASSES = '{"violation": false, "policy": null, "score": 0.02, "reason": "fine", "correction": ""}'
VIOLATES = '{"violation": true, "policy": 1, "score": 0.95, "reason": "unkind", "correction": ""}'


@dataclass
class Item:
    entries: list[Record | Amend]
    going: list[Outgoing]
    seqs: list[int]


@dataclass
class Database:
    """What is durable. Rows go through JSON, as they do in the product."""

    rows: dict[int, tuple[str, int, dict[str, Any]]] = field(default_factory=dict)

    def write(self, entries: list[Record | Amend]) -> bool:
        """Whether every commit token that was to be written stands."""
        tokens = []
        for entry in entries:
            if isinstance(entry, Amend):
                if entry.n in self.rows:
                    self.rows[entry.n][2].update(entry.fields)
                continue
            fields = dict(entry.fields)
            if "token" in fields:
                token = fields.pop("token")
                fields["token_hash"] = token_hash(token) if token else ""
                tokens.append(fields["token_hash"])
            if entry.table != "message":
                fields = json.loads(json.dumps(fields))
            self.rows.setdefault(entry.n, (entry.table, entry.offset_ms, fields))
        return all(not token or self.has_token(token) for token in tokens)

    def of(self, table: str) -> dict[int, dict[str, Any]]:
        return {n: {**fields, "offset_ms": at} for n, (kind, at, fields) in sorted(self.rows.items()) if kind == table}

    def has_token(self, hashed: str) -> bool:
        return any(
            row["token_hash"] == hashed and row["decision"] == "allow" for row in self.of("tool_decision").values()
        )

    def recorded(self, now_ms: float) -> Recorded:
        told = [row["payload"]["event"] for row in self.of("message").values()]
        return Recorded(
            last_seq=max((row["seq"] for row in self.of("message").values()), default=0),
            last_n=max(max(self.rows, default=0) + _GAP, round(now_ms)),
            turns=self.of("turn"),
            interventions_count=len(self.of("intervention")),
            decisions=self.of("tool_decision"),
            requests=tuple(filter(None, map(_request_of, told))),
            results=tuple((e.tool_call_id, e.result) for e in told if isinstance(e, ToolResultReceived)),
            judged=frozenset(row["turn_index"] for row in self.of("verdict").values() if row["is_final"]),
        )


def _gate_of(entry: Record | Amend) -> str:
    """Half a decision is none: its rows are stored together or not at all."""
    return str(entry.fields["gate_id"]) if isinstance(entry, Record) and entry.table == "tool_decision" else ""


def _request_of(event: CallEvent) -> ToolGateRequested | None:
    if isinstance(event, ToolGateRequested):
        return event
    if isinstance(event, AgentTurnCompleted) and event.tool_calls:
        return ToolGateRequested(event.turn_id, event.tool_calls, event.turn_id)
    return None


class _Handle:
    """A timer of the event loop."""

    def __init__(self, at_ms: float, run: Callable[[], None]) -> None:
        self.at_ms, self.run = at_ms, run
        self.is_over = False

    def cancel(self) -> None:
        self.is_over = True


class Process:
    """The part of a process that holds the call: what ``calls.runtime`` does, without sockets and threads."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self.queue: list[Item] = []
        self.timers: dict[str, float] = {}
        self.handles: list[_Handle] = []
        self.asks: dict[str, AskModel] = {}
        self.is_alive = True
        self.told_unrecorded: set[str] = set()
        self.session = CallSession(
            call_key="trial",
            settings=CallSettings(judge=trial.judge, cooldown_ms=0.0, is_streaming=False),
            policies=(KIND,),
            revision=1,
            conversation=Conversation(),
            mint=lambda gate_id, key: f"token:{gate_id}:{key}",
        )

    # The two methods that ``Outgoing`` needs of an event loop's clock.
    def call_later(self, in_s: float, run: Callable[[], None]) -> _Handle:
        handle = _Handle(self._trial.now_ms + in_s * 1000.0, run)
        self.handles.append(handle)
        return handle

    def receive(self, event: CallEvent, message: ClientMessage | None = None) -> None:
        self.perform(self.session.receive(event, now_ms=self._trial.now_ms, message=message), message)

    def perform(self, effects: list[Effect], message: ClientMessage | None) -> None:
        entries: list[Record | Amend] = []
        going: list[Outgoing] = []
        for effect in effects:
            match effect:
                case Record() | Amend():
                    entries.append(effect)
                case SendToolDecision():
                    going.append(self._outgoing(effect))
                case AskModel():
                    self.asks[effect.review_id] = effect
                case SetTimer():
                    self.timers[effect.key] = effect.at_ms
                case CancelTimer():
                    self.timers.pop(effect.key, None)
        if entries or going or message is not None:
            self.queue.append(Item(entries, going, [message.seq] if message else []))

    def _outgoing(self, decision: SendToolDecision) -> Outgoing:
        gates, agreed = self.session.gates, frozenset(self._trial.agreed)
        going = Outgoing(
            decision,
            is_permission=gates.is_irreversible(decision),
            stands=gates.stands,
            send=lambda decided: self._send(decided, agreed),
            lose=lambda lost: self.receive(DecisionLost(lost.gate_id)),
        )
        going.wait(self)  # type: ignore[arg-type]
        return going

    def _send(self, decision: SendToolDecision, agreed: frozenset[str]) -> None:
        if self.is_alive:
            self._trial.told(decision, self, agreed)

    def flush(self, *, refuse: Callable[[Record], bool] = lambda row: False) -> None:
        """Write what waits, in order."""
        queue, self.queue = self.queue, []
        for item in queue:
            refused = {e.fields["gate_id"] for e in item.entries if isinstance(e, Record) and refuse(e)}
            kept = [entry for entry in item.entries if _gate_of(entry) not in refused]
            is_whole = self._trial.database.write(kept) and len(kept) == len(item.entries)
            for going in item.going:
                (going.stored if is_whole else going.lost)()
            self._trial.acknowledged(item.seqs)
        if not self.queue:
            self._trial.snapshot = snapshot.dumps(self.session)

    def tick(self) -> None:
        now_ms = self._trial.now_ms
        for handle in self.handles:
            if not handle.is_over and handle.at_ms <= now_ms:
                handle.is_over = True
                handle.run()
        for key in [key for key, at_ms in self.timers.items() if at_ms <= now_ms]:
            if self.timers.pop(key, None) is not None:
                self.receive(TimerFired(key))


class Trial:
    """One seeded call. ``counts`` has how often each fault was injected, ``broken`` the promises that were broken."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        tiers = self.rng.choice([{0}, {0, 1}, {0, 2}, {0, 1, 2}])
        self.judge = JudgeSettings(tiers=frozenset(tiers), tool_fail_modes=MODES)
        self.now_ms = 0.0
        self.database = Database()
        self.snapshot: str | None = None
        self.counts: Counter[str] = Counter()
        self.broken: list[str] = []
        self.decisions: dict[str, tuple[Any, ...]] = {}
        self.requests: dict[str, tuple[ToolCall, ...]] = {}
        self.by_rest: set[str] = set()
        self.genuine: set[str] = set()
        self.unacked: dict[int, CallEvent] = {}
        self.seq = 0
        self.turn = 0
        self.gates = 0
        self.is_store_away = False
        self.said: list[tuple[str, str, str]] = []  # who, what, turn id
        self.cut: set[str] = set()
        self.agreed: set[str] = set()
        self.ever_agreed: set[str] = set()
        self.process = Process(self)

    # --- what the world is told ------------------------------------------------------------------------------------

    def told(self, decision: SendToolDecision, process: Process, agreed: frozenset[str]) -> None:
        """A decision reached the client, who acts on it. ``agreed``: the tools agreed to when it was made."""
        shown = tuple((one.verdict.decision.value, one.commit_token, one.repeat_of) for one in decision.calls)
        is_first = decision.gate_id not in self.decisions
        known = self.decisions.setdefault(decision.gate_id, shown)
        if known != shown:
            self.breaks(f"{decision.gate_id} was decided twice: {known} and {shown}")
        if not self._is_recorded(decision.gate_id, shown):
            process.told_unrecorded.add(decision.gate_id)
        for one in decision.calls:
            if one.verdict.decision is GateDecision.ALLOW:
                self._check_recorded(decision.gate_id, one)
                if is_first:
                    self._check_judged(decision.gate_id, one, agreed)

    def _check_recorded(self, gate_id: str, one: DecidedCall) -> None:
        call, token = one.verdict.tool_call, one.commit_token
        if call.name not in self.judge.irreversible_tools:
            return
        if not token or not self.database.has_token(token_hash(token)):
            self.breaks(f"{gate_id}: {call.name} let through without a recorded allow")
        if not token.endswith(arguments_hash(call.name, call.arguments)):
            self.breaks(f"{gate_id}: the token is for another call")

    def _check_judged(self, gate_id: str, one: DecidedCall, agreed: frozenset[str]) -> None:
        """Where models are there to be asked, one must have answered, or the fail mode decides."""
        name = one.verdict.tool_call.name
        if name not in MODES or one.repeat_of or self.judge.tiers == {0} or gate_id in self.genuine:
            return
        mode = MODES[name]
        if mode is FailMode.BLOCK or (mode is FailMode.CONFIRM and name not in agreed):
            self.breaks(f"{gate_id}: {name} ({mode.value}) let through though nobody could judge it")

    def _is_recorded(self, gate_id: str, shown: tuple[Any, ...]) -> bool:
        rows = self.database.of("tool_decision").values()
        return {decision for decision, _, _ in shown} <= {row["decision"] for row in rows if row["gate_id"] == gate_id}

    def acknowledged(self, seqs: list[int]) -> None:
        for seq in seqs:
            self.unacked.pop(seq, None)

    def breaks(self, promise: str) -> None:
        self.broken.append(promise)

    # --- what happens ----------------------------------------------------------------------------------------------

    def run(self, steps: int = 45) -> list[str]:
        actions, weights = zip(*_ACTIONS, strict=True)
        for action in self.rng.choices(actions, weights, k=steps):
            action(self)
        self._settle()
        return self.broken

    def _send(self, event: CallEvent, *, by_rest: bool = False) -> bool:
        message = None
        if not by_rest:
            self.seq += 1
            message = ClientMessage(self.seq, "x", {"event": event})
            self.unacked[self.seq] = event
        try:
            self.process.receive(event, message)
        except IllegalEvent:
            self.unacked.pop(self.seq if message else 0, None)
            return False
        return True

    def _turn_id(self) -> str:
        self.turn += 1
        return f"turn-{self.turn}"

    def customer(self) -> None:
        text = self.rng.choice(YESES if self.rng.random() < 0.6 else OTHERS)
        asked = self._last_asked()
        if text not in YESES:
            self.agreed.clear()
        elif asked is not None:
            self.ever_agreed |= {w.call.name for w in WISHES if w.right == asked[0]}
            self.agreed |= {w.call.name for w in WISHES if w.right == asked[0] and asked[1] not in self.cut}
        turn_id = self._turn_id()
        self.said.append(("customer", text, turn_id))
        self._send(CustomerTurnCompleted(turn_id, text))

    def _last_asked(self) -> tuple[str, str] | None:
        """The agent's last question since the caller's last words, and its turn."""
        for who, text, turn_id in reversed(self.said):
            if who == "customer":
                return None
            if text.endswith("?") and turn_id not in self.cut:
                return text, turn_id
        return None

    def agent(self) -> None:
        wish = self.rng.choice(WISHES)
        text = self.rng.choice([wish.right, wish.right, wish.wrong, "One moment.", "Anything else?"])
        calls = (wish.call,) if self.rng.random() < 0.15 else ()
        turn_id = self._turn_id()
        if self._send(AgentTurnCompleted(turn_id, text, calls)):
            self.said.append(("agent", text, turn_id))
            if calls:
                self.requests[turn_id] = calls

    def playback(self) -> None:
        """Also for turns that are long over, and twice."""
        turns = [turn_id for who, _, turn_id in self.said if who == "agent"] or ["never-said"]
        turn_id = self.rng.choice(turns[-3:])
        state = self.rng.choice([PlaybackState.STARTED, PlaybackState.FINISHED, PlaybackState.CLEARED])
        if state is PlaybackState.CLEARED:
            self.cut.add(turn_id)
            # A cut that comes before the yes: whoever answered it agreed to nothing.
            self.counts["playback cut"] += 1
        self.counts["playback out of order"] += turn_id not in turns[-1:]
        self._send(PlaybackReported(state, self.rng.choice([0, 300, 900]), turn_id=turn_id))

    def gate(self) -> None:
        known = list(self.requests)
        if known and self.rng.random() < 0.35:
            gate_id = self.rng.choice(known)
            calls = self.requests[gate_id]
            self.counts["duplicate request"] += 1
            if self.rng.random() < 0.2:
                calls = (replace(calls[0], arguments={"item": "another"}),)
                self.counts["other calls under a known name"] += 1
        else:
            self.gates += 1
            gate_id = f"gate-{self.gates}"
            calls = tuple(w.call for w in self.rng.sample(WISHES, self.rng.choice([1, 1, 1, 2])))
        by_rest = self.rng.random() < 0.3
        self.counts["over REST beside the socket"] += by_rest
        if self._send(ToolGateRequested(gate_id, calls), by_rest=by_rest):
            self.requests.setdefault(gate_id, calls)
            if by_rest and gate_id not in known:
                self.by_rest.add(gate_id)

    def result(self) -> None:
        self._send(ToolResultReceived(self.rng.choice(WISHES).call.id, "any", {"ok": True}))

    def model(self) -> None:
        """A model answers one of the open questions, or an old one again."""
        if not self.process.asks:
            return
        review_id = self.rng.choice(list(self.process.asks))
        asked = self.process.asks[review_id]
        review = self.process.session.reviews.open.get(review_id)
        if review is None:
            self.counts["answer after the decision"] += 1
        answer, fault = self._answer(asked)
        is_late = self.now_ms > asked.deadline_ms
        self.counts[f"model: {'late answer' if is_late and not fault else fault or 'genuine'}"] += 1
        if review is not None and not fault and not is_late:
            self.genuine.add(review.gate_id)
        if self.rng.random() < 0.9:
            del self.process.asks[review_id]
        else:
            self.counts["answer delivered twice"] += 1
        self.process.receive(ModelAnswered(review_id, answer))

    def _answer(self, asked: AskModel) -> tuple[Answer, str]:
        if self.rng.random() < 0.5:
            failure = self.rng.choice(FAILURES)
            return Answer(failure=failure), failure
        if self.rng.random() < 0.2:
            if asked.ask.tier == 2:
                return Answer(text=self.rng.choice(GARBAGE)), "wrong form"
            return Answer(scores=(0.1,) * self.rng.choice([0, 2, 7])), "wrong number of scores"
        if asked.ask.tier == 2:
            return Answer(text=self.rng.choice([PASSES, VIOLATES])), ""
        return Answer(scores=tuple(self.rng.choice([0.01, 0.5, 0.99]) for _ in asked.ask.hypotheses)), ""

    def wait(self) -> None:
        self.now_ms += self.rng.choice([20.0, 300.0, 1_500.0, 5_000.0])
        self.process.tick()

    def flush(self) -> None:
        if self.is_store_away:
            return
        refuse_from = self.rng.random()

        def refuse(row: Record) -> bool:
            is_refused = row.table == "tool_decision" and bool(row.fields["token"]) and refuse_from < 0.2
            self.counts["row refused by the store"] += is_refused
            return is_refused

        self.process.flush(refuse=refuse)

    def store_goes(self) -> None:
        self.is_store_away = True
        self.counts["store away"] += 1

    def store_comes(self) -> None:
        self.is_store_away = False

    def snapshot_is_lost(self) -> None:
        self.snapshot = None
        self.counts["snapshot lost"] += 1

    def process_dies(self) -> None:
        """What waits to be written dies with it: decisions made and not recorded, questions under way."""
        self.counts["process death"] += 1
        self.counts["death between decision and record"] += any(item.going for item in self.process.queue)
        self._replace()

    def moves(self) -> None:
        """The client reconnects elsewhere; the old process still writes what it has, and tells nobody."""
        old = self.process
        self.counts["taken over by another process"] += 1
        self._replace()
        if not self.is_store_away:
            for item in old.queue:
                self.database.write(item.entries)

    def _replace(self) -> None:
        self.now_ms += 2_000.0  # a client needs that long to notice and dial again
        old, self.process = self.process, Process(self)
        old.is_alive = False
        recorded = {row["gate_id"] for row in self.database.of("tool_decision").values()}
        for gate_id in old.told_unrecorded & self.decisions.keys():
            if not self._is_recorded(gate_id, self.decisions[gate_id]):
                # Told while the store was away, and lost with the process: nobody can know it any more.
                self.counts["told while the store was away, then lost"] += 1
                del self.decisions[gate_id]
        for gate_id in self.by_rest - recorded - self.decisions.keys():
            self.requests.pop(gate_id, None)  # the HTTP request died with the process
        self.by_rest &= recorded | self.decisions.keys()
        kept = json.loads(self.snapshot) if self.snapshot else None
        effects = snapshot.restore(
            self.process.session, kept, now_ms=self.now_ms, recorded=self.database.recorded(self.now_ms)
        )
        # What the caller said last died with the process: until the client has sent all of it again nobody knows it.
        now, self.agreed = self.agreed, self.ever_agreed
        self.process.perform(effects, None)
        self._send_again()
        self.agreed = now

    def _send_again(self) -> None:
        for seq, event in sorted(self.unacked.items()):
            try:
                self.process.receive(event, ClientMessage(seq, "x", {"event": event}))
            except IllegalEvent:
                self.unacked.pop(seq)

    # --- the end ---------------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Everything comes back; whatever was asked must be answered now."""
        self.is_store_away = False
        self._quiet_down()
        for gate_id in self.requests.keys() - self.decisions.keys():
            # Acknowledged, decided, and the answer lost with the connection: the client asks again.
            self.counts["asked again after the connection was lost"] += 1
            self._send(ToolGateRequested(gate_id, self.requests[gate_id]))
        self._quiet_down()
        for gate_id in self.requests:
            if gate_id not in self.decisions:
                self.breaks(f"{gate_id} was never decided")
        for gate_id, shown in self.decisions.items():
            if not self._is_recorded(gate_id, shown):
                self.breaks(f"{gate_id} is not in the record: {shown}")
        tokens: dict[str, set[str]] = {}
        for shown in self.decisions.values():
            for _, token, repeat_of in shown:
                if token and not repeat_of:
                    tokens.setdefault(token.rpartition(":")[2], set()).add(token)
        if any(len(found) > 1 for found in tokens.values()):
            self.breaks(f"one call was committed twice: {tokens}")

    def _quiet_down(self) -> None:
        for _ in range(6):
            self.process.flush()
            self.now_ms += 6_000.0
            self.process.tick()
        self.process.flush()


_ACTIONS: tuple[tuple[Callable[[Trial], None], float], ...] = (
    (Trial.customer, 9), (Trial.agent, 9), (Trial.playback, 4), (Trial.gate, 9), (Trial.result, 2), (Trial.model, 9),
    (Trial.wait, 5), (Trial.flush, 9), (Trial.store_goes, 1.2), (Trial.store_comes, 2.5), (Trial.snapshot_is_lost, 1),
    (Trial.process_dies, 1.5), (Trial.moves, 1),
)  # fmt: skip


def trials(seeds: range) -> tuple[Counter[str], Mapping[int, list[str]]]:
    """Run a trial per seed; return how often each fault was injected and what broke, by seed."""
    counts: Counter[str] = Counter()
    broken: dict[int, list[str]] = {}
    for seed in seeds:
        trial = Trial(seed)
        if found := trial.run():
            broken[seed] = found
        counts.update(trial.counts)
        counts["decisions told"] += len(trial.decisions)
        allowed = [one for shown in trial.decisions.values() for one in shown if one[0] == "allow" and one[1]]
        counts["irreversible calls let through"] += len(allowed)
    return counts, broken
