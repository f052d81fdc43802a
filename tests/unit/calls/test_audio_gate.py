"""Which of the agent's audio reaches the carrier."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from calls.audio_gate import AudioGate

BUDGET_MS = 250.0


def optimistic():
    return AudioGate(hold_budget_ms=None)


def holding():
    return AudioGate(hold_budget_ms=BUDGET_MS)


def sent(gate, *texts, now_ms=0.0, length_ms=20.0):
    return [one.text for text in texts for one in gate.agent_sent(text, length_ms, now_ms=now_ms)]


def texts(passed):
    return [one.text for one in passed]


# --- optimistic ---


def test_audio_flows_and_is_known_to_belong_to_its_turn():
    gate = optimistic()
    gate.turn_started("a1")
    (passed,) = gate.agent_sent("x", 20.0, now_ms=0)
    assert (passed.text, passed.turn_id, passed.length_ms) == ("x", "a1", 20.0)
    assert gate.next_release_ms is None


def test_audio_of_an_interrupted_turn_is_dropped_until_a_new_turn():
    gate = optimistic()
    gate.turn_started("a1")
    gate.interrupted("a1")
    assert sent(gate, "x", "y") == []
    gate.turn_started("a1")
    assert sent(gate, "z") == []
    gate.turn_started("a2")
    assert sent(gate, "w") == ["w"]
    assert gate.dropped_count == 3


def test_a_checkpoint_of_an_interrupted_turn_is_dropped_with_it():
    gate = optimistic()
    gate.turn_started("a1")
    gate.interrupted("a1")
    assert sent(gate, "checkpoint", length_ms=0.0) == []


def test_the_correction_in_the_agents_own_voice_flows():
    gate = optimistic()
    gate.turn_started("a1")
    gate.interrupted("a1")
    gate.agent_speaks()
    assert sent(gate, "sorry") == ["sorry"]


def test_a_late_word_of_the_interrupted_turn_does_not_silence_the_correction():
    gate = optimistic()
    gate.turn_started("a1")
    gate.interrupted("a1")
    gate.agent_speaks()
    gate.turn_started("a1")
    assert sent(gate, "sorry") == ["sorry"]


def test_an_agent_that_empties_its_own_queue_starts_anew():
    gate = optimistic()
    gate.turn_started("a1")
    gate.interrupted("a1")
    gate.agent_cleared()
    assert sent(gate, "x") == ["x"]


# --- hold ---


def test_held_audio_waits_for_the_verdict():
    gate = holding()
    gate.turn_started("a1")
    assert sent(gate, "x", "y") == []
    assert gate.next_release_ms == BUDGET_MS
    assert texts(gate.judged("a1", is_final=True, now_ms=30)) == ["x", "y"]
    assert sent(gate, "z", now_ms=40) == ["z"]


def test_held_audio_waits_no_longer_than_the_budget():
    gate = holding()
    gate.turn_started("a1")
    sent(gate, "x")
    sent(gate, "y", now_ms=20)
    assert texts(gate.tick(now_ms=BUDGET_MS - 1)) == []
    assert texts(gate.tick(now_ms=BUDGET_MS)) == ["x"]
    assert gate.next_release_ms == BUDGET_MS + 20


def test_what_was_held_of_a_stopped_turn_is_never_heard():
    gate = holding()
    gate.turn_started("a1")
    sent(gate, "x", "y")
    gate.interrupted("a1")
    assert texts(gate.tick(now_ms=10_000)) == []
    assert gate.dropped_count == 2


def test_a_good_prefix_lets_go_what_came_so_far_and_no_more():
    gate = holding()
    gate.turn_started("a1")
    sent(gate, "x")
    assert texts(gate.judged("a1", is_final=False, now_ms=10)) == ["x"]
    assert sent(gate, "y", now_ms=20) == []


def test_audio_without_text_waits_at_most_the_budget():
    gate = holding()
    assert sent(gate, "x") == []
    assert texts(gate.tick(now_ms=BUDGET_MS)) == ["x"]


def test_a_checkpoint_keeps_its_place_between_held_audio():
    gate = holding()
    gate.turn_started("a1")
    sent(gate, "x")
    sent(gate, "checkpoint", length_ms=0.0)
    sent(gate, "y")
    assert texts(gate.judged("a1", is_final=True, now_ms=5)) == ["x", "checkpoint", "y"]


def test_a_judged_turn_does_not_overtake_one_that_waits():
    gate = holding()
    gate.turn_started("a1")
    sent(gate, "x")
    gate.turn_started("a2")
    sent(gate, "y")
    assert texts(gate.judged("a2", is_final=True, now_ms=5)) == []
    assert texts(gate.judged("a1", is_final=True, now_ms=6)) == ["x", "y"]


def test_what_waits_goes_when_the_agent_empties_its_queue():
    gate = holding()
    gate.turn_started("a1")
    sent(gate, "x")
    gate.agent_cleared()
    assert texts(gate.tick(now_ms=10_000)) == []


class AnyAudio(RuleBasedStateMachine):
    """Numbered frames go in; what comes out is in order, in time, and never of a stopped turn."""

    @initialize(budget_ms=st.sampled_from([None, 0.0, 250.0]))
    def starts(self, budget_ms: float | None) -> None:
        self.gate = AudioGate(hold_budget_ms=budget_ms)
        self.budget_ms = budget_ms
        self.now_ms = 0.0
        self.sent_at: dict[int, float] = {}
        self.turn_of: dict[int, str] = {}
        self.out: list[int] = []
        self.turn = ""
        self.stopped: set[str] = set()
        self.is_silenced = False

    def take(self, passed) -> None:
        for one in passed:
            number = int(one.text)
            assert not self.out or number > self.out[-1]
            assert one.turn_id == self.turn_of[number]
            assert one.turn_id not in self.stopped
            self.out.append(number)

    @rule(turn=st.sampled_from("abcd"))
    def turn_starts(self, turn: str) -> None:
        self.gate.turn_started(turn)
        self.is_silenced = turn in self.stopped or (self.is_silenced and turn == self.turn)
        self.turn = turn

    @rule()
    def agent_sends(self) -> None:
        number = len(self.sent_at)
        self.sent_at[number], self.turn_of[number] = self.now_ms, self.turn
        passed = self.gate.agent_sent(str(number), 20.0, now_ms=self.now_ms)
        assert not (self.is_silenced and passed)
        self.take(passed)

    @rule()
    def turn_is_stopped(self) -> None:
        if self.turn:
            self.gate.interrupted(self.turn)
            self.stopped.add(self.turn)
            self.is_silenced = True

    @rule(turn=st.sampled_from("abcd"), is_final=st.booleans())
    def turn_is_judged(self, turn: str, is_final: bool) -> None:
        self.take(self.gate.judged(turn, is_final=is_final, now_ms=self.now_ms))

    @rule(by_ms=st.floats(0, 400))
    def time_passes(self, by_ms: float) -> None:
        self.now_ms += by_ms
        self.take(self.gate.tick(now_ms=self.now_ms))
        due = self.gate.next_release_ms
        assert due is None or self.now_ms < due <= self.now_ms + (self.budget_ms or 0.0)


TestAnyAudio = AnyAudio.TestCase


@given(st.lists(st.sampled_from(["x", "y"]), max_size=10), st.booleans())
def test_nothing_is_lost_of_turns_that_pass(frames, is_held):
    gate = holding() if is_held else optimistic()
    gate.turn_started("a1")
    out = sent(gate, *frames) + texts(gate.judged("a1", is_final=True, now_ms=1))
    assert out == frames
    assert gate.dropped_count == 0
